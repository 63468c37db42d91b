"""SQLAlchemy's dialects as we use them: equal when they speak to the same kind of server.

What SQLAlchemy compiles it keeps by dialect, and every engine has a dialect of its own. Each story of a trade and each
look into the workshop opens a database of its own, and compiling everything anew cost a quarter of what happens there.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi, SQLiteDialect_aiosqlite
from sqlalchemy.util import LRUCache

from storage.sqlite import Adapted, connect

__all__ = ["COMPILED", "PostgreSQL", "SQLite", "register"]

COMPILED: LRUCache[Any, Any] = LRUCache(1000)
"""For the engine's ``compiled_cache``: one for all databases of the process."""


class _Alike:
    """The version is None until a dialect has met its server; what it compiles may depend on it."""

    server_version_info: tuple[Any, ...] | None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._version() == other._version()

    def __hash__(self) -> int:
        return hash(type(self))

    def _version(self) -> tuple[Any, ...] | None:
        return getattr(self, "server_version_info", None)


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite, with connections whose cursors are ours."""

    def connect(self, *arguments: Any, **options: Any) -> Adapted:
        options.setdefault("async_creator_fn", connect)  # an engine that nobody gave another way
        return Adapted(self, super().connect(*arguments, **options).driver_connection)


class SQLite(_Alike, SQLiteDialect_aiosqlite):
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> _Driver:
        return _Driver(aiosqlite, sqlite3)


class PostgreSQL(_Alike, PGDialect_asyncpg):
    supports_statement_cache = True


def register() -> None:
    """From now on ``sqlite+aiosqlite`` and ``postgresql+asyncpg`` are these."""
    registry.register("sqlite.aiosqlite", __name__, "SQLite")
    registry.register("postgresql.asyncpg", __name__, "PostgreSQL")

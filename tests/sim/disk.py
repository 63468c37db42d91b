"""SQLite called in line, without aiosqlite's thread, and a disk that fails when it is told to.

SQLAlchemy is given connections that look like aiosqlite's (its ``async_creator_fn``); everything above them is the
product's own. A statement or a commit can fail before or after it was carried out, or be the last thing a process did.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import Database

Hook = Callable[[str, str], None]
"""(moment, statement). The moments are ``before`` and ``after``; the statement begins with BEGIN, COMMIT, SELECT…"""


class Dead(BaseException):
    """The process that did this is no more. Nothing of it may run on, so nothing may catch it."""


class Disk:
    """What one process sees of its database. ``hook`` is called around every statement and may raise."""

    def __init__(self, hook: Hook = lambda moment, statement: None) -> None:
        self.hook = hook
        self.dead = False
        self._open: list[_Connection] = []

    def open(self, path: Path) -> Database:
        """The database, reached through here. One at a time: the one opened before it is closed for good."""
        database = InLine(path)
        _way["path"], _way["disk"] = path, self
        return database

    def connect(self, path: Path) -> _Connection:
        connection = _Connection(sqlite3.connect(path), self)
        self._open.append(connection)
        return connection

    def around(self, statement: str, act: Callable[[], Any]) -> Any:
        self.check()
        self.hook("before", statement)
        done = act()
        self.hook("after", statement)
        return done

    def check(self) -> None:
        if self.dead:
            raise Dead

    def die(self) -> None:
        """The system closes what the process had open: what was not committed is gone."""
        self.dead = True
        for connection in self._open:
            connection.real.close()


_way: dict[str, Any] = {}
_engine: list[AsyncEngine] = []


class InLine(Database):
    """A ``Database`` over one engine for all lives: what SQLAlchemy has compiled once need not be compiled again."""

    def __init__(self, path: Path) -> None:
        if not _engine:
            super().__init__("sqlite+aiosqlite:///simulated.db")
            event.listen(self.engine.sync_engine, "do_connect", _in_line)
            _engine.append(self.engine)
        self.url = make_url(f"sqlite+aiosqlite:///{path}")
        self.is_sqlite, self.engine, self._writing = True, _engine[0], asyncio.Lock()
        self.engine.sync_engine.pool = self.engine.sync_engine.pool.recreate()


def _in_line(dialect: object, record: object, args: object, keywords: dict[str, Any]) -> None:
    keywords.clear()
    path, disk = _way["path"], _way["disk"]

    async def connect(*args: object) -> _Connection:
        return disk.connect(path)

    keywords["async_creator_fn"] = connect


class _Queue:
    """Where SQLAlchemy puts work for aiosqlite's thread."""

    def put_nowait(self, work: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, act = work
        future.set_result(act())


class _Connection:
    """As much of ``aiosqlite.Connection`` as SQLAlchemy and we use."""

    def __init__(self, real: sqlite3.Connection, disk: Disk) -> None:
        self.real = self._conn = self._connection = real
        self._disk, self._tx = disk, _Queue()

    def cursor(self) -> _Cursor:
        self._disk.check()
        return _Cursor(self.real.cursor(), self._disk)

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> _Cursor:
        return await self.cursor().execute(statement, values)

    async def commit(self) -> None:
        if self.real.in_transaction:
            self._disk.around("COMMIT", self.real.commit)

    async def rollback(self) -> None:
        self._disk.check()
        self.real.rollback()

    async def close(self) -> None:
        self.real.close()

    async def create_function(self, *args: Any, **keywords: Any) -> None:
        self.real.create_function(*args, **keywords)

    def stop(self) -> None:
        self.real.close()

    @property
    def isolation_level(self) -> str | None:
        return self.real.isolation_level


class _Cursor:
    arraysize = 1

    def __init__(self, real: sqlite3.Cursor, disk: Disk) -> None:
        self._real, self._disk = real, disk

    async def __aenter__(self) -> _Cursor:
        return self

    async def execute(self, statement: str, values: Sequence[Any] | None = None) -> _Cursor:
        self._disk.around(statement, lambda: self._real.execute(statement, values or ()))
        return self

    async def executemany(self, statement: str, values: Iterable[Sequence[Any]]) -> _Cursor:
        self._disk.around(statement, lambda: self._real.executemany(statement, values))
        return self

    async def fetchone(self) -> Any:
        return self._real.fetchone()

    async def fetchmany(self, size: int | None = None) -> Any:
        return self._real.fetchmany(size or self.arraysize)

    async def fetchall(self) -> Any:
        return self._real.fetchall()

    async def close(self) -> None:
        self._real.close()

    @property
    def description(self) -> Any:
        return self._real.description

    @property
    def rowcount(self) -> int:
        return self._real.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._real.lastrowid

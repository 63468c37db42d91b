"""SQLite called in line, without aiosqlite's thread, and a disk that fails when it is told to.

SQLAlchemy is given connections of ``storage/sqlite.py`` that do without a thread; everything above them is the
product's own. A statement or a commit can fail before or after it was carried out, or be the last thing a process did.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from storage.database import Database
from storage.sqlite import InLine, Visited

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
        """The database, reached through here."""

        def in_line(_dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> None:
            options.clear()
            options["async_creator_fn"] = lambda *_: self._connect(path)

        database = Database(f"sqlite+aiosqlite:///{path}")
        event.listen(database.engine.sync_engine, "do_connect", in_line)
        return database

    def _connect(self, path: Path) -> _Connection:
        connection = _Connection(path, self)
        self._open.append(connection)
        return connection

    @contextmanager
    def around(self, statement: str) -> Iterator[None]:
        self.check()
        self.hook("before", statement)
        yield
        self.hook("after", statement)

    def check(self) -> None:
        if self.dead:
            raise Dead

    def die(self) -> None:
        """The system closes what the process had open: what was not committed is gone."""
        self.dead = True
        for connection in self._open:
            connection.stop()


class _Connection(InLine):
    """The product's own connection, with the disk around every statement and commit."""

    def __init__(self, path: Path, disk: Disk) -> None:
        super().__init__(lambda: sqlite3.connect(path))
        self._disk = disk

    def at_once(self, sql: str, given: Any, *, many: bool = False) -> Visited:
        with self._disk.around(sql):
            return super().at_once(sql, given, many=many)

    async def commit(self) -> None:
        if self._conn.in_transaction:
            with self._disk.around("COMMIT"):
                await asyncio.sleep(0)  # as in production: it is a thread that waits for the disk, the others go on
                await super().commit()
                await asyncio.sleep(0)

    async def rollback(self) -> None:
        self._disk.check()
        await super().rollback()

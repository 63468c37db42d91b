"""SQLite's driver for the engine: one errand to aiosqlite's thread instead of four, and none where nothing waits.

SQLAlchemy opens a cursor, executes, fetches all and closes, and aiosqlite goes to its thread and back for each of
these. All is fetched at once in any case, so that the whole can be one visit.

A visit costs ten times what a statement of ours takes, so within a transaction that writes, statements are executed
where they are asked. What may take its time stays in the thread: the lock at ``BEGIN IMMEDIATE``, the disk at the
commit, what is counted, deleted or written in piles, and whatever a page reads.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util.concurrency import await_

__all__ = ["Connection", "InLine", "Visited", "connect", "connect_in_line", "is_slow"]

_CHUNK = 64  # rows that aiosqlite would bring at once; we bring all
_STATEMENTS = 512  # kept ready: one for each length of a list of values is soon more than the usual 128
_PILE = 500  # rows written by one statement that are worth a visit
WRITES = "BEGIN IMMEDIATE"


def connect(path: str, **options: Any) -> aiosqlite.Connection:
    """To be awaited, as ``aiosqlite.connect``; takes what ``sqlite3.connect`` takes."""
    options |= {"check_same_thread": False, "cached_statements": _STATEMENTS}
    connection = Connection(lambda: sqlite3.connect(path, **options), _CHUNK)
    connection._thread.daemon = True  # as SQLAlchemy does: a process that ends without closing does not hang
    return connection


def connect_in_line(path: str, **options: Any) -> aiosqlite.Connection:
    """The same without a thread: for a file that nobody else has open and that waits for no disk."""
    return InLine(lambda: sqlite3.connect(path, **options))


def is_slow(sql: str) -> bool:
    """May it take its time, however few rows it is about?"""
    return sql.startswith("DELETE") or "count(" in sql


class Connection(aiosqlite.Connection):
    """One file. SQLAlchemy asks by ``Cursor``, ``quick.py`` by ``at_once``."""

    _cursor: sqlite3.Cursor | None = None  # for all that is done at once in a transaction
    _may_write = False  # since the last BEGIN
    _is_over = False  # what was begun is committed, and nothing was asked since

    async def close(self) -> None:
        self._drop_cursor()  # or the file would stay open for what it has prepared
        await super().close()

    async def commit(self) -> None:
        self._drop_cursor()  # one that failed half-way would still be reading: no checkpoint could empty the log
        await super().commit()
        self._is_over = True

    def _drop_cursor(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None and self._connection is not None:
            cursor.close()

    async def execute(self, sql: str, parameters: Any = ()) -> Visited:  # type: ignore[override]
        if self.is_quick(slow=is_slow(sql)):
            return Visited(self.at_once(sql, parameters))
        return await self.visit(sql, parameters)

    async def rollback(self) -> None:
        """Spared when the pool gets the connection back after a commit."""
        self._drop_cursor()
        if not self._is_over:
            await super().rollback()

    def is_quick(self, *, slow: bool, rows: int = 1) -> bool:
        """Whether a statement with so many rows is worth no visit to the thread."""
        file = self._connection
        if file is None:
            return False  # closed: the way to the thread tells it as SQLAlchemy knows it
        return self._may_write and rows < _PILE and not slow and file.in_transaction

    def at_once(self, sql: str, given: Any, *, many: bool = False) -> sqlite3.Cursor:
        """Execute ``sql`` here and now. ``given``: its values, or those of ``many`` rows. What it brings is fetched
        from the cursor before anything else is executed, for the next statement has the same one."""
        self._is_over = False
        if self._cursor is None:
            self._cursor = self._conn.cursor()
        return self._cursor.executemany(sql, given) if many else self._cursor.execute(sql, given)

    async def visit(self, sql: str, given: Any, *, many: bool = False) -> Visited:
        """The same in the thread."""
        self._is_over = False
        is_begun = self._may_write and self._conn.in_transaction
        execute: Any = self._execute  # without types in aiosqlite
        found: Visited = await execute(_visit, self._conn, sql, given, many)
        self._may_write = is_begun or sql == WRITES
        return found


class InLine(Connection):
    """Does at once what aiosqlite would queue for its thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _CHUNK)
        self._tx = _AtOnce()  # type: ignore[assignment]

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()

    def is_quick(self, *, slow: bool, rows: int = 1) -> bool:
        return self._connection is not None


class _AtOnce:
    """Stands for the queue of aiosqlite's thread."""

    def put_nowait(self, errand: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, act = errand
        try:
            future.set_result(act())
        except Exception as wrong:
            future.set_exception(wrong)


class Visited:
    """What SQLAlchemy asks of a cursor on which everything is fetched."""

    __slots__ = ("description", "lastrowid", "rowcount", "rows")

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self.rows = cursor.fetchall() if self.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid


def _visit(connection: sqlite3.Connection, sql: str, given: Any, many: bool) -> Visited:
    cursor = connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(sql, given)
        return Visited(cursor)
    finally:
        cursor.close()


class _Now:
    """To be awaited and ready: SQLAlchemy insists on one await for each statement."""

    def __await__(self) -> Iterator[None]:
        return iter(())


_NOW: Any = _Now()


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """What SQLAlchemy asks. Its own cursor awaits four coroutines for each statement, also where nothing waits."""

    __slots__ = ("_file", "_found")
    _awaitable_cursor_close = False

    def __init__(self, adapted: Any) -> None:
        self._adapt_connection, self._connection = adapted, adapted._connection
        self._file: Connection = adapted._connection
        self._found: Visited | None = None
        self._rows: deque[Any] = deque()

    def execute(self, operation: str, parameters: Any = ()) -> None:
        self._visit(operation, parameters or ())

    def executemany(self, operation: str, parameters: Any) -> None:
        self._visit(operation, parameters, many=True)

    def _visit(self, sql: str, given: Any, *, many: bool = False) -> None:
        try:
            if self._file.is_quick(slow=is_slow(sql), rows=len(given) if many else 1):
                found = Visited(self._file.at_once(sql, given, many=many))
                await_(_NOW)
            else:
                found = await_(self._in_thread(sql, given, many))
        except Exception as error:
            self._adapt_connection._handle_exception(error)
        self._found, self._rows = found, deque(found.rows)

    async def _in_thread(self, sql: str, given: Any, many: bool) -> Visited:
        async with self._adapt_connection._execute_mutex:
            return await self._file.visit(sql, given, many=many)

    @property
    def description(self) -> Any:
        return self._found.description if self._found else None

    @property
    def rowcount(self) -> int:
        return self._found.rowcount if self._found else -1

    @property
    def lastrowid(self) -> Any:
        return self._found.lastrowid if self._found else None

    def close(self) -> None:
        self._rows.clear()


class Adapted(AsyncAdapt_aiosqlite_connection):
    """A connection as SQLAlchemy has it."""

    __slots__ = ()
    _cursor_cls = Cursor  # type: ignore[assignment]

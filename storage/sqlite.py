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
from collections.abc import Callable, Generator, Sequence
from typing import Any

import aiosqlite

__all__ = ["InLine", "Run", "Visited", "connect", "connect_in_line"]

Run = Callable[[sqlite3.Cursor], object]
_CHUNK = 64  # rows that aiosqlite would bring at once; we bring all
_STATEMENTS = 512  # kept ready: one for each length of a list of values is soon more than the usual 128
_PILE = 500  # rows written by one statement that are worth a visit
WRITES = "BEGIN IMMEDIATE"


def connect(path: str, **options: Any) -> aiosqlite.Connection:
    """To be awaited, as ``aiosqlite.connect``; takes what ``sqlite3.connect`` takes."""
    options |= {"check_same_thread": False, "cached_statements": _STATEMENTS}
    connection = _Connection(lambda: sqlite3.connect(path, **options), _CHUNK)
    connection._thread.daemon = True  # as SQLAlchemy does: a process that ends without closing does not hang
    return connection


def connect_in_line(path: str, **options: Any) -> aiosqlite.Connection:
    """The same without a thread: for a file that nobody else has open and that waits for no disk."""
    return InLine(lambda: sqlite3.connect(path, **options))


class _Connection(aiosqlite.Connection):
    _may_write = False  # since the last BEGIN

    def cursor(self, factory: object = None) -> _Cursor:  # type: ignore[override]
        return _Cursor(self)

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> _Cursor:  # type: ignore[override]
        return await self.cursor().execute(sql, parameters)

    async def visit(self, sql: str, run: Run, rows: int = 1) -> Visited:
        """Let ``run`` execute ``sql`` with so many rows, and bring what it found."""
        is_begun = self._may_write and self._conn.in_transaction
        if is_begun and rows < _PILE and not sql.startswith("DELETE") and "count(" not in sql:
            return _visit(self._conn, run)
        execute: Any = self._execute  # without types in aiosqlite
        found: Visited = await execute(_visit, self._conn, run)
        self._may_write = is_begun or sql == WRITES
        return found


class InLine(_Connection):
    """Does at once what aiosqlite would queue for its thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, _CHUNK)
        self._tx = _AtOnce()  # type: ignore[assignment]

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()


class _AtOnce:
    """Stands for the queue of aiosqlite's thread."""

    def put_nowait(self, errand: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, act = errand
        try:
            future.set_result(act())
        except Exception as wrong:
            future.set_exception(wrong)


class Visited:
    """What is left of a cursor: closed, everything fetched."""

    __slots__ = ("description", "lastrowid", "rowcount", "rows")

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self.rows = cursor.fetchall() if self.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid


def _visit(connection: sqlite3.Connection, run: Run) -> Visited:
    cursor = connection.cursor()
    try:
        run(cursor)
        return Visited(cursor)
    finally:
        cursor.close()


class _Cursor:
    """The part of aiosqlite's cursor that SQLAlchemy uses."""

    arraysize = 1
    description: Any = None
    rowcount = -1
    lastrowid: int | None = None

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []

    async def __aenter__(self) -> _Cursor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> _Cursor:
        return await self._visit(sql, lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> _Cursor:
        return await self._visit(sql, lambda cursor: cursor.executemany(sql, parameters), len(parameters))

    async def _visit(self, sql: str, run: Run, rows: int = 1) -> _Cursor:
        found = await self._connection.visit(sql, run, rows)
        self.description, self.rowcount, self.lastrowid = found.description, found.rowcount, found.lastrowid
        self._rows = found.rows
        return self

    async def fetchall(self) -> list[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = []

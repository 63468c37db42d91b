"""The database: one engine for both kinds, writers begin as writers.

SQLite: WAL, full synchronisation, ``BEGIN IMMEDIATE`` (a deferred write transaction fails or loses updates under
concurrency, whatever the timeout), deleted bytes overwritten. PostgreSQL: as it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from storage import dialects, sqlite
from storage.columns import dumps
from storage.gathered import Gathering, gathering
from storage.quick import Door
from storage.sqlite_library import count_no_memory

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",
    "PRAGMA wal_autocheckpoint=8000",  # pages, 32 MB: a page of many batches goes to the file once, not every time
)
_WRITER = "PRAGMA cache_size=-16000"
"""KiB: with the usual 2,000 a batch finds most of its pages thrown out again. A connection that failed takes it along
into the pool, where a reader may get it."""

Last = Callable[[AsyncSession], Awaitable[None]]

dialects.register()


class Database:
    """Opens transactions. ``write`` commits when its block ends well and rolls back when it does not."""

    def __init__(self, url: str, *, durable: bool = True, alone: bool = False) -> None:
        """``durable=False`` is for databases that are thrown away: SQLite does not wait for the disk. ``alone``: nobody
        else has such a file open either, so that SQLite needs no thread of its own."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,  # rows hold people: never in an error (I11)
            json_serializer=dumps,
            json_deserializer=orjson.loads,
            execution_options={"compiled_cache": dialects.COMPILED},
        )
        self._writing = asyncio.Lock()
        self._kept: AsyncConnection | None = None
        if self.is_sqlite:
            count_no_memory()
            event.listen(self.engine.sync_engine, "do_connect", _in_line if alone else _in_a_thread)
            event.listen(self.engine.sync_engine, "connect", _tune if durable else _tune_lightly)
            event.listen(self.engine.sync_engine, "begin", _begin)

    @asynccontextmanager
    async def write(self, last: Last | None = None) -> AsyncIterator[AsyncSession]:
        """One write transaction. On SQLite one at a time: waiting here is cheaper than in the file's lock. ``last`` is
        done in it, with rows of its own, when all that its block did is written."""
        alone = self._writing if self.is_sqlite else contextlib.nullcontext()
        async with alone, self._writer() as connection, connection.begin(), _joined(connection) as db:
            yield db
            if last is not None:
                await db.flush()
                db.expunge_all()
                gathering(db).numbers.clear()  # SQLAlchemy may have had rows numbered without asking us
                await last(db)

    @asynccontextmanager
    async def _writer(self) -> AsyncIterator[AsyncConnection]:
        """A connection to write by. SQLite's only one is kept as long as all goes well: to take it from the pool and to
        give it back costs as much as the rest of an empty transaction."""
        kept, self._kept = self._kept, None
        connection = kept or await self.engine.connect()
        try:
            if self.is_sqlite and kept is None:
                async with connection.begin():
                    await connection.exec_driver_sql(_WRITER)
            yield connection
        except BaseException:
            await asyncio.shield(connection.close())
            raise
        if self.is_sqlite:
            self._kept = connection
        else:
            await connection.close()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One snapshot to read from; never waits for a writer."""
        async with self.engine.connect() as connection:
            await connection.execution_options(leadbot_reader=True)
            async with Gathering(connection, expire_on_commit=False) as db:
                yield db  # closing ends the snapshot; what was read stays readable

    async def forget_deleted(self) -> None:
        """SQLite: empty the write-ahead file, so that erased bytes are nowhere (I12, R13).

        Waits for the writer and keeps others out: SQLite before 3.51.3 may lose pages when two connections write and
        checkpoint at one moment (R8). Not to be called within ``write``.
        """
        if self.is_sqlite:
            async with self._writing, self.engine.connect() as connection:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    async def ping(self) -> None:
        """Raises what the driver raises when the database does not answer."""
        async with self.read() as db:
            await db.execute(text("SELECT 1"))

    async def close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.close()
        await self.engine.dispose()


@asynccontextmanager
async def _joined(connection: AsyncConnection) -> AsyncIterator[AsyncSession]:
    """A session in the connection's transaction, which is not its own: it joins when SQLAlchemy is asked for something,
    and most goes past it (``quick.py``)."""
    db = Gathering(connection, expire_on_commit=False)
    assert connection.sync_connection is not None, "it is in a transaction"
    db.sync_session.known = Door(connection.sync_connection)
    try:
        yield db
        await db.flush()
    finally:
        db.sync_session.close()  # there is nothing to wait for


def _in_a_thread(_dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> None:
    options["async_creator_fn"] = sqlite.connect


def _in_line(_dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> None:
    options["async_creator_fn"] = sqlite.connect_in_line


def _tune(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _tune_lightly(connection: Any, record: object) -> None:
    _tune(connection, record)
    connection.execute("PRAGMA synchronous=OFF")


def _begin(connection: Connection) -> None:
    """Past what SQLAlchemy prepares for a statement: this one is in every transaction and brings nothing."""
    reader = connection.get_execution_options().get("leadbot_reader", False)
    sql = "BEGIN" if reader else sqlite.WRITES
    try:
        connection.connection.cursor().execute(sql)
    except Exception as failed:
        connection._handle_dbapi_exception(failed, sql, None, None, None)

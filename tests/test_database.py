"""What all databases of one process share, and that nothing else is shared."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, func, insert, select, text
from sqlalchemy.engine.interfaces import CacheStats
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from storage import sqlite
from storage.blame import is_database_down
from storage.database import Database
from storage.gathered import ask
from storage.tables import Setting

from .sim.disk import Disk


async def test_a_statement_is_compiled_once_for_all_files(tmp_path: Path, sqlite_template: Path) -> None:
    hits: list[CacheStats] = []

    def count(_connection: object, _cursor: object, _sql: str, _parameters: object, context: Any, _many: bool) -> None:
        if context.compiled:
            hits.append(context.cache_hit)

    for name in ("first", "second"):
        shutil.copy(sqlite_template, tmp_path / name)
        database = Database(f"sqlite+aiosqlite:///{tmp_path / name}")
        event.listen(database.engine.sync_engine, "before_cursor_execute", count)
        async with database.write() as db:
            db.add(Setting(key="whose", value=name))
        async with database.read() as db:
            assert (await db.scalars(select(Setting.value).where(Setting.key == "whose"))).all() == [name]
        await database.close()
    assert len(hits) == 4
    assert hits[2:] == [CacheStats.CACHE_HIT, CacheStats.CACHE_HIT]


async def test_each_database_connects_in_its_own_way(tmp_path: Path) -> None:
    kinds = []
    for number, alone in enumerate((True, False, True, False)):
        database = Database(f"sqlite+aiosqlite:///{tmp_path / str(number)}.db", alone=alone)
        async with database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            kinds.append(isinstance(raw.driver_connection, sqlite.InLine))
        await database.close()
    assert kinds == [True, False, True, False]


async def test_only_what_may_take_its_time_leaves_for_the_thread(sqlite_url: str) -> None:
    here = func.thread(type_=Setting.value.type)
    pile = [{"key": f"{number}"} for number in range(600)]

    def name_threads(connection: Any, _record: object) -> None:
        connection.create_function("thread", 0, lambda: threading.current_thread().name)

    database = Database(sqlite_url)
    event.listen(database.engine.sync_engine, "connect", name_threads)
    me = threading.current_thread().name
    async with database.write() as db:
        add = insert(Setting).values(value=here)
        assert await db.scalar(select(here)) == me
        await db.execute(add, [{"key": "few"}, {"key": "rows"}])
        await db.execute(add, pile)
        wrote = dict(map(tuple, await db.execute(select(Setting.key, Setting.value))))
        assert await db.scalar(delete(Setting).where(Setting.key == "few").returning(here)) != me
        assert me not in (await db.execute(select(func.count(), here))).one()
        assert await db.scalar(select(here)) == me
    assert wrote.pop("few") == wrote.pop("rows") == me
    assert len(wrote) == 600 and me not in wrote.values()
    async with database.read() as db:
        assert await db.scalar(select(here)) != me
    await database.close()


async def test_R16_who_is_cancelled_while_another_program_has_the_lock_leaves_none_behind(sqlite_url: str) -> None:
    """The lock is got a moment later, in the thread, when nobody wants it any more."""
    database = Database(sqlite_url)
    async with database.write() as db:
        db.add(Setting(key="first", value="here"))
    another = sqlite3.connect(str(database.url.database), isolation_level=None, timeout=0)
    another.execute("BEGIN IMMEDIATE")

    async def writes(key: str) -> None:
        async with database.write() as db:
            db.add(Setting(key=key, value="here"))

    waiting = asyncio.create_task(writes("second"))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait({waiting}, timeout=0.2)
    another.execute("COMMIT")
    await asyncio.wait({waiting})
    await writes("third")
    another.execute("BEGIN IMMEDIATE")
    assert [key for (key,) in another.execute("SELECT key FROM setting ORDER BY key")] == ["first", "third"]
    another.close()
    await database.close()


async def test_one_connection_writes_until_something_fails(sqlite_url: str) -> None:
    """It is not taken from the pool for each transaction; one that failed goes back there, and leaves nothing."""
    taken: list[object] = []
    database = Database(sqlite_url)
    event.listen(database.engine.sync_engine, "checkout", lambda connection, *_: taken.append(connection))

    async def writes(key: str) -> None:
        async with database.write() as db:
            db.add(Setting(key=key, value="here"))
            await db.flush()
            if key == "odd":
                raise LookupError

    await writes("first")
    await writes("second")
    assert len(taken) == 1
    with pytest.raises(LookupError):
        await writes("odd")
    await writes("third")
    await writes("fourth")
    assert len(taken) == 2
    async with database.read() as db:
        assert (await db.scalars(select(Setting.key).order_by(Setting.key))).all() == [
            "first",
            "fourth",
            "second",
            "third",
        ]
    assert is_open(sqlite_url)
    await database.close()
    assert not is_open(sqlite_url)


def is_open(url: str) -> bool:
    """Has this process the file open?"""
    path = url.partition(":///")[2]
    return any(fd.exists() and str(fd.readlink()) == path for fd in Path("/proc/self/fd").iterdir())


async def test_the_writer_remembers_more_pages_than_those_who_read(sqlite: Database) -> None:
    """Also when something failed and it is another connection that writes."""
    size = text("PRAGMA cache_size")
    async with sqlite.write() as db:
        wide = await db.scalar(size)
    async with sqlite.read() as db:
        narrow = await db.scalar(size)
    with pytest.raises(ZeroDivisionError):
        async with sqlite.write():
            raise ZeroDivisionError
    async with sqlite.read(), sqlite.write() as db:
        assert await db.scalar(size) == wide == 8 * narrow


async def test_I12_a_statement_that_failed_half_way_reads_no_more_after_the_commit(sqlite: Database) -> None:
    """Else no checkpoint could empty the write-ahead file."""
    settings = select(Setting.__table__).order_by(Setting.key)
    async with sqlite.write() as db:
        for key, value in (("a", "'x'"), ("b", "CAST(x'ff' AS TEXT)"), ("c", "'y'")):  # b is no text
            await db.execute(text(f"INSERT INTO setting (key, value) VALUES ('{key}', {value})"))
    async with sqlite.write() as db:
        with pytest.raises(OperationalError, match="decode"):
            await ask(db, settings, {})
    await sqlite.forget_deleted()
    assert Path(f"{sqlite.url.database}-wal").stat().st_size == 0


async def test_a_connection_may_be_closed_twice(sqlite: Database) -> None:
    async with sqlite.write() as db:
        await ask(db, select(Setting.__table__), {})
        driver = (await (await db.connection()).get_raw_connection()).driver_connection
    assert driver is not None
    await driver.close()
    await driver.close()


async def test_R4_a_closed_connection_is_the_databases_fault(sqlite: Database) -> None:
    """As SQLAlchemy tells it, also where it is not asked."""
    with pytest.raises(OperationalError) as told:
        async with sqlite.write() as db:
            raw = await (await db.connection()).get_raw_connection()
            await raw.driver_connection.close()  # type: ignore[union-attr]
            await ask(db, select(Setting.__table__.c.value), {})
    assert is_database_down(told.value)


async def test_a_reader_leaves_no_snapshot_behind(sqlite_url: str) -> None:
    """Also where the same connection committed something before it read."""
    database = Database(sqlite_url)
    for number in range(4):
        async with database.write() as db:
            db.add(Setting(key=f"{number}", value="here"))
        for _ in range(2):
            async with database.read() as db:
                assert await db.scalar(select(func.count()).select_from(Setting)) == number + 1
    await database.close()


async def test_an_engine_of_somebody_elses_making_works_too(tmp_path: Path) -> None:
    """Alembic makes its own for ``make migration``."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    async with engine.begin() as connection:
        assert (await connection.execute(select(1))).scalar_one() == 1
    await engine.dispose()


async def test_R13_the_emulated_disk_sees_what_is_asked_past_sqlalchemy_too(
    tmp_path: Path, sqlite_template: Path
) -> None:
    """Otherwise no fault could befall the checkpoint that makes erased bytes disappear."""
    heard: list[tuple[str, str]] = []
    disk = Disk(lambda moment, statement: heard.append((moment, statement)))
    shutil.copy(sqlite_template, tmp_path / "town.db")
    database = disk.open(tmp_path / "town.db")
    await database.forget_deleted()
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
    assert heard[-2:] == [("before", checkpoint), ("after", checkpoint)]
    await database.close()

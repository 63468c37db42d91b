"""What all databases of one process share, and that nothing else is shared."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.engine.interfaces import CacheStats

from storage import sqlite
from storage.database import Database
from storage.tables import Setting


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

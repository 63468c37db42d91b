"""What a stage is raised with: a database with its tables and the set's promo codes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bot.publishing import fill_stocks
from dialogs.flow_set import FlowSet
from storage.database import Database
from storage.tables import Row

STOCK = 500  # codes of an offer at most: more than a story ever gives out


async def scenery(flow_set: FlowSet) -> bytes:
    """An SQLite file. Made once, it serves every story of the set: making it costs more than most acts."""
    with tempfile.TemporaryDirectory(prefix="leadbot-scenery-") as folder:
        path = Path(folder) / "stage.db"
        database = Database(f"sqlite+aiosqlite:///{path}", durable=False, alone=True)
        async with database.engine.begin() as connection:
            await connection.run_sync(Row.metadata.create_all)
        async with database.write() as db:
            await fill_stocks(db, flow_set, most=STOCK)
        await database.forget_deleted()
        await database.close()
        return path.read_bytes()

"""Who comes second waits: one row held until the transaction ends."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import dialect
from storage.tables import Contact, Lead


async def hold(db: AsyncSession, table: type[Contact | Lead], row_id: int) -> None:
    """On PostgreSQL; SQLite has one writer, who holds everything."""
    if dialect(db) != "sqlite":
        await db.execute(select(table.id).where(table.id == row_id).with_for_update())

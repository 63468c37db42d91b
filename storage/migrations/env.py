"""Alembic's side of ``storage/migrating.py``: it hands over a connection or, for ``make migration``, a URL."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from storage.columns import Json, Moment
from storage.tables import Row


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=True,  # SQLite changes a table by making it anew
        compare_type=True,
        transaction_per_migration=False,  # all or nothing (R10)
        render_item=_render,
    )
    with context.begin_transaction():
        context.run_migrations()


def _render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Migrations outlive the code: our own types are written as what the database sees."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return "sa.JSON()" if kind == "type" and isinstance(item, Json) else False


async def _connect(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(_connect(context.config.get_main_option("sqlalchemy.url") or "sqlite+aiosqlite:///:memory:"))

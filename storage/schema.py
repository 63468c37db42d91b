"""The schema's versions: bring a database to this program's one, whole or not at all (R10)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.crash import crash
from storage.database import Database

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 5_327_461_901  # PostgreSQL's advisory lock of leadbot's upgrades


class NewerSchema(Exception):
    """The database was brought further by a newer leadbot: this one must not write to it (R11)."""


async def upgrade(database: Database) -> bool:
    """Bring the database to this program's schema; True if anything was to be done. Raises NewerSchema."""
    if await is_current(database):
        return False
    from storage.migrating import bring_to_head  # heavy, and seldom needed

    async with database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        if database.is_sqlite and raw.driver_connection is not None:
            # tables are changed by making them anew: dropping the old one must not cascade
            await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                if not database.is_sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                await connection.run_sync(bring_to_head)
                crash("migrated, not committed")
        finally:
            await connection.invalidate()  # its settings are not everybody's
    return True


async def is_current(database: Database) -> bool:
    """Does the database have this program's schema? Raises NewerSchema."""
    async with database.read() as db:
        present = await (await db.connection()).run_sync(_revision)
    if present is not None and present not in known():
        raise NewerSchema(
            f"The database has schema {present}, made by a newer leadbot; this one knows schemas up to {_head()}. "
            "Run that newer version, or restore a backup made before the upgrade."
        )
    return present == _head()


@cache
def known() -> list[str]:
    """Revisions of this program, oldest first: what the files are called before the first «_»."""
    return sorted(one.name.partition("_")[0] for one in (SCRIPTS / "versions").glob("*_*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _head() -> str:
    return known()[-1]

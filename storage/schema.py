"""The schema's versions: bring a database to this program's one, whole or not at all (R10).

``python -m storage.schema MESSAGE`` (``make migration``) writes the next migration from what ``tables.py`` says now.
"""

from __future__ import annotations

import sys
import tempfile
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.crash import crash
from storage.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 5_327_461_901  # PostgreSQL's advisory lock of leadbot's upgrades


class NewerSchema(Exception):
    """The database was brought further by a newer leadbot: this one must not write to it (R11)."""


async def upgrade(database: Database) -> bool:
    """Bring the database to this program's schema; True if anything was to be done. Raises NewerSchema."""
    if await is_current(database):
        return False
    async with database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        if database.is_sqlite and raw.driver_connection is not None:
            # tables are changed by making them anew: dropping the old one must not cascade
            await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                if not database.is_sqlite:
                    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                await connection.run_sync(_upgrade)
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


def known() -> list[str]:
    """Revisions of this program, oldest first."""
    return [one.revision for one in _scripts().walk_revisions()][::-1]


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")
    if connection.dialect.name == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
        raise RuntimeError(f"the migration left rows of table {broken[0]} pointing at nothing")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head() -> str | None:
    return _scripts().get_current_head()


@cache
def _scripts() -> ScriptDirectory:
    """Read once: it runs every migration's file."""
    return ScriptDirectory.from_config(_config())


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def make_migration(message: str) -> None:
    """Write the next migration: the difference between the last one and ``tables.py``."""
    with tempfile.TemporaryDirectory() as folder:
        config = _config()
        config.set_main_option("sqlalchemy.url", f"sqlite+aiosqlite:///{folder}/empty.db")
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=f"{len(known()) + 1:04}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('What changes? make migration message="Remember the time zone"')
    make_migration(sys.argv[1])

"""Alembic at work: bringing a database further, and writing the next migration. Imported only when there is something
to bring further: it takes half a second of every start otherwise.

``python -m storage.migrating MESSAGE`` (``make migration``) writes the next migration from what ``tables.py`` says now.
"""

from __future__ import annotations

import sys
import tempfile

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from storage.schema import SCRIPTS, known


def bring_to_head(connection: Connection) -> None:
    """Run what is missing, in the transaction of ``connection``. Raises RuntimeError if rows would point at nothing."""
    command.upgrade(config(connection), "head")
    if connection.dialect.name == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
        raise RuntimeError(f"the migration left rows of table {broken[0]} pointing at nothing")


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def make_migration(message: str) -> None:
    """Write the next migration: the difference between the last one and ``tables.py``."""
    with tempfile.TemporaryDirectory() as folder:
        made = config()
        made.set_main_option("sqlalchemy.url", f"sqlite+aiosqlite:///{folder}/empty.db")
        command.upgrade(made, "head")
        command.revision(made, message, autogenerate=True, rev_id=f"{len(known()) + 1:04}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('What changes? make migration message="Remember the time zone"')
    make_migration(sys.argv[1])

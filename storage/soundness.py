"""Is the SQLite file sound? Asked before the first write of a process: a damaged file must not be written to (R5).

The file is opened to read only, on a connection of its own. PostgreSQL minds its files itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.database import Database

AT_START = 2.0  # seconds a start may spend on it: enough for some hundred MiB, the first part of more
_STEPS = 100  # of SQLite's machine between two looks at the clock

RESET_FAULT = ((3, 7, 0), (3, 51, 2))
"""Versions, first and last, in which two connections that write and checkpoint at one moment may lose a part of the
write-ahead file (sqlite.org/wal.html, "the WAL-reset bug"); mended in 3.51.3 and, for older lines, in these:"""
MENDED = {(3, 44): 6, (3, 50): 7}


class Damaged(Exception):
    """The text is for the operator."""


async def ensure_sound(database: Database, *, seconds: float = AT_START) -> None:
    """Raises Damaged. What cannot be read through in ``seconds`` is let pass: ``leadbot doctor`` reads it all."""
    path = file_of(database)
    if path is not None and (why := await asyncio.to_thread(find_damage, path, seconds=seconds)):
        raise Damaged(
            f"{path} is damaged ({why}). Nothing was written to it. Keep it aside with its -wal file (mv {path}* "
            "elsewhere), put your last backup in its place and start again; what can still be read of the old file: "
            "sqlite3 OLD .recover. Telegram keeps new messages for a day, VK keeps its conversations."
        )


def file_of(database: Database) -> Path | None:
    """The database's file, if it has one already."""
    name = database.url.database if database.is_sqlite else None
    path = Path(name) if name else None
    return path if path is not None and path.is_file() and path.stat().st_size else None


def find_damage(path: Path, *, seconds: float | None = None) -> str | None:
    """SQLite's first complaint, None if it has none. ``seconds``: the quick check, and no longer than that; without
    them the whole check, which compares indexes with their tables too. Raises sqlite3.OperationalError (locked)."""
    pragma = "PRAGMA integrity_check(1)" if seconds is None else "PRAGMA quick_check(1)"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        with contextlib.nullcontext() if seconds is None else _no_longer_than(seconds, connection):
            (said,) = connection.execute(pragma).fetchone()
    except sqlite3.OperationalError as failed:
        if failed.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return None
        raise
    except sqlite3.DatabaseError as failed:  # not a database, malformed
        return str(failed)
    finally:
        connection.close()
    return None if said == "ok" else " ".join(str(said).split())


@contextmanager
def _no_longer_than(seconds: float, connection: sqlite3.Connection) -> Iterator[None]:
    """Interrupts at the next page. Looking at the clock alone is not enough: a whole table is one step of SQLite's
    machine. The clock alone is left when the time is over before the first step: nothing is there to interrupt."""
    until = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    bell = threading.Timer(seconds, connection.interrupt)
    bell.start()
    try:
        yield
    finally:
        bell.cancel()
        bell.join()  # it must not ring for a connection that is closed


def has_reset_fault(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """May this SQLite lose a part of its write-ahead file (R8)?"""
    first, last = RESET_FAULT
    return first <= version <= last and version[2] < MENDED.get((version[0], version[1]), 1_000_000)

"""One leadbot per database (R9): two would answer everybody twice.

SQLite: a lock on a file beside it, which the system lets go when the process dies, however it dies. PostgreSQL: an
advisory lock on a connection of its own.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

_KEY = 5_327_461_902  # PostgreSQL's advisory lock of the running bot
_PATIENCE = 10.0  # seconds: a server takes a moment to notice that a killed process is gone
_SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.davfs2", "fuse.glusterfs"})


class NotAlone(Exception):
    """Somebody else works on this database, or nobody could tell. The text is for the operator."""


class Alone:
    """Holds the lock until ``release``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: IO[str] | None = None
        self._connection: AsyncConnection | None = None

    async def take(self) -> None:
        """Raises NotAlone."""
        if not self._database.is_sqlite:
            await self._take_advisory_lock()
        elif (name := self._database.url.database) and name != ":memory:":
            self._take_file(name)

    async def release(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._connection is not None:
            await self._connection.invalidate()
            await self._connection.close()

    def _take_file(self, name: str) -> None:
        path = Path(name).absolute()
        if not path.parent.is_dir():
            raise NotAlone(f"There is no folder {path.parent} for the database: make it, or change DATABASE_URL.")
        if (share := _network_share(path)) is not None:
            raise NotAlone(
                f"{path} is on a network share ({share}), where locks do not hold and SQLite loses data: "
                "keep it on a local disk, or use PostgreSQL."
            )
        try:
            opened = open(f"{path}-lock", "a+", encoding="ascii")  # noqa: SIM115 - held as long as we run
        except OSError as refused:
            raise NotAlone(f"Cannot write beside {path}: {refused.strerror}.") from None
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            opened.seek(0)
            other = opened.read(20).strip() or "unknown"
            opened.close()
            raise NotAlone(f"Another leadbot (process {other}) already works on {path}. Stop it first.") from None
        opened.truncate(0)
        opened.write(str(os.getpid()))
        opened.flush()
        self._file = opened

    async def _take_advisory_lock(self) -> None:
        connection = await self._database.engine.connect()
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        tries = int(_PATIENCE / 0.5)
        for number in range(tries):
            if await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}):
                self._connection = connection
                return
            if number < tries - 1:
                await asyncio.sleep(0.5)
        await connection.close()
        raise NotAlone("Another leadbot already works on this PostgreSQL database. Stop it first.")


def _network_share(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The kind of network file system the path is on; None for a local one, or where nobody can tell."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    kind, longest = "", -1
    for line in lines:
        where, _, what = line.partition(" - ")
        point = where.split()[4].replace("\\040", " ")
        if path.is_relative_to(point) and len(point) > longest:
            kind, longest = what.split()[0], len(point)
    return kind if kind in _SHARES else None

"""A slip of paper beside the database: which events were being served when the process ended (N5).

It is written before the work and nobody waits for the disk: a killed process leaves it all the same, and a power cut,
which may take it, is no event's fault. Events stand on it as checksums only, which name nobody; an event that has the
checksum of another is suspected with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from zlib import crc32

from storage.database import Database
from storage.intake import Key

_LONGEST = 8  # letters of a mark; up to version 0.1 they were 20


class Slip:
    """``path`` None, a slip that was not there before, or one that another version wrote in its own way: nobody knows
    what was being served (``knows``)."""

    def __init__(self, path: Path | None = None) -> None:
        self._file: int | None = None
        self._former: frozenset[str] | None = None
        if path is not None:
            with contextlib.suppress(OSError):
                known = path.exists()
                self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
                former = os.pread(self._file, 1_000_000, 0).decode("ascii", "replace").split()
                self._former = frozenset(former) if known and all(map(_is_mark, former)) else None

    @classmethod
    def beside(cls, database: Database) -> Slip:
        return cls(path_beside(database, "serving"))

    @property
    def knows(self) -> bool:
        return self._former is not None

    @contextlib.contextmanager
    def holding(self, keys: Iterable[Key]) -> Iterator[None]:
        """These are being served now. Whatever ends it but a death, the slip is blank again."""
        self._write(" ".join(_mark(key) for key in keys))
        try:
            yield
        except Exception:
            self._write("")
            raise
        self._write("")

    def _write(self, text: str) -> None:
        """A full disk is no reason not to serve."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, text.encode(), 0)
                os.ftruncate(self._file, len(text))

    def suspects(self, key: Key) -> bool:
        """Was it being served when the process before us ended? Everything may have been, if nobody knows."""
        return self._former is None or _mark(key) in self._former

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def path_beside(database: Database, what: str) -> Path | None:
    """Beside SQLite's file; for a PostgreSQL that is elsewhere, in the folder where leadbot runs."""
    if not database.is_sqlite:
        name = hashlib.sha256(str(database.url).encode()).hexdigest()[:8]  # its password is not in it
        return Path(f".leadbot-{name}-{what}")
    name = database.url.database or ""
    return Path(f"{name}-{what}") if name and name != ":memory:" else None


def _mark(key: Key) -> str:
    return format(crc32("\0".join(key).encode("utf-8", "surrogatepass")), "x")


def _is_mark(word: str) -> bool:
    return len(word) <= _LONGEST

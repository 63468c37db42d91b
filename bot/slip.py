"""A slip of paper beside the database: which events were being served when the process ended (N5).

It is written before the work and nobody waits for the disk: a killed process leaves it all the same, and a power cut,
which may take it, is no event's fault. Events stand on it as digests only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from storage.database import Database

Key = tuple[str, str]
"""(channel, event id)"""


class Slip:
    """``path`` None: there is no such place (PostgreSQL is elsewhere), so nobody knows what was being served."""

    def __init__(self, path: Path | None = None) -> None:
        self._file: int | None = None
        self._former: frozenset[str] | None = None
        if path is not None:
            with contextlib.suppress(OSError):
                self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
                self._former = frozenset(os.pread(self._file, 1_000_000, 0).decode("ascii", "replace").split())

    @classmethod
    def beside(cls, database: Database) -> Slip:
        name = database.url.database if database.is_sqlite else None
        return cls(Path(f"{name}-serving") if name and name != ":memory:" else None)

    def note(self, keys: Iterable[Key]) -> None:
        """These are being served now, and no others. A full disk is no reason not to serve them."""
        if self._file is None:
            return
        text = " ".join(_digest(key) for key in keys).encode()
        with contextlib.suppress(OSError):
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))

    def suspects(self, key: Key) -> bool:
        """Was it being served when the process before us ended? Everything may have been, if nobody knows."""
        return self._former is None or _digest(key) in self._former

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _digest(key: Key) -> str:
    return hashlib.sha256("\0".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:20]

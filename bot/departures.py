"""Which rows have left for their network: a list beside the database, written before each request (M13, N3).

After a death of the process, what was being sent and is not on the list never left: it is sent, and that is no
repeat. What is on it may have arrived. Nobody waits for the disk: a killed process leaves what it wrote; a machine that
went down with it (another boot) may not have, so then, and without a list, anything may have arrived.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from bot.slip import path_beside
from storage.claimed import Claimed
from storage.database import Database

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MANY = 20_000  # lines, until the list is begun anew with what is still away


class Departures:
    """``path`` None: no list is kept."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._file: int | None = None
        self._former: frozenset[str] | None = None
        self._away: set[tuple[int, int]] = set()
        self._lines = 0
        self._unwritten: list[str] = []
        self._is_gathering = False
        self._boot = _boot()
        if path is not None and self._boot:
            with contextlib.suppress(OSError):
                self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
                boot, *left = os.pread(self._file, 10_000_000, 0).decode("ascii", "replace").split() or [""]
                self._former = frozenset(left) if boot == self._boot else None

    @classmethod
    def beside(cls, database: Database) -> Departures:
        return cls(path_beside(database, "leaving"))

    def never_left(self, row: Claimed) -> bool:
        """Surely not on the wire, in this try, when the process before us ended."""
        return self._former is not None and f"{row.id}:{row.attempt}" not in self._former

    def begin(self) -> None:
        """What the former process left is dealt with: a new list."""
        self._former = None
        self._anew()

    def leaves(self, row_id: int, attempt: int) -> None:
        """Called before the request. A list that cannot be written is no list."""
        self._away.add((row_id, attempt))
        self._unwritten.append(f"{row_id}:{attempt}\n")
        if not self._is_gathering:
            self._write_down()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What leaves is written at the end, all at once: for rows whose requests begin only after that."""
        self._is_gathering = True
        try:
            yield
        finally:
            self._is_gathering = False
            self._write_down()

    def settled(self, row: Claimed) -> None:
        """How it ended is committed."""
        self._away.discard((row.id, row.attempt))

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _anew(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
                os.lseek(self._file, 0, os.SEEK_SET)
            away = (f"{row_id}:{attempt}" for row_id, attempt in sorted(self._away))
            self._write("\n".join([self._boot, *away, ""]))
            self._lines = len(self._away)

    def _write_down(self) -> None:
        lines, self._unwritten = self._unwritten, []
        if self._lines >= _MANY:
            self._anew()  # with what is away, these among it
        elif lines and self._file is not None:
            self._write("".join(lines))
            self._lines += len(lines)

    def _write(self, text: str) -> None:
        assert self._file is not None
        try:
            whole = os.write(self._file, text.encode()) == len(text)
        except OSError:
            whole = False
        if not whole:
            self._void()

    def _void(self) -> None:
        """Without its first line it tells nothing; gone, it tells no more than that."""
        assert self._file is not None and self._path is not None
        try:
            os.ftruncate(self._file, 0)
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()
        self.close()


def _boot() -> str:
    """This run of the machine; "" where nobody tells."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""

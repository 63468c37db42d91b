"""The files of published flows as channels need them: their bytes once, then the network's own name for them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from storage import files
from storage.database import Database


class Files(Protocol):
    """Where a channel gets the bytes of what it is asked to send, and remembers what the network calls it."""

    async def content(self, digest: str) -> bytes | None: ...

    async def reference(self, account: str, digest: str) -> str | None:
        """``account``: whose the name is; no other bot can use it."""

    async def remember(self, account: str, digest: str, reference: str | None) -> None:
        """None: the network no longer knows it by that name."""

    def uploading(self, account: str, digest: str) -> asyncio.Lock:
        """Held while it is given to the network, so that fifty people who reach one step cause one upload."""


@dataclass(slots=True)
class KeptFiles:
    """``Files`` in the database. References are few, and are held once they were asked for."""

    database: Database
    _known: dict[str, dict[str, str]] = field(default_factory=dict)
    _locks: dict[tuple[str, str], asyncio.Lock] = field(default_factory=dict)

    async def content(self, digest: str) -> bytes | None:
        found = await self.find(digest)
        return found[1] if found else None

    async def find(self, digest: str) -> tuple[str, bytes] | None:
        """(kind, content), for the pages."""
        async with self.database.read() as db:
            return await files.find_file(db, digest)

    async def reference(self, account: str, digest: str) -> str | None:
        if account not in self._known:
            async with self.database.read() as db:
                self._known[account] = dict(await files.find_references(db, account))
        return self._known[account].get(digest)

    async def remember(self, account: str, digest: str, reference: str | None) -> None:
        known = self._known.setdefault(account, {})
        known.pop(digest, None)
        async with self.database.write() as db:
            if reference is None:
                await files.forget_reference(db, account=account, digest=digest)
            else:
                await files.remember_reference(db, account=account, digest=digest, reference=reference)
                known[digest] = reference

    def uploading(self, account: str, digest: str) -> asyncio.Lock:
        return self._locks.setdefault((account, digest), asyncio.Lock())


class NoFiles:
    """Where nothing is ever sent but words."""

    async def content(self, digest: str) -> bytes | None:
        return None

    async def reference(self, account: str, digest: str) -> str | None:
        return None

    async def remember(self, account: str, digest: str, reference: str | None) -> None:
        """Nobody asks."""

    def uploading(self, account: str, digest: str) -> asyncio.Lock:
        return asyncio.Lock()

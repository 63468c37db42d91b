"""Rounds of delivery that go along with a transaction of others, mostly of a batch that was served.

What has arrived is written at its beginning, where those who serve the batch see it. What it promised is claimed at its
end, and leaves when it is committed; our own pages have it by then. By itself a round would cost a transaction more,
and whoever waits for an answer would wait for the disk twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from storage.outbox import promised

_Round = TypeVar("_Round")


class Passenger(Protocol[_Round]):
    """A worker of delivery whose rounds may go along. Of one that is aboard either ``alight`` or ``fall_off`` is
    called."""

    async def board(self, db: AsyncSession) -> _Round | None:
        """At the beginning. None: not this time. Never waits for the worker, which may be waiting for the database."""

    async def claim_along(self, db: AsyncSession, this: _Round, promised: Collection[str]) -> None:
        """At the end, when it is known in which channels something was promised."""

    def alight(self, this: _Round) -> str | None:
        """It is committed. The worker's channel, if nothing that was promised there waits any more."""

    def fall_off(self, this: _Round) -> None:
        """It failed, and may have taken effect all the same."""


class Ride:
    """One transaction's, for those of ``workers`` that have no reason to make their rounds by themselves."""

    def __init__(self, workers: Iterable[Passenger[Any]]) -> None:
        self._workers = workers
        self._aboard: list[tuple[Passenger[Any], Any]] = []
        self._db: AsyncSession | None = None

    async def begin(self, db: AsyncSession) -> None:
        """In the transaction, before anything else."""
        self._db = db
        for worker in self._workers:
            if this := await worker.board(db):
                self._aboard.append((worker, this))

    async def end(self, db: AsyncSession) -> None:
        """In the transaction, after everything else (``Database.write``'s ``last``)."""
        assert self._db is not None, "it has begun"
        channels = promised(self._db)
        for worker, this in self._aboard:
            await worker.claim_along(db, this, channels)

    def arrive(self) -> frozenset[str]:
        """After the commit. Channels in which something was promised that nobody has claimed yet."""
        assert self._db is not None, "it has begun"
        claimed: set[str | None] = set()
        try:
            while self._aboard:
                worker, this = self._aboard.pop()
                claimed.add(worker.alight(this))
        finally:
            self.fail()  # whom the failure of another left aboard
        return promised(self._db) - claimed

    def fail(self) -> None:
        """The transaction failed, or said so."""
        while self._aboard:
            worker, this = self._aboard.pop()
            worker.fall_off(this)

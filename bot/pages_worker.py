"""Delivery to our own pages: what is promised is shown by the transaction that claims it.

There is no wire: a message is on the page once or not at all, no outcome is unknown, and a death leaves nothing to find
out. A network's share is ``worker.py``.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot import acts
from bot.acts import Ending
from bot.alarms import Alarms
from bot.channels import OwnPages, Refused
from bot.clock import Clock
from bot.metrics import Metrics
from bot.rounds import IDLE, pause_after, until_cancelled
from storage import claims
from storage.blame import is_about_values
from storage.claimed import Claimed
from storage.claims import Claim
from storage.crash import crash
from storage.database import Database

AT_ONCE = 10  # messages written by one transaction, for which everybody waits who has something to write

log = logging.getLogger("leadbot.delivery")


class PagesWorker:
    def __init__(self, database: Database, channel: OwnPages, clock: Clock, alarms: Alarms, metrics: Metrics) -> None:
        self._database, self._channel, self._clock = database, channel, clock
        self._alarms, self._metrics = alarms, metrics
        self._woken = asyncio.Event()
        self._stopping = False
        self._failures = 0  # transactions in a row that failed
        self._trying: Claimed | None = None  # what a transaction that failed was writing
        self._suspect: Claimed | None = None  # it failed alone: it is in the way of all others

    def wake(self) -> None:
        self._woken.set()

    def trouble(self) -> str | None:
        """Why nothing is shown just now; None when all is well."""
        return "the database does not take what is said" if self._failures else None

    async def run(self) -> None:
        """Until cancelled; never cancelled within a transaction (R16). May be called again after a failure of ours."""
        self._stopping = False
        await until_cancelled(self._loop(), self._stop)

    async def drain(self) -> None:
        """Until nothing more is due at this moment of the clock. Raises what the database raises."""
        while not await self._transact():
            pass

    def _stop(self) -> None:
        self._stopping = True
        self.wake()

    async def _loop(self) -> None:
        while not self._stopping:
            seconds = await self._round()
            try:
                await asyncio.wait_for(self._woken.wait(), seconds)
            except TimeoutError:
                continue

    async def _round(self) -> float:
        """Show what is due. How many seconds to wait if nothing happens."""
        self._woken.clear()
        try:
            return await self._transact()
        except Exception as broken:
            self._failures += 1
            self._metrics.failed("delivery")
            log.error(
                "%s cannot be written: %s, %d in a row", self._channel.name, type(broken).__name__, self._failures
            )
            if is_about_values(broken) and self._failures > 1:
                self._suspect = self._trying
            await asyncio.sleep(pause_after(self._failures))
            return 0.0

    async def _transact(self) -> float:
        """One transaction. Seconds until the next message is due; 0: there may be more at once."""
        now = self._clock.now()
        most = 1 if self._failures else AT_ONCE  # whichever cannot be written must not hold up the others
        shown: list[tuple[Claimed, Ending]] = []
        void: Counter[str] = Counter()
        async with self._database.write() as db:
            while len(shown) < most:
                found = await claims.claim(db, self._channel.name, now=now, limit=most - len(shown))
                void.update(found.cancelled)
                if not found.claims and not found.again:
                    break
                shown += [(one.row, await self._show(db, one, now)) for one in found.claims]
            alarms = [ending.alarm for _, ending in shown if ending.alarm]
            self._alarms.promise(db, alarms)
            crash("before sent commit")
        crash("after sent commit")
        self._failures, self._trying, self._suspect = 0, None, None
        self._alarms.promised(alarms)
        for reason, number in void.items():
            self._metrics.outcome(self._channel.name, "superseded" if reason == "superseded" else "void", number)
        for row, ending in shown:
            self._metrics.outcome(self._channel.name, ending.name)
            self._channel.poke(row.to)
        if found.claims:
            return 0.0
        return max(0.01, min((found.due_at - now).total_seconds(), IDLE)) if found.due_at else IDLE

    async def _show(self, db: AsyncSession, claim: Claim, now: datetime) -> Ending:
        self._trying = row = claim.row
        if self._suspect is not None and self._suspect.id == row.id:
            return await acts.write(db, row, Refused("it cannot be written"), now=now)
        return await acts.write(db, row, await self._channel.put(db, acts.outgoing(claim, now=now)), now=now)

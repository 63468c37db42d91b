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
from bot.alarms import Alarm, Alarms
from bot.channels import OwnPages, Refused
from bot.clock import Clock
from bot.metrics import Metrics
from bot.rounds import count_void, happens, pause_after, until, until_cancelled
from storage import claims, outcomes
from storage.blame import is_about_values
from storage.claimed import Claimed
from storage.claims import Claim
from storage.crash import crash
from storage.database import Database

AT_ONCE = 10  # messages written by one transaction, for which everybody waits who has something to write

Shown = list[tuple[Claimed, Ending]]

log = logging.getLogger("leadbot.delivery")


class PagesWorker:
    def __init__(self, database: Database, channel: OwnPages, clock: Clock, alarms: Alarms, metrics: Metrics) -> None:
        self._database, self._channel, self._clock = database, channel, clock
        self._alarms, self._metrics = alarms, metrics
        self._woken = asyncio.Event()
        self._stopping = False
        self._failures = 0  # transactions in a row that failed
        self._in_doubt: Shown = []  # what a transaction ended that may have been committed, or not
        self._unwritable: set[int] = set()  # rows that failed by themselves: they must not hold up the others

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
            await happens(self._woken, within=await self._round())

    async def _round(self) -> float:
        """Show what is due. How many seconds to wait if nothing happens."""
        self._woken.clear()
        known = len(self._unwritable)
        try:
            return await self._transact()
        except Exception as broken:
            self._metrics.failed("delivery")
            if len(self._unwritable) > known:
                return 0.0  # whose fault it was is known
            self._failures += 1
            name, kind = self._channel.name, type(broken).__name__
            log.error("%s cannot be written: %s, %d in a row", name, kind, self._failures)
            await asyncio.sleep(pause_after(self._failures))
            return 0.0

    async def _transact(self) -> float:
        """One transaction. Seconds until the next message is due; 0: there may be more at once."""
        now = self._clock.now()
        shown: Shown = []
        void: Counter[str] = Counter()
        async with self._database.write() as db:
            while (left := AT_ONCE - len(shown) - void.total()) > 0:
                found = await claims.claim(db, self._channel.name, now=now, limit=left, in_line=left)
                void.update(found.cancelled)
                if not found.claims and not found.again:
                    break
                shown += [(one.row, await self._show(db, one, now)) for one in found.claims]
            stand = await outcomes.statuses(db, {row.id for row, _ in self._in_doubt} - {row.id for row, _ in shown})
            before = [(row, ending) for row, ending in self._in_doubt if stand.get(row.id) == ending.name]
            self._alarms.promise(db, _alarms(shown))
            self._in_doubt = before + shown
            crash("before sent commit")
        crash("after sent commit")
        self._failures, self._in_doubt = 0, []
        count_void(self._metrics, self._channel.name, void)
        self._take_note(before + shown)
        return 0.0 if found.claims or found.again else until(found.due_at, now)

    async def _show(self, db: AsyncSession, claim: Claim, now: datetime) -> Ending:
        row = claim.row
        if row.id in self._unwritable:
            return await acts.write(db, row, Refused("it cannot be written"), now=now)
        try:
            outcome = await self._channel.put(db, acts.outgoing(claim, now=now))
        except Exception as broken:
            if is_about_values(broken):
                log.error("row %d cannot be shown on %s: %s", row.id, row.channel, type(broken).__name__)
                self._unwritable.add(row.id)
            raise
        return await acts.write(db, row, outcome, now=now)

    # ------------------------------------------------------------ after the commit

    def _take_note(self, shown: Shown) -> None:
        for row, ending in shown:
            self._unwritable.discard(row.id)
            self._metrics.outcome(self._channel.name, ending.name)
        self._alarms.promised(_alarms(shown))
        for chat in dict.fromkeys(row.to for row, _ in shown):
            self._channel.poke(chat)


def _alarms(shown: Shown) -> list[Alarm]:
    return [ending.alarm for _, ending in shown if ending.alarm]

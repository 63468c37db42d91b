"""Delivery to our own pages: what is promised is shown by the transaction that claims it.

There is no wire: a message is on the page once or not at all, no outcome is unknown, and a death leaves nothing to find
out. Mostly that transaction is the one that promised it (``ride.py``): a card costs no other. Whatever fails there is
shown by a transaction of our own, so that it fails for nobody a second time. A network's share is ``worker.py``.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
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
from storage.outbox import first_due

AT_ONCE = 40  # messages written by one transaction, for which everybody waits who has something to write
WARY = 60.0  # seconds after a failure in which we go along with nobody, and each message is written by itself

Shown = list[tuple[Claimed, Ending]]
Show = Callable[[AsyncSession, Sequence[Claim], datetime], Awaitable[Shown]]

log = logging.getLogger("leadbot.delivery")


@dataclass(slots=True)
class Showing:
    """What one transaction shows and finds void. ``before``: what ended in former ones that were in doubt. ``due_at``:
    when the next falls due, None: no other waits. ``is_more``: others are due already, for all we know. ``goes_along``:
    with a transaction of others, and no other shows anything meanwhile."""

    now: datetime
    before: Shown = field(default_factory=list)
    shown: Shown = field(default_factory=list)
    void: Counter[str] = field(default_factory=Counter)
    due_at: datetime | None = None
    is_more: bool = True
    goes_along: bool = False

    @property
    def room(self) -> int:
        return AT_ONCE - len(self.shown) - self.void.total()


class PagesWorker:
    def __init__(self, database: Database, channel: OwnPages, clock: Clock, alarms: Alarms, metrics: Metrics) -> None:
        self._database, self._channel, self._clock = database, channel, clock
        self._alarms, self._metrics, self._name = alarms, metrics, channel.name
        self._woken = asyncio.Event()
        self._is_running = False
        self._idle = asyncio.Event()  # no transaction shows anything: none of ours, none that we go along with
        self._idle.set()
        self._failures = 0  # transactions in a row that failed
        self._wary_until = 0.0  # by the loop's clock
        self._in_doubt: Shown = []  # what a transaction ended that may have been committed, or not
        self._unwritable: set[int] = set()  # rows that failed by themselves: they must not hold up the others

    def wake(self) -> None:
        self._woken.set()

    def trouble(self) -> str | None:
        """Why nothing is shown just now; None when all is well."""
        return "the database does not take what is said" if self._failures else None

    async def run(self) -> None:
        """Until cancelled; never cancelled within a transaction (R16). May be called again after a failure of ours."""
        self._is_running = True
        try:
            await until_cancelled(self._loop(), self._stop)
        finally:
            self._is_running = False

    async def drain(self) -> None:
        """Until nothing more is due at this moment of the clock. Raises what the database raises."""
        while not await self._show_due():
            pass

    # ------------------------------------------------------------ rounds of our own

    def _stop(self) -> None:
        self._is_running = False
        self.wake()

    async def _loop(self) -> None:
        while self._is_running:
            await happens(self._woken, within=await self._round())

    async def _round(self) -> float:
        """Show what is due. How many seconds to wait if nothing happens."""
        self._woken.clear()
        known = len(self._unwritable)
        try:
            return await self._show_due()
        except Exception as broken:
            self._metrics.failed("delivery")
            if len(self._unwritable) > known:
                return 0.0  # whose fault it was is known
            self._failures += 1
            log.error("%s cannot be written: %s, %d in a row", self._name, type(broken).__name__, self._failures)
            await asyncio.sleep(pause_after(self._failures))
            return 0.0

    async def _show_due(self) -> float:
        """As ``_transact``. What failed for its values is tried again, each message by itself, and raises then."""
        was_wary = self._is_wary
        try:
            return await self._transact()
        except Exception as broken:
            self._be_wary()
            if was_wary or not is_about_values(broken):
                raise
            log.warning("%s was not shown together, now one by one: %s", self._name, type(broken).__name__)
            return 0.0

    async def _transact(self) -> float:
        """One transaction. Seconds until the next message is due; 0: there may be more at once."""
        while not self._idle.is_set():
            await self._idle.wait()
        self._idle.clear()
        if not self._is_wary:
            self._unwritable.clear()  # they have ended; those that were void meanwhile, too
        try:
            async with self._database.write() as db:
                this = Showing(self._clock.now(), await self._that_took_effect(db))
                show = self._one_by_one if self._is_wary else self._together
                while this.is_more and this.room > 0:
                    await self._look(db, this, show)
                self._end(db, this)
        finally:
            self._idle.set()
        self._committed(this)
        return 0.0 if this.is_more else until(this.due_at, this.now)

    async def _that_took_effect(self, db: AsyncSession) -> Shown:
        """Of what is in doubt."""
        stand = await outcomes.statuses(db, self._name, {row.id for row, _ in self._in_doubt})
        return [(row, ending) for row, ending in self._in_doubt if stand.get(row.id) == ending.name]

    async def _one_by_one(self, db: AsyncSession, some: Sequence[Claim], now: datetime) -> Shown:
        return [(one.row, await self._alone(db, one, now)) for one in some]

    async def _alone(self, db: AsyncSession, claim: Claim, now: datetime) -> Ending:
        """So that it is known which one cannot be written."""
        row = claim.row
        if row.id in self._unwritable:
            return await acts.write(db, row, Refused("it cannot be written"), now=now)
        try:
            (outcome,) = await self._channel.put(db, [acts.outgoing(claim, now=now)])
        except Exception as broken:
            if is_about_values(broken):
                log.error("row %d cannot be shown on %s: %s", row.id, row.channel, type(broken).__name__)
                self._unwritable.add(row.id)
            raise
        return await acts.write(db, row, outcome, now=now)

    # ------------------------------------------------------------ a round that goes along (``ride.py``)

    async def board(self, _: AsyncSession) -> Showing | None:
        """Nothing is written yet, and nobody held up: where there are several writers, this one may take its time.
        None: what there is needs a round of our own."""
        is_well = not self._in_doubt and not self._is_wary
        return Showing(self._clock.now()) if self._is_running and is_well else None

    async def claim_along(self, db: AsyncSession, this: Showing, promised: Collection[str]) -> None:
        """Show what was promised: as much as one look finds. Nothing while another transaction shows something."""
        if self._name not in promised or self._in_doubt or self._is_wary or not self._idle.is_set():
            return
        self._idle.clear()
        this.now, this.goes_along = self._clock.now(), True
        try:
            await self._look(db, this, self._together)
            self._end(db, this)
        except BaseException:
            self._be_wary()  # they are served once more, without us
            raise

    def alight(self, this: Showing) -> str | None:
        """The transaction is committed. Our name, if nobody needs to wake us for what it promised."""
        if not this.goes_along:
            return None
        try:
            if this.shown or this.void:
                self._committed(this)
        except BaseException:
            self.fall_off(this)
            raise
        self._idle.set()
        return None if this.is_more or this.due_at else self._name

    def fall_off(self, this: Showing) -> None:
        """It failed, and may have taken effect all the same. The next round is our own."""
        if this.goes_along:
            self._idle.set()
        self.wake()

    # ------------------------------------------------------------ any round

    def _be_wary(self) -> None:
        self._wary_until = asyncio.get_running_loop().time() + WARY

    @property
    def _is_wary(self) -> bool:
        return self._wary_until > asyncio.get_running_loop().time()

    async def _look(self, db: AsyncSession, this: Showing, show: Show) -> None:
        """Show what is due, the first of each chat and what stands alone behind it. Then see what is left."""
        found = await claims.claim(db, self._name, now=this.now, limit=this.room, in_line=this.room)
        this.void.update(found.cancelled)
        this.shown += await show(db, found.claims, this.now)
        has_found = bool(found.claims or found.again)
        this.due_at = await first_due(db, self._name) if has_found else found.due_at
        this.is_more = has_found and this.due_at is not None and this.due_at <= this.now

    async def _together(self, db: AsyncSession, some: Sequence[Claim], now: datetime) -> Shown:
        put = await self._channel.put(db, [acts.outgoing(one, now=now) for one in some])
        return [
            (one.row, await acts.write(db, one.row, outcome, now=now)) for one, outcome in zip(some, put, strict=True)
        ]

    def _end(self, db: AsyncSession, this: Showing) -> None:
        """All is in the transaction, whose commit may take effect and report an error all the same."""
        self._alarms.promise(db, _alarms(this.shown))
        self._in_doubt = this.before + this.shown
        crash("before sent commit")

    def _committed(self, this: Showing) -> None:
        crash("after sent commit")
        self._failures, self._in_doubt = 0, []
        count_void(self._metrics, self._name, this.void)
        ended = this.before + this.shown
        self._unwritable.difference_update([row.id for row, _ in ended])
        for name, number in Counter(ending.name for _, ending in ended).items():
            self._metrics.outcome(self._name, name, number)
        self._alarms.promised(_alarms(ended))
        for chat in dict.fromkeys(row.to for row, _ in ended):
            self._channel.poke(chat)


def _alarms(shown: Shown) -> list[Alarm]:
    return [ending.alarm for _, ending in shown if ending.alarm]

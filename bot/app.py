"""The bot itself: what comes in is served in one transaction, what falls due is served in another, delivery sends.

``receive`` returns when a batch is committed or parked, never before (I1). It raises only when the database does not
work: then nothing is acknowledged, and the channel offers the batch again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby

from bot.channels import Channel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.quick_answers import wait_for_numbers
from bot.slip import Slip
from dialogs import choosing
from handlers.followups import follow_up
from handlers.inbound import Inbound, Undecodable
from handlers.serving import apologise, serve
from handlers.work import Desk, FlowsAsked, Library, Work
from storage import consents, intake
from storage.blame import is_database_down
from storage.crash import crash
from storage.database import Database
from storage.erasing_messages import prune_farewells
from storage.follow_ups import next_due

log = logging.getLogger("leadbot.app")

TRIES = 3
KEEP_KEYS = timedelta(days=14)
KEEP_PARKED = timedelta(hours=72)
KEEP_FAREWELLS = timedelta(hours=1)
WIPING = timedelta(minutes=2)
LOOK = timedelta(seconds=15)  # an idle pulse asks the tables so often: other programs may plan something too
EVER = datetime.min.replace(tzinfo=UTC) + LOOK


def _nobody(_kind: str, _text: str) -> None:
    """No alarms: stages and tests that do not look at them."""


class App:
    """One bot over one database. ``count`` gets what happened in each committed transaction, by name, and ``ask`` what
    admins asked of the flows' folder; ``slip`` knows what was being served when the process before us ended."""

    def __init__(
        self,
        *,
        database: Database,
        library: Library,
        channels: Mapping[str, Channel],
        clock: Clock,
        delivery: Delivery,
        desks: Sequence[Desk] = (),
        admins: frozenset[tuple[str, str]] = frozenset(),
        count: Callable[[Mapping[str, int]], None] = lambda counts: None,
        report: Callable[[str, str], None] = _nobody,
        slip: Slip | None = None,
        ask: Callable[[Sequence[FlowsAsked]], None] = lambda asked: None,
    ) -> None:
        self.database, self.library, self.channels, self.clock = database, library, channels, clock
        self.delivery, self.desks, self.admins = delivery, tuple(desks), admins
        self._count, self._report, self._slip, self._ask = count, report, slip or Slip(), ask
        self._serving = asyncio.Lock()
        self._careful: set[str] = set()
        self._begun: set[intake.Key] = set()  # events this life serves alone and has not ended
        self._wipe_until = clock.now() - WIPING
        self._pruned_at = clock.now()
        self._idle_until = EVER

    async def start(self) -> None:
        """First things: the salt of pseudonyms, and whether the last run ended by itself.

        After an unclean end the first batch of every channel is served with care: what killed the process is in it, and
        the third start parks it (N5).
        """
        async with self.database.write() as db:
            await consents.ensure_salt(db, secrets.token_hex(32))
            if await intake.swap_setting(db, "running", "yes") == "yes":
                self._careful = set(self.channels)
                self._count({"unclean_starts": 1})
                if untold := await intake.parked_in_silence(db):
                    self._report(
                        "parked", f"перед последней остановкой отложено событий, о которых не сказано: {untold}"
                    )
            else:
                await intake.forget_attempts(db)

    async def stop(self) -> None:
        """A clean end: the next start need not be careful."""
        async with self.database.write() as db:
            await intake.swap_setting(db, "running", "no")

    # ------------------------------------------------------------ in

    async def receive(self, batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        """Serve a batch of one channel. Returns when it may be acknowledged."""
        if not batch and cursor is None:
            return
        await wait_for_numbers(self.database, batch, self.desks, self.clock)
        crash("event fetched")
        channel = batch[0].channel if batch else ""
        if channel in self._careful and any(self._slip.suspects(_key(one)) for one in batch):
            if await self._carefully(batch) and not self._slip.knows:
                self._careful.discard(channel)  # nobody knows more: it was in this batch, or in none
        elif await self._together(batch, cursor):
            cursor = None  # it is saved with them
        else:
            await self._one_by_one(batch)
        if cursor is not None and batch:
            async with self._serving, self._transaction() as work:
                intake.save_cursor(work.db, channel, cursor, now=work.now)
        crash("before ack")

    async def _together(self, batch: Sequence[Inbound], cursor: str | None = None) -> bool:
        """The whole batch in one transaction; False if something in it failed. Raises what a database that is away
        raises."""
        try:
            async with self._serving:
                await self._serve(batch, cursor)
        except Exception as failed:
            if is_database_down(failed):
                raise
            log.warning("a batch of %d failed, serving one by one: %s", len(batch), type(failed).__name__)
            return False
        return True

    async def _serve(self, batch: Sequence[Inbound], cursor: str | None = None) -> None:
        with self._slip.holding(map(_key, batch)):
            async with self._transaction() as work:
                await serve(work, batch)
                if cursor is not None and batch:
                    intake.save_cursor(work.db, batch[0].channel, cursor, now=work.now)
                crash("before commit of events")
            crash("after commit of events")
        for one in batch:
            if isinstance(one.heard, Undecodable):
                self._report("parked", f"событие канала {one.channel} не удалось прочитать, оно отложено")

    # ------------------------------------------------------------ an event that fails, or kills

    async def _carefully(self, batch: Sequence[Inbound]) -> bool:
        """After an unclean end: what was being served then is served alone, in its place. False: all was served."""
        async with self.database.read() as db:
            served = await intake.served_among(db, {_key(one) for one in batch})
        rest = [one for one in batch if _key(one) not in served]
        for suspect, some in groupby(rest, key=lambda one: self._slip.suspects(_key(one))):
            together = list(some)
            if suspect or not await self._together(together):
                await self._one_by_one(together, suspects=suspect)
        return bool(rest)

    async def _one_by_one(self, batch: Sequence[Inbound], *, suspects: bool = False) -> None:
        """The culprit must not hold up the others: each event alone, and the other channel between them (N6)."""
        for inbound in batch:
            async with self._serving:
                if not suspects or await self._begin(inbound):
                    await self._alone(inbound)

    async def _begin(self, inbound: Inbound) -> bool:
        """Note that this life begins with an event that the former ended with; False if it is parked. A life that finds
        such a note was preceded by two that ended with it: it does not try again (N5)."""
        key = _key(inbound)
        if key in self._begun:
            return True
        async with self._transaction() as work:
            if await intake.served_among(work.db, {key}):
                return False
            lives = await intake.count_attempt(work.db, key, now=work.now)
            if lives == 1:
                self._begun.add(key)  # before the commit: one that reports an error may have taken effect
        if lives > 1:
            await self._park(inbound, "the process died while serving it")
            return False
        return True

    async def _alone(self, inbound: Inbound) -> None:
        """Served or parked when it returns."""
        key = _key(inbound)
        crash("alone begun")
        for number in range(1, TRIES + 1):
            try:
                await self._serve([inbound])
            except Exception as failed:
                if is_database_down(failed):
                    raise  # not the event's fault: it will be offered again
                log.warning("event %s of %s failed, try %d: %s", inbound.event_id, key[0], number, type(failed))
                if number == TRIES:
                    await self._park(inbound, _where(failed))
            else:
                break
        if key in self._begun:
            async with self._transaction() as work:
                await intake.forget_attempt(work.db, key)
            self._begun.discard(key)

    async def _park(self, inbound: Inbound, error: str) -> None:
        """Put it aside with an alarm; its sender gets a polite line, unless it is their own rows that are broken."""
        try:
            await self._put_aside(inbound, error, sorry=True)
        except Exception as failed:
            if is_database_down(failed):
                raise
            log.error("no word to the sender of event %s: %s", inbound.event_id, type(failed).__name__)
            await self._put_aside(inbound, error, sorry=False)
        crash("parked")
        self._report("parked", f"событие канала {inbound.channel} не удалось обслужить, оно отложено")

    async def _put_aside(self, inbound: Inbound, error: str, *, sorry: bool) -> None:
        key = _key(inbound)
        async with self._transaction() as work:
            intake.park(work.db, key, raw=inbound.raw, error=error, now=work.now)
            intake.record_served(work.db, [key], now=work.now)
            if sorry:
                await apologise(work, inbound)
            work.counts["events_parked"] += 1

    # ------------------------------------------------------------ what time brings

    async def pulse(self) -> None:
        """Serve what has fallen due by now; prune; wipe what was erased from the write-ahead file."""
        now = self.clock.now()
        if not self._idle_until - LOOK <= now < self._idle_until:
            while await self._due():
                pass
        if now < self._wipe_until:
            await self.database.forget_deleted()
        if now - self._pruned_at > timedelta(hours=1):
            self._pruned_at = now
            async with self.database.write() as db:  # it promises nothing, and may take its time: nobody goes along
                await intake.prune(db, now=now, keep_keys=KEEP_KEYS, keep_parked=KEEP_PARKED)
                await prune_farewells(db, before=now - KEEP_FAREWELLS)

    async def _due(self) -> int:
        """How many were due. When none was, the pulse has nothing to ask until the next is, or until somebody else may
        have changed the tables."""
        async with self._serving:
            async with self._transaction() as work:
                served = await follow_up(work)
                following = await next_due(work.db) if not served else None
            if not served:
                self._idle_until = min(following or work.now + LOOK, work.now + LOOK)
            return served

    # ------------------------------------------------------------ transactions

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Work]:
        """One transaction with its context, in which delivery makes its rounds too; after the commit: what it claimed
        is sent, spinners end, happenings are counted."""
        ride = self.delivery.ride()
        try:
            async with self.database.write(last=ride.end) as db:
                await ride.begin(db)
                work = Work(
                    db=db,
                    now=self.clock.now(),
                    library=self.library,
                    desks=self.desks,
                    admins=self.admins,
                )
                yield work
        except BaseException:
            self._idle_until = EVER
            ride.fail()
            self.delivery.wake()  # a commit that failed may have taken effect all the same (R14)
            raise
        finally:
            choosing.forget()
        self._idle_until = EVER  # something may have been planned
        if work.counts["erasures"]:
            self.delivery.recall()
        if waiting := ride.arrive():
            self.delivery.wake(waiting)
        self._count(work.counts)
        if work.notices:
            await self.delivery.notify(work.notices)
        if work.asked:
            self._ask(work.asked)
        if work.counts["erasures"]:
            self._wipe_until = work.now + WIPING  # at the next beat of the pulse


def _key(inbound: Inbound) -> intake.Key:
    return inbound.channel, inbound.event_id


def _where(failed: BaseException) -> str:
    """A traceback without values: places in code only (I11)."""
    places = traceback.extract_tb(failed.__traceback__)
    lines = [f"{place.filename.rsplit('/', 2)[-1]}:{place.lineno} {place.name}" for place in places]
    return "\n".join([type(failed).__name__, *lines])

"""One network's share of delivery: its queue, its pauses, its rows in flight. Our own pages: ``pages_worker.py``."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection

from sqlalchemy.ext.asyncio import AsyncSession

from bot import acts
from bot.alarms import Alarms
from bot.channels import Bundling, Halted, Network, Outcome, Outgoing, Sent, TryLater
from bot.clock import Clock
from bot.departures import Departures
from bot.flights import Flight, Flights
from bot.gate import Gate
from bot.metrics import Metrics
from bot.pace import Pace
from bot.rounds import LAST_WORDS, Round, count_void, happens, pause_after, until, until_cancelled
from storage import claims, outcomes
from storage.claimed import Claimed
from storage.claims import Claim
from storage.crash import crash
from storage.database import Database

IN_LINE = 5  # of them of one desk's chat, one behind the other: a round for each card costs more than all the rest
LINES = 6  # and as many more as leave room for so many such lines: a desk with hundreds to come must not fall behind
COMPANY = 0.005  # seconds that an outcome waits for others, or for a batch that takes it along
LONG_COMPANY = 0.03  # where an outcome that a death leaves unknown does no harm
REST_OF_LINE = 0.05  # seconds that it waits for those behind it in its chat: nobody has read it by then
DEADLINE = 90.0  # seconds for one send, whatever the channel's own deadlines are (N4)

log = logging.getLogger("leadbot.delivery")


class Worker:
    def __init__(
        self,
        database: Database,
        channel: Network,
        clock: Clock,
        pace: Pace,
        alarms: Alarms,
        metrics: Metrics,
        departures: Departures,
        deadline: float = DEADLINE,
    ) -> None:
        self._database, self._channel, self._clock = database, channel, clock
        self._post = channel.post if isinstance(channel, Bundling) else None
        self._departures = departures
        self._gate = Gate(channel, clock, pace, alarms)
        self._pace, self._alarms, self._metrics = pace, alarms, metrics
        self._name = channel.name
        self._rests = LONG_COMPANY if channel.name in acts.HARMLESS else COMPANY
        self.moved: Callable[[str, str, str], None] = lambda channel, old, new: None
        self._woken = asyncio.Event()  # something was promised
        self._news = asyncio.Event()  # that, or a flight has ended
        self._hurry = asyncio.Event()  # something was promised, or is due and nothing is on its way
        self._flights = Flights(
            deadline,
            keeps_order=channel.keeps_order,
            may_follow=self._may_follow,
            leaves=self._leaves,
            landed=self._landed,
        )
        self._moves: dict[str, str] = {}
        self._is_running = False
        self._is_busy = False  # with a round of our own, which may wait for the database
        self._is_looking = False  # and which others than those that have ended are due for
        self._is_writing = False  # in its transaction
        self._is_aboard = False  # with one that goes along with a transaction of others
        self._alighted = asyncio.Event()
        self._is_full = False  # the last look at the queue took as many as there was room for: there may be more
        self._answered = asyncio.Event()
        self._look_at = 0.0  # by the loop's clock: when to look at the queue if nothing happens
        self._failures = 0  # transactions in a row that failed
        self._in_doubt = False  # one of them may have claimed rows that we never got

    # ------------------------------------------------------------ from outside

    def wake(self) -> None:
        self._woken.set()
        self._news.set()
        self._hurry.set()

    def doubt(self) -> None:
        """What a dead process left has an unknown outcome: before it is repeated, the network is asked."""
        self._gate.doubt()

    def trouble(self) -> str | None:
        """Why nothing is sent just now; None when all is well."""
        return "the database does not take what has ended" if self._failures else self._gate.trouble()

    def recall(self) -> None:
        """Somebody was erased: what is claimed and has not left is looked at once more."""
        self._flights.stay()

    async def remember(self) -> None:
        """What the process before us was told: a pause, a chat that moved."""
        async with self._database.read() as db:
            self._gate.remember(await outcomes.paused_until(db, self._name))
            moved = await outcomes.moves(db)
        self._moves = {old: new for (channel, old), new in moved.items() if channel == self._name}

    async def run(self) -> None:
        """Until cancelled; never cancelled within a transaction (R16). May be called again after a failure of ours."""
        self._is_running, self._gate.shut, self._look_at = True, False, 0.0
        try:
            await until_cancelled(self._loop(), self._stop)
        finally:
            self._is_running = False

    async def drain(self) -> None:
        """Until nothing more can be sent at this moment of the clock. Raises what the database raises."""
        while True:
            if self._gate.is_to_be_asked(len(self._flights)) and not await self._gate.answers():
                return
            paced = self._pace.reopens() is not None  # what opens meanwhile was left alone all the same
            seconds = await self._transact()
            paced = paced or self._pace.reopens() is not None
            if self._flights:
                await self._flights.one_ends()
                self._flights.cut_off()
            elif seconds and not paced:
                return
            elif seconds:
                await asyncio.sleep(self._pace.reopens() or 0)

    async def answered(self) -> None:
        """Until nobody waits for an answer that we know of."""
        while self._owes():
            self._answered.clear()
            await self._answered.wait()

    # ------------------------------------------------------------ rounds

    def _stop(self) -> None:
        self._gate.shut = True
        self.wake()

    async def _loop(self) -> None:
        while not self._gate.shut:
            await self._by_ourselves()
            await self._wait()
        await self._nobody_aboard()  # what goes along with the last transaction may be about to leave
        self._flights.stay()
        await self._flights.all_end(within=LAST_WORDS)
        await self._by_ourselves()
        self._flights.cancel()

    async def _by_ourselves(self) -> None:
        """A round, unless one that goes along with others has done it all."""
        await self._nobody_aboard()
        if self._has_work():
            self._is_busy, self._is_looking = True, self._is_to_look
            try:
                self._look_in(await self._round())
            finally:
                self._is_busy = self._is_looking = False
                self._tell_answered()

    async def _nobody_aboard(self) -> None:
        while self._is_aboard:
            self._alighted.clear()
            await self._alighted.wait()

    def _has_work(self) -> bool:
        return self._is_to_look or self._flights.has_ended

    @property
    def _is_to_look(self) -> bool:
        """More may be due than at the last look."""
        return self._woken.is_set() or self._look_at <= asyncio.get_running_loop().time()

    def _look_in(self, seconds: float) -> None:
        self._look_at = asyncio.get_running_loop().time() + seconds

    async def _wait(self) -> None:
        if not (self._has_work() or self._gate.shut):
            self._news.clear()
            left = self._look_at - asyncio.get_running_loop().time()
            await happens(self._news, within=max(0.0, min(left, self._flights.until_overdue())))
        self._flights.cut_off()
        await self._company()

    async def _company(self) -> None:
        """Outcomes wait a moment for others, which are written with them, and for what is behind them in their chat."""
        loop = asyncio.get_running_loop()
        until_end = loop.time() + REST_OF_LINE
        while not self._woken.is_set() and (ended := self._flights.ended()) and not self._is_idle():
            if not self._flights.go_on(ended) or (left := until_end - loop.time()) <= 0:
                self._hurry.clear()
                await happens(self._hurry, within=self._rests)
                return
            self._news.clear()
            await happens(self._news, within=left)

    async def _round(self) -> float:
        """Write what has ended, claim what is next, send it. How many seconds to wait if nothing happens."""
        self._woken.clear()
        if self._gate.is_to_be_asked(len(self._flights)) and not await self._gate.answers():
            return self._gate.until_open()
        if not self._gate.room(self._flights.away) and not self._flights.has_ended:
            wait = self._gate.until_open()
            return 0.0 if self._gate.room(self._flights.away) else wait  # it may have opened since it was asked
        try:
            return await self._transact()
        except Exception as broken:  # what has ended is kept here and written when the database is back (R3, R14)
            self._failures += 1
            self._in_doubt = True
            self._metrics.failed("delivery")
            log.error("delivery of %s cannot write: %s, %d in a row", self._name, type(broken).__name__, self._failures)
            await asyncio.sleep(pause_after(self._failures))
            return 0.0

    async def _transact(self) -> float:
        try:
            async with self._database.write() as db:
                await self._nobody_aboard()  # of another writer's transaction, where there are several
                self._is_writing = True
                this = await self._write(db)
                await self._claim(db, this)
        finally:
            self._is_writing = False
        return self._committed(this)

    async def _write(self, db: AsyncSession) -> Round:
        """How those that have ended ended."""
        now, ended = self._clock.now(), self._flights.ended()
        if self._in_doubt:
            await outcomes.release(db, self._name, held=self._flights.numbers, now=now)
        endings = [await acts.write(db, one.row, one.outcome, now=now) for one in ended]
        alarms = [one.alarm for one in endings if one.alarm]
        self._alarms.promise(db, alarms)  # with the outcome they tell of: a death in between keeps neither
        told, own = self._gate.weigh(endings, now)
        if told:
            await outcomes.pause(db, self._name, until=told)
        return Round(now, ended, endings, alarms, told or own)

    async def _claim(self, db: AsyncSession, this: Round) -> None:
        """What is next. Where nobody else can be waiting for a place, this transaction's answers come first."""
        others = self._is_full or self._is_looking or self._is_to_look
        self._woken.clear()
        for old, new in self._moves.items():
            await outcomes.readdress(db, self._name, old=old, new=new)
        this.now, this.closed = self._clock.now(), self._gate.closed()
        this.room = 0 if this.is_held_up else self._gate.room(self._flights.away - sum(one.left for one in this.ended))
        this.found = await claims.claim(
            db,
            self._name,
            now=this.now,
            limit=this.room,
            in_line=max(IN_LINE, this.room // LINES),
            but_not=this.closed,
            answers_first=not others,
        )
        this.passes("before")

    def _committed(self, this: Round) -> float:
        """Send what was claimed. Seconds until the queue is to be looked at if nothing happens."""
        found = this.found
        assert found is not None, "it is claimed before the commit"
        this.passes("after")
        self._failures, self._in_doubt = 0, False
        self._flights.forget(this.ended)
        for one in this.ended:
            self._departures.settled(one.row)
        self._alarms.promised(this.alarms)
        self._take_note(this)
        count_void(self._metrics, self._name, found.cancelled)
        with self._departures.together():  # requests begin in a later turn of the loop
            self._flights.begin(found.claims, self._perform)
        away = self._flights.away
        self._is_full = len(found.claims) == this.room  # so more may be due
        self._tell_answered()
        # what was held back may go by now: a round takes its time, and nobody wakes us
        opened = (self._is_full and self._gate.room(away) > 0) or not set(this.closed) <= set(self._gate.closed())
        at_once = found.again or opened or self._gate.is_to_be_asked(len(self._flights))
        return 0.0 if at_once else until(found.due_at, this.now, most=self._gate.until_open())

    # ------------------------------------------------------------ a round that goes along (``ride.py``)

    async def board(self, db: AsyncSession) -> Round | None:
        """Write in this transaction what has arrived. None: what there is needs a round of our own, or has it. Never
        waits for us: we may be waiting for this transaction."""
        is_free = self._is_running and not (self._gate.shut or self._is_writing or self._is_aboard)
        is_well = not (self._failures or self._in_doubt)
        if not (is_free and is_well) or any(not isinstance(one.outcome, Sent) for one in self._flights.ended()):
            return None
        self._is_aboard = True
        try:
            return await self._write(db)
        except BaseException:
            self.fall_off()
            raise

    async def claim_along(self, db: AsyncSession, this: Round, promised: Collection[str]) -> None:
        """What is next, if there may be something."""
        if this.ended or self._name in promised:
            await self._claim(db, this)

    def alight(self, this: Round) -> str | None:
        """The transaction is committed. Our name, if nobody needs to wake us for what it promised."""
        if this.found is None:
            self._leave()
            return None
        if not self._is_running:
            self.fall_off()  # nobody would write how it ended; what has not left is sent at the next start
            return None
        try:
            self._look_in(self._committed(this))
        except BaseException:
            self.fall_off()
            raise
        self._leave()
        return self._name

    def fall_off(self, _: Round | None = None) -> None:
        """It failed, and may have taken effect all the same. The next round is our own."""
        self._in_doubt = True
        self._leave()
        self.wake()

    def _leave(self) -> None:
        self._is_aboard = False
        self._alighted.set()
        self._news.set()

    def _perform(self, claim: Claim) -> asyncio.Future[Outcome]:
        """Send, once."""
        if acts.is_repeat(claim.row):
            self._metrics.outcome(self._name, "repeated")
        message = acts.outgoing(claim, now=self._clock.now())
        if self._post is None:
            return asyncio.create_task(self._send(message))
        self._sets_out(message)
        return self._post(message) or asyncio.create_task(self._channel.send(message))

    async def _send(self, message: Outgoing) -> Outcome:
        self._sets_out(message)
        outcome = await self._channel.send(message)
        crash("answer read")
        return outcome

    def _sets_out(self, message: Outgoing) -> None:
        """It may be on the wire from now on."""
        self._departures.leaves(message.id, message.attempt)
        crash("request begins")

    def _may_follow(self, row: Claimed) -> bool:
        told = any(_concerns_all(one.outcome) for one in self._flights.ended())
        return not told and self._gate.room(self._flights.away) > 0 and row.to not in self._gate.closed()

    def _leaves(self, row: Claimed) -> None:
        self._pace.take(row.id, row.to)

    def _is_idle(self) -> bool:
        """More is due for people, and nothing is on its way to them."""
        return self._is_full and not self._flights.people

    def _owes(self) -> bool:
        return bool(self._woken.is_set() or self._is_busy or self._is_full or self._flights.people)

    def _tell_answered(self) -> None:
        if not self._owes():
            self._answered.set()

    def _landed(self, flight: Flight) -> None:
        if flight.left:
            if self._post is not None:
                crash("answer read")
            self._pace.landed(flight.row.id)
        if not self._flights.people:
            self._tell_answered()
            if self._is_idle():
                self._hurry.set()
        self._news.set()

    # ------------------------------------------------------------ after the commit

    def _take_note(self, this: Round) -> None:
        for one, ending in zip(this.ended, this.endings, strict=True):
            if ending.moved:
                self._moves[one.row.to] = ending.moved
                self.moved(self._name, one.row.to, ending.moved)
        self._gate.note(this.endings, this.pause)
        for name, number in Counter(one.name for one in this.endings).items():
            self._metrics.outcome(self._name, name, number)
        if this.endings:
            self._gate.tell_of_silence()


def _concerns_all(outcome: Outcome | None) -> bool:
    """The network told that nothing may go out now."""
    return isinstance(outcome, Halted) or (isinstance(outcome, TryLater) and outcome.everybody)

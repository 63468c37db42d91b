"""One network's share of delivery: its queue, its pauses, its rows in flight. Our own pages: ``pages_worker.py``."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from bot import acts
from bot.acts import Ending
from bot.alarms import Alarms
from bot.channels import Askable, Network, Outcome
from bot.clock import Clock
from bot.departures import Departures
from bot.flights import Flight, Flights
from bot.metrics import Metrics
from bot.pace import Pace
from bot.patience import Patience
from bot.rounds import IDLE, LAST_WORDS, count_void, happens, pause_after, until, until_cancelled
from storage import claims, outcomes
from storage.claimed import Claimed
from storage.claims import Claim
from storage.crash import crash
from storage.database import Database

IN_FLIGHT = 30  # so many outcomes at most are unknown after a death
IN_LINE = 5  # of them of one desk's chat, one behind the other: a round for each card costs more than all the rest
COMPANY = 0.005  # seconds that an outcome waits for others; not a card's, which may be answered the next moment
REST_OF_LINE = 0.05  # seconds that it waits for those behind it in its chat: nobody has read it by then
DEADLINE = 90.0  # seconds for one send, whatever the channel's own deadlines are (N4)
LONG = 30.0  # seconds of being told to wait that are worth mentioning

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
        self._departures = departures
        self._pace, self._alarms, self._metrics = pace, alarms, metrics
        self._name = channel.name
        self.moved: Callable[[str, str, str], None] = lambda channel, old, new: None
        self._woken = asyncio.Event()  # something was promised
        self._news = asyncio.Event()  # that, or a flight has ended
        self._flights = Flights(deadline, may_follow=self._may_follow, landed=self._landed)
        self._moves: dict[str, str] = {}
        self._paused_until: datetime | None = None
        self._halted: str | None = None
        self._stopping = False
        self._patience = Patience()
        self._failures = 0  # transactions in a row that failed
        self._in_doubt = False  # one of them may have claimed rows that we never got

    # ------------------------------------------------------------ from outside

    def wake(self) -> None:
        self._woken.set()
        self._news.set()

    def doubt(self) -> None:
        """What a dead process left has an unknown outcome: before it is repeated, the network is asked."""
        self._patience.doubt()

    def trouble(self) -> str | None:
        """Why nothing is sent just now; None when all is well."""
        if self._failures:
            return "the database does not take what has ended"
        if self._halted:
            return self._halted
        if self._patience.unclear > 1:
            return "the network does not answer"
        return "waiting, as the network told" if self._pause_left() > LONG else None

    async def remember(self) -> None:
        """What the process before us was told: a pause, a chat that moved."""
        async with self._database.read() as db:
            self._paused_until = await outcomes.paused_until(db, self._name)
            moved = await outcomes.moves(db)
        self._moves = {old: new for (channel, old), new in moved.items() if channel == self._name}

    async def run(self) -> None:
        """Until cancelled; never cancelled within a transaction (R16). May be called again after a failure of ours."""
        self._stopping = False
        await until_cancelled(self._loop(), self._stop)

    async def drain(self) -> None:
        """Until nothing more can be sent at this moment of the clock. Raises what the database raises."""
        while True:
            if self._is_to_be_asked() and not await self._network_answers():
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

    # ------------------------------------------------------------ rounds

    def _stop(self) -> None:
        self._stopping = True
        self.wake()

    async def _loop(self) -> None:
        while not self._stopping:
            await self._wait(await self._round())
        if self._flights:
            await self._flights.all_end(within=LAST_WORDS)
            await self._round()
        self._flights.cancel()

    async def _wait(self, seconds: float) -> None:
        if not self._woken.is_set() and not self._flights.has_ended:
            self._news.clear()
            await happens(self._news, within=min(seconds, self._flights.until_overdue()))
        self._flights.cut_off()
        await self._company()

    async def _company(self) -> None:
        """Outcomes wait a moment for others, which are written with them, and for what is behind them in their chat."""
        loop = asyncio.get_running_loop()
        until_end = loop.time() + REST_OF_LINE
        while not self._woken.is_set() and (ended := self._flights.ended()):
            if not self._flights.go_on(ended) or (left := until_end - loop.time()) <= 0:
                if all(one.row.identity_id for one in ended):
                    await happens(self._woken, within=COMPANY)
                return
            self._news.clear()
            await happens(self._news, within=left)

    async def _round(self) -> float:
        """Write what has ended, claim what is next, send it. How many seconds to wait if nothing happens."""
        self._woken.clear()
        if self._is_to_be_asked() and not await self._network_answers():
            return self._until_open()
        if not self._room() and not self._flights.has_ended:
            wait = self._until_open()
            return 0.0 if self._room() else wait  # it may have opened since it was asked
        try:
            return await self._transact()
        except Exception as broken:  # what has ended is kept here and written when the database is back (R3, R14)
            self._failures += 1
            self._in_doubt = True
            self._metrics.failed("delivery")
            log.error("delivery of %s cannot write: %s, %d in a row", self._name, type(broken).__name__, self._failures)
            await asyncio.sleep(pause_after(self._failures))
            return 0.0

    def _is_silent(self) -> bool:
        """It gave us nothing but unknown outcomes, and one more would be a message's last (M13, N6)."""
        return not self._patience.vouched and isinstance(self._channel, Askable)

    def _is_to_be_asked(self) -> bool:
        free = not (self._flights or self._stopping or self._halted or self._pause_left())
        return free and self._is_silent()

    async def _network_answers(self) -> bool:
        """Ask what nobody sees, before one more message is risked; wait longer after each silence."""
        assert isinstance(self._channel, Askable)
        wait = self._patience.asked(answers=await self._channel.answers())
        if wait:
            self._tell_of_silence()
            self._paused_until = self._clock.now() + timedelta(seconds=wait)
        return not wait

    async def _transact(self) -> float:
        now = self._clock.now()
        ended = self._flights.ended()
        async with self._database.write() as db:
            if self._in_doubt:
                await outcomes.release(db, self._name, held=self._flights.numbers, now=now)
            endings = [await acts.write(db, one.row, one.outcome, now=now) for one in ended]
            alarms = [one.alarm for one in endings if one.alarm]
            self._alarms.promise(db, alarms)  # with the outcome they tell of: a death in between keeps neither
            told, own = (now + timedelta(seconds=wait) if wait else None for wait in self._patience.weigh(endings))
            if told:
                await outcomes.pause(db, self._name, until=told)
            for old, new in self._moves.items():
                await outcomes.readdress(db, self._name, old=old, new=new)
            room = 0 if told or own or any(one.halted for one in endings) else self._room(len(ended))
            closed = self._pace.closed()
            found = await claims.claim(db, self._name, now=now, limit=room, in_line=IN_LINE, but_not=closed)
            _pass("before", ended, found.claims)
        _pass("after", ended, found.claims)
        self._failures, self._in_doubt = 0, False
        self._flights.forget(ended)
        for one in ended:
            self._departures.settled(one.row)
        self._alarms.promised(alarms)
        self._take_note(zip((one.row for one in ended), endings, strict=True), told or own)
        count_void(self._metrics, self._name, found.cancelled)
        for _, line in groupby(found.claims, key=lambda one: one.row.to):
            self._send(list(line))
        full = len(found.claims) == room  # so more may be due
        at_once = found.again or self._opened(full, closed) or self._is_to_be_asked()
        return 0.0 if at_once else until(found.due_at, now, most=self._until_open())

    def _send(self, line: Sequence[Claim]) -> None:
        for claim in line:
            self._pace.take(claim.row.id, claim.row.to)
        self._flights.begin(line, self._perform)

    async def _perform(self, claim: Claim) -> Outcome:
        if acts.is_repeat(claim.row):
            self._metrics.outcome(self._name, "repeated")
        return await acts.perform(self._channel, acts.outgoing(claim, now=self._clock.now()), self._departures.leaves)

    def _may_follow(self, row: Claimed) -> bool:
        held_up = self._stopping or self._halted or self._pause_left()
        return not held_up and row.to not in self._pace.closed()

    def _landed(self, flight: Flight) -> None:
        if flight.left:
            self._pace.landed(flight.row.id)
        else:
            self._pace.stayed(flight.row.id)
        self._news.set()

    # ------------------------------------------------------------ when to send and when not

    def _room(self, ended: int = 0) -> int:
        """How many rows may be claimed now; ``ended`` flights are about to leave."""
        if self._stopping or self._pause_left() or self._halted or self._is_silent():
            return 0
        slots = (1 if self._patience.unclear else IN_FLIGHT) - (len(self._flights) - ended)
        by_pace = self._pace.room()
        return max(0, slots if by_pace is None else min(slots, by_pace))

    def _opened(self, full: bool, closed: Collection[str]) -> bool:
        """Whether what was held back in this round could go by now: a round takes its time, and nobody wakes us."""
        return (full and self._room() > 0) or not self._pace.closed().issuperset(closed)

    def _pause_left(self) -> float:
        """Seconds; a pause that is over is forgotten."""
        if self._paused_until is None:
            return 0.0
        left = (self._paused_until - self._clock.now()).total_seconds()
        if left <= 0:
            self._paused_until = self._halted = None
        return max(0.0, left)

    def _until_open(self) -> float:
        return min(self._pause_left() or self._pace.reopens() or IDLE, IDLE)

    # ------------------------------------------------------------ after the commit

    def _take_note(self, ended: Iterable[tuple[Claimed, Ending]], until: datetime | None) -> None:
        counts: Counter[str] = Counter()
        halted = None
        for row, ending in ended:
            counts[ending.name] += 1
            halted = ending.halted or halted
            if ending.moved:
                self._moves[row.to] = ending.moved
                self.moved(self._name, row.to, ending.moved)
        if until:
            self._paused_until = max(until, self._paused_until or until)  # who was told to wait longer waits longer
        elif halted:
            self._paused_until = None
        if halted:
            self._halt(halted)
        for name, number in counts.items():
            self._metrics.outcome(self._name, name, number)
        if counts:
            self._tell_of_silence()

    def _tell_of_silence(self) -> None:
        if self._patience.unclear == 3:
            self._alarms.raise_(f"silent:{self._name}", f"{self._name}: сеть не отвечает на отправку сообщений.")

    def _halt(self, reason: str) -> None:
        self._halted = reason
        log.error("channel %s is halted: %s", self._name, reason)
        self._alarms.raise_(f"halted:{self._name}", f"{self._name}: отправка остановлена ({reason}). Сообщения ждут.")


def _pass(when: str, ended: object, claimed: object) -> None:
    if ended:
        crash(f"{when} sent commit")
    if claimed:
        crash(f"{when} sending commit")

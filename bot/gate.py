"""Whether a network may be written to now, and how much: its ceilings, what it told us, whether it answers at all."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from bot.acts import HARMLESS, Ending
from bot.alarms import Alarms
from bot.channels import Askable, Network
from bot.clock import Clock
from bot.pace import Pace
from bot.patience import Patience
from bot.rounds import IDLE

IN_FLIGHT = 30  # so many outcomes at most are unknown after a death
RECOGNISED = 75  # and so many where that does no harm: the network knows a repeat
LONG = 30.0  # seconds of being told to wait that are worth mentioning

log = logging.getLogger("leadbot.delivery")


class Gate:
    """One channel's. ``shut``: we are about to stop."""

    def __init__(self, channel: Network, clock: Clock, pace: Pace, alarms: Alarms) -> None:
        self._channel, self._name = channel, channel.name
        self._clock, self._pace, self._alarms = clock, pace, alarms
        self._most = RECOGNISED if self._name in HARMLESS else IN_FLIGHT
        self._patience = Patience()
        self._paused_until: datetime | None = None
        self._halted: str | None = None
        self.shut = False

    # ------------------------------------------------------------ may we, and how much

    def room(self, away: int) -> int:
        """How many rows may be claimed now, when so many are on their way."""
        if self.is_held() or self._is_silent():
            return 0
        slots = (1 if self._patience.unclear else self._most) - away
        by_pace = self._pace.room()
        return max(0, slots if by_pace is None else min(slots, by_pace))

    def is_held(self) -> bool:
        """Nothing goes out now, to whatever chat."""
        return bool(self.shut or self.pause_left() or self._halted)

    def closed(self) -> Collection[str]:
        """Chats that have had theirs for now."""
        return self._pace.closed()

    def pause_left(self) -> float:
        """Seconds; a pause that is over is forgotten."""
        if self._paused_until is None:
            return 0.0
        left = (self._paused_until - self._clock.now()).total_seconds()
        if left <= 0:
            self._paused_until = self._halted = None
        return max(0.0, left)

    def until_open(self) -> float:
        """Seconds until something that is held back now may go; at most until the queue is looked at anyway."""
        return min(self.pause_left() or self._pace.reopens() or IDLE, IDLE)

    def trouble(self) -> str | None:
        """Why nothing is sent just now; None when all is well."""
        if self._halted:
            return self._halted
        if self._patience.unclear > 1:
            return "the network does not answer"
        return "waiting, as the network told" if self.pause_left() > LONG else None

    # ------------------------------------------------------------ what it learns

    def weigh(self, endings: Sequence[Ending], now: datetime) -> tuple[datetime | None, datetime | None]:
        """Until when nothing goes out: as the network told, and of our own accord."""
        told, own = (now + timedelta(seconds=wait) if wait else None for wait in self._patience.weigh(endings))
        return told, own

    def note(self, endings: Iterable[Ending], until: datetime | None) -> None:
        """What a round brought is committed."""
        halted = [one.halted for one in endings if one.halted]
        if until:
            self._paused_until = max(until, self._paused_until or until)  # who was told to wait longer waits longer
        elif halted:
            self._paused_until = None
        if halted:
            self._halt(halted[-1])

    def remember(self, paused_until: datetime | None) -> None:
        """What the process before us was told."""
        self._paused_until = paused_until

    def _halt(self, reason: str) -> None:
        self._halted = reason
        log.error("channel %s is halted: %s", self._name, reason)
        self._alarms.raise_(f"halted:{self._name}", f"{self._name}: отправка остановлена ({reason}). Сообщения ждут.")

    # ------------------------------------------------------------ a network that is silent

    def doubt(self) -> None:
        """What a dead process left has an unknown outcome: before it is repeated, the network is asked."""
        self._patience.doubt()

    def is_to_be_asked(self, away: int) -> bool:
        """Is it to be asked whether it is there, before anything else?"""
        return not away and not self.is_held() and self._is_silent()

    async def answers(self) -> bool:
        """Ask what nobody sees, before one more message is risked; wait longer after each silence."""
        assert isinstance(self._channel, Askable)
        wait = self._patience.asked(answers=await self._channel.answers())
        if wait:
            self.tell_of_silence()
            self._paused_until = self._clock.now() + timedelta(seconds=wait)
        return not wait

    def tell_of_silence(self) -> None:
        if self._patience.unclear == 3:
            self._alarms.raise_(f"silent:{self._name}", f"{self._name}: сеть не отвечает на отправку сообщений.")

    def _is_silent(self) -> bool:
        """It gave us nothing but unknown outcomes, and one more would be a message's last (M13, N6)."""
        return not self._patience.vouched and isinstance(self._channel, Askable)

"""When each network was last heard, over restarts too: silences are counted, a long one is told as a window (N7).

Heard is an answer to a poll whose events, if it had any, are committed. What a network keeps for us meanwhile is
limited: Telegram holds messages for a day and presses for 150 seconds. VK's own losses are told by its channel (N8).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.metrics import Metrics
from storage import intake
from storage.database import Database

PRESSES = timedelta(seconds=150)  # a press is dropped after that
MESSAGES = {"telegram": timedelta(hours=24)}  # a message is dropped after that
NAMES = {"telegram": "Telegram", "vk": "ВКонтакте"}
ABSENT = (
    "Бот не слышал {network} с {since} до {until}. {network} хранит сообщения сутки: написанное с {since} до {kept} "
    "могло пропасть, остальное бот прочитал и отвечает. Кнопки, нажатые за это время, не сработали: их можно нажать "
    "ещё раз."
)


class Hearing:
    """``note`` is what channels are given. ``moment`` says a moment as the business's people read it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        metrics: Metrics,
        report: Callable[[str, str], None],
        moment: Callable[[datetime], str],
    ) -> None:
        self._database, self._clock, self._metrics = database, clock, metrics
        self._report, self._moment = report, moment
        self._kept: dict[str, datetime] = {}
        self.last_heard: dict[str, datetime] = {}
        self.last_conflict: dict[str, datetime] = {}

    async def recall(self) -> None:
        """What the process before us knew. Before the first poll."""
        async with self._database.read() as db:
            self._kept = await intake.find_heard(db)
        self.last_heard = {**self._kept, **self.last_heard}

    async def keep(self) -> None:
        """Write it down; once a minute is often enough, and nothing is written when nothing was heard."""
        news = {name: at for name, at in self.last_heard.items() if self._kept.get(name) != at}
        if not news:
            return
        async with self._database.write() as db:
            for channel, at in news.items():
                await intake.record_heard(db, channel, at=at)
        self._kept |= news

    def note(self, channel: str, what: str, number: int = 1) -> None:
        """Something a channel met, counted by name; ``answered`` is hearing."""
        now = self._clock.now()
        self._metrics.network(channel, what, number)
        if what == "conflict":
            self.last_conflict[channel] = now
        if what == "answered":
            self._metrics.heard(channel, now=now)
            if before := self.last_heard.get(channel):
                self._weigh(channel, before, now)
            self.last_heard[channel] = now

    def _weigh(self, channel: str, before: datetime, now: datetime) -> None:
        lasts = MESSAGES.get(channel)
        if lasts and now - before > lasts:
            self._metrics.network(channel, "gap")
            since, until, kept = self._moment(before), self._moment(now), self._moment(now - lasts)
            told = ABSENT.format(network=NAMES.get(channel, channel), since=since, until=until, kept=kept)
            self._report(f"gap:{channel}", told)
        elif now - before > PRESSES:
            self._metrics.network(channel, "silence")

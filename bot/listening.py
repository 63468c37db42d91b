"""Keeps channels listening: one that dies is started again, later each time; what was taken is served to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.alarms import Alarms
from bot.channels import Channel, Receive
from bot.clock import Clock
from bot.metrics import Metrics
from handlers.inbound import Inbound

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a channel that died is started again
LONG_LIFE = 300.0  # seconds after which a death is a new story
OFTEN = 3  # batches in a row not taken before somebody is told
LAST_WORDS = 2.0  # seconds for events being served when we stop
GATHERING = 0.03  # seconds that a next batch may grow under load, while answers are on their way to those who wait:
# half of what a small batch costs is the batch itself
FEW, PLENTY = 8, 60  # events: so few are no load, and so many are a batch worth its price

log = logging.getLogger("leadbot.listening")


async def _nobody_tells(_channel: str) -> None:
    await asyncio.Event().wait()


class Listening:
    """``receive`` is the app's; a batch once begun is never cancelled half-way (R16). ``answered`` returns when nobody
    of a channel waits for an answer any more (``Delivery.answered``)."""

    def __init__(
        self,
        receive: Receive,
        clock: Clock,
        alarms: Alarms,
        metrics: Metrics,
        *,
        gathering: float = GATHERING,
        answered: Callable[[str], Awaitable[None]] = _nobody_tells,
    ) -> None:
        self._receive, self._clock, self._alarms, self._metrics = receive, clock, alarms, metrics
        self._gathering, self._answered = gathering, answered
        self._listeners: dict[str, asyncio.Task[None]] = {}
        self._batches: set[asyncio.Task[None]] = set()
        self.down: set[str] = set()  # channels waiting to be started again
        self.refused: dict[str, int] = {}  # by channel: batches in a row that the database did not take
        self.last_event: dict[str, datetime] = {}

    def start(self, channel: Channel, *, first_pause: float = FIRST_PAUSE) -> None:
        listener = asyncio.create_task(self._keep(channel, first_pause), name=f"listening to {channel.name}")
        self._listeners[channel.name] = listener

    async def stop(self) -> None:
        for listener in self._listeners.values():
            listener.cancel()
        if self._listeners:
            await asyncio.wait(self._listeners.values(), timeout=LAST_WORDS)
        if self._batches:
            await asyncio.wait(self._batches, timeout=LAST_WORDS)

    async def receive(self, batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        """What channels are given instead of the app's own."""
        serving = asyncio.create_task(self._receive(batch, cursor=cursor))
        self._batches.add(serving)
        serving.add_done_callback(self._served)
        try:
            await asyncio.shield(serving)
        except Exception as failed:
            self._refuse(batch, failed)
            raise
        for channel in {one.channel for one in batch}:
            self.refused.pop(channel, None)
            self.last_event[channel] = self._clock.now()
            number = sum(one.channel == channel for one in batch)
            self._metrics.events(channel, "served", number, now=self._clock.now())
        if FEW <= len(batch) < PLENTY:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._gathering):
                    await self._answered(batch[0].channel)

    def _refuse(self, batch: Sequence[Inbound], failed: Exception) -> None:
        """The database takes no events: they wait in the network. The alarm's words are in the log and the counter at
        once, in /health as long as it lasts, and in the outbox when there is room again (R4)."""
        for channel in {one.channel for one in batch}:
            self.refused[channel] = self.refused.get(channel, 0) + 1
            if self.refused[channel] == OFTEN:
                self._alarms.raise_(
                    f"intake:{channel}",
                    f"{channel}: база данных не принимает события ({type(failed).__name__}), они ждут в сети. "
                    "Проверьте место на диске и права на файл.",
                )

    def _served(self, serving: asyncio.Task[None]) -> None:
        self._batches.discard(serving)
        if not serving.cancelled() and serving.exception() is not None:
            log.debug("a batch was not served: %s", type(serving.exception()).__name__)  # its channel offers it again

    async def _keep(self, channel: Channel, pause: float) -> None:
        loop = asyncio.get_running_loop()
        growing = pause
        while True:
            began = loop.time()
            try:
                self.down.discard(channel.name)
                await channel.listen(self.receive)
                why = "ended by itself"
            except Exception as failed:
                log.exception("channel %s stopped listening", channel.name)
                why = type(failed).__name__
            if loop.time() - began > LONG_LIFE:
                growing = pause
            self.down.add(channel.name)
            self._metrics.failed("listening")
            self._alarms.raise_(
                f"listening:{channel.name}", f"{channel.name}: приём прервался ({why}), начинаем снова."
            )
            await asyncio.sleep(growing)
            growing = min(growing * 2, LONGEST_PAUSE)

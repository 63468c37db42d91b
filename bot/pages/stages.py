"""The workshop's stages: one for each open page, few at a time, none for long without use."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from bot.clock import Clock
from bot.stage import Stage
from dialogs.flow_set import FlowSet

MOST = 12
IDLE = timedelta(minutes=40)


StageFactory = Callable[..., Awaitable[Any]]
"""``Stage.open(flow_set, flow=…, channel=…, start=…)``"""


class Stages:
    """Opens and closes them. Above ``most`` the one longest unused goes: its page says so at the next act."""

    def __init__(self, factory: StageFactory, clock: Clock, *, most: int = MOST, idle: timedelta = IDLE) -> None:
        self._factory, self._clock, self._most, self._idle = factory, clock, most, idle
        self._open: OrderedDict[str, tuple[Stage, float]] = OrderedDict()
        self._opening = asyncio.Lock()

    async def open(
        self, page: str, flow_set: FlowSet, *, flow: str, channel: str, start: datetime | None = None
    ) -> Stage:
        """A new stage for this page instead of the one it had. It is now there, or ``start``."""
        async with self._opening:
            await self.close(page)
            await self.close_idle()
            while len(self._open) >= self._most:
                await self.close(next(iter(self._open)))
            began = start or self._clock.now()
            stage: Stage = await self._factory(flow_set, flow=flow, channel=channel, start=began)
            self._open[page] = (stage, time.monotonic())
            return stage

    def find(self, page: str) -> Stage | None:
        """The page's stage, marked as used just now; None: it was closed meanwhile."""
        if page not in self._open:
            return None
        stage = self._open[page][0]
        self._open[page] = (stage, time.monotonic())
        self._open.move_to_end(page)
        return stage

    async def close(self, page: str) -> None:
        if found := self._open.pop(page, None):
            await found[0].close()

    async def close_idle(self) -> None:
        before = time.monotonic() - self._idle.total_seconds()
        for page in [page for page, (_, used) in self._open.items() if used < before]:
            await self.close(page)

    async def close_all(self) -> None:
        for page in list(self._open):
            await self.close(page)

"""The pulse: APScheduler calls, the tables say what is due (DESIGN §3.5). Nothing is kept in the scheduler."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.alarms import Alarms
from bot.clock import Clock, steady
from bot.metrics import Metrics

JUMP = 60.0  # seconds by which the wall clock may run away from the monotonic one
HOLD = 300.0  # seconds nothing falls due after a jump (T3)
LATE = 30.0  # seconds without a beat that are a trouble

log = logging.getLogger("leadbot.heart")


class Heart:
    """Beats every second. A failing beat is told once in a while and does not stop the next."""

    def __init__(
        self,
        pulse: Callable[[], Awaitable[None]],
        clock: Clock,
        alarms: Alarms,
        *,
        metrics: Metrics | None = None,
        monotonic: Callable[[], float] = steady,
    ) -> None:
        self._pulse, self._clock, self._alarms, self._monotonic = pulse, clock, alarms, monotonic
        self._metrics = metrics or Metrics()
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._seen = (clock.now(), monotonic())
        self._held_until = 0.0
        self._beaten_at = monotonic()
        self._failures = 0

    def start(self) -> None:
        self.every(1.0, self.beat)
        self._scheduler.start()

    def every(self, seconds: float, act: Callable[[], Awaitable[None]]) -> None:
        """``act`` in intervals, never twice at once; late ones are not made up for."""
        more = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(act, "interval", seconds=seconds, next_run_time=datetime.now(UTC), **more)

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def trouble(self) -> str | None:
        """Why nothing falls due just now; None when all is well."""
        if self._monotonic() - self._beaten_at > LATE:
            return "the pulse is late"
        return "the pulse fails" if self._failures > 2 else None

    async def beat(self) -> None:
        self._mind_the_clock()
        if self._monotonic() < self._held_until:
            self._beaten_at = self._monotonic()
            return
        try:
            await self._pulse()
            self._failures = 0
        except Exception as failed:  # the database, most likely: what is due stays due
            self._failures += 1
            self._metrics.failed("pulse")
            if self._failures in (1, 10) or self._failures % 300 == 0:
                log.exception("the pulse failed, %d in a row", self._failures)
            if self._failures == 10:
                self._alarms.raise_("pulse", f"Напоминания и сроки не обрабатываются ({type(failed).__name__}).")
        self._beaten_at = self._monotonic()

    def _mind_the_clock(self) -> None:
        """A clock that was set by hand would send everything due in between at once: wait and tell."""
        wall, steady = self._clock.now(), self._monotonic()
        passed = timedelta(seconds=steady - self._seen[1])
        jump = abs((wall - self._seen[0] - passed).total_seconds())
        self._seen = (wall, steady)
        if jump > JUMP:
            self._held_until = steady + HOLD
            self._alarms.raise_("clock", f"Часы сервера перескочили на {int(jump)} с: напоминания ждут пять минут.")

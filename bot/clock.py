"""The one place that reads the time. Everything below is given ``now``; spans are measured by ``steady``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC-aware."""


def steady() -> float:
    """Seconds that are never set back, for spans: the running loop's own (a simulation's loop has simulated ones)."""
    return asyncio.get_running_loop().time()


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class HandClock:
    """Stands still until it is moved: the workshop's, the stories' and the tests'."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs a moment with a zone")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def forward(self, span: timedelta) -> None:
        self._now += span

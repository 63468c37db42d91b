"""Rounds of delivery, as both kinds of workers make them: how long one waits for the next, what void rows count as, how
they end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.acts import Ending
from bot.alarms import Alarm
from bot.flights import Flight
from bot.metrics import Metrics
from storage import claims
from storage.crash import crash

IDLE = 300.0  # seconds until the queue is looked at without being woken
LAST_WORDS = 4.0  # seconds for what is on the wire when we stop


@dataclass(slots=True)
class Round:
    """What one transaction writes of a network, and what it ``found`` to be sent next; None: it was not asked.
    ``pause``: until when nothing goes out. ``closed``: chats that were left alone."""

    now: datetime
    ended: list[Flight]
    endings: list[Ending]
    alarms: list[Alarm]
    pause: datetime | None
    room: int = 0
    closed: Collection[str] = ()
    found: claims.Round | None = None

    @property
    def is_held_up(self) -> bool:
        """It was told that nothing may go out."""
        return self.pause is not None or any(one.halted for one in self.endings)

    def passes(self, when: str) -> None:
        """The moments at which a death is tried."""
        if self.ended:
            crash(f"{when} sent commit")
        if self.found and self.found.claims:
            crash(f"{when} sending commit")


def pause_after(failures: int) -> float:
    """Seconds until a database that failed so many times in a row is asked again."""
    return min(0.1 * 2.0 ** min(failures, 6), 5.0)


def until(due_at: datetime | None, now: datetime, *, most: float = IDLE) -> float:
    """Seconds until the next row falls due or something opens, which is in ``most`` seconds; never quite none."""
    until_due = (due_at - now).total_seconds() if due_at else IDLE
    return max(0.01, min(until_due, most))


async def happens(event: asyncio.Event, *, within: float) -> None:
    """Wait for it, so many seconds at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()


def count_void(metrics: Metrics, channel: str, cancelled: Mapping[str, int]) -> None:
    """Rows that were found void when they were claimed: reason -> how many."""
    for reason, number in cancelled.items():
        metrics.outcome(channel, "superseded" if reason == "superseded" else "void", number)


async def until_cancelled(loop: Coroutine[None, None, None], stop: Callable[[], None]) -> None:
    """Run the loop; when we are cancelled, ``stop`` tells it to end by itself, between two transactions (R16)."""
    running = asyncio.create_task(loop)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait({running}, timeout=LAST_WORDS + 1)
        running.cancel()
        raise

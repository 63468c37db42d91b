"""Rounds of delivery, as both kinds of workers make them: how long one waits for the next, what void rows count as, how
they end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime

from bot.metrics import Metrics

IDLE = 300.0  # seconds until the queue is looked at without being woken
LAST_WORDS = 4.0  # seconds for what is on the wire when we stop


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

"""What the two kinds of delivery share: how a round is waited for, and how rounds end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

IDLE = 300.0  # seconds until the queue is looked at without being woken
LAST_WORDS = 4.0  # seconds for what is on the wire when we stop


def pause_after(failures: int) -> float:
    """Seconds until a database that failed so many times in a row is asked again."""
    return min(0.1 * 2.0 ** min(failures, 6), 5.0)


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

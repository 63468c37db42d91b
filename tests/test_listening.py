"""What channels hand over: how a crowd's batches grow, and that nobody waits for a crowd that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bot.alarms import Alarms
from bot.listening import Listening
from bot.metrics import Metrics
from handlers.inbound import Elsewhere, Inbound

from .conftest import NOON

AN_HOUR = 3600.0


@pytest.mark.parametrize(
    ("events", "waits"), [(1, False), (7, False), (8, True), (59, True), (60, False), (100, False)]
)
async def test_under_load_the_next_batch_may_grow(sqlite: Any, clock: Any, events: int, waits: bool) -> None:
    """A channel that brought some asks again a moment later; one that brought few or plenty asks at once."""
    served: list[Inbound] = []

    async def receive(batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        served.extend(batch)

    metrics = Metrics()
    listening = Listening(receive, clock, Alarms(sqlite, clock, metrics=metrics), metrics, gathering=AN_HOUR)
    batch = [
        Inbound(channel="vk", event_id=f"{number}", sender="1", chat="1", at=NOON, heard=Elsewhere("x"))
        for number in range(events)
    ]
    receiving = asyncio.create_task(listening.receive(batch))
    if waits:
        await asyncio.sleep(0.01)
        assert not receiving.done()
        receiving.cancel()
    else:
        await receiving
    assert len(served) == events
    assert metrics.value("leadbot_events_total", channel="vk", what="served") == events


async def test_a_batch_grows_no_longer_than_somebody_waits_for_an_answer(sqlite: Any, clock: Any) -> None:
    waiting: asyncio.Queue[str] = asyncio.Queue()
    done = asyncio.Event()

    async def answered(channel: str) -> None:
        waiting.put_nowait(channel)
        await done.wait()

    async def receive(batch: Sequence[Inbound], *, cursor: str | None = None) -> None: ...

    metrics = Metrics()
    listening = Listening(
        receive, clock, Alarms(sqlite, clock, metrics=metrics), metrics, gathering=AN_HOUR, answered=answered
    )
    batch = [
        Inbound(channel="vk", event_id=f"{number}", sender="1", chat="1", at=NOON, heard=Elsewhere("x"))
        for number in range(30)
    ]
    receiving = asyncio.create_task(listening.receive(batch))
    assert await waiting.get() == "vk"
    await asyncio.sleep(0.01)
    assert not receiving.done()
    done.set()
    await receiving

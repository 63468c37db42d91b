"""Alarms and metrics: said once, to somebody who can be reached, in numbers."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bot.alarms import Alarms
from bot.clock import HandClock
from bot.metrics import Metrics
from storage.database import Database
from storage.outbox import promise_row
from storage.tables import Outbox

from .conftest import NOON

OLGA, IVAN, DESK = ("telegram", "1"), ("vk", "2"), ("web", "desk")


async def said(database: Database) -> list[tuple[str, str, str]]:
    async with database.read() as db:
        rows = (await db.scalars(select(Outbox).order_by(Outbox.id))).all()
        return [(row.channel, row.to, row.body["text"]) for row in rows if row.role == "alarm"]


async def test_O6_a_hundred_alarms_are_one_and_a_count(
    sqlite: Database, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    alarms = Alarms(sqlite, clock, admins=[OLGA], metrics=(metrics := Metrics()))
    for number in range(100):
        alarms.raise_("parked", f"событие {number}")
        alarms.raise_("halted:vk", "отправка остановлена")
    await alarms.flush()
    await alarms.flush()
    assert await said(sqlite) == [(*OLGA, "событие 0"), (*OLGA, "отправка остановлена")]
    assert len([one for one in caplog.records if one.levelno == logging.ERROR]) == 2
    clock.forward(timedelta(minutes=10))
    await alarms.flush()
    texts = [text for _, _, text in await said(sqlite)][2:]
    assert texts == ["событие 99\n(За 10 минут ещё 99 раз.)", "отправка остановлена\n(За 10 минут ещё 99 раз.)"]
    assert metrics.value("leadbot_alarms_total", kind="parked") == 100
    clock.forward(timedelta(minutes=10))
    await alarms.flush()
    assert len(await said(sqlite)) == 4


@pytest.mark.parametrize(
    ("admins", "broken", "told"),
    [
        ([OLGA, IVAN], [], [OLGA, IVAN]),
        ([OLGA, IVAN], ["telegram"], [IVAN]),
        ([OLGA], ["telegram"], [DESK]),
        ([], [], [DESK]),
        ([OLGA], ["telegram", "web"], [OLGA]),
    ],
)
async def test_N11_alarms_go_by_a_way_that_works(
    sqlite: Database, clock: HandClock, admins: list[tuple[str, str]], broken: list[str], told: list[tuple[str, str]]
) -> None:
    alarms = Alarms(sqlite, clock, admins=admins, desks=[DESK])
    alarms.broken = lambda: broken
    alarms.raise_("halted:telegram", "отправка остановлена")
    await alarms.flush()
    assert [(channel, to) for channel, to, _ in await said(sqlite)] == told


async def test_an_alarm_may_be_raised_inside_a_transaction_and_is_written_by_itself(
    sqlite: Database, clock: HandClock
) -> None:
    alarms = Alarms(sqlite, clock, admins=[OLGA])
    woken = asyncio.Event()
    alarms.wake = woken.set
    running = asyncio.create_task(alarms.run())
    async with sqlite.write():
        alarms.raise_("parked", "событие")
    await asyncio.wait_for(woken.wait(), 5)
    running.cancel()
    assert await said(sqlite) == [(*OLGA, "событие")]


async def test_G12_gauges_show_what_waits_and_what_nobody_knows(database: Database) -> None:
    metrics = Metrics()
    async with database.write() as db:
        for minutes, status in ((5, "due"), (3, "due"), (9, "unknown"), (9, "sent")):
            moment = NOON - timedelta(minutes=minutes)
            row = await promise_row(db, now=moment, channel="vk", to=status, role="reply", text="Анна")
            await db.flush()
            (await db.get_one(Outbox, row.id)).status = status
    metrics.happened({"applications": 2})
    metrics.events("vk", "served", 3, now=NOON)
    await metrics.look(database, now=NOON)
    shown = metrics.render().decode()
    for line in (
        'leadbot_outbox_waiting{channel="vk"} 2.0',
        'leadbot_outbox_oldest_due_seconds{channel="vk"} 300.0',
        'leadbot_outbox_unknown{channel="vk"} 1.0',
        'leadbot_happened_total{what="applications"} 2.0',
        'leadbot_events_total{channel="vk",what="served"} 3.0',
    ):
        assert line in shown
    assert "Анна" not in shown


async def test_I14_an_alarm_raised_while_another_is_committed_is_said_too(sqlite: Database, clock: HandClock) -> None:
    alarms = Alarms(sqlite, clock, admins=[OLGA])

    def raised(_: object) -> None:
        asyncio.get_running_loop().call_soon(alarms.raise_, "gap:telegram", "окно")

    event.listen(sqlite.engine.sync_engine, "commit", raised)
    alarms.raise_("first", "первая")
    await alarms.flush()
    event.remove(sqlite.engine.sync_engine, "commit", raised)
    await alarms.flush()
    assert await said(sqlite) == [(*OLGA, "первая"), (*OLGA, "окно")]


async def test_I14_alarms_of_a_commit_that_failed_are_said_by_the_next(sqlite: Database, clock: HandClock) -> None:
    alarms = Alarms(sqlite, clock, admins=[OLGA])

    def fails(_: object) -> None:
        raise OSError("disk I/O error")

    event.listen(sqlite.engine.sync_engine, "commit", fails)
    alarms.raise_("first", "первая")
    with pytest.raises(OSError, match="disk"):
        await alarms.flush()
    event.remove(sqlite.engine.sync_engine, "commit", fails)
    await alarms.flush()
    assert await said(sqlite) == [(*OLGA, "первая")]

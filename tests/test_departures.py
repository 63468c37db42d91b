"""What had begun to be sent when the process ended: only that is of unknown outcome (N3, M13)."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from bot.clock import HandClock
from bot.departures import Departures
from storage import outcomes
from storage.claims import claim
from storage.database import Database
from storage.outbox import promise
from storage.tables import Outbox


async def owed(database: Database, clock: HandClock, number: int = 2) -> list[int]:
    """Rows that a process claimed."""
    async with database.write() as db:
        for chat in range(number):
            promise(db, now=clock.now(), channel="telegram", to=str(chat), role="reply", text="Как вас зовут?")
    async with database.write() as db:
        return [one.row.id for one in (await claim(db, "telegram", now=clock.now(), limit=9)).claims]


async def after_death(database: Database, clock: HandClock, path: Path) -> dict[int, tuple[str, int]]:
    """The next process recovers: row -> (status, attempt)."""
    async with database.write() as db:
        list_of_it = Departures(path)
        await outcomes.recover(db, harmless=(), never_left=list_of_it.never_left, now=clock.now())
        list_of_it.close()
    async with database.read() as db:
        rows = [await db.get_one(Outbox, number) for number in (1, 2)]
        return {row.id: (row.status, row.attempt) for row in rows}


async def test_N3_what_had_not_begun_to_leave_is_sent_and_is_no_repeat(database, clock, tmp_path):
    first, second = await owed(database, clock)
    before = Departures(tmp_path / "leaving")
    before.begin()
    before.leaves(first)
    before.close()  # as a kill does
    assert await after_death(database, clock, tmp_path / "leaving") == {first: ("due", 1), second: ("due", 0)}


@pytest.mark.parametrize("trouble", ["no list", "another boot", "a torn list"])
async def test_N3_without_a_list_of_this_boot_anything_may_have_left(sqlite, clock, tmp_path, trouble):
    path = tmp_path / "leaving"
    await owed(sqlite, clock)
    if trouble == "another boot":
        path.write_text("1f0c-other\n")
    if trouble == "a torn list":
        path.write_text("")
    assert await after_death(sqlite, clock, path) == {1: ("due", 1), 2: ("due", 1)}


async def test_R3_a_list_that_cannot_be_written_is_no_list(sqlite, clock, tmp_path):
    await owed(sqlite, clock)
    path = tmp_path / "leaving"
    departures = Departures(path)
    departures.begin()
    departures.leaves(1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))  # as a full disk does
    try:
        departures.leaves(2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert await after_death(sqlite, clock, path) == {1: ("due", 1), 2: ("due", 1)}


def test_a_long_life_keeps_a_short_list_and_nothing_that_is_away_is_forgotten(tmp_path):
    path = tmp_path / "leaving"
    departures = Departures(path)
    departures.begin()
    departures.leaves(7)
    for number in range(100, 60_000):
        departures.leaves(number)
        departures.settled(number)
    departures.leaves(8)
    departures.close()
    after = Departures(path)
    assert path.stat().st_size < 300_000
    assert not after.never_left(7) and not after.never_left(8) and after.never_left(9)
    after.close()

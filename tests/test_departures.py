"""What had begun to be sent when the process ended: only that is of unknown outcome (N3, M13)."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import Outcome, Outgoing, Sent
from bot.clock import HandClock, SystemClock
from bot.departures import Departures
from storage import outcomes
from storage.claims import claim
from storage.database import Database
from storage.outbox import promise, promise_row
from storage.tables import Outbox
from tests.test_delivery import Bench, Wire


async def owed(database: Database, clock: HandClock, number: int = 2) -> list[Outbox]:
    """Rows that a process claimed."""
    async with database.write() as db:
        for chat in range(number):
            promise(db, now=clock.now(), channel="telegram", to=str(chat), role="reply", text="Как вас зовут?")
    async with database.write() as db:
        return [one.row for one in (await claim(db, "telegram", now=clock.now(), limit=9)).claims]


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
    before.leaves(first.id, 1)
    before.close()  # as a kill does
    assert await after_death(database, clock, tmp_path / "leaving") == {first.id: ("due", 1), second.id: ("due", 0)}


async def test_N3_a_former_try_that_left_says_nothing_of_this_one(sqlite, clock, tmp_path):
    """It was told to come later, was claimed again, and the process was killed before it left again."""
    first, _ = await owed(sqlite, clock)
    before = Departures(tmp_path / "leaving")
    before.begin()
    before.leaves(first.id, 1)
    async with sqlite.write() as db:
        await outcomes.unknown(db, first, harmless=False, now=clock.now())
    before.settled(first)
    clock.forward(timedelta(hours=1))
    async with sqlite.write() as db:
        (again,) = (await claim(db, "telegram", now=clock.now(), limit=1)).claims
    assert (again.row.id, again.row.attempt) == (first.id, 2)
    before.close()
    assert (await after_death(sqlite, clock, tmp_path / "leaving"))[first.id] == ("due", 1)


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
    departures.leaves(1, 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))  # as a full disk does
    try:
        departures.leaves(2, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert await after_death(sqlite, clock, path) == {1: ("due", 1), 2: ("due", 1)}


def test_what_leaves_together_is_on_the_list_before_any_request_begins(tmp_path):
    path = tmp_path / "leaving"
    departures = Departures(path)
    departures.begin()
    with pytest.raises(ZeroDivisionError), departures.together():
        departures.leaves(1, 1)
        departures.leaves(2, 3)
        _ = 1 / 0  # the third one's channel breaks: the others leave all the same
    departures.leaves(4, 1)
    departures.close()
    assert path.read_text().split()[1:] == ["1:1", "2:3", "4:1"]


class Reading(Wire):
    """Posts as VK does, and looks at the list as each request begins."""

    keeps_order = True

    def __init__(self, path: Path) -> None:
        super().__init__("vk")
        self.path, self.begun, self.unlisted = path, Counter[str](), list[str]()

    def post(self, message: Outgoing) -> asyncio.Future[Outcome]:
        answer = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(self._begins, message, answer)
        return answer

    def _begins(self, message: Outgoing, answer: asyncio.Future[Outcome]) -> None:
        self.begun[message.text] += 1
        if f"{message.id}:{message.attempt}" not in self.path.read_text().split():
            self.unlisted.append(f"{message.text}, try {message.attempt}")
        answer.set_result(Sent(f"m{message.id}"))


async def test_M13_a_network_is_asked_nothing_that_is_not_on_the_list(database: Database, tmp_path: Path) -> None:
    """People and a desk's line, claimed along and by rounds of our own."""
    departures = Departures(tmp_path / "leaving")
    bench = Bench(database, clock := SystemClock(), wire := Reading(tmp_path / "leaving"), departures=departures)  # type: ignore[arg-type]
    delivering = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.1)
    for batch in range(3):
        ride = bench.delivery.ride()
        async with database.write(last=ride.end) as db:
            await ride.begin(db)
            for one in range(8):
                person, desk = {"to": f"{one}", "identity_id": one + 1}, {"to": "2000000001", "role": "card"}
                for what in (person, desk):
                    known = {
                        "now": clock.now(),
                        "channel": "vk",
                        "role": "reply",
                        "text": f"{batch} {one} {what['to']}",
                    }
                    await promise_row(db, **known | what)
        bench.delivery.wake(ride.arrive())
    async with asyncio.timeout(20):
        while set(await bench.statuses()) != {"sent"}:
            await asyncio.sleep(0.05)
    assert not wire.unlisted and len(wire.begun) == 48 and set(wire.begun.values()) == {1}
    delivering.cancel()
    await asyncio.wait({delivering})


def test_a_long_life_keeps_a_short_list_and_nothing_that_is_away_is_forgotten(tmp_path):
    def row(number: int) -> Outbox:
        return Outbox(id=number, attempt=1)

    path = tmp_path / "leaving"
    departures = Departures(path)
    departures.begin()
    departures.leaves(7, 1)
    for number in range(100, 60_000):
        departures.leaves(number, 1)
        departures.settled(row(number))
    departures.leaves(8, 1)
    departures.close()
    after = Departures(path)
    assert path.stat().st_size < 300_000
    assert not after.never_left(row(7)) and not after.never_left(row(8)) and after.never_left(row(9))
    after.close()

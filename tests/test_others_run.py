"""Many served in one transaction are no reason for everybody else to stand still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.clock import HandClock
from handlers.inbound import Inbound, Text
from storage.database import Database
from tests.person_play import Play

MANY = 12


class Others:
    """Counts how often they had a turn."""

    turns = 0

    @asynccontextmanager
    async def about(self) -> AsyncIterator[None]:
        self.turns = 0
        busy = asyncio.create_task(self._take_turns())
        try:
            yield
        finally:
            busy.cancel()

    async def _take_turns(self) -> None:
        while True:
            self.turns += 1
            await asyncio.sleep(0)


async def crowd(sqlite_url: str, clock: HandClock) -> Play:
    """People in a dialog with a bot whose database never makes anybody wait, so that nobody runs by chance."""
    play = await Play.begin(Database(sqlite_url, alone=True), clock)
    for number in range(MANY):
        person = play.person("Анна", str(5000 + number))
        await person.opens()
        await person.agrees()
    return play


async def test_others_run_between_people_who_are_answered_together(sqlite_url: str, clock: HandClock) -> None:
    play, others = await crowd(sqlite_url, clock), Others()
    said = [
        Inbound(channel="telegram", event_id=f"at-once-{number}", sender=str(5000 + number), chat=str(5000 + number),
                at=clock.now(), heard=Text("седан"))
        for number in range(MANY)
    ]  # fmt: skip
    async with others.about():
        await play.app.receive(said)
    assert others.turns >= MANY
    await play.database.close()


async def test_others_run_between_silences_that_are_over_at_once(sqlite_url: str, clock: HandClock) -> None:
    play, others = await crowd(sqlite_url, clock), Others()
    clock.forward(timedelta(days=1))
    async with others.about():
        await play.app.pulse()
    assert others.turns >= MANY
    await play.database.close()

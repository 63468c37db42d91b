"""Several events in one batch: what the first planned and the second makes void is never written, and strangers among
those who are known have nothing written before the rest."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event, select

from bot.clock import HandClock
from handlers.inbound import Inbound, Start, Text
from storage.database import Database
from storage.tables import FollowUp

from .person_play import Play, Someone


async def said(play: Play, one: Someone, *words: str) -> None:
    """In one batch, ten seconds apart: not in one breath."""
    await all_said(play, *((one, what) for what in words))


async def all_said(play: Play, *words: tuple[Someone, str]) -> None:
    """The same of several people."""
    batch = []
    for one, what in words:
        play.clock.forward(timedelta(seconds=10))
        heard = Start("test_drive") if what == "/start" else Text(what)
        batch.append(
            Inbound(
                channel="telegram", event_id=f"b{next(play._events)}", sender=one.id, chat=one.id,
                at=play.clock.now(), heard=heard, first_name=one.name, full_name=one.name,
            )
        )  # fmt: skip
    await play.app.receive(batch)


async def planned(database: Database) -> list[tuple[str, str | None]]:
    async with database.read() as db:
        rows = await db.scalars(select(FollowUp).order_by(FollowUp.id))
        return [(row.status, row.reason) for row in rows]


async def test_a_silence_that_never_was_leaves_no_row(database: Database, clock: HandClock) -> None:
    """Also when her lead begins on the way, and is asked for."""
    play = await Play.begin(database, clock)
    anna = play.person("Анна", "50177")
    await said(play, anna, "/start", "записаться", "согласен", "кроссовер", "на этой неделе", "12")
    assert await planned(database) == [("planned", None)]
    await said(play, anna, "нет", "Анна", "89051112233")
    assert await planned(database) == [("cancelled", "answered"), ("planned", None)]


async def test_whoever_is_new_has_nothing_written_before_the_rest(sqlite: Database, clock: HandClock) -> None:
    """Anna is known; Boris and Vera are named in the ledger before her answer waits to be written. (PostgreSQL is asked
    for the numbers of their rows all the same.)"""
    play = await Play.begin(sqlite, clock)
    anna, boris, vera = play.person("Анна", "50177"), play.person("Борис", "50178"), play.person("Вера", "50179")
    await said(play, anna, "/start")
    written: list[str] = []
    event.listen(sqlite.engine.sync_engine, "before_cursor_execute", lambda *told: written.append(told[2]))
    await all_said(play, (anna, "записаться"), (boris, "/start"), (anna, "согласен"), (vera, "/start"))
    assert len([one for one in written if one.startswith("INSERT INTO outbox")]) == 1

"""A database of years: whatever runs often finds its rows on an index (issue 4). How a plan is judged: ``plans.py``."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.aged import fill_postgresql
from bot.exports import export_leads
from bot.metrics import Metrics
from bot.proof import proof
from handlers.inbound import Inbound, PhoneCard, Press, Start, Text
from storage.card_rows import live_rows
from storage.claims import claim
from storage.database import Database
from storage.intake import parked_by_channel
from storage.outbox import cancel_unsolicited, promise
from storage.tables import Identity, Outbox, WebMessage
from storage.web import unserved

from .conftest import NOON
from .house import House
from .person_play import DESK, OLGA, Play, Someone
from .plans import heard, read_through
from .test_reminders import applies as goes_on_a_tour
from .test_reminders import sound as tours_with_dates

VISITORS = """
    INSERT INTO web_message (peer, event_id, author, text, buttons, at)
    SELECT 'visitor-' || n % 900, 'written-' || n, 'prospect', 'Здравствуйте', '[]',
           CAST(:now AS timestamptz) - n * interval '1 hour'
    FROM generate_series(1, 9000) AS n
"""


@pytest.fixture
async def lived_in(database: Database, database_url: str, clock) -> Database:
    """PostgreSQL plans by what it counted: some years of leads. SQLite has counted nothing and plans by rule."""
    if not database.is_sqlite:
        await fill_postgresql(database_url, leads=3000, now=clock.now())
        async with database.engine.begin() as connection:
            await connection.execute(text(VISITORS), {"now": clock.now()})
            await connection.execute(text("ANALYZE"))
    return database


async def press(play: Play, label: str, channel: str = "telegram") -> None:
    """Olga presses a button of the newest message that has it."""
    shown = next(one for one in reversed(play.desk(channel)) if label in str(one.buttons))
    key = next(button.key for row in shown.buttons for button in row if label in button.label)
    await play.hears(channel, Press(key, "q", shown.id), OLGA, chat=DESK, name="Ольга")


async def apply_together(play: Play, *people: Someone) -> None:
    """All that they say comes in batches, as when many write at once."""
    words = "записаться", "согласен", "кроссовер", "на этой неделе", "12", "нет", "Глеб"
    for said in (Start("test_drive"), *map(Text, words), PhoneCard("+79051112255", True)):
        await play.app.receive([
            Inbound(
                channel=one.channel, event_id=f"{one.id}-{next(play._events)}", sender=one.id, chat=one.id,
                at=play.clock.now(), heard=said, first_name=one.name, full_name=one.name,
            )
            for one in people
        ])  # fmt: skip
        await play.app.delivery.drain()
    assert all("Согласие на рекламные" in one.last.text for one in people), "which is asked for after the application"


async def test_the_whole_main_job_finds_its_rows_on_indexes(lived_in, clock):
    play = await Play.begin(lived_in, clock)
    anna, boris, vera = play.person("Анна", "50177"), play.person("Борис", "50288"), play.person("Вера", "90111", "vk")
    olga = play.person("Ольга", OLGA)
    with heard() as said:
        await anna.opens()
        await play.forward(timedelta(minutes=30))  # silent before the consent
        await anna.applies()
        await vera.agrees()
        await play.forward(timedelta(minutes=25))  # Vera is silent: a rule falls due
        assert "Продолжим" in vera.last.text
        await vera.says("стоп")
        await press(play, "Беру")
        card = play.desk()[0]
        await play.hears("telegram", Text("Анна, ждём вас в субботу", card.id), OLGA, chat=DESK, name="Ольга")
        assert "в субботу" in anna.last.text
        await anna.says("менеджер")
        await play.forward(timedelta(hours=5))  # nobody came: the bot has the word again
        await press(play, "Сделка")
        await press(play, "Отменить")
        await boris.applies("+79051112244", called="Борис")
        await apply_together(
            play, *(play.person(name, number) for name, number in (("Глеб", "50311"), ("Дина", "50322")))
        )
        await olga.says("/today")
        assert "vk_ads" in olga.last.text
        await Metrics().look(lived_in, now=clock.now())
        await proof(lived_in, "telegram:50177")
        await boris.says("мои данные")
        await boris.says("удалите мои данные")
        await boris.taps("Да, удалить всё")
    again = await Play.begin(lived_in, clock)
    with heard(said):
        await again.app.start()  # after an unclean end
        await again.forward(timedelta(hours=2))  # recover, pulse, prune
    assert len(said.statements) > 120
    assert "\n".join(await read_through(lived_in, said)) == ""


async def test_reminders_of_dates_find_their_rows_on_indexes(lived_in, clock):
    play = await Play.begin(lived_in, clock, tours_with_dates())
    anna = play.person("Анна", "50177")
    with heard() as said:
        await goes_on_a_tour(anna, "28 ноября")
        await play.forward(timedelta(days=9))
        await anna.taps("Продолжить")
        await anna.taps("Снова к морю")  # planned anew
        await anna.says("стоп")
    assert "\n".join(await read_through(lived_in, said)) == ""


async def test_the_pages_find_their_rows_on_indexes(lived_in, database_url, clock):
    async with House.open("web", database_url, clock) as house:
        anna, desk = house.person("Анна"), house.desk
        with heard() as said:
            await anna.opens("test_drive__vk_ads__spring")
            await anna.sees("Здравствуйте")
            await anna.taps("Записаться")
            await anna.sees("Согласие на обработку")
            await anna.taps("Согласен")
            await anna.sees("Какой автомобиль")
            await anna.says("менеджер")
            call = await desk.sees("человек")
            await desk.replies_as(house.olga, call, "Здравствуйте, Анна!")
            await anna.sees("Здравствуйте, Анна!")
            web = house.channels["web"]
            assert await web.position(anna.peer) and await web.messages("desk")
            await anna.says("удалите мои данные")
            await anna.sees("Удалить всё")
            await anna.taps("Да, удалить всё")
            await anna.shows("данные удалены")  # its page is new
            await Metrics().look(house.database, now=clock.now())
            async with house.database.read() as db:
                await parked_by_channel(db)  # as /health does
                await unserved(db, since=clock.now() - timedelta(days=1), after=0)  # as every start does
        assert "\n".join(await read_through(house.database, said)) == ""


async def test_an_export_goes_through_the_leads_once_and_finds_the_rest_on_indexes(sqlite, clock, tmp_path):
    play = await Play.begin(sqlite, clock)
    await play.person("Анна", "50177").applies()
    with heard() as said:
        assert await export_leads(sqlite, tmp_path / "leads.csv") == 1
    assert [step.partition("\n")[0] for step in await read_through(sqlite, said)] == [
        "SEARCH lead USING INTEGER PRIMARY KEY (rowid>?)"  # the next page
    ]


async def test_a_claim_costs_the_same_however_much_waits(sqlite):
    """As many steps of SQLite's machine, whether two desks wait for a hundred cards each or for a thousand, and as many
    people for two messages each."""
    few, many = [await claiming(sqlite, *what) for what in (("telegram", 100), ("vk", 1000))]
    assert many < 1.1 * few


async def claiming(database: Database, channel: str, waiting: int) -> int:
    """Steps of the second claim: one desk's chat is paused, a card and nine messages are on the wire."""
    async with database.write() as db:
        for desk in ("-1", "-2") * waiting:
            promise(db, now=NOON, channel=channel, to=desk, role="card", text="Анна")
        for person in (*range(waiting), *range(waiting)):
            promise(db, now=NOON, channel=channel, to=f"{person}", role="reply", text="?", identity_id=person + 1)
        for stranger in range(waiting):
            promise(db, now=NOON, channel=channel, to=f"s{stranger}", role="farewell", text="Извините!")
    async with database.write() as db:
        for _ in range(2):
            async with counted(db) as steps:
                found = await claim(db, channel, now=NOON, limit=10, in_line=5, but_not=["-2"])
            assert len(found.claims) == 10
    return steps.total()


@asynccontextmanager
async def counted(db: AsyncSession) -> AsyncIterator[Counter[str]]:
    """Steps of SQLite's machine."""
    steps: Counter[str] = Counter()
    raw = await (await db.connection()).get_raw_connection()
    await raw.driver_connection.set_progress_handler(lambda: steps.update(["step"]), 1)
    yield steps
    await raw.driver_connection.set_progress_handler(None, 1)


async def test_a_look_for_cards_costs_the_same_however_much_was_said_before_there_were_leads(sqlite):
    few, many = [await looking(sqlite, said) for said in (20, 1000)]
    assert many < 1.1 * few


async def looking(database: Database, said: int) -> int:
    """Two applications at once: neither has a card, and one of the two has called for a person before."""
    async with database.write() as db:
        for person in range(said):
            known = {"identity_id": person + 1, "conversation_id": person + 1}
            promise(db, now=NOON, channel="vk", to=f"{person}", role="reply", text="?", **known)
        promise(db, now=NOON, channel="vk", to="-1", role="call", text="!", conversation_id=-said)
    async with database.write() as db, counted(db) as steps:
        found = await live_rows(db, lead_ids=[1, 2], conversation_ids=[-said, -said - 1])
        assert [row.role for row in found] == ["call"]
    return steps.total()


async def test_an_answer_costs_the_same_however_much_the_person_was_told_before(sqlite):
    few, many = [await answering(sqlite, *what) for what in (("telegram", 20), ("vk", 1000))]
    assert many < 1.1 * few


async def answering(database: Database, channel: str, told: int) -> int:
    """Steps of calling back what nobody asked for, of which there is one."""
    async with database.write() as db:
        for number in range(told):
            is_last = number == told - 1
            promise(
                db, now=NOON, channel=channel, to="anna", role="reply", text="?", identity_id=7, unsolicited=is_last
            )
        await db.execute(update(Outbox).where(Outbox.unsolicited.is_(False)).values(status="sent", done_at=NOON))
    async with database.write() as db, counted(db) as steps:
        cancel_unsolicited(db, channel=channel, to="anna", now=NOON, reason="answered")
        await db.flush()
    async with database.read() as db:
        ended = select(func.count()).where(Outbox.channel == channel, Outbox.status == "cancelled")
        assert await db.scalar(ended) == 1
    return steps.total()


OLD = {
    "pairs, of which SQLite makes no search": (
        "sqlite", select(Identity).where(tuple_(Identity.channel, Identity.external_id).in_([("vk", "1"), ("vk", "2")]))
    ),
    "a status as a parameter, so the open rows' index is not taken": (
        "both", select(func.min(Outbox.due_at)).where(Outbox.channel == "vk", Outbox.status == "due")
    ),
    "a status as a parameter, so that SQLite plans anew each time": (
        "sqlite", update(Outbox.__table__).where(Outbox.id == 7, Outbox.status == "sending").values(status="sent")
    ),
    "the newest of a rare role": ("both", select(func.max(Outbox.created_at)).where(Outbox.role == "alarm")),
    "all from the first number on, to drop most of them by their time": (
        "sqlite", select(WebMessage).where(WebMessage.id > 0, WebMessage.at > NOON).order_by(WebMessage.id).limit(9)
    ),
    "a wide look for the rows that an update changes": (
        "both",
        update(Outbox.__table__)
        .where(Outbox.id == select(Outbox.id).where(Outbox.attempt == 7).limit(1).subquery().c.id)
        .values(attempt=8)
    ),
    "a column that has no index": ("both", select(Identity.id).where(Identity.runs == 7)),
}  # fmt: skip


@pytest.mark.parametrize("what", OLD)
async def test_what_reads_a_table_through_is_noticed(what, lived_in):
    where, query = OLD[what]
    if where == "sqlite" and not lived_in.is_sqlite:
        return  # PostgreSQL does better
    with heard() as said:
        async with lived_in.read() as db:
            await db.execute(query)
    assert len(await read_through(lived_in, said)) == 1

"""Statements that go past SQLAlchemy to SQLite's driver: nobody may see that they did, but for the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, event, func, insert, literal_column, select, text, update
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.gathered import AMONG, ask
from storage.quick import Door
from storage.tables import Outbox, ServedEvent, Setting

from .conftest import NOON

OWED = (
    select(Outbox.id, Outbox.body, Outbox.due_at, Outbox.done_at, Outbox.unsolicited, Outbox.lead_id)
    .where(Outbox.kind.in_(("service", "advertising")), Outbox.to.in_(AMONG))  # one list stands in it, one comes
    .where(Outbox.channel == bindparam("channel"), Outbox.to.in_(AMONG))
    .order_by(Outbox.id)
)
PROMISE = insert(Outbox.__table__)  # type: ignore[arg-type]
SERVE = insert(ServedEvent.__table__)  # type: ignore[arg-type]
SETTING: Any = Setting.__table__
SET = insert(SETTING)


def promise(number: int, **more: Any) -> dict[str, Any]:
    known = {"id": number, "channel": "vk", "to": f"{number}", "role": "reply", "kind": "service", "act": "say"}
    given = {"unsolicited": False, "priority": 0, "status": "due", "attempt": 0, "due_at": NOON, "created_at": NOON}
    return {**known, **given, "body": {"text": "Здравствуйте!"}, "lead_id": None, "done_at": None, **more}


async def has_people(database: Database, number: int) -> None:
    async with database.write() as db:
        for one in range(1, number + 1):
            db.add(Outbox(**promise(one, unsolicited=one % 2 == 0, lead_id=one if one % 3 else None)))


@pytest.mark.parametrize("number", [0, 1, 2, 5, 99, 100, 101, 150])
async def test_a_list_of_any_length_brings_what_sqlalchemy_brings(database: Database, number: int) -> None:
    await has_people(database, 150)
    asked = {"channel": "vk", "among": [str(one) for one in range(1, number + 1)]}
    async with database.write() as db:
        found = await ask(db, OWED, asked)
        assert [tuple(row) for row in found] == [tuple(row) for row in await db.execute(OWED, asked)]
        assert len(found) == number


async def test_what_goes_past_and_what_does_not(sqlite: Database) -> None:
    """Neither long lists, nor readers, nor what may take its time; and nobody listens in vain."""
    await has_people(sqlite, 1)
    few = {"channel": "vk", "among": ["1"]}
    counting = select(func.count()).select_from(Outbox)

    async with sqlite.write() as db:
        here = (await db.connection()).sync_connection
        assert here is not None
        assert Door(here).ask(OWED, few) == [(1, {"text": "Здравствуйте!"}, NOON, None, False, 1)]
        assert Door(here).ask(OWED, {**few, "among": ["1"] * 101}) is None
        assert Door(here).ask(counting, {}) is None
        heard: list[str] = []
        event.listen(here, "before_cursor_execute", lambda *said: heard.append(said[2]))
        assert Door(here).ask(OWED, few) is None
        assert len(await ask(db, OWED, few)) == 1
        assert len(heard) == 1
    async with sqlite.read() as db:
        reading = (await db.connection()).sync_connection
        assert reading is not None and Door(reading).ask(OWED, few) is None
        assert len(await ask(db, OWED, few)) == 1


async def test_on_postgresql_everything_goes_its_usual_way(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    async with database.write() as db:
        here = (await db.connection()).sync_connection
        assert here is not None
        assert Door(here).ask(OWED, {"channel": "vk", "among": ["1"]}) is None
        await db.run_sync(lambda session: Door(here).write(SET, [{"key": "a", "value": "b"}]))
        assert await db.scalar(select(Setting.value).where(Setting.key == "a")) == "b"
    await database.close()


async def test_I11_a_refusal_is_sqlalchemys_and_holds_no_values(sqlite: Database) -> None:
    async with sqlite.write() as db:
        await has_line(db, "Анна Снегирёва")
        with pytest.raises(IntegrityError) as refused:
            await has_line(db, "Анна Снегирёва")
        assert "Анна" not in str(refused.value)
        here = (await db.connection()).sync_connection
        assert here is not None
        again = SERVE.returning(ServedEvent.event_id)
        line = {"channel": "vk", "event_id": "Анна Снегирёва", "at": NOON}
        with pytest.raises(IntegrityError) as refused:
            Door(here).ask(again, line)
        assert "Анна" not in str(refused.value)


async def has_line(db: Any, event_id: str) -> None:
    lines = [{"channel": "vk", "event_id": event_id, "at": NOON}]
    await db.run_sync(lambda session: Door(session.connection()).write(SERVE, lines))


async def test_what_sqlalchemy_fills_in_is_filled_in(sqlite: Database) -> None:
    """A statement whose table has values of its own is left to it."""
    line = {key: value for key, value in promise(1).items() if key not in ("kind", "act", "priority")}
    async with sqlite.write() as db:
        await db.run_sync(lambda session: Door(session.connection()).write(PROMISE, [line]))
        row = await db.get_one(Outbox, 1)
        assert (row.kind, row.act, row.priority) == ("service", "say", 0)


@pytest.mark.parametrize(
    "statement",
    [
        update(SETTING).where(SETTING.c.key == bindparam("whose")).values(value="new"),  # one value comes, one stands
        update(SETTING).where(SETTING.c.key == bindparam("whose")).values(value=literal_column("'new'")),  # one alone
    ],
)
async def test_many_rows_have_what_stands_in_the_statement(sqlite: Database, statement: Any) -> None:
    async with sqlite.write() as db:
        lines = [{"key": key, "value": "old"} for key in "abc"]
        await db.run_sync(lambda session: Door(session.connection()).write(SET, lines))
        some = [{"whose": "a"}, {"whose": "c"}]
        assert await db.run_sync(lambda session: Door(session.connection()).write(statement, some)) == 2
        kept = await db.execute(select(SETTING).where(SETTING.c.key.in_(list("abc"))).order_by(SETTING.c.key))
        assert [tuple(row) for row in kept] == [("a", "new"), ("b", "old"), ("c", "new")]


moments = st.timedeltas(timedelta(days=-9000), timedelta(days=9000)).map(lambda span: NOON + span)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
bodies = st.dictionaries(texts, texts | st.integers(-(2**53), 2**53) | st.booleans() | st.none(), max_size=4)
lines = st.fixed_dictionaries(
    {
        "to": texts,
        "body": bodies,
        "due_at": moments,
        "unsolicited": st.booleans(),
        "lead_id": st.none() | st.integers(1, 9),
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(lines, min_size=1, max_size=5))
async def test_whatever_is_written_past_it_is_read_by_it(sqlite: Database, some: list[dict[str, Any]]) -> None:
    async with sqlite.write() as db:
        written = [promise(number, **line) for number, line in enumerate(some, 1)]
        await db.run_sync(lambda session: Door(session.connection()).write(PROMISE, written))
        rows = (await db.scalars(select(Outbox).order_by(Outbox.id))).all()
        for row, line in zip(rows, written, strict=True):
            assert {name: getattr(row, name) for name in line} == line
        await db.rollback()


async def test_a_moment_without_a_zone_is_refused_here_too(sqlite: Database) -> None:
    naive = [{"channel": "vk", "event_id": "1", "at": NOON.replace(tzinfo=None) + timedelta(hours=1)}]
    async with sqlite.write() as db:
        with pytest.raises(ValueError, match="zone"):
            await db.run_sync(lambda session: Door(session.connection()).write(SERVE, naive))


@pytest.mark.parametrize(
    "written",
    ["2026-11-23 09:00:00.000000", "2026-11-23 09:00:00", "2026-11-23 12:00+03:00", "2026-11-23T09:00", "2026-11-23"],
)
async def test_a_moment_that_somebody_wrote_by_hand_is_read_as_utc(sqlite: Database, written: str) -> None:
    async with sqlite.write() as db:
        db.add(ServedEvent(channel="vk", event_id="1", at=datetime(2000, 1, 1, tzinfo=UTC)))
        await db.flush()
        await db.execute(text("update served_event set at = :at"), {"at": written})
    async with sqlite.read() as db:
        at = await db.scalar(select(ServedEvent.at))
    assert at == datetime(2026, 11, 23, 0 if len(written) == 10 else 9, tzinfo=UTC) and at.tzinfo is UTC

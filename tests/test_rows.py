"""What was set on rows arrives in their tables, whole and in order, as if SQLAlchemy had written it."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, delete, event, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from storage import people
from storage.blame import is_database_down
from storage.database import Database
from storage.fields import STATE
from storage.gathered import add_row, ask_now, gathering, is_fresh
from storage.lead_facts import points_of
from storage.leads import move_all
from storage.numbers import take
from storage.people import record_contact_point
from storage.rows import new_row
from storage.tables import Contact, ContactPoint, Conversation, Identity, Lead, ParkedEvent, Setting, WebMessage

from .conftest import NOON


async def dialog(
    db: AsyncSession, number: int = 7, *, ours: bool = False
) -> tuple[Contact, Identity, Lead, Conversation]:
    """A person, new, in the order in which nothing that is referred to comes first. ``ours``: added as our rows are,
    not as SQLAlchemy's."""
    with db.no_autoflush:
        ids = [await take(db, table) for table in (Contact, Identity, Lead, Conversation)]
    talk = Conversation(
        id=ids[3], identity_id=ids[1], lead_id=ids[2], flow="tour", version=1, step="name", state={"step": "name"},
        source="", campaign="", started_at=NOON, touched_at=NOON,
    )  # fmt: skip
    lead = Lead(
        id=ids[2], contact_id=ids[0], channel="vk", flow="tour", status="new", source="", campaign="", created_at=NOON
    )
    who = Identity(
        id=ids[1], contact_id=ids[0], channel="vk", external_id=str(number), pseudonym=str(number), first_touch={},
        last_touch={"at": "noon"}, created_at=NOON, seen_at=NOON,
    )  # fmt: skip
    contact = Contact(id=ids[0], created_at=NOON)
    for row in (talk, lead, who, contact):
        if ours:
            add_row(db, row)
        else:
            db.add(row)
    return contact, who, lead, talk


@asynccontextmanager
async def written(database: Database, said: list[str]) -> AsyncIterator[AsyncSession]:
    """A transaction; ``said``: the statements it ends with."""
    async with database.write() as db:
        yield db
        event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2]))


async def test_rows_that_refer_to_each_other_go_out_together_a_statement_a_table(database: Database) -> None:
    said: list[str] = []
    async with written(database, said) as db:
        made = [await dialog(db, number) for number in range(20)]
        made[3][1].language = "en"
        assert made[0][1].runs is None and made[0][2].tags is None
    assert [one.split()[2] for one in said] == ["contact", "identity", "lead", "conversation"]
    for contact, who, lead, _ in made:  # defaults, and what nobody gave, are on the objects too
        assert (who.runs, who.reachable, who.stopped_at, lead.tags, lead.worth) == (0, True, None, [], 0)
        assert contact.name is None
    async with database.read() as db:
        for row in (row for person in made for row in person):
            kept = await db.get_one(type(row), row.id)
            names = [column.name for column in type(row).__table__.columns]
            assert [getattr(kept, name) for name in names] == [getattr(row, name) for name in names]


async def test_a_new_row_has_what_it_was_given_and_no_column_that_there_is_not(database: Database) -> None:
    with pytest.raises(TypeError, match="nmae"):
        new_row(Contact, id=1, nmae="Анна")
    talk, who = new_row(Conversation, id=1, flow="tour"), new_row(Identity, id=1)
    said_nothing = {"language": "", "runs": 0, "reachable": True, "stopped_at": None}
    assert said_nothing.items() <= vars(who).items(), "they are there before they are written"
    assert (talk.flow, talk.step, vars(talk)["lead_id"]) == ("tour", None, None)
    async with database.write() as db:
        row = new_row(Contact, id=await take(db, Contact), name="Анна", created_at=NOON)
        db.add(row)
        row.name = "Олег"
    async with database.read() as db:
        assert (await db.get_one(Contact, row.id)).name == row.name == "Олег"


async def test_a_row_that_knows_its_number_is_the_sessions_before_it_is_written(database: Database) -> None:
    said: list[str] = []
    async with written(database, said) as db:
        row = new_row(Contact, id=await take(db, Contact), name="Анна", created_at=NOON)
        add_row(db, row)
        assert row in db and is_fresh(db, row) and await db.get(Contact, row.id) is row
        row.name = "Олег"
        await db.flush()
        assert not is_fresh(db, row)
        assert await db.scalar(select(Contact.name)) == "Олег"
        another = new_row(Contact, id=await take(db, Contact), name=func.lower("ANNA"), created_at=NOON)
        add_row(db, another)  # SQLAlchemy's to write
        await db.flush()
        assert another in db and not is_fresh(db, another)
        another.created_at, row.name = NOON + timedelta(hours=1), None
    assert [one.split()[0] for one in said] == ["UPDATE", "UPDATE"]
    async with database.read() as db:
        kept = await db.execute(select(Contact.id, Contact.name, Contact.created_at).order_by(Contact.id))
        assert kept.all() == [(row.id, None, NOON), (another.id, "anna", NOON + timedelta(hours=1))]


async def test_what_is_set_on_a_row_that_left_the_session_is_not_written(database: Database) -> None:
    async with database.write() as db:
        rows = [new_row(Contact, id=await take(db, Contact), name="Анна", created_at=NOON) for _ in range(3)]
        for row in rows:
            add_row(db, row)
        await db.flush()
        rows[0].name = rows[1].name = rows[2].name = "Олег"
        db.expunge(rows[0])
        await db.delete(rows[1])
        await db.flush()
        await db.execute(delete(Contact).where(Contact.id == rows[2].id))
        rows[1].name = rows[2].name = "Пётр"
    async with database.read() as db:
        assert (await db.scalars(select(Contact.name))).all() == ["Анна"]


async def test_only_what_differs_is_written(database: Database) -> None:
    async with database.write() as db:
        _, who, lead, _ = await dialog(db)
    said: list[str] = []
    async with written(database, said) as db:
        who, lead = await db.get_one(Identity, who.id), await db.get_one(Lead, lead.id)
        who.language, who.runs, who.last_touch = "en", who.runs, dict(who.last_touch)
        lead.score = lead.score
        await db.execute(update(Identity.__table__).values(pseudonym="another"))  # type: ignore[arg-type]
        await db.flush()
        assert who not in db.dirty and lead not in db.dirty
        who.language = "en"
    assert not said
    async with database.read() as db:
        kept = await db.get_one(Identity, who.id)
        assert (kept.language, kept.pseudonym, kept.runs, kept.last_touch) == ("en", "another", 0, {"at": "noon"})


async def test_what_is_set_before_and_after_a_flush_stands(database: Database) -> None:
    async with database.write() as db:
        contact, who, _, talk = await dialog(db)
        await db.flush()
        assert not db.new and not db.dirty
        contact.name, who.language = "Анна", "en"
        talk.state = {"step": "phone"}
        await db.flush()
        assert await db.scalar(select(Contact.name)) == "Анна"
        contact.name = None
    async with database.read() as db:
        assert (await db.get_one(Contact, contact.id)).name is None
        assert (await db.get_one(Identity, who.id)).language == "en"
        assert (await db.get_one(Conversation, talk.id)).state == {"step": "phone"}


async def test_a_row_that_is_gone_is_told(database: Database) -> None:
    async with database.write() as db:
        contact, *_ = await dialog(db)
    with pytest.raises(StaleDataError):
        async with database.write() as db:
            contact = await db.get_one(Contact, contact.id)
            await db.execute(delete(Contact.__table__))  # type: ignore[arg-type]
            contact.name = "Анна"


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("flushes", [True, False])
async def test_N5_a_savepoint_takes_back_what_was_written_in_it(database: Database, ours: bool, flushes: bool) -> None:
    async with database.write() as db:
        contact, who, _, _ = await dialog(db, ours=ours)
        await db.flush()
        with pytest.raises(LookupError):
            async with db.begin_nested():
                contact.name = "Анна"
                another, *_ = await dialog(db, 8, ours=ours)
                if flushes:
                    await db.flush()
                raise LookupError
        assert another not in db
        await db.refresh(contact)
        assert contact.name is None
        who.language = "en"
    async with database.read() as db:
        assert [(one.id, one.language) for one in await db.scalars(select(Identity))] == [(who.id, "en")]


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("goes_on", [True, False])
async def test_half_of_a_flush_is_not_kept_whoever_goes_on(database: Database, goes_on: bool, ours: bool) -> None:
    """The contact was written when the person turned out to be there already, and nobody took note of that."""
    async with database.write() as db:
        await dialog(db)
    with pytest.raises(InvalidRequestError) if goes_on else nullcontext():
        async with database.write() as db:
            db.add(Setting(key="before", value="lost"))
            await dialog(db, ours=ours)
            with pytest.raises(IntegrityError):
                await db.flush()
            if goes_on:
                db.add(Setting(key="after", value="lost"))
    async with database.read() as db:
        assert len((await db.scalars(select(Contact))).all()) == 1
        assert (await db.scalars(select(Setting))).all() == []


@pytest.mark.parametrize("ours", [True, False])
async def test_changed_rows_come_before_new_ones_of_their_table(database: Database, ours: bool) -> None:
    """There is one open lead of a contact and flow at any moment."""
    async with database.write() as db:
        contact, *_ = await dialog(db)
    async with database.write() as db:
        [lead] = (await db.scalars(select(Lead))).all()
        number = await take(db, Lead)
        another = Lead(
            id=number, contact_id=contact.id, channel="vk", flow="tour", status="new", source="", campaign="",
            created_at=NOON, former_id=lead.id,
        )  # fmt: skip
        if ours:
            add_row(db, another)
        else:
            db.add(another)
        lead.status = "won"
    async with database.read() as db:
        assert (await db.scalars(select(Lead.status).order_by(Lead.id))).all() == ["won", "new"]


async def test_two_who_change_the_same_rows_wait_for_each_other_in_one_order(postgresql_url: str) -> None:
    """Whoever waits for a row holds none that comes after it: nobody is told of a deadlock."""
    database = Database(postgresql_url)
    async with database.write() as db:
        ids = [(await dialog(db, number))[0].id for number in range(40)]
    started = asyncio.Barrier(4)

    async def renames(who: int) -> None:
        async with database.write() as db:
            ours = await people.find_contacts(db, ids[::2])
            rows = [*(await db.scalars(select(Contact))).all()]
            assert len(rows) == 40 and len(ours) == 20
            await started.wait()
            for row in random.Random(who).sample(rows, len(rows)):
                row.name = f"{who}"
                if row.id % 3 == who % 3:
                    row.created_at = NOON + timedelta(hours=who)

    for _ in range(5):
        await asyncio.gather(*map(renames, range(1, 5)))
    async with database.read() as db:
        assert len(set(await db.scalars(select(Contact.name)))) == 1
    await database.close()


async def test_a_row_whose_key_is_forgotten_is_written_too(database: Database) -> None:
    async with database.write() as db:
        _, who, _, _ = await dialog(db)
    async with database.write() as db:
        who = await db.get_one(Identity, who.id)
        with pytest.raises(LookupError):
            async with db.begin_nested():
                who.runs = 3
                await db.flush()
                raise LookupError
        who.reachable = False  # the savepoint's end has made it forget all
    async with database.read() as db:
        kept = await db.get_one(Identity, who.id)
        assert (kept.runs, kept.reachable) == (0, False)


async def test_what_the_database_numbers_or_works_out_is_left_to_sqlalchemy(database: Database) -> None:
    async with database.write() as db:
        _, who, _, _ = await dialog(db)
        parked = ParkedEvent(channel="vk", event_id="1", raw=b"{}", error="odd", at=NOON)
        db.add_all([parked, Setting(key="a", value="b")])
        await db.flush()
        assert parked.id
        who.runs = Identity.runs + 5
        who.language = text("'en'")
    async with database.read() as db:
        assert (await db.get_one(Identity, who.id)).runs == 5
        assert (await db.get_one(Identity, who.id)).language == "en"
        assert (await people.find_identities(db, {("vk", "7")}))["vk", "7"].id == who.id


async def test_rows_are_found_as_sqlalchemy_finds_them_and_changes_of_them_are_kept(database: Database) -> None:
    async with database.write() as db:
        contact, who, lead, talk = await dialog(db)
        lead.tags, lead.applied_at, who.stopped_at = ["hot"], NOON, NOON
    async with database.read() as db:
        usual = [vars(await db.get_one(type(row), row.id)) for row in (contact, who, lead, talk)]
    async with database.write() as db:
        found = (await people.find_identities(db, {("vk", "7"), ("vk", "8")}))["vk", "7"]
        [(same_talk, same_lead)] = await people.find_dialogs(db, [found.id])
        contacts = await people.find_contacts(db, [contact.id])
        assert same_lead is not None
        for row, before in zip((contacts[contact.id], found, same_lead, same_talk), usual, strict=True):
            assert {name: vars(row)[name] for name in before if name != "_sa_instance_state"} == {
                name: value for name, value in before.items() if name != "_sa_instance_state"
            }
            assert row in db and await db.get(type(row), row.id) is row
        assert not gathering(db).has_rows()
        same_lead.score, same_talk.lead_id = 5, None
    async with database.write() as db:
        [(talk, none)] = await people.find_dialogs(db, [who.id])
        assert none is None and talk.lead_id is None
        assert (await db.get_one(Lead, lead.id)).score == 5


async def test_sqlalchemy_is_shown_our_rows_when_it_looks_for_some(database: Database) -> None:
    """What it keeps about a row is dear, and about most it is asked nothing."""
    async with database.write() as db:
        await dialog(db)
    async with database.write() as db:
        who = (await people.find_identities(db, {("vk", "7")}))["vk", "7"]
        [(talk, lead)] = await people.find_dialogs(db, [who.id])
        assert lead is not None and await db.get(Lead, lead.id) is lead
        added = new_row(Contact, id=await take(db, Contact), created_at=NOON)
        add_row(db, added)
        who.language, lead.score, added.name = "en", 5, "Анна"
        await db.flush()
        assert not any(STATE in vars(row) for row in (who, talk, lead, added))
        who.runs = 7
        assert await db.scalar(select(Identity).where(Identity.runs == 7)) is who
        assert all(STATE in vars(row) and row in db for row in (who, talk, lead, added))
        await db.refresh(who)
        who.reachable = False
        [another] = (await people.find_contacts(db, [added.id])).values()
        assert another is added and added.name == "Анна"
    async with database.write() as db:
        found = (await people.find_identities(db, {("vk", "7")}))["vk", "7"]
        assert found is not who and (found.language, found.runs, found.reachable) == ("en", 7, False)
    assert inspect(found).detached and found not in db and inspect(new_row(Contact, id=9)).transient


async def test_a_key_that_is_set_is_sqlalchemys_to_write(database: Database) -> None:
    async with database.write() as db:
        contact = new_row(Contact, id=await take(db, Contact), name="Анна", created_at=NOON)
        add_row(db, contact)
    async with database.write() as db:
        [found] = (await people.find_contacts(db, [contact.id])).values()
        found.name, found.id = "Олег", 77
    async with database.read() as db:
        assert (await db.execute(select(Contact.id, Contact.name))).all() == [(77, "Олег")]


async def test_a_row_that_is_held_stays_as_it_is_when_it_is_found_again(database: Database) -> None:
    async with database.write() as db:
        _, who, _, _ = await dialog(db)
    async with database.write() as db:
        ((held, lead),) = await people.find_dialogs(db, [who.id])
        await db.execute(update(Conversation.__table__).values(version=7, source="ads"))  # type: ignore[arg-type]
        before = held.version, held.source
        assert await people.find_dialogs(db, [who.id]) == [(held, lead)]
        assert (held.version, held.source) == before != (7, "ads")
        db.expire(held, ["version"])
        assert await people.find_dialogs(db, [who.id]) == [(held, lead)]
        assert (held.version, held.source) == (7, before[1])


async def test_a_person_who_is_asked_for_with_a_lock_is_as_others_have_left_them(database: Database) -> None:
    async with database.write() as db:
        await dialog(db)
    async with database.write() as db:
        held = (await people.find_identities(db, {("vk", "7")}))["vk", "7"]
        await db.execute(update(Identity.__table__).values(language="en", runs=3))  # type: ignore[arg-type]
        assert (await people.find_identities(db, {("vk", "7")}))["vk", "7"] is held
        assert (held.language, held.runs) == ("en", 3)


async def test_a_row_forgets_its_session_when_that_ends(database: Database) -> None:
    """Whoever gives it to another one sets what is written, and nothing holds the first one alive."""
    async with database.write() as db:
        _, who, _, _ = await dialog(db)
    async with database.read() as db:
        held = (await people.find_identities(db, {("vk", "7")}))["vk", "7"]
        assert inspect(held).persistent  # SQLAlchemy was shown it
    async with database.write() as db:
        db.add(held)
        held.language = "en"
    async with database.read() as db:
        assert (await db.get_one(Identity, who.id)).language == "en"


@pytest.mark.parametrize("is_nested", [True, False])
async def test_R4_a_connection_that_died_is_told_as_that(postgresql_url: str, is_nested: bool) -> None:
    database = Database(postgresql_url)
    async with database.write() as db:
        await dialog(db)
    with pytest.raises(DBAPIError) as told:
        async with database.write() as db:
            held = (await people.find_identities(db, {("vk", "7")}))["vk", "7"]
            ours = await db.scalar(text("SELECT pg_backend_pid()"))
            async with database.read() as other:
                await other.execute(text(f"SELECT pg_terminate_backend({ours})"))
            async with db.begin_nested() if is_nested else nullcontext():
                held.language = "en"
                await db.flush()
    assert is_database_down(told.value)
    await database.close()


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("flushes", [True, False])
async def test_N5_what_is_refused_in_a_savepoint_costs_nothing_that_was_before_it(
    database: Database, numbered: bool, flushes: bool
) -> None:
    """Rows that we write and rows that SQLAlchemy writes, within the savepoint or at its end."""
    async with database.write() as db:
        db.add(Setting(key="before", value="kept"))
        await dialog(db)
        db.add(heard())
        await db.flush()
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                if numbered:
                    db.add(heard())
                else:
                    with db.no_autoflush:
                        await dialog(db)  # the same person once more
                if flushes:
                    await db.flush()
        db.add(Setting(key="after", value="kept"))
    async with database.read() as db:
        assert (await db.scalars(select(Setting.key).order_by(Setting.key))).all() == ["after", "before"]
        assert [len((await db.scalars(select(kind))).all()) for kind in (Contact, Identity, WebMessage)] == [1, 1, 1]


def heard() -> WebMessage:
    return WebMessage(peer="anna", author="prospect", event_id="1", text="да", buttons=[], at=NOON)


async def test_N5_nobody_goes_on_in_a_savepoint_that_fell(database: Database) -> None:
    renaming = update(Contact.__table__).values(name=bindparam("to")).returning(Contact.id)  # type: ignore[arg-type]
    async with database.write() as db:
        await dialog(db)
        await db.flush()
        with pytest.raises(InvalidRequestError):
            async with db.begin_nested():
                with pytest.raises(IntegrityError), db.no_autoflush:
                    await dialog(db)
                    await db.flush()
                await ask_now(db, renaming, {"to": "lost"})
    async with database.read() as db:
        assert (await db.scalars(select(Contact.name))).all() == [None]


@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("flushes", [True, False])
async def test_a_rollback_within_a_transaction_takes_all_back(database: Database, ours: bool, flushes: bool) -> None:
    with pytest.raises(InvalidRequestError):
        async with database.write() as db:
            await dialog(db, ours=ours)
            if flushes:
                await db.flush()
            await db.rollback()
            db.add(Setting(key="after", value="lost"))
    async with database.read() as db:
        assert (await db.scalars(select(Contact))).all() == [] == (await db.scalars(select(Setting))).all()


async def test_what_is_asked_for_fresh_is_what_the_table_has(database: Database) -> None:
    async with database.write() as db:
        contact, _, lead, _ = await dialog(db)
        record_contact_point(db, contact_id=contact.id, kind="phone", value="+7", verified=None, now=NOON)
    async with database.write() as db:
        [point] = (await points_of(db, [contact.id]))[contact.id]
        await db.execute(update(ContactPoint.__table__).values(verified="by_call"))  # type: ignore[arg-type]
        assert point.verified is None
        assert (await points_of(db, [contact.id]))[contact.id] == [point]
        assert point.verified == "by_call"
        lead = await db.get_one(Lead, lead.id)
        await db.execute(update(Lead.__table__).values(score=7))  # type: ignore[arg-type]
        await move_all(db, [lead], "application", now=NOON)
        assert (lead.score, lead.status, lead.applied_at) == (7, "application", NOON)
    assert contact not in db and lead not in db  # what was written is nobody's any more


# ---------------------------------------------------------------- beside SQLAlchemy's own

_NAMES = st.sampled_from(["Анна", "Олег", None])
_ACTS = st.one_of(
    st.tuples(st.just("new"), st.integers(1, 4)),
    st.tuples(st.just("name"), st.integers(1, 4), _NAMES),
    st.tuples(st.just("lead"), st.integers(1, 4), st.sampled_from(["won", "new", "lost"])),
    st.tuples(st.just("talk"), st.integers(1, 4), st.integers(0, 2)),
    st.tuples(st.just("add to"), st.integers(1, 4), _NAMES),
    st.tuples(st.just("forget"), st.integers(1, 4)),
    st.tuples(st.just("straight"), st.integers(1, 4), _NAMES),
    st.just(("flush",)),
)
_Course = list[tuple[Any, ...]]


async def go(db: AsyncSession, course: Sequence[Any], add: Callable[[AsyncSession, Any], None]) -> None:
    """One act after the other; a list of them is a savepoint, whose first word says whether it falls."""
    for act in course:
        match act:
            case list():
                try:
                    async with db.begin_nested():
                        await go(db, act[1:], add)
                        if act[0]:
                            raise LookupError
                except (LookupError, IntegrityError):
                    continue
            case ("new", number):
                if await db.get(Contact, number) is None:
                    for row in of_number(number):
                        add(db, row)
                        await db.flush()  # SQLAlchemy knows no order of these tables
            case ("name", number, name) if contact := await db.get(Contact, number):
                contact.name = name
            case ("lead", number, status) if lead := await db.get(Lead, number):
                lead.status, lead.tags = status, [status]
            case ("talk", number, other) if talk := await db.get(Conversation, number):
                talk.state, talk.lead_id = {"n": other}, other if await db.get(Lead, other) else None
            case ("add to", number, value) if contact := await db.get(Contact, number):
                contact.name = func.coalesce(Contact.name, value)
                await db.flush()
            case ("forget", number) if contact := await db.get(Contact, number):
                await db.flush()
                db.expire(contact)
            case ("straight", number, name):
                await db.flush()
                await db.execute(update(Contact.__table__).where(Contact.id == number).values(name=name))  # type: ignore[arg-type]
            case ("flush",):
                await db.flush()


def of_number(number: int) -> list[Any]:
    """A person with these numbers. All have the same lead's place: only one of it can be open."""
    return [
        Contact(id=number, created_at=NOON),
        Identity(
            id=number, contact_id=number, channel="vk", external_id=str(number), pseudonym="p", first_touch={},
            last_touch={}, created_at=NOON, seen_at=NOON,
        ),
        Lead(
            id=number, contact_id=1, channel="vk", flow="tour", status="new", source="", campaign="", created_at=NOON,
        ),
        Conversation(
            id=number, identity_id=number, lead_id=number, flow="tour", version=1, state={}, source="", campaign="",
            started_at=NOON, touched_at=NOON,
        ),
    ]  # fmt: skip


# what is set in a savepoint is written, or refused, when that stands: not in what is around it
@example(courses=[[("new", 1), ("lead", 1, "won"), ("new", 2)], [[False, ("lead", 1, "new")], ("flush",)]])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    courses=st.lists(
        st.lists(_ACTS | st.lists(_ACTS, max_size=4).map(lambda some: [len(some) % 2 == 0, *some]), max_size=8),
        min_size=1,
        max_size=3,
    )
)
async def test_tables_are_what_sqlalchemy_would_have_made_of_them(
    tmp_path: Path, sqlite_template: Path, courses: list[_Course]
) -> None:
    """Rows added, changed, forgotten, changed behind the session's back, with savepoints that stand and that fall."""
    told = []
    for own in (add_row, AsyncSession.add, None):
        path = tmp_path / f"{own}.db"
        path.unlink(missing_ok=True)
        shutil.copy(sqlite_template, path)
        database = Database(f"sqlite+aiosqlite:///{path}", durable=False, alone=True)
        ends: list[object] = []
        for course in courses:
            usual = AsyncSession(database.engine, expire_on_commit=False)
            try:
                if own:
                    async with database.write() as db:
                        held = await everybody(db) if own is add_row else ()  # as they are found, and so they are noted
                        await go(db, course, own)
                        del held
                else:
                    async with usual as db, db.begin():
                        await go(db, course, AsyncSession.add)
                ends.append("well")
            except (IntegrityError, InvalidRequestError) as failed:
                ends.append(type(failed))
        async with database.engine.connect() as connection:
            for kind in (Contact, Identity, Lead, Conversation):
                found = await connection.execute(select(kind.__table__).order_by(kind.__table__.c.id))
                ends.append([tuple(row) for row in found])
        await database.close()
        told.append(ends)
    assert told[0] == told[1] == told[2]


async def everybody(db: AsyncSession) -> list[object]:
    numbers = range(1, 5)
    who = await people.find_identities(db, {("vk", str(number)) for number in numbers})
    return [await people.find_contacts(db, numbers), who, await people.find_dialogs(db, numbers)]

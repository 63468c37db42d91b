"""What was set on rows arrives in their tables, whole and in order, as if SQLAlchemy had written it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from storage import people
from storage.database import Database
from storage.numbers import take
from storage.tables import Contact, Conversation, Identity, Lead, ParkedEvent, Setting, WebMessage

from .conftest import NOON


async def dialog(db: AsyncSession, number: int = 7) -> tuple[Contact, Identity, Lead, Conversation]:
    """A person, new, in the order in which nothing that is referred to comes first."""
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
    db.add_all([talk, lead, who, contact])
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


async def test_N5_a_savepoint_takes_back_what_was_written_in_it(database: Database) -> None:
    async with database.write() as db:
        contact, who, _, _ = await dialog(db)
        await db.flush()
        with pytest.raises(LookupError):
            async with db.begin_nested():
                contact.name = "Анна"
                another, *_ = await dialog(db, 8)
                await db.flush()
                raise LookupError
        assert another not in db
        await db.refresh(contact)
        assert contact.name is None
        who.language = "en"
    async with database.read() as db:
        assert [(one.id, one.language) for one in await db.scalars(select(Identity))] == [(who.id, "en")]


async def test_half_of_a_flush_is_not_kept(database: Database) -> None:
    """The contact was written when the person turned out to be there already."""
    async with database.write() as db:
        await dialog(db)
    with pytest.raises(IntegrityError):
        async with database.write() as db:
            contact, who, lead, talk = await dialog(db)
            with pytest.raises(IntegrityError):
                await db.flush()
            for row in (who, lead, talk, contact):
                if row in db:
                    db.expunge(row)
            raise IntegrityError("nobody goes on", None, Exception())
    async with database.read() as db:
        assert len((await db.scalars(select(Contact))).all()) == 1


async def test_what_the_database_numbers_or_works_out_is_left_to_sqlalchemy(database: Database) -> None:
    async with database.write() as db:
        _, who, _, _ = await dialog(db)
        parked = ParkedEvent(channel="vk", event_id="1", raw=b"{}", error="odd", at=NOON)
        db.add_all([parked, Setting(key="a", value="b")])
        await db.flush()
        assert parked.id
        who.runs = Identity.runs + 5
    async with database.read() as db:
        assert (await db.get_one(Identity, who.id)).runs == 5
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
        assert not db.dirty
        same_lead.score, same_talk.lead_id = 5, None
    async with database.write() as db:
        [(talk, none)] = await people.find_dialogs(db, [who.id])
        assert none is None and talk.lead_id is None
        assert (await db.get_one(Lead, lead.id)).score == 5


async def test_a_row_that_is_held_stays_as_it_is_when_it_is_found_again(database: Database) -> None:
    async with database.write() as db:
        _, _who, _, _ = await dialog(db)
    async with database.write() as db:
        held = (await people.find_identities(db, {("vk", "7")}))["vk", "7"]
        await db.execute(update(Identity.__table__).values(language="en", runs=3))  # type: ignore[arg-type]
        assert (await people.find_identities(db, {("vk", "7")}))["vk", "7"] is held
        assert (held.language, held.runs) == ("", 0)
        db.expire(held, ["language"])
        assert (await people.find_identities(db, {("vk", "7")}))["vk", "7"] is held
        assert (held.language, held.runs) == ("en", 0)


@pytest.mark.parametrize("numbered", [True, False])
async def test_N5_what_is_refused_in_a_savepoint_costs_nothing_that_was_before_it(
    database: Database, numbered: bool
) -> None:
    """Rows that we write and rows that SQLAlchemy writes."""
    async with database.write() as db:
        db.add(Setting(key="before", value="kept"))
        await dialog(db)
        heard = WebMessage(peer="anna", author="prospect", event_id="1", text="да", buttons=[], at=NOON)
        db.add(heard)
        await db.flush()
        with pytest.raises(IntegrityError):
            async with db.begin_nested():
                if numbered:
                    db.add(WebMessage(peer="anna", author="prospect", event_id="1", text="да", buttons=[], at=NOON))
                else:
                    await dialog(db)  # the same person once more
                await db.flush()
        db.add(Setting(key="after", value="kept"))
    async with database.read() as db:
        assert (await db.scalars(select(Setting.key).order_by(Setting.key))).all() == ["after", "before"]
        assert [len((await db.scalars(select(kind))).all()) for kind in (Contact, Identity, WebMessage)] == [1, 1, 1]

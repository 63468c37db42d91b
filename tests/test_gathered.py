"""Writes that wait for each other: nobody may see that they waited."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError, InvalidRequestError

from storage import follow_ups, people
from storage.database import Database
from storage.gathered import ask_now, gather_row
from storage.holdings import holdings_of_contact
from storage.numbers import take
from storage.outbox import promise, promise_row
from storage.tables import Contact, Conversation, FollowUp, Identity, Lead, Manager, Outbox, Setting

from .conftest import NOON


async def anna(database: Database) -> int:
    """A person in the middle of a flow; her conversation's number."""
    async with database.write() as db:
        identity = await people.record_identity(db, channel="vk", external_id="7", pseudonym="p", touch={}, now=NOON)
        talk = Conversation(
            id=await take(db, Conversation), identity_id=identity.id, flow="tour", version=1, step="name",
            state={"step": "name"}, source="", campaign="", started_at=NOON, touched_at=NOON,
        )  # fmt: skip
        db.add(talk)
        return talk.id


def keep(talk: Conversation, step: str) -> None:
    talk.step, talk.state = step, {"step": step}


def plan(db: Any, talk_id: int, rule: int) -> None:
    due = NOON + timedelta(hours=1)
    follow_ups.plan(db, conversation_id=talk_id, rule=rule, kind="service", due_at=due, silent_since=NOON)


async def test_a_question_sees_what_was_gathered_before_it(database: Database) -> None:
    number = await anna(database)
    async with database.write() as db:
        keep(await db.get_one(Conversation, number), "phone")
        plan(db, number, 0)
        assert await db.scalar(select(Conversation.step)) == "phone"
        assert await db.scalar(select(FollowUp.status)) == "planned"


async def test_a_row_that_is_held_is_given_as_it_is_and_one_that_may_have_changed_is_asked_for(
    database: Database,
) -> None:
    number = await anna(database)
    async with database.write() as db:
        talk = await db.get(Conversation, number)
        assert talk is not None and await db.get(Conversation, number) is talk
        await db.execute(update(Conversation.__table__).values(step="phone"))
        assert (await db.get_one(Conversation, number)).step == "name"
        assert (await db.get(Conversation, number, populate_existing=True)).step == "phone"  # type: ignore[union-attr]
        await db.execute(update(Conversation.__table__).values(step="email"))
        db.expire(talk)
        assert (await db.get(Conversation, number)).step == "email"  # type: ignore[union-attr]
        assert await db.get(Conversation, number + 1) is None


async def test_I5_the_last_flush_writes_each_row_once_also_beside_one_that_the_database_numbers(
    database: Database,
) -> None:
    """Of that one SQLAlchemy takes care, who must not meet the others again."""
    number = await anna(database)
    async with database.write() as db:
        keep(await db.get_one(Conversation, number), "phone")
        await people.record_identity(db, channel="vk", external_id="8", pseudonym="p", touch={}, now=NOON)
        db.add(Manager(channel="vk", external_id="9", name="Ольга", added_at=NOON))
    async with database.read() as db:
        assert await db.scalar(select(Conversation.step)) == "phone"
        assert sorted(await db.scalars(select(Identity.external_id))) == ["7", "8"]
        assert list(await db.scalars(select(Manager.name))) == ["Ольга"]


async def test_a_contact_is_named_in_the_transaction_that_it_begins_in_and_in_a_later_one(database: Database) -> None:
    await anna(database)
    for name in ("Анна", "Аня"):
        async with database.write() as db:
            identity = (await people.find_identities(db, [("vk", "7")]))["vk", "7"]
            contact = await people.record_contact(db, identity, now=NOON)
            people.name_contact(db, contact.id, name)
            assert (await holdings_of_contact(db, contact.id)).contact is contact and contact.name == name
            people.name_contact(db, contact.id, f"{name}!")
            assert (await people.find_contacts(db, [contact.id]))[contact.id].name == f"{name}!"
        async with database.read() as db:
            assert list(await db.scalars(select(Contact.name))) == [f"{name}!"]


async def test_I7_one_rule_is_planned_however_often_they_answer_in_one_batch(database: Database) -> None:
    number = await anna(database)
    async with database.write() as db:
        plan(db, number, 1)
    async with database.write() as db:
        for _ in range(3):
            follow_ups.cancel(db, conversation_id=number, reason="answered")
            plan(db, number, 0)
    async with database.read() as db:
        rows = (await db.scalars(select(FollowUp).order_by(FollowUp.id))).all()
        assert [(row.rule, row.status) for row in rows] == [(1, "cancelled"), (0, "planned")]


async def test_N5_what_fails_in_a_savepoint_leaves_nothing_gathered_and_nothing_shown(database: Database) -> None:
    """A silence rule that fails: the next look at the conversation is at where it really stands."""
    number = await anna(database)
    async with database.write() as db:
        talk = await db.get_one(Conversation, number)
        with pytest.raises(RuntimeError):
            async with db.begin_nested():
                keep(talk, "phone")
                await db.flush()
                keep(talk, "done")
                promise(db, now=NOON, channel="vk", to="7", role="reply", text="Готово!")
                raise RuntimeError
        talk = (await db.scalars(select(Conversation))).one()
        assert (talk.step, talk.state) == ("name", {"step": "name"})
    async with database.read() as db:
        assert (await db.scalars(select(Outbox))).all() == []
        assert await db.scalar(select(Conversation.step)) == "name"


async def test_rows_that_know_their_number_and_rows_that_do_not_keep_their_order(database: Database) -> None:
    """A card has its number beforehand, an answer gets one when it is written; a lead's is asked for in between."""
    async with database.write() as db:
        said = {"now": NOON, "channel": "vk", "to": "-5", "role": "note"}
        promise(db, text="1", **said)
        await take(db, Lead)
        promise(db, text="2", **said)
        card = await promise_row(db, text="3", **said)
        promise(db, text="4", **said)
    async with database.read() as db:
        rows = (await db.scalars(select(Outbox).order_by(Outbox.id))).all()
        assert [row.body["text"] for row in rows] == ["1", "2", "3", "4"]
        assert card.id == rows[2].id


async def test_I5_a_number_that_was_taken_is_not_given_again(database: Database) -> None:
    numbers = []
    for _ in range(3):
        with pytest.raises(RuntimeError):
            async with database.write() as db:
                await people.record_identity(db, channel="vk", external_id="8", pseudonym="p", touch={}, now=NOON)
                raise RuntimeError
        async with database.write() as db:
            one = await people.record_identity(
                db, channel="vk", external_id=f"9{len(numbers)}", pseudonym="p", touch={}, now=NOON
            )
            numbers.append(one.id)
    assert len(set(numbers)) == 3
    async with database.read() as db:
        assert sorted(await db.scalars(select(Identity.id))) == numbers


async def test_what_is_asked_in_a_savepoint_falls_with_it(database: Database) -> None:
    """A code that was taken in it is free again."""
    async with database.write() as db:
        db.add(Setting(key="whose", value="nobody's"))
    taking = update(Setting.__table__).values(value=bindparam("whom")).returning(Setting.__table__.c.value)  # type: ignore[arg-type]
    async with database.write() as db:
        with pytest.raises(RuntimeError):
            async with db.begin_nested():
                assert [tuple(row) for row in await ask_now(db, taking, {"whom": "Anna's"})] == [("Anna's",)]
                raise RuntimeError
    async with database.read() as db:
        assert await db.scalar(select(Setting.value).where(Setting.key == "whose")) == "nobody's"


async def test_after_a_flush_that_failed_nothing_is_written_past_the_transaction(sqlite: Database) -> None:
    """Whoever goes on after it is told, instead of losing what is written then."""
    async with sqlite.write() as db:
        db.add(Setting(key="first", value="kept"))
    more = insert(Setting.__table__)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError):
        async with sqlite.write() as db:
            db.add(Setting(key="first", value="twice"))
            with pytest.raises(IntegrityError):
                await db.flush()
            db.expunge_all()
            gather_row(db, more, 1, {"key": "second", "value": "lost"})
    async with sqlite.read() as db:
        assert (await db.scalars(select(Setting.key))).all() == ["first"]

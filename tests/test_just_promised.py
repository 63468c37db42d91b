"""Answers that leave with the commit that promised them: the rows that delivery would find, and none it would not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dialogs.effects import Button
from storage.claimed import COLUMNS, Claimed
from storage.claims import Round, claim
from storage.database import Database
from storage.outbox import cancel_all, promise, promise_row
from storage.outcomes import readdress, sent
from storage.tables import Outbox

from .conftest import NOON

ANNA, BORIS = 7, 8


async def owe(db: AsyncSession, text: str = "Здравствуйте!", **more: Any) -> int:
    known = {"now": NOON, "channel": "vk", "to": "1", "role": "reply", "identity_id": ANNA}
    return (await promise_row(db, text=text, **known | more)).id


async def take(db: AsyncSession, *, answers_first: bool = True, **more: Any) -> Round:
    return await claim(db, "vk", **{"now": NOON, "limit": 10, "answers_first": answers_first} | more)


def texts(found: Round) -> list[str]:
    return [one.row.body["text"] for one in found.claims]


async def test_what_is_taken_is_what_stands_in_the_table(database: Database) -> None:
    async with database.write() as db:
        await owe(db, buttons=[[Button("Да", "1.1.a.0")]], lead_id=5, reply_to="77", asks_phone=True)
        await owe(db, "Ещё одно", to="2", identity_id=BORIS, things={"file": {"kind": "picture", "name": "карта.png"}})
        (first, second) = (await take(db)).claims
        kept = (await db.execute(select(*COLUMNS).order_by(Outbox.id))).all()
        assert [first.row, second.row] == [Claimed._make(row) for row in kept]
        assert (first.reply_to, first.row.attempt, first.row.first_tried_at) == ("77", 1, NOON)
        assert set(await db.scalars(select(Outbox.status))) == {"sending"}
        assert (await take(db)).claims == [], "each is taken once"


async def test_G2_of_one_chat_one_goes_and_never_before_what_is_older(database: Database) -> None:
    async with database.write() as db:
        await owe(db, "Вчерашнее")
        await db.execute(update(Outbox).values(due_at=NOON + timedelta(hours=1)))
    async with database.write() as db:
        await owe(db, "Анне")
        await owe(db, "Борису", to="2", identity_id=BORIS)
        await owe(db, "Борису ещё", to="2", identity_id=BORIS)
        assert texts(await take(db)) == ["Борису"]
    async with database.write() as db:
        later = await take(db, now=NOON + timedelta(hours=2))
        assert texts(later) == ["Вчерашнее"]


async def test_G2_one_message_of_a_chat_is_on_the_wire_at_a_time(database: Database) -> None:
    async with database.write() as db:
        await owe(db, "Первое")
        assert texts(await take(db)) == ["Первое"]
    async with database.write() as db:
        await owe(db, "Второе")
        assert texts(await take(db)) == []


async def test_what_came_after_it_in_the_transaction_counts(database: Database) -> None:
    async with database.write() as db:
        await owe(db, "Анне, прежде чем она всё отозвала")
        await owe(db, "Борису", to="2", identity_id=BORIS)
        await cancel_all(db, identity_id=ANNA, now=NOON, reason="withdrawn")
        await readdress(db, "vk", old="2", new="2000")
        found = await take(db)
    assert [(one.row.to, one.row.body["text"]) for one in found.claims] == [("2000", "Борису")]


NOT_FOR_THIS_WAY: dict[str, dict[str, Any]] = {
    "nobody asked": {"unsolicited": True},
    "advertising": {"kind": "advertising"},
    "to a desk": {"identity_id": None},
    "to old words": {"priority": 3},
    "in another network": {"channel": "telegram"},
}


@pytest.mark.parametrize("what", NOT_FOR_THIS_WAY)
async def test_what_is_to_be_judged_or_waits_its_turn_goes_the_usual_way(database: Database, what: str) -> None:
    """By the usual way it comes after the answer, where it comes at all."""
    async with database.write() as db:
        await owe(db, "иначе", **{"to": "2", "identity_id": BORIS} | NOT_FOR_THIS_WAY[what])
        await owe(db, "Анне")
        assert texts(await take(db, limit=1)) == ["Анне"]


async def test_an_edit_and_an_answer_to_a_message_of_ours_are_looked_up_first(database: Database) -> None:
    async with database.write() as db:
        said = await owe(db, "Вопрос")
        (asked,) = (await take(db)).claims
        await sent(db, asked.row, message_id="55", now=NOON)
    async with database.write() as db:
        await owe(db, "К этому", reply_to_id=said)
        (answer,) = (await take(db)).claims
        assert (answer.row.body["text"], answer.reply_to) == ("К этому", "55")
        await sent(db, answer.row, message_id="56", now=NOON)
    async with database.write() as db:
        await owe(db, "Старая правка", act="edit", target_id=said)
        await owe(db, "Правка", act="edit", target_id=said)
        found = await take(db)
    assert (found.claims, found.cancelled) == ([], {"superseded": 1})


async def test_M10_a_chat_that_moved_to_one_that_is_closed_waits_with_it(database: Database) -> None:
    async with database.write() as db:
        await owe(db)
        await readdress(db, "vk", old="1", new="1000")
        assert (await take(db, but_not=["1000"])).claims == []
        assert [one.row.to for one in (await take(db)).claims] == ["1000"]


async def test_no_more_than_there_is_room_for_and_no_chat_that_is_closed(database: Database) -> None:
    async with database.write() as db:
        for chat in range(1, 6):
            await owe(db, str(chat), to=str(chat), identity_id=chat)
        assert texts(await take(db, limit=2, but_not=["1"])) == ["2", "3"]
        assert texts(await take(db, limit=9, but_not=["1"])) == ["4", "5"]
        assert (await take(db, limit=0)).claims == []


async def test_where_others_as_urgent_wait_it_waits_behind_them(database: Database) -> None:
    async with database.write() as db:
        await owe(db, "Борису", to="2", identity_id=BORIS)
    async with database.write() as db:
        await owe(db, "Анне")
        assert texts(await take(db, limit=1, answers_first=False)) == ["Борису"]


async def test_cards_come_with_them_as_far_as_there_is_room(database: Database) -> None:
    async with database.write() as db:
        for card in range(3):
            await owe(db, f"Карточка {card}", to="desk", role="card", identity_id=None, lead_id=card)
        await owe(db, "Анне")
        assert texts(await take(db, in_line=5, limit=3)) == ["Карточка 0", "Карточка 1", "Анне"]


async def test_a_number_that_was_given_back_is_nobody_elses_message(database: Database) -> None:
    """What a savepoint took back is not said, whoever has its number now."""
    async with database.write() as db:
        with pytest.raises(RuntimeError):
            async with db.begin_nested():
                await owe(db, "Этого не было")
                raise RuntimeError
        db.sync_session.numbers.clear()
        await owe(db, "Менеджерам", to="desk", role="card", identity_id=None)
        assert texts(await take(db)) == ["Менеджерам"]


async def test_a_message_that_has_no_number_yet_is_found_as_ever(sqlite: Database) -> None:
    async with sqlite.write() as db:
        promise(db, now=NOON, channel="vk", to="1", role="reply", identity_id=ANNA, text="Без номера")
        assert texts(await take(db)) == ["Без номера"]

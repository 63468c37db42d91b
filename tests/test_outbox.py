"""Promises: what a row holds, what cancels it, how it is found again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from dialogs.effects import Button
from storage.claims import Round, claim
from storage.database import Database
from storage.outbox import cancel_all, cancel_unsolicited, find_by_message, promise_row, uncertain, waiting
from storage.outcomes import later, sent, unknown
from storage.tables import Outbox

from .conftest import NOON

ANNA = 7


async def owe(db: AsyncSession, text: str = "Здравствуйте!", **more: object) -> Outbox:
    known = {"now": NOON, "channel": "vk", "to": "1", "role": "reply", "identity_id": ANNA}
    row = await promise_row(db, text=text, **known | more)
    await db.flush()
    return await db.get_one(Outbox, row.id)


async def test_I4_a_promise_is_a_row_of_its_transaction_and_falls_with_it(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as db:
            await owe(db)
            raise RuntimeError
    async with database.write() as db:
        kept = await owe(
            db, buttons=[[Button("Да", "1.1.a.0")], [Button("Сайт", url="https://example.org")]], asks_phone=True
        )
    async with database.read() as db:
        row = await db.get_one(Outbox, kept.id)
        assert (row.status, row.attempt, row.due_at, row.kind, row.act) == ("due", 0, NOON, "service", "say")
        assert row.body == {
            "text": "Здравствуйте!",
            "buttons": [[{"label": "Да", "key": "1.1.a.0", "url": ""}],
                        [{"label": "Сайт", "key": "", "url": "https://example.org"}]],
            "asks_phone": True,
            "drops_keyboard": False,
        }  # fmt: skip
        assert (await waiting(db, now=NOON))["vk"].rows == 1


async def test_an_edit_without_what_it_edits_is_a_mistake_of_ours(sqlite: Database) -> None:
    async with sqlite.write() as db:
        with pytest.raises(ValueError, match="edit"):
            await owe(db, act="edit")


async def test_P48_a_stop_ends_what_nobody_asked_for_and_nothing_else(database: Database) -> None:
    async with database.write() as db:
        reply, reminder = await owe(db), await owe(db, unsolicited=True)
        others = await owe(db, unsolicited=True, to="2", identity_id=ANNA + 1)
        elsewhere = await owe(db, unsolicited=True, channel="telegram", identity_id=ANNA + 2)
        cancel_unsolicited(db, channel="vk", to="1", now=NOON, reason="stop")
        await db.flush()
        cancel_unsolicited(db, channel="vk", to="1", now=NOON, reason="again")
        await db.flush()
        for row in (reply, reminder, others, elsewhere):
            await db.refresh(row)
        assert (reminder.status, reminder.reason, reminder.done_at) == ("cancelled", "stop", NOON)
        assert reply.status == others.status == elsewhere.status == "due"


async def test_P46_a_withdrawal_ends_everything_due_and_its_own_confirmation_goes(database: Database) -> None:
    async with database.write() as db:
        await owe(db), await owe(db, unsolicited=True)
        assert await cancel_all(db, identity_id=ANNA, now=NOON, reason="withdrawn") == 2
        await owe(db, "Согласие отозвано")
    async with database.write() as db:
        found = await claim(db, "vk", now=NOON, limit=10)
    assert [one.row.body["text"] for one in found.claims] == ["Согласие отозвано"]


@pytest.mark.parametrize(("outcome", "ends"), [("sent", "sent"), ("later", "cancelled"), ("unknown", "unknown")])
async def test_P47_what_is_on_the_wire_ends_there(database: Database, outcome: str, ends: str) -> None:
    """Both moments stay: that it was cancelled, and how it ended."""
    async with database.write() as db:
        row = await owe(db)
    async with database.write() as db:
        (claimed,) = (await claim(db, "vk", now=NOON, limit=1)).claims
    async with database.write() as db:
        assert await cancel_all(db, identity_id=ANNA, now=NOON, reason="withdrawn") == 1
    async with database.write() as db:
        if outcome == "sent":
            await sent(db, claimed.row, message_id="5", now=NOON)
        elif outcome == "later":
            await later(db, claimed.row, seconds=5, now=NOON)
        else:
            assert await unknown(db, claimed.row, harmless=True, now=NOON) is False
    async with database.read() as db:
        ended = await db.get_one(Outbox, row.id)
        assert (ended.status, ended.reason) == (ends, "withdrawn")
        assert await uncertain(db) == ({"vk": 1} if ends == "unknown" else {})


async def test_P46_what_another_process_cancels_at_that_moment_is_not_taken(postgresql_url: str) -> None:
    """Both look at the row as it was; whoever comes second waits for the first, and looks again."""
    ours, theirs = Database(postgresql_url), Database(postgresql_url)
    async with ours.write() as db:
        row = await owe(db)

    async def claims() -> Round:
        async with ours.write() as db:
            return await claim(db, "vk", now=NOON, limit=10)

    async with theirs.write() as db:
        await cancel_all(db, identity_id=ANNA, now=NOON, reason="withdrawn")
        claiming = asyncio.create_task(claims())
        await asyncio.wait({claiming}, timeout=0.3)
        assert not claiming.done()
    assert (await claiming).claims == []
    async with ours.read() as db:
        assert (await db.get_one(Outbox, row.id)).status == "cancelled"
    await ours.close()
    await theirs.close()


async def test_a_late_return_of_a_lost_claim_changes_nothing(database: Database) -> None:
    async with database.write() as db:
        row = await owe(db)
    async with database.write() as db:
        (first,) = (await claim(db, "vk", now=NOON, limit=1)).claims
        await unknown(db, first.row, harmless=True, now=NOON)
    async with database.write() as db:
        await sent(db, first.row, message_id="stale", now=NOON)
    async with database.read() as db:
        assert (await db.get_one(Outbox, row.id)).status == "due"
    async with database.write() as db:
        (second,) = (await claim(db, "vk", now=NOON + timedelta(hours=1), limit=1)).claims
        await sent(db, first.row, message_id="stale", now=NOON)
        await sent(db, second.row, message_id="fresh", now=NOON)
    async with database.read() as db:
        assert (await db.get_one(Outbox, row.id)).message_id == "fresh"


async def test_a_message_is_found_by_the_row_that_said_it(database: Database) -> None:
    async with database.write() as db:
        card = await owe(db, role="card", to="-5")
        edit = await owe(db, role="card", to="-5", act="edit", target_id=card.id)
        card.message_id = edit.message_id = "17"
    async with database.read() as db:
        found = await find_by_message(db, channel="vk", to="-5", message_id="17")
        assert found is not None and found.id == card.id
        assert await find_by_message(db, channel="vk", to="-6", message_id="17") is None
        assert await find_by_message(db, channel="telegram", to="-5", message_id="17") is None


async def test_a_claim_costs_the_same_with_one_chat_waiting_or_a_thousand(sqlite: Database) -> None:
    statements: list[str] = []
    async with sqlite.write() as db:
        for chat in range(1000):
            await owe(db, to=str(chat))
    event.listen(sqlite.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    async with sqlite.write() as db:
        found = await claim(db, "vk", now=NOON, limit=30)
    assert len(found.claims) == 30 and len(statements) <= 3


@pytest.mark.parametrize("identity_id", [ANNA, None])
async def test_I3_while_a_message_is_on_the_wire_its_chat_gets_no_other(
    database: Database, identity_id: int | None
) -> None:
    """Nor a desk, nor a person; and a manager who writes to the bot too has one line for both."""
    async with database.write() as db:
        first = await owe(db, identity_id=identity_id)
        await owe(db, identity_id=identity_id)
        await owe(db, identity_id=ANNA if identity_id is None else None)
        other = await owe(db, to="2", identity_id=identity_id)
    async with database.write() as db:
        claimed = (await claim(db, "vk", now=NOON, limit=10)).claims
        assert [one.row.id for one in claimed] == [first.id, other.id]
    async with database.write() as db:
        assert (await claim(db, "vk", now=NOON, limit=10)).claims == []
    order = []
    for _ in range(3):
        async with database.write() as db:
            for one in claimed:
                await sent(db, one.row, message_id="5", now=NOON)
            claimed = (await claim(db, "vk", now=NOON, limit=10)).claims
            order += [one.row.identity_id for one in claimed]
    assert order == [identity_id, ANNA if identity_id is None else None]

"""Leads in the tables: one open lead, checked moves, a history that can be taken back for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import HandClock
from storage import leads, managers, people
from storage.database import Database
from storage.lead_facts import answers_of, codes_of, dialogs_of, events_of, named_by, points_of
from storage.managers import add_manager
from storage.tables import Answer, Contact, ContactPoint, Lead, LeadEvent, Manager
from storage.today import count_day
from tests.desk import plans_of


async def anna(database: Database, clock: HandClock) -> int:
    async with database.write() as db:
        contact = Contact(name="Анна", created_at=clock.now())
        db.add(contact)
        await db.flush()
        return contact.id


async def begin(database: Database, clock: HandClock, contact_id: int, flow: str = "drive") -> int:
    async with database.write() as db:
        lead = await leads.begin_lead(
            db,
            contact=await db.get_one(Contact, contact_id),
            channel="vk",
            flow=flow,
            source="ads",
            campaign="",
            now=clock.now(),
        )
        return lead.id


async def go(database: Database, clock: HandClock, lead_id: int, *path: str, **more: int) -> bool:
    """Walk the lead along these statuses; did the last step succeed?"""
    done = True
    async with database.write() as db:
        lead = await leads.get_lead(db, lead_id)
        for status in path:
            done = await leads.move(db, lead, status, now=clock.now(), **more)
    return done


async def manager(database: Database, clock: HandClock, name: str) -> int:
    async with database.write() as db:
        return (await add_manager(db, channel="vk", external_id=name, name=name, now=clock.now())).id


async def history(db: AsyncSession, lead_id: int) -> Sequence[LeadEvent]:
    theirs = select(LeadEvent).where(LeadEvent.lead_id == lead_id).order_by(LeadEvent.id)
    return (await db.scalars(theirs)).all()


async def test_P36_the_same_interest_goes_on_in_the_open_lead(database, clock):
    contact = await anna(database, clock)
    first = await begin(database, clock, contact)
    assert await begin(database, clock, contact) == first
    assert await begin(database, clock, contact, "courses") != first, "another flow is another interest"
    await go(database, clock, first, "cold")
    assert await begin(database, clock, contact) == first, "a cold lead is open"


async def test_P36_a_later_interest_is_a_new_lead_that_names_the_former(database, clock):
    contact = await anna(database, clock)
    first = await begin(database, clock, contact)
    await go(database, clock, first, "application", "won")
    second = await begin(database, clock, contact)
    async with database.write() as db:
        assert (await leads.get_lead(db, second)).former_id == first
        assert (await leads.get_lead(db, first)).former_id is None
    await go(database, clock, second, "junk")
    third = await begin(database, clock, contact)
    async with database.write() as db:
        assert (await leads.get_lead(db, third)).former_id == second


async def test_P14_two_devices_at_once_begin_one_lead(database, clock):
    contact = await anna(database, clock)
    begun = await asyncio.gather(*(begin(database, clock, contact) for _ in range(6)))
    assert len(set(begun)) == 1


async def test_M5_of_many_who_take_at_once_one_is_first(database, clock):
    lead = await begin(database, clock, await anna(database, clock))
    await go(database, clock, lead, "application")
    hands = [await manager(database, clock, name) for name in ("Ольга", "Олег", "Вера", "Иван")]
    won = await asyncio.gather(*(go(database, clock, lead, "taken", manager_id=one) for one in hands))
    assert sorted(won) == [False, False, False, True]
    async with database.write() as db:
        assert (await leads.get_lead(db, lead)).manager_id == hands[won.index(True)]
        assert [event.what for event in await history(db, lead)].count("taken") == 1


async def test_M5_a_stale_view_of_the_lead_does_not_win(database, clock):
    lead_id = await begin(database, clock, await anna(database, clock))
    async with database.write() as db:
        stale = await leads.get_lead(db, lead_id)
    await go(database, clock, lead_id, "application", "lost")
    async with database.write() as db:
        db.add(stale)
        assert not await leads.move(db, stale, "cold", now=clock.now())
        assert stale.status == "lost"


ALLOWED = {
    "new": {"application", "cold", "junk"},
    "application": {"taken", "won", "lost", "junk", "cold"},
    "taken": {"in_work", "won", "lost", "junk"},
    "in_work": {"won", "lost", "junk"},
    "cold": {"new", "application", "taken", "won", "lost", "junk"},
    "won": set(),
    "lost": set(),
    "junk": set(),
}


async def test_status_moves_only_along_the_list(sqlite, clock):
    contact = await anna(sqlite, clock)
    for before in ALLOWED:
        for after in ALLOWED:
            lead_id = await begin(sqlite, clock, contact, f"{before}_{after}")
            async with sqlite.write() as db:
                lead = await leads.get_lead(db, lead_id)
                lead.status = before
                await db.flush()
                moved = await leads.move(db, lead, after, now=clock.now())
                assert moved == (after in ALLOWED[before]), f"{before} -> {after}"
                assert lead.status == (after if moved else before)
                events = [event.what for event in await history(db, lead_id)]
                assert events == (["new", after] if moved else ["new"])


async def test_what_a_move_stamps(database, clock):
    lead_id = await begin(database, clock, await anna(database, clock))
    olga, oleg = await manager(database, clock, "Ольга"), await manager(database, clock, "Олег")
    start = clock.now()
    await go(database, clock, lead_id, "application")
    clock.forward(timedelta(minutes=1))
    await go(database, clock, lead_id, "taken", manager_id=olga)
    clock.forward(timedelta(minutes=1))
    async with database.write() as db:
        lead = await leads.get_lead(db, lead_id)
        assert await leads.move(db, lead, "lost", now=clock.now(), manager_id=oleg, reason="Дорого", channel="vk")
        assert (lead.applied_at, lead.taken_at) == (start, start + timedelta(minutes=1))
        assert (lead.closed_at, lead.reason) == (clock.now(), "Дорого")
        assert lead.manager_id == olga, "who closed it is in the history; whose it was stays"
        closing = (await history(db, lead_id))[-1]
        assert (closing.manager_id, closing.channel, closing.at) == (oleg, "vk", clock.now())


async def test_what_was_changed_in_the_same_transaction_is_not_lost_by_a_move(database, clock):
    lead_id = await begin(database, clock, await anna(database, clock))
    async with database.write() as db:
        lead = await leads.get_lead(db, lead_id)
        lead.score, lead.reasons = 60, ["есть trade-in"]
        assert await leads.move(db, lead, "application", now=clock.now())
    async with database.write() as db:
        again = await leads.get_lead(db, lead_id)
        assert (again.score, again.reasons, again.status) == (60, ["есть trade-in"], "application")


async def test_M7_undo_restores_what_was_and_keeps_both_in_the_history(database, clock):
    lead_id = await begin(database, clock, await anna(database, clock))
    olga = await manager(database, clock, "Ольга")
    await go(database, clock, lead_id, "application", "taken", manager_id=olga)
    taken_at = clock.now()
    clock.forward(timedelta(seconds=30))
    await go(database, clock, lead_id, "won", manager_id=olga)
    async with database.write() as db:
        lead = await leads.get_lead(db, lead_id)
        event = (await history(db, lead_id))[-1]
        assert await leads.undo(db, lead, event, now=clock.now(), channel="vk")
        assert (lead.status, lead.closed_at, lead.taken_at, lead.manager_id) == ("taken", None, taken_at, olga)
        assert not await leads.undo(db, lead, event, now=clock.now(), channel="vk"), "once"
    async with database.write() as db:
        won, undone = (await history(db, lead_id))[-2:]
        assert (won.what, won.undone_at, undone.what) == ("won", clock.now(), "undone")


async def test_M7_undo_gives_back_how_the_phone_was_checked(database, clock):
    contact = await anna(database, clock)
    lead_id, olga = await begin(database, clock, contact), await manager(database, clock, "Ольга")
    async with database.write() as db:
        people.record_contact_point(
            db, contact_id=contact, kind="phone", value="+79001234567", verified="own_contact", now=clock.now()
        )
        (point,) = (await points_of(db, [contact]))[contact]
        before, point.verified = point.verified, "wrong_person"
        detail = {"from": "new", "to": "new", "points": {str(point.id): before}}
        leads.record_event(db, lead_id=lead_id, what="wrong_person", detail=detail, manager_id=olga, now=clock.now())
        event = (await history(db, lead_id))[-1]
        assert await leads.undo(db, await leads.get_lead(db, lead_id), event, now=clock.now(), channel="vk")
    async with database.write() as db:
        assert (await db.get_one(ContactPoint, point.id)).verified == "own_contact"


async def test_M7_a_closed_lead_is_not_reopened_beside_a_newer_one(database, clock):
    contact = await anna(database, clock)
    first = await begin(database, clock, contact)
    await go(database, clock, first, "junk", manager_id=await manager(database, clock, "Ольга"))
    second = await begin(database, clock, contact)
    async with database.write() as db:
        lead, event = await leads.get_lead(db, first), (await history(db, first))[-1]
        assert not await leads.undo(db, lead, event, now=clock.now(), channel="vk")
        assert lead.status == "junk"
        found = await leads.find_open_lead(db, contact_id=contact, flow="drive")
        assert found and found.id == second


async def test_an_answer_given_again_replaces_the_former(database, clock):
    lead_id = await begin(database, clock, await anna(database, clock))
    for shown in ("Омега", "Альфа"):
        async with database.write() as db:
            leads.record_answer(
                db, lead_id=lead_id, step="car", kind="choice", label="Модель", value="x", shown=shown, now=clock.now()
            )
            assert [answer.shown for answer in (await answers_of(db, [lead_id]))[lead_id]] == [shown]
    async with database.write() as db:
        assert (await db.get_one(Answer, (lead_id, "car"))).answered_at == clock.now()


async def test_get_lead_says_when_there_is_none(sqlite):
    async with sqlite.write() as db:
        with pytest.raises(LookupError, match="no lead 7"):
            await leads.get_lead(db, 7)


async def test_queries_that_grow_with_the_tables_are_on_indexes(sqlite, clock):
    since = clock.now()

    async def play(db):
        await leads.find_open_lead(db, contact_id=1, flow="drive")
        await dialogs_of(db, [1, 2])
        await points_of(db, [1, 2])
        await named_by(db, [("phone", "+79001234567")])
        await codes_of(db, [Lead(id=1, flow="drive", offer="spring")])
        await events_of(db, [1, 2], what={"taken", "won"})
        await answers_of(db, [1, 2])
        await count_day(db, since=since, until=since + timedelta(days=1))

    plans = await plans_of(sqlite, play)
    assert len(plans) >= 12
    assert [plan for plan in plans if plan.startswith("SCAN")] == []


async def test_a_manager_removed_is_found_no_more_but_keeps_the_name(database, clock):
    olga = await manager(database, clock, "Ольга")
    async with database.write() as db:
        assert await managers.find_manager(db, channel="vk", external_id="Ольга")
        removed = await managers.remove_manager(db, olga, now=clock.now())
        assert removed and removed.removed_at == clock.now()
        assert await managers.remove_manager(db, olga, now=clock.now()) is None
        assert await managers.find_manager(db, channel="vk", external_id="Ольга") is None
        assert await managers.names_of(db, {olga}) == {olga: "Ольга"}
        again = await managers.add_manager(db, channel="vk", external_id="Ольга", name="Оля", now=clock.now())
        assert (again.id, again.name, again.removed_at) == (olga, "Оля", None)
        guest = await managers.record_guest(db, channel="vk", external_id="1", name="Борис", now=clock.now())
        assert guest.removed_at is not None, "a right that comes from elsewhere is not written here"
        assert [one.id for one in await managers.team(db)] == [olga]
    async with database.write() as db:
        assert (await db.get_one(Manager, olga)).name == "Оля"

"""The sentences of ``tests/invariants.py`` are told when they are not true: one broken row each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.clock import HandClock
from handlers.work import Desk
from storage.database import Database
from tests import meridian
from tests.invariants import broken
from tests.person_play import DESK, Play

DESKS = [Desk("telegram", DESK), Desk("vk", DESK)]
NOBODY = "(select id from identity where external_id = '7700100302')"

BREAKS = {
    "P36: contact 1 has two open leads": (
        "drop index uq_lead_open",
        "insert into lead"
        " (contact_id, channel, flow, status, score, reasons, source, campaign, applications, created_at)"
        " select contact_id, channel, flow, 'new', 0, '[]', source, campaign, 0, created_at from lead where id = 1",
    ),
    "P36: lead 1 talks to us in 2 dialogs": (
        "insert into conversation (identity_id, flow, version, step, state, lead_id, source, campaign, started_at,"
        " touched_at) select 77, flow, version, step, state, lead_id, source, campaign, started_at, touched_at"
        " from conversation where id = 1",
    ),
    "I8: lead 1 began without a consent before it": ("update consent set act = 'refused'",),
    "I8: contact 1 has a phone and never consented": ("delete from consent",),
    "I9: the application of lead 1 has no card in vk:-3001": (
        "update outbox set status = 'cancelled', reason = 'x' where channel = 'vk' and role = 'card'",
    ),
    "I6: code 1 belongs to lead 1 and was never issued": ("update promo_code set issued_at = null",),
    "I6: 3 codes of test_drive.spring were issued of a stock of 2": ("update promo_code set issued_at = '2026-11-23'",),
    "I5: message 1 is cancelled without a reason": (
        "update outbox set status = 'cancelled', reason = null where id = 1",
    ),
    "I5: message 1 (reply) is still sending": ("update outbox set status = 'sending' where id = 1",),
    "I4: message 1 (reply) is due to nobody": ("update outbox set status = 'due', \"to\" = '' where id = 1",),
    "I4: message 1 (reply) is about lead 77, which is gone": (
        "update outbox set status = 'due', lead_id = 77 where id = 1",
    ),
    "I7: message 1 is due to identity 1, who said stop": (
        "update identity set stopped_at = '2026-11-23' where id = 1",
        "update outbox set status = 'due', unsolicited = true where id = 1",
    ),
    "I7: message 1 is due to identity 1, who cannot be written to": (
        "update identity set reachable = false where id = 1",
        "update outbox set status = 'due', unsolicited = true where id = 1",
    ),
    "I8: advertisement 1 names no consent": ("update outbox set kind = 'advertising' where id = 1",),
    "T7: follow-up 1 of conversation 1 is planned after the application": (
        "update follow_up set status = 'planned' where id = 1",
    ),
    "I10: conversation 1 stands at gone, which version": (
        "update conversation set step = 'gone', state = json_set(state, '$.step', 'gone') where id = 1",
    ),
    "I10: conversation 1 does not stand where its row says": ("update conversation set step = 'intent' where id = 1",),
    "I2: event telegram-3 made two rows in the ledger": (
        "insert into consent (pseudonym, purpose, act, digest, channel, event_id, at)"
        " select pseudonym, purpose, act, digest, channel, event_id, at from consent where id = 1",
    ),
    "conversation 1 points to lead 77": ("update conversation set lead_id = 77 where id = 1",),
    "I12: '79051112233' is still in contact_point.value": (),
}


@pytest.mark.parametrize("told", BREAKS)
async def test_a_broken_row_is_told(sqlite: Database, clock: HandClock, told: str):
    play = await Play.begin(sqlite, clock)
    await play.person("Анна", "7700100201").applies()
    stocks, absent = {"test_drive.spring": 3}, ["7700100999"]
    usual = {"now": clock.now(), "desks": DESKS, "flows": lambda version: meridian.flow_set(), "quiet": True}
    assert await broken(sqlite, **usual, stocks=stocks, absent=absent) == []
    async with sqlite.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        await raw.execute("PRAGMA foreign_keys=OFF")
        for statement in BREAKS[told]:
            await raw.execute(statement)
        await raw.commit()
    stocks = {"test_drive.spring": 2} if "stock of 2" in told else stocks
    absent = ["79051112233"] if "I12" in told else absent
    found = await broken(sqlite, **usual, stocks=stocks, absent=absent)
    assert any(sentence.startswith(told) for sentence in found), "\n".join(found) or "nothing was told"


async def test_an_advertisement_after_the_consent_ended_is_told(sqlite: Database, clock: HandClock):
    play = await Play.begin(sqlite, clock)
    await play.person("Анна", "7700100201").applies()
    later = (clock.now() + timedelta(minutes=5)).isoformat(" ")
    async with sqlite.write() as db:
        await db.execute(text("update consent set purpose = 'advertising' where id = 1"))
        await db.execute(text("insert into consent (pseudonym, purpose, act, channel, event_id, at) select pseudonym,"
                              " 'advertising', 'withdrawn', channel, 'x', at from consent where id = 1"))  # fmt: skip
        await db.execute(
            text(f"update outbox set kind = 'advertising', consent_id = 1, first_tried_at = '{later}' where id = 1")
        )
    found = await broken(sqlite, now=clock.now())
    assert "I8: advertisement 1 went out after its consent had ended" in found

"""The ledger of consents: what was shown is what is recorded, and the newest word holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from storage import consents
from storage.database import Database
from storage.outbox import promise_row
from storage.tables import Consent, ConsentText, Outbox

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDING = "Согласие на обработку персональных данных\n\nЯ даю согласие ООО «Меридиан Авто»…"


async def record(
    db, pseudonym: str, purpose: str, act: str, digest: str = "d1", text: str = WORDING, at: datetime = NOON
):
    consents.record_consent(
        db, identity_id=1, pseudonym=pseudonym, purpose=purpose, act=act, digest=digest, text=text, channel="telegram",
        event_id="e1", now=at,
    )  # fmt: skip
    return (await consents.history(db, [pseudonym]))[-1]


async def test_L1_L2_each_purpose_has_its_own_record_with_all_that_proves_it(database: Database):
    async with database.write() as db:
        asked = {"channel": "telegram", "to": "501", "identity_id": 1, "role": "consent:personal_data", "now": NOON}
        shown = [await promise_row(db, text=WORDING, **asked) for _ in ("at first", "once more")][-1]
        await db.flush()
        (await db.get_one(Outbox, shown.id)).message_id = "70"
        await record(db, "anna", "personal_data", "given")
        await record(db, "anna", "advertising", "refused", "d2", "Согласие на рекламу…")
    async with database.read() as db:
        given, refused = await consents.history(db, ["anna"])
        assert (given.purpose, given.act, given.digest) == ("personal_data", "given", "d1")
        assert (given.channel, given.shown_outbox_id, given.shown_message_id, given.event_id) == (
            "telegram",
            shown.id,
            "70",
            "e1",
        )
        assert given.at == NOON
        assert await consents.wordings(db, ["d1"]) == {"d1": WORDING}
        assert (refused.purpose, refused.act) == ("advertising", "refused")
        assert await consents.in_force(db, ["anna", "boris"]) == {"anna": {"personal_data": "d1"}}


async def test_P45_a_later_wording_is_kept_beside_the_one_that_was_shown(database: Database):
    async with database.write() as db:
        await record(db, "anna", "personal_data", "given", "d1", WORDING)
        await record(db, "boris", "personal_data", "given", "d1", WORDING)
        await record(db, "boris", "personal_data", "given", "d2", WORDING + " Новая редакция.")
    async with database.read() as db:
        assert await consents.in_force(db, ["anna", "boris"]) == {
            "anna": {"personal_data": "d1"},
            "boris": {"personal_data": "d2"},
        }
        assert await db.scalar(select(func.count()).select_from(ConsentText)) == 2


async def test_L8_withdrawing_ends_what_is_in_force_once_and_leaves_the_ledger_whole(database: Database):
    later = NOON + timedelta(days=3)
    async with database.write() as db:
        await record(db, "anna", "personal_data", "given")
        await record(db, "anna", "advertising", "given", "d2", "Реклама")
        await record(db, "boris", "advertising", "given", "d2", "Реклама")
    async with database.write() as db:
        only_ads = {"purposes": ["advertising"], "channel": "telegram", "event_id": "e9", "now": later}
        assert await consents.withdraw(db, pseudonym="anna", **only_ads) == ["advertising"]
        assert await consents.in_force(db, ["anna"]) == {"anna": {"personal_data": "d1"}}
        assert await consents.withdraw(db, pseudonym="anna", **only_ads) == []
        everything = {"channel": "telegram", "event_id": "e10", "now": later}
        assert await consents.withdraw(db, pseudonym="anna", **everything) == ["personal_data"]
    async with database.read() as db:
        assert await consents.in_force(db, ["anna", "boris"]) == {"boris": {"advertising": "d2"}}
        rows = await consents.history(db, ["anna"])
        assert [(row.purpose, row.act, row.digest) for row in rows] == [
            ("personal_data", "given", "d1"),
            ("advertising", "given", "d2"),
            ("advertising", "withdrawn", "d2"),
            ("personal_data", "withdrawn", "d1"),
        ]


async def test_I8_an_advertisement_points_to_the_consent_that_is_in_force_and_to_no_other(database: Database):
    async with database.write() as db:
        await record(db, "anna", "advertising", "given", "d2", "Реклама")
        newer = await record(db, "anna", "advertising", "given", "d2", "Реклама")
        assert await consents.consent_id(db, "anna", "advertising") == newer.id
        assert await consents.consent_id(db, "anna", "personal_data") is None
        await record(db, "anna", "advertising", "refused", "d2", "Реклама")
        assert await consents.consent_id(db, "anna", "advertising") is None
        again = await record(db, "anna", "advertising", "given", "d2", "Реклама")
        assert await consents.consent_id(db, "anna", "advertising") == again.id


async def test_L36_the_same_address_has_the_same_pseudonym_for_ever_and_shows_nothing_of_it(database: Database):
    async with database.write() as db:
        with pytest.raises(LookupError):
            await consents.pseudonym(db, "telegram", "100200300")
        assert await consents.ensure_salt(db, "first") == "first"
    async with database.write() as db:
        assert await consents.ensure_salt(db, "second") == "first"
        one = await consents.pseudonym(db, "telegram", "100200300")
        assert one == await consents.pseudonym(db, "telegram", "100200300")
        assert "100200300" not in one and len(one) == 64
        assert (
            len(
                {one, await consents.pseudonym(db, "vk", "100200300"), consents.digest_of("x", "telegram", "100200300")}
            )
            == 3
        )


async def test_L37_a_consent_holds_for_the_address_that_gave_it_alone(database: Database):
    async with database.write() as db:
        await consents.ensure_salt(db, "salt")
        telegram, vk = [await consents.pseudonym(db, channel, "5") for channel in ("telegram", "vk")]
        await record(db, telegram, "advertising", "given", "d2", "Реклама")
        assert await consents.in_force(db, [vk]) == {}
        assert list(await consents.in_force(db, [vk, telegram])) == [telegram]
        assert await db.scalar(select(func.count()).select_from(Consent)) == 1

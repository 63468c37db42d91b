"""Promo codes: never beyond the stock, never twice, counted truthfully (I6)."""

from __future__ import annotations

import asyncio
import itertools
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.fresh_codes import ALPHABET, fresh_codes
from handlers.work import Work
from storage import codes
from storage.codes import Imported, Issued, OutOfPromoCodes
from storage.database import Database
from storage.tables import Lead, PromoCode

from .desk import LIBRARY

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SPRING = "test_drive.spring"


async def leads(database: Database, number: int) -> list[int]:
    row = {"channel": "web", "flow": "test_drive", "status": "new", "source": "s", "campaign": "", "score": 0,
           "reasons": [], "applications": 0, "created_at": NOON}  # fmt: skip
    async with database.write() as db:
        await db.execute(insert(Lead), [row] * number)
        return list(await db.scalars(select(Lead.id).order_by(Lead.id)))


async def issue(database: Database, lead_id: int, offer: str = SPRING) -> str:
    async with database.write() as db:
        return (await codes.issue_promo_code(db, offer=offer, lead_id=lead_id, valid_until=None, now=NOON)).code


def numbered() -> itertools.chain[str]:
    return itertools.chain(f"SPRING-{number}" for number in itertools.count())


async def test_I6_a_code_of_a_savepoint_that_fell_is_in_no_card(sqlite: Database):
    """It is free again, and may be somebody else's before the transaction ends."""
    async with sqlite.write() as db:
        work = Work(db, NOON, LIBRARY, (), frozenset())
        work.issued[1, "spring"] = Issued("SPRING-0", None, again=False)
        work.take_back()
    assert not work.issued


async def test_I6_the_oldest_free_code_and_asked_again_the_same_one(database: Database):
    anna, boris = await leads(database, 2)
    until = NOON + timedelta(days=3)
    async with database.write() as db:
        assert await codes.fill_stock(db, offer=SPRING, stock=2, fresh=numbered()) == 2
        first = await codes.issue_promo_code(db, offer=SPRING, lead_id=anna, valid_until=until, now=NOON)
        again = await codes.issue_promo_code(
            db, offer=SPRING, lead_id=anna, valid_until=None, now=NOON + timedelta(hours=1)
        )
        assert (first.code, again.code) == ("SPRING-0", "SPRING-0")
        assert (first.valid_until, again.valid_until) == (until, until)
        assert (first.again, again.again) == (False, True)
        row = await db.scalar(select(PromoCode).where(PromoCode.lead_id == anna))
        assert (row.issued_at, row.valid_until) == (NOON, until)
    assert await issue(database, boris) == "SPRING-1"


async def test_P39_the_last_code_is_the_last(database: Database):
    anna, boris = await leads(database, 2)
    async with database.write() as db:
        await codes.fill_stock(db, offer=SPRING, stock=1, fresh=numbered())
    await issue(database, anna)
    with pytest.raises(OutOfPromoCodes, match=SPRING):
        await issue(database, boris)
    assert await issue(database, anna) == "SPRING-0"
    async with database.read() as db:
        assert await codes.left(db, [SPRING, "courses.free"]) == {SPRING: 0, "courses.free": 0}


CLAIMANTS = 300  # thousands are in tests/torture/race.py


async def test_P39_R2_hundreds_claim_a_hundred_codes_at_once_and_a_hundred_get_one(database: Database):
    people = await leads(database, CLAIMANTS)
    async with database.write() as db:
        await codes.fill_stock(db, offer=SPRING, stock=100, fresh=fresh_codes("spring", 100))
    counters: list[int] = []

    async def claim(lead_id: int) -> str | None:
        try:
            return await issue(database, lead_id)
        except OutOfPromoCodes:
            if lead_id % 9 == 0:
                async with database.read() as db:
                    counters.append((await codes.left(db, [SPRING]))[SPRING])
            return None

    # everybody presses twice, as people do
    claimed = await asyncio.gather(*(claim(lead_id) for lead_id in people + people[: CLAIMANTS // 10]))
    got = [code for code in claimed[:CLAIMANTS] if code]
    assert len(got) == len(set(got)) == 100
    assert all(one in (None, claimed[place]) for place, one in enumerate(claimed[CLAIMANTS:]))
    assert min(counters) == 0 and max(counters) <= 100  # P41: never below zero
    async with database.read() as db:
        rows = list(await db.scalars(select(PromoCode)))
        assert len(rows) == 100 and len({row.lead_id for row in rows}) == 100
        assert {row.code for row in rows} == set(got)


async def test_P39_one_lead_pressing_from_ten_devices_at_once_has_one_code(database: Database):
    (anna,) = await leads(database, 1)
    async with database.write() as db:
        await codes.fill_stock(db, offer=SPRING, stock=20, fresh=numbered())
    assert set(await asyncio.gather(*(issue(database, anna) for _ in range(10)))) == {"SPRING-0"}
    async with database.read() as db:
        assert await codes.left(db, [SPRING]) == {SPRING: 19}


@pytest.mark.parametrize(
    ("before", "issued", "after", "free", "in_all"),
    [(0, 0, 5, 5, 5), (5, 2, 5, 3, 5), (5, 2, 8, 6, 8), (5, 2, 3, 1, 3), (5, 3, 3, 0, 3), (5, 3, 1, 0, 3)],
)
async def test_A14_the_stock_follows_the_file_and_never_takes_an_issued_code(
    database: Database, before: int, issued: int, after: int, free: int, in_all: int
):
    people = await leads(database, 5)
    async with database.write() as db:
        await codes.fill_stock(db, offer=SPRING, stock=before, fresh=numbered())
        await codes.fill_stock(db, offer="courses.free", stock=4, fresh=numbered())
    given = {await issue(database, lead_id) for lead_id in people[:issued]}
    async with database.write() as db:
        assert await codes.fill_stock(db, offer=SPRING, stock=after, fresh=numbered()) == free
        rows = list(await db.scalars(select(PromoCode).where(PromoCode.offer == SPRING)))
        assert len(rows) == in_all
        assert given <= {row.code for row in rows}
        assert await codes.left(db, ["courses.free"]) == {"courses.free": 4}


async def test_a_stock_that_cannot_be_filled_says_so(database: Database):
    async with database.write() as db:
        with pytest.raises(ValueError, match="2 codes are missing"):
            await codes.fill_stock(db, offer=SPRING, stock=4, fresh=["A", "B", "A"])


async def test_I6_a_code_whose_person_was_erased_is_not_given_to_the_next(database: Database):
    anna, boris = await leads(database, 2)
    async with database.write() as db:
        await codes.fill_stock(db, offer=SPRING, stock=1, fresh=numbered())
    await issue(database, anna)
    async with database.write() as db:
        await db.execute(update(PromoCode).values(lead_id=None))
    with pytest.raises(OutOfPromoCodes):
        await issue(database, boris)


LIST = [
    "\ufeffKASSA-1",
    " KASSA-2 ",
    "",
    "kassa-1",
    "KASSA-3\u00a0",
    "  ",
    "KA SSA",
    "КASSA-4",
    "СОН-5",
    "ЛЕТО-6",
    "X" * 65,
    "\x00A",
]


async def test_A13_a_list_of_codes_is_taken_in_with_counts_and_nothing_odd(database: Database):
    (anna,) = await leads(database, 1)
    async with database.write() as db:
        assert await codes.import_codes(db, offer=SPRING, codes=LIST) == Imported(
            added=4, doubled=1, blank=2, refused=5
        )
        kept = select(PromoCode.code).where(PromoCode.offer == SPRING).order_by(PromoCode.id)
        assert list(await db.scalars(kept)) == ["KASSA-1", "KASSA-2", "KASSA-3", "ЛЕТО-6"]
    await issue(database, anna)
    async with database.write() as db:
        again = await codes.import_codes(db, offer=SPRING, codes=["KASSA-1", "KASSA-7"])
        assert again == Imported(added=1, doubled=1, blank=0, refused=0)
        assert "добавлено кодов: 1; повторов: 1" in str(again)
        assert await codes.left(db, [SPRING]) == {SPRING: 4}
    assert await issue(database, anna) == "KASSA-1"


def test_a_fresh_code_can_be_read_aloud():
    made = list(itertools.islice(fresh_codes("spring_2026", 200), 200))
    assert len(set(made)) == 200
    assert all(re.fullmatch(rf"SPRING2026-[{ALPHABET}]{{6}}", code) for code in made)
    assert not set("0O1IL") & set(ALPHABET)
    assert re.fullmatch(rf"[{ALPHABET}]{{6}}", next(fresh_codes("", 1)))

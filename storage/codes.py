"""Promo codes: a stock in the database, issued by one guarded statement, counted truthfully (I6, D23).

``offer`` is ``flow.offer`` everywhere. A code is free until ``issued_at`` is set; erasing a person takes the lead off
their code and never puts it back into the stock.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import BindParameter, bindparam, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.columns import Big, Moment
from storage.gathered import ask_now
from storage.locks import hold
from storage.tables import Lead, PromoCode

LONGEST = 64
_AT_ONCE = 500  # rows a statement: PostgreSQL's driver takes 32,767 values
_LOOK_ALIKE = frozenset("АВЕЁКМНОРСТУХаеёорсухк")


class OutOfPromoCodes(Exception):
    """The offer's stock is empty; its argument is the offer."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A lead's code and its deadline as it was given first; ``again``: it was theirs already."""

    code: str
    valid_until: datetime | None
    again: bool


_offer: BindParameter[str] = bindparam("of_offer")
_lead: BindParameter[int] = bindparam("to_lead", type_=Big)
_mine = select(PromoCode.id).where(PromoCode.offer == _offer, PromoCode.lead_id == _lead).scalar_subquery()
_oldest = (
    select(PromoCode.id)
    .where(PromoCode.offer == _offer, PromoCode.issued_at.is_(None))
    .order_by(PromoCode.id)
    .limit(1)
    .with_for_update(skip_locked=True)  # PostgreSQL: two may not meet here
    .scalar_subquery()
)
_is_free = PromoCode.issued_at.is_(None)
_now, _until = bindparam("now", type_=Moment()), bindparam("until", type_=Moment())
_ISSUE = (
    update(PromoCode.__table__)  # type: ignore[arg-type]
    .where(PromoCode.id == func.coalesce(_mine, _oldest))
    .values(
        lead_id=_lead,
        issued_at=case((_is_free, _now), else_=PromoCode.issued_at),
        valid_until=case((_is_free, _until), else_=PromoCode.valid_until),
    )
    .returning(PromoCode.code, PromoCode.valid_until, PromoCode.issued_at)
)


async def issue_promo_code(
    db: AsyncSession, *, offer: str, lead_id: int, valid_until: datetime | None, now: datetime
) -> Issued:
    """Give the lead the offer's oldest free code; ask again and it is the same code.

    The lead is written already. ``now`` and ``valid_until`` (None: no deadline) are UTC-aware. Raises OutOfPromoCodes
    when the offer has none left; on PostgreSQL a code that another transaction is just taking counts as taken.
    """
    await hold(db, Lead, lead_id)  # a lead asks one at a time
    asked = {"of_offer": offer, "to_lead": lead_id, "now": now, "until": valid_until}
    issued = await ask_now(db, _ISSUE, asked)
    if not issued:
        raise OutOfPromoCodes(offer)
    ((code, until, issued_at),) = issued
    return Issued(code, until, again=issued_at != now)


_LEFT = (
    select(PromoCode.offer, func.count())
    .where(PromoCode.offer.in_(bindparam("offers", expanding=True)), _is_free)
    .group_by(PromoCode.offer)
    .execution_options(autoflush=False)
)


async def left(db: AsyncSession, offers: Collection[str]) -> dict[str, int]:
    """How many codes of each offer are free at this moment: counted, so neither below zero nor invented (P41)."""
    return dict.fromkeys(offers, 0) | dict((await db.execute(_LEFT, {"offers": sorted(offers)})).all())


async def fill_stock(db: AsyncSession, *, offer: str, stock: int, fresh: Iterable[str]) -> int:
    """Make the offer's codes, issued and free together, ``stock`` in number; how many are free then.

    ``fresh`` brings new codes as they are needed; those the offer already has are passed over. A lower stock takes
    free codes away and never an issued one: below what is issued it closes at zero (A14).
    Raises ValueError when ``fresh`` runs dry.
    """
    has = int(await db.scalar(select(func.count()).where(PromoCode.offer == offer)) or 0)
    if has > stock:
        await _take_away(db, offer, has - stock)
    supply = iter(fresh)
    while has < stock:
        batch = list(islice(supply, min(stock - has, _AT_ONCE)))
        if not batch:
            raise ValueError(f"{offer}: {stock - has} codes are missing and there are no fresh ones")
        has += await _add(db, offer, batch)
    return (await left(db, [offer]))[offer]


async def _take_away(db: AsyncSession, offer: str, number: int) -> None:
    """Free ones, the newest first; what somebody is claiming at this moment is left alone."""
    free = (PromoCode.offer == offer, PromoCode.issued_at.is_(None))
    newest = select(PromoCode.id).where(*free).order_by(PromoCode.id.desc()).limit(number)
    spare = newest.with_for_update(skip_locked=True).scalar_subquery()
    await db.execute(delete(PromoCode).where(*free, PromoCode.id.in_(spare)))


async def _add(db: AsyncSession, offer: str, batch: Collection[str]) -> int:
    """Add those the offer does not have; how many."""
    new = list(dict.fromkeys(batch))
    taken = await db.scalars(select(PromoCode.code).where(PromoCode.offer == offer, PromoCode.code.in_(new)))
    known = set(taken)
    rows = [{"offer": offer, "code": code} for code in new if code not in known]
    if rows:
        await db.execute(insert(PromoCode), rows)
    return len(rows)


# ---------------------------------------------------------------- a list of one's own


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a list's lines: ``doubled`` were there already, ``refused`` are no codes (A13)."""

    added: int
    doubled: int
    blank: int
    refused: int

    def __str__(self) -> str:
        refused = f"не приняты (пробелы внутри, смесь русских и латинских букв, длиннее {LONGEST} знаков)"
        parts = {"повторов": self.doubled, "пустых строк": self.blank, refused: self.refused}
        return "; ".join([f"добавлено кодов: {self.added}", *(f"{what}: {n}" for what, n in parts.items() if n)])


async def import_codes(db: AsyncSession, *, offer: str, codes: Iterable[str]) -> Imported:
    """Add a list of codes to the offer's stock. Only ever adds: what is issued is never forgotten."""
    known = {_key(code) for code in await db.scalars(select(PromoCode.code).where(PromoCode.offer == offer))}
    met: Counter[str] = Counter()
    good = _sorted_out(codes, known, met)
    while batch := list(islice(good, _AT_ONCE)):
        await db.execute(insert(PromoCode), [{"offer": offer, "code": code} for code in batch])
        met["added"] += len(batch)
    return Imported(met["added"], met["doubled"], met["blank"], met["refused"])


def _sorted_out(codes: Iterable[str], known: set[str], met: Counter[str]) -> Iterator[str]:
    for line in codes:
        code = line.strip(" \t\r\n\v\f\ufeff\u00a0\u200b\u2060")
        if not code:
            met["blank"] += 1
        elif not _sound(code):
            met["refused"] += 1
        elif _key(code) in known:
            met["doubled"] += 1
        else:
            known.add(_key(code))
            yield code


def _key(code: str) -> str:
    """«spring-1» said over the phone is «SPRING-1»."""
    return unicodedata.normalize("NFKC", code).casefold()


def _sound(code: str) -> bool:
    """Printable, in one piece, and sure to be read as it is written: not «СОН» whose letters may be Latin."""
    cyrillic = {letter for letter in code if "\u0400" <= letter <= "\u04ff"}
    latin = any(letter.isascii() and letter.isalpha() for letter in code)
    clear = not cyrillic or (not latin and not cyrillic <= _LOOK_ALIKE)
    plain = code.isprintable() and not any(letter.isspace() for letter in code)
    return plain and clear and len(code) <= LONGEST and unicodedata.is_normalized("NFKC", code)

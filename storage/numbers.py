"""Numbers of rows, taken before the rows are written: so rows that refer to one another go out together.

SQLite has one writer, who may count on from the last number given: it looks once (``count_on``). PostgreSQL's sequences
give numbers by the dozen. One that is taken and not used is nobody's for ever.
"""

from __future__ import annotations

from functools import cache
from itertools import count

from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import ask, dialect, gathering
from storage.tables import Row

_LAST = text("SELECT name, seq FROM sqlite_sequence")
_NEXT = select(func.nextval(func.pg_get_serial_sequence(bindparam("table"), "id"))).select_from(
    func.generate_series(1, bindparam("dozen", type_=Integer()))
)
_AT_ONCE = {"lead": 1}  # people read a lead's number: no holes in it
_DOZEN = 12


async def take(db: AsyncSession, table: type[Row]) -> int:
    """The number of one new row; for tables whose numbers are never given again (``NEVER_AGAIN``)."""
    await count_on(db)
    name = table.__tablename__
    if (number := next_known(db, table)) is None:
        asked = {"table": name, "dozen": _AT_ONCE.get(name, _DOZEN)}
        dozen = gathering(db).numbers[name] = iter((await db.scalars(_NEXT, asked)).all())
        number = next(dozen)
    return number


async def count_on(db: AsyncSession) -> None:
    """SQLite: from here on, in this transaction, numbers are known without asking."""
    if not gathering(db).numbers and dialect(db) == "sqlite":
        last: dict[str, int] = dict(await ask(db, _LAST, {}))  # what is gathered without a number gets one first
        gathering(db).numbers.update({name: count(last.get(name, 0) + 1) for name in _counted()})


@cache
def _counted() -> tuple[str, ...]:
    """Tables whose numbers are never given again."""
    tables = (one.class_ for one in Row.registry.mappers)
    return tuple(one.__tablename__ for one in tables if one.__table__.dialect_options["sqlite"]["autoincrement"])


def next_known(db: AsyncSession, table: type[Row]) -> int | None:
    """The next number, if it is known without asking."""
    numbers = gathering(db).numbers.get(table.__tablename__)
    return None if numbers is None else next(numbers, None)

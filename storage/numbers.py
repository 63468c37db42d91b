"""Numbers of rows, taken before the rows are written: so rows that refer to one another go out together.

SQLite has one writer, who may count on from the last number given; PostgreSQL's sequences give numbers by the dozen.
One that is taken and not used is nobody's for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from sqlalchemy import Integer, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from storage.tables import Outbox, Row

_LAST = text("SELECT name, seq FROM sqlite_sequence")
_NEXT = select(func.nextval(func.pg_get_serial_sequence(bindparam("table"), "id"))).select_from(
    func.generate_series(1, bindparam("dozen", type_=Integer()))
)
_DOZEN = 12


async def take(db: AsyncSession, table: type[Row]) -> int:
    """The number of one new row; for tables whose numbers are never given again (``NEVER_AGAIN``)."""
    taken: dict[str, Iterator[int]] = db.info.setdefault("numbers", {})
    number = next(taken.get(table.__tablename__, iter(())), None)
    if number is None:
        await db.run_sync(_more, table.__tablename__)
        number = next(taken[table.__tablename__])
    return number


def number_promises(session: Session) -> None:
    """Before a flush: SQLite inserts rows that bring their numbers in one statement, and others one by one."""
    new = [row for row in session.new if type(row) is Outbox and row.id is None]
    if new and session.get_bind().dialect.name == "sqlite":
        taken: dict[str, Iterator[int]] = session.info.setdefault("numbers", {})
        if Outbox.__tablename__ not in taken:
            _more(session, Outbox.__tablename__)
        for row, number in zip(new, taken[Outbox.__tablename__], strict=False):
            row.id = number


def _more(session: Session, name: str) -> None:
    taken: dict[str, Iterator[int]] = session.info["numbers"]
    if session.get_bind().dialect.name == "sqlite":
        last = {row[0]: row[1] for row in session.connection().execute(_LAST)}
        taken.update({one: count(last.get(one, 0) + 1) for one in {*last, name} - taken.keys()})
    else:
        asked = {"table": name, "dozen": _DOZEN}
        taken[name] = iter(session.connection().scalars(_NEXT, asked).all())

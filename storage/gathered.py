"""Writes that wait for each other: one statement for a whole batch instead of one for every person in it.

A statement costs much the same for one row as for fifty; most of it is the way to the driver's thread and back. What a
turn writes without looking at the answer is gathered here and goes out when the session is flushed: before anything is
asked of the database, and before the commit. Nobody can see the difference but the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Executable, Insert, bindparam, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import SessionTransaction
from sqlalchemy.orm.attributes import instance_state

from storage.fields import STATE
from storage.quick import Door
from storage.rows import RowSession, as_row, write_rows
from storage.tables import Row

AMONG: BindParameter[Any] = bindparam("among", expanding=True)
"""Where the gathered values go: ``update(...).where(column.in_(AMONG))``."""

AFTER_NEW_ROWS = {"after_new_rows": True}
"""Execution options of an update that may be about a row which is not in its table yet."""

_Second = TypeVar("_Second", int, str)
_Told = TypeVar("_Told")
_Row = TypeVar("_Row", bound=Row)
_Other = TypeVar("_Other", bound=Row)


@dataclass(slots=True)
class _Waiting:
    """``among``: statement -> values, each once. ``rows``: statement -> rows by a key: a later one replaces."""

    among: dict[tuple[Executable, Hashable], tuple[dict[str, Any], dict[object, None]]] = field(default_factory=dict)
    rows: dict[Executable, dict[Hashable, dict[str, Any]]] = field(default_factory=dict)


class GatheringSession(RowSession):
    """A session whose flush writes what was gathered too: changes of rows that are there before its own, so that what
    was set on an object later stands; new rows after its own, to which they refer.

    ``known``: the door of its transaction, for whose connection a session looks long; not that of a savepoint.
    ``numbers``: of new rows, by table (``numbers.py``). ``promised``: channels that a message was promised in;
    ``answers``: of those messages, as they were written, such as answer a person (``outbox.py``)."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.waiting = _Waiting()
        self.known: Door | None = None
        self.numbers: dict[str, Iterator[int]] = {}
        self.promised: set[str] = set()
        self.answers: list[dict[str, Any]] = []

    def flush(self, objects: Any = None) -> None:
        if self._whole(self._write_first):
            super().flush(objects)
        self._whole(self._add)

    def _whole(self, write: Callable[[], _Told]) -> _Told:
        """What fails may be written by half: it is taken back, and whoever goes on without taking note is refused. All
        as after a flush of SQLAlchemy's own, which does it in these words."""
        try:
            return write()
        except BaseException:
            if not self.in_nested_transaction():  # a savepoint has joined; to ask again would hide what has failed
                self._join()
            self._autobegin_t()._begin().rollback(_capture_exception=True)
            raise

    def rollback(self) -> None:
        """All that was written, by the door too."""
        self._join()
        super().rollback()

    def _join(self) -> None:
        """The transaction in which it was opened is its own to take back from now on. So late, since most sessions go
        by the door alone."""
        if self.known and self.is_active:
            self.connection()

    def _write_first(self) -> bool:
        """Changes that were gathered, and rows; is more left to SQLAlchemy?"""
        self._change()
        return self.has_rows() and write_rows(self, self._here)

    def _change(self) -> None:
        waiting = self.waiting
        among, waiting.among = waiting.among, {}
        for (statement, _), (values, wanted) in among.items():
            line = {"among": list(wanted), **values}
            if self._here.ask(statement, line) is None:
                self._here.connection.execute(statement, line)
        for statement in [one for one in waiting.rows if one.is_update and not _is_late(one)]:
            self._write(statement)

    def _add(self) -> None:
        while rows := self.waiting.rows:
            self._write(next(iter(rows)))

    def _write(self, statement: Executable) -> None:
        lines = self.waiting.rows.pop(statement)
        if statement.is_update:  # in one order, so that of two writers each waits for the other at most once
            lines = {key: lines[key] for key in sorted(lines)}  # type: ignore[type-var]
        if lines:
            self._here.write(statement, list(lines.values()))

    @property
    def _here(self) -> Door:
        return _known(self) or Door(self.connection())


gathering: Callable[[AsyncSession], GatheringSession] = attrgetter("sync_session")
"""What is behind a session of the database's, with what it holds until its end."""


class Gathering(AsyncSession):
    """The same for those who await. Rows that it holds are given at once: to look for one costs 40 µs elsewhere."""

    sync_session_class = GatheringSession
    sync_session: GatheringSession

    async def get(self, entity: Any, ident: Any, **options: Any) -> Any:
        key = ident if isinstance(ident, tuple) else (ident,)
        held = None if options else self.sync_session.find_held(entity, key)
        if held is not None and not (STATE in held.__dict__ and instance_state(held).expired):
            return held
        return await super().get(entity, ident, **options)

    async def flush(self, objects: Any = None) -> None:
        waiting = self.sync_session.waiting
        if waiting.rows or waiting.among or self.sync_session.has_rows():
            await super().flush(objects)


async def ask(db: AsyncSession, statement: Executable, values: Mapping[str, Any]) -> Sequence[Any]:
    """What a Core statement brings, as tuples, after all that is to be written before it."""
    await db.flush()
    return await ask_now(db, statement, values)


async def find(
    db: AsyncSession, kind: type[_Row], statement: Executable, values: Mapping[str, Any], *, fresh: bool = False
) -> list[_Row]:
    """The rows that a Core statement over all columns of ``kind`` brings, as objects of the session; ``fresh``: those
    that it holds become what was found."""
    session = gathering(db)
    return [as_row(session, kind, found, fresh=fresh) for found in await ask(db, statement, values)]


async def find_pairs(
    db: AsyncSession, kinds: tuple[type[_Row], type[_Other]], statement: Executable, values: Mapping[str, Any]
) -> list[tuple[_Row, _Other | None]]:
    """The same of a statement over all columns of two kinds; None where an outer join found nothing."""
    first, second = kinds
    ends, session = len(first.__table__.columns), gathering(db)
    return [
        (as_row(session, first, row[:ends]), as_row(session, second, row[ends:]) if any(row[ends:]) else None)
        for row in await ask(db, statement, values)
    ]


async def ask_now(db: AsyncSession, statement: Executable, values: Mapping[str, Any]) -> Sequence[Any]:
    """The same, with no need to write anything first."""
    known = _known(gathering(db))
    found = known.ask(statement, values) if known else None
    if found is not None:
        return found
    return (await (await db.connection()).execute(statement, values)).all()


def _known(session: GatheringSession) -> Door | None:
    """Not in a savepoint, and not after a flush that failed: SQLAlchemy refuses to go on, and must be asked."""
    known = session.known
    return known if known and session.is_active and not session.in_nested_transaction() else None


def _is_late(statement: Executable) -> bool:
    return statement.get_execution_options().keys() >= AFTER_NEW_ROWS.keys()


@event.listens_for(GatheringSession, "after_soft_rollback")
def _forget(session: GatheringSession, _: SessionTransaction) -> None:
    """What was gathered is not written."""
    session.waiting = _Waiting()
    session.answers.clear()  # another row may get the number of one that is not there
    session.forget_rows()


def add_row(db: AsyncSession, row: Row) -> None:
    """A new row that knows its number; written at the next flush."""
    gathering(db).add_row(row)


def is_fresh(db: AsyncSession, row: Row) -> bool:
    """Is it not in its table yet?"""
    return gathering(db).is_fresh(row)


def gather_value(db: AsyncSession, statement: Executable, value: object, **values: Any) -> None:
    """Run ``statement`` once for all values that were gathered for it; it has ``AMONG``. Before gathered rows."""
    among, key = gathering(db).waiting.among, (statement, tuple(values.items()))
    if key not in among:
        among[key] = (values, {})
    among[key][1][value] = None


def gather_row(db: AsyncSession, statement: Executable, key: Hashable, row: dict[str, Any]) -> None:
    """Write the row with all others gathered for ``statement``; of one key the last stands. Keys of an update can be
    put in order."""
    gathering(db).waiting.rows.setdefault(statement, {})[key] = row


def drop_row(db: AsyncSession, statement: Executable, key: Hashable) -> None:
    """The row, if it was gathered and is not written yet, is not wanted any more."""
    gathering(db).waiting.rows.get(statement, {}).pop(key, None)


def by_first(pairs: Iterable[tuple[str, _Second]]) -> dict[str, list[_Second]]:
    """First halves -> second halves, in order: one statement for each first half. Asked for pairs in one statement
    (``(a, b) IN …``), SQLite reads the whole table."""
    halves: dict[str, list[_Second]] = {}
    for first, second in sorted(pairs):
        halves.setdefault(first, []).append(second)
    return halves


def by_dialect(build: Callable[[Callable[..., Any]], Insert]) -> Callable[[AsyncSession], Insert]:
    """A statement with a conflict clause, built once for each kind of database from its own ``insert``."""
    inserts = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

    @cache
    def built(name: str) -> Insert:
        return build(inserts[name])

    return lambda db: built(dialect(db))


def dialect(db: AsyncSession) -> str:
    """What is spoken here: sqlite or postgresql. Every session of ours has one connection, for whatever table."""
    bind = db.sync_session.bind
    assert bind is not None, "the database gives no others"
    return bind.dialect.name


@event.listens_for(GatheringSession, "before_commit")
def _write_all(session: GatheringSession) -> None:
    """Before a commit, and before a savepoint is released, SQLAlchemy flushes what it knows of, and not our notes."""
    session.flush()

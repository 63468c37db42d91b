"""Rows of ours as objects: made of the plain values that were found, and written with one statement for all that have
the same columns to write.

SQLAlchemy's loading asks every column of every row how it comes; its unit of work finds out anew at every flush what
depends on what, and takes 80 µs for each row. Our rows depend on each other by their foreign keys alone and know their
numbers beforehand: the order of the tables is enough, in each of them the changed rows before the new ones, and where
there are several writers the rows by their keys, so that two who change the same wait for each other in one order. Left
to SQLAlchemy: other queries, rows that the database numbers, rows that are deleted, values that are SQL, rows of which
the session has forgotten the key. Before it does any of this it looks for the rows that its session holds, and is shown
ours.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ClauseElement, Executable, Table, bindparam, insert, update
from sqlalchemy.orm import Session, make_transient
from sqlalchemy.orm.attributes import instance_state, set_attribute, set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from storage.fields import SESSION, STATE, Notes, give_state
from storage.quick import Door
from storage.tables import Row

__all__ = ["RowSession", "as_row", "new_row", "write_rows"]

_PLAIN = frozenset({str, int, bool, datetime, dict, list, type(None)})
_WHICH = "which_"  # before a key's name: the row that is meant
_Line = dict[str, Any]
_Key = tuple[type[Row], tuple[Any, ...]]
_Row = TypeVar("_Row", bound=Row)


class RowSession(Session):
    """A session that writes rows of ours itself. ``notes``: what was set on them. ``fresh``: those that are not in
    their tables yet."""

    def __init__(self, *given: Any, **options: Any) -> None:
        self.notes: Notes = {}
        self.fresh: dict[Row, None] = {}
        self._plain: dict[_Key, Row] = {}  # rows that SQLAlchemy has not been shown
        self._is_shown = False  # has it been shown any, or looked for some?
        super().__init__(*given, **options)

    @property
    def identity_map(self) -> Any:
        """SQLAlchemy looks here for the rows that the session holds."""
        self.show_rows()
        return self._shown

    @identity_map.setter
    def identity_map(self, rows: Any) -> None:
        self._shown = rows

    def show_rows(self) -> None:
        """From now on these are rows to SQLAlchemy as any other: it holds those weakly of which nobody knows, where we
        hold all until the session ends."""
        self._is_shown = True
        plain, self._plain = self._plain, {}
        for (_, key), row in plain.items():
            state = give_state(row, key)
            state.session_id = self.hash_key
            self._shown.add(state)

    def hold(self, row: Row, key: tuple[Any, ...]) -> None:
        """It is the session's from now on."""
        row.__dict__[SESSION] = self
        if STATE in row.__dict__:
            state = instance_state(row)
            state.key, state.session_id = row.__mapper__.identity_key_from_primary_key(key), self.hash_key
            self.identity_map.add(state)
        else:
            self._plain[type(row), key] = row

    def find_held(self, kind: type[_Row], key: tuple[Any, ...]) -> _Row | None:
        """The row with this key, if the session holds it."""
        held: Any = self._plain.get((kind, key))
        if held is None and self._is_shown:
            held = self._shown.get(kind.__mapper__.identity_key_from_primary_key(key))
        return held  # type: ignore[no-any-return]

    def is_ours(self, row: Row) -> bool:
        """Does the session hold it still? For rows with its notebook."""
        state = row.__dict__.get(STATE)
        return state is None or self._shown.contains_state(state)

    def expunge_all(self) -> None:
        shown = self._shown.values() if self._is_shown else ()
        for row in (*self._plain.values(), *shown):
            if SESSION in row.__dict__:
                row.__dict__[SESSION] = None
        self._plain.clear()
        self.notes, self.fresh = {}, {}
        super().expunge_all()

    def has_rows(self) -> bool:
        """Is there a row that was set, is new or is to be deleted?"""
        return bool(self.notes or self.fresh or self.is_told())

    def is_told(self) -> bool:
        """Was SQLAlchemy told of any? It joins the transaction then."""
        return self.in_transaction() and bool(self._shown.check_modified() or self.new or self.deleted)

    def add_row(self, row: Row) -> None:
        """It is the session's from now on, and is written at the next flush. In a savepoint that is SQLAlchemy's
        errand: it takes the row back when that falls."""
        if self.in_nested_transaction():
            self.add(row)
        else:
            self.hold(row, tuple([row.__dict__[name] for name in _key_names(type(row))]))
            self.fresh[row] = None

    def is_fresh(self, row: Row) -> bool:
        """Is it not in its table yet?"""
        return row in self.fresh or row in self.new

    def forget_rows(self) -> None:
        """What was noted is not written: after a rollback."""
        fresh, noted = list(self.fresh), list(self.notes)
        self.fresh.clear()
        self.notes.clear()
        for row in fresh:
            if row in self:
                self.expunge(row)
        for row in noted:
            if row in self:
                self.expire(row)


def as_row(session: RowSession, kind: type[_Row], values: Sequence[Any], *, fresh: bool = False) -> _Row:
    """The session's object of a row that was found. ``values``: of all columns, in their order. One that the session
    holds already stays as it is, but for what it does not know any more; ``fresh``: it becomes what was found."""
    key = tuple(values[: _width(kind)])
    held = session.find_held(kind, key)
    if held is None:
        held = _made(kind, zip(_names(kind), values, strict=True))
        session.hold(held, key)
        return held
    known = held.__dict__
    if STATE not in known:
        if fresh:
            known.update(zip(_names(kind), values, strict=True))
    elif fresh or instance_state(held).expired_attributes:
        for name, value in zip(_names(kind), values, strict=True):
            if name not in known or (fresh and known[name] != value):
                set_committed_value(held, name, value)
    return held


@cache
def _names(kind: type[Row]) -> tuple[str, ...]:
    return tuple(column.name for column in kind.__table__.columns)


@cache
def _width(kind: type[Row]) -> int:
    """Of its key, which is the first of its columns."""
    is_key = [column.primary_key for column in kind.__table__.columns]
    assert is_key == sorted(is_key, reverse=True), f"{kind.__name__}: its key comes first"
    return sum(is_key)


@cache
def _key_names(kind: type[Row]) -> tuple[str, ...]:
    return _names(kind)[: _width(kind)]


def new_row(kind: type[_Row], **values: Any) -> _Row:
    """A row that is not in its table yet: whole at once, as its constructor sets column by column, and with what
    it will have where nothing is said. Raises TypeError for a column that there is not."""
    if unknown := values.keys() - _names(kind):
        raise TypeError(f"{kind.__name__} has no {', '.join(unknown)}")
    return _made(kind, _blank(kind) | values)


def _made(kind: type[_Row], values: Any) -> _Row:
    """An object with these columns, as SQLAlchemy would have made it, but for what it keeps about it."""
    row = kind.__new__(kind)
    row.__dict__.update(values)
    return row


@cache
def _blank(kind: type[Row]) -> _Line:
    """What a new row has where nothing is said, but for its key and what is made anew for each row."""
    blank: _Line = {}
    for column in kind.__table__.columns:
        default: Any = column.default
        if default is not None and not default.is_callable:
            blank[column.name] = default.arg
        elif default is None and not column.primary_key and _may_be_none(column):
            blank[column.name] = None
    return blank


def _may_be_none(column: Any) -> bool:
    return column.server_default is None and not column.type.should_evaluate_none


def write_rows(session: RowSession, here: Door) -> bool:
    """What is new and what was changed; is more left to SQLAlchemy? Raises StaleDataError when a row that was changed
    is gone, as far as the driver tells how many it met."""
    may_fall = session.in_nested_transaction()
    if may_fall:
        session.show_rows()  # SQLAlchemy makes those that were written forget it when the savepoint falls
    changed, new = _changed(session), [*filter(session.is_ours, session.fresh)]
    is_told = session.is_told()
    if is_told:
        new += session.new
    found = [*_changed_lines(changed), *_new_lines(new)]
    alone = here.connection.dialect.name == "sqlite"  # one writer: nobody to wait for
    found.sort(key=_group if alone else _place_and_key)
    for (_, is_new, _), some in groupby(found, key=_group):
        rows = list(some)
        if lines := [one.line for one in rows if one.line]:
            table: Table = rows[0].kind.__table__  # type: ignore[assignment]
            met = here.write(_insertion(table) if is_new else _change(table), lines)
            if not is_new and met not in (len(lines), -1):  # -1: the driver does not say
                raise StaleDataError(f"{table.name}: one of {len(lines)} rows is gone")
    states = [instance_state(one.row) for one in found if STATE in one.row.__dict__]
    if known := {state for state in states if may_fall or state.modified or state.key is None}:
        session._register_persistent(known)  # as after a flush of its own
    is_left = len(found) < len(changed) + len(new)
    if is_left:
        _hand_over(session, changed.keys() | new, {one.row for one in found})
    session.notes.clear()
    session.fresh.clear()
    return is_left or (is_told and bool(session.deleted))


def _changed(session: RowSession) -> Notes:
    """What was set on rows that are the session's still, by our notes and by SQLAlchemy's."""
    deleted, told = (session.deleted, session.dirty) if session.is_told() else ((), ())
    changed: Notes = {
        row: before
        for row, before in session.notes.items()
        if row not in session.fresh and row not in deleted and session.is_ours(row)
    }
    for row in told:
        if row not in session.fresh:
            changed[row] = {**changed.get(row, {}), **instance_state(row).committed_state}
    return changed


def _hand_over(session: RowSession, rows: Iterable[Row], written: Container[Row]) -> None:
    """What SQLAlchemy is to write it must know of: it is set once more, and told to it."""
    for row in rows:
        if row in written:
            continue
        held = row.__dict__
        if row in session.fresh:
            make_transient(row)
            session.add(row)
        for name, before in session.notes.get(row, {}).items():
            if name in held:
                value, held[name] = held[name], before
                set_attribute(row, name, value)


class _Written(NamedTuple):
    """One row and what of it is to be written; nothing, where all that was set is what it was. ``group``: its table's
    place among the others, is it new, the columns: all with the same are written by one statement."""

    row: Row
    kind: type[Row]
    line: _Line
    group: tuple[int, bool, tuple[str, ...]]


_group = attrgetter("group")


def _place_and_key(one: _Written) -> tuple[Any, ...]:
    place, is_new, _ = one.group
    return place, is_new, [one.row.__dict__[name] for name in _key_names(one.kind)]


def _new_lines(rows: Iterable[Row]) -> Iterator[_Written]:
    for row in rows:
        kind: type[Row] = type(row)
        line = _of_new(kind, row.__dict__)
        if line is not None:
            yield _Written(row, kind, line, (_place(kind), True, tuple(line)))


def _changed_lines(rows: Mapping[Row, _Line]) -> Iterator[_Written]:
    for row, before in rows.items():
        kind: type[Row] = type(row)
        line = _of_changed(kind, row.__dict__, before)
        if line is not None:
            yield _Written(row, kind, line, (_place(kind), False, tuple(line)))


def _of_new(kind: type[Row], values: _Line) -> _Line | None:
    """All that is known of it, with the defaults; None if the database is to number it."""
    for name in [one for one in _names(kind) if one not in values]:
        column = kind.__table__.columns[name]
        if column.primary_key:
            return None
        if column.default is not None:
            default: Any = column.default
            values[name] = default.arg(None) if default.is_callable else default.arg
        elif _may_be_none(column):
            values[name] = None
    line = {name: values[name] for name in _names(kind) if name in values}
    return None if _has_sql(line) else line


def _of_changed(kind: type[Row], values: _Line, before: _Line) -> _Line | None:
    """What differs from the table, and the key; nothing if nothing does; None if the key is another or forgotten. In
    one order, so that rows with the same columns have one statement, however they were set."""
    line: _Line = {}
    for name in sorted(before):
        was, value = before[name], values.get(name, before[name])
        if value is was:
            continue
        if type(value) not in _PLAIN and _is_sql(value):  # which must not be compared with what was there
            return None
        if value != was:
            line[name] = value
    keys = _key_names(kind)
    for key in keys:
        if key in line or key not in values:
            return None
    return line and line | {_WHICH + key: values[key] for key in keys}


def _has_sql(values: _Line) -> bool:
    """Nearly all are plain, which one look at their kinds tells."""
    return not _PLAIN.issuperset(map(type, values.values())) and any(map(_is_sql, values.values()))


def _is_sql(value: object) -> bool:
    return isinstance(value, ClauseElement) or hasattr(value, "__clause_element__")


@cache
def _place(kind: type[Row]) -> int:
    return kind.metadata.sorted_tables.index(kind.__table__)  # type: ignore[arg-type]


@cache
def _insertion(table: Table) -> Executable:
    return insert(table)


@cache
def _change(table: Table) -> Executable:
    return update(table).where(*(key == bindparam(_WHICH + key.name) for key in table.primary_key.columns))

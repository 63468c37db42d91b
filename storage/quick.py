"""What every batch and every round of delivery asks and writes, as SQL written once and then given to SQLite's driver.

For each execution SQLAlchemy looks a statement up, makes a context of it and a result: some 200 µs on a small server,
of which SQLite takes ten. Here it writes the SQL and says how values come and go, once for each shape of a statement.
Everything else goes its usual way: what PostgreSQL is asked, what readers ask, what is worth a visit to the thread
(``sqlite.py``), and all of it when somebody listens to statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NoReturn

from sqlalchemy import Boolean, Connection
from sqlalchemy.sql.compiler import SQLCompiler

from storage import sqlite

__all__ = ["Door"]

_ROOMS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 100)
"""Lengths of lists for which there is a text; a shorter list says its last value again. Were each length a text of its
own, two lists would make ten thousand, and SQLite would keep few of them ready."""
_ROOM = [next(room for room in _ROOMS if room >= length) for length in range(_ROOMS[-1] + 1)]
_Line = Mapping[str, Any]
_Change = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Ready:
    """SQL as SQLite takes it. ``places``: for each question mark, the name of its value and what becomes of it; a list
    has one place for all of its own, and room for so many. ``fixed``: values that stand in the statement. ``given``,
    ``columns``: places and columns whose values become something else."""

    sql: str
    is_slow: bool
    places: Sequence[tuple[str, _Change | None, int]]
    fixed: _Line
    pick: Callable[[_Line], Sequence[Any]]
    given: Sequence[tuple[int, _Change]]
    columns: Sequence[tuple[int, _Change]]

    def line(self, given: _Line) -> list[Any]:
        known = {**self.fixed, **given} if self.fixed else given
        line: list[Any] = []
        for name, change, room in self.places:
            value = known[name]
            if room:
                line += value if change is None else map(change, value)
                line += line[-1:] * (room - len(value))
            else:
                line.append(value if change is None else change(value))
        return line

    def lines(self, given: Sequence[_Line]) -> list[Sequence[Any]]:
        """Of a statement without lists."""
        whole = [{**self.fixed, **line} for line in given] if self.fixed else given
        return _changed(list(map(self.pick, whole)), self.given)

    def found(self, rows: list[Sequence[Any]]) -> list[Sequence[Any]]:
        return _changed(rows, self.columns)


def _changed(rows: list[Sequence[Any]], changes: Sequence[tuple[int, _Change]]) -> list[Sequence[Any]]:
    """Value by value: to turn rows into columns and back takes longer, however many there are."""
    if not changes:
        return rows
    changed: list[Sequence[Any]] = []
    for row in rows:
        line = list(row)
        for at, change in changes:
            line[at] = change(line[at])
        changed.append(tuple(line))
    return changed


def _changes(some: Iterable[_Change | None]) -> list[tuple[int, _Change]]:
    return [(at, change) for at, change in enumerate(some) if change]


def _pick(names: Sequence[str]) -> Callable[[_Line], Sequence[Any]]:
    """The values of these names, in their order."""
    return itemgetter(*names) if len(names) > 1 else lambda line: [line[name] for name in names]


class _Shape:
    """A statement for values of certain names. ``lists``: those that are lists, whose room changes the SQL."""

    def __init__(self, compiled: SQLCompiler, names: tuple[str, ...]) -> None:
        self._compiled, self._names = compiled, names
        self.lists = [one.key for one in compiled.post_compile_params if one.key in names]
        self._texts: dict[tuple[int, ...], _Ready] = {}

    def text(self, values: _Line) -> _Ready | None:
        lengths = [len(values[name]) for name in self.lists]
        if max(lengths, default=0) >= len(_ROOM):
            return None
        rooms = tuple([_ROOM[length] for length in lengths])
        if rooms not in self._texts:
            self._texts[rooms] = self._write(dict(zip(self.lists, rooms, strict=True)))
        return self._texts[rooms]

    def _write(self, rooms: Mapping[str, int]) -> _Ready:
        made = self._compiled
        given = dict.fromkeys(self._names) | {name: [None] * room for name, room in rooms.items()}
        state = made.construct_expanded_state(given, escape_names=False)
        expanded = {name: state.parameter_expansion[name] for name in self.lists if given[name]}
        first = {names[0]: name for name, names in expanded.items()}
        others = {one for names in expanded.values() for one in names[1:]}  # they stand behind it
        flags = {name for name, bind in made.binds.items() if isinstance(bind.type, Boolean)}  # the driver takes them
        changes: Mapping[str, Any] = {**made._bind_processors, **state.processors, **dict.fromkeys(flags)}
        places = [(first.get(one, one), changes.get(one)) for one in state.positiontup or () if one not in others]
        return _Ready(
            state.statement,
            sqlite.is_slow(state.statement),
            [(name, change, rooms.get(name, 0)) for name, change in places],
            {name: value for name, value in state.parameters.items() if name not in given},
            _pick([name for name, _ in places]),
            _changes(change for _, change in places),
            _changes(one.type._cached_result_processor(made.dialect, None) for one in made._result_columns),
        )


_shapes: dict[tuple[Any, tuple[str, ...], bool], _Shape | None] = {}


class Door:
    """A connection in a transaction of its own or of others, for all that is asked and written in it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        behind = connection.connection.driver_connection  # looked up once: SQLAlchemy passes four places on the way
        self._file: sqlite.Connection | None = behind if isinstance(behind, sqlite.Connection) else None

    def ask(self, statement: Any, values: _Line) -> list[Any] | None:
        """Run it now. What it brings, as tuples; None if it must go the usual way."""
        ready = self._ready(statement, values, many=False)
        if ready is None or self._file is None or not self._file.is_quick(slow=ready.is_slow):
            return None
        line = ready.line(values)
        try:
            return ready.found(self._file.at_once(ready.sql, line).fetchall())
        except sqlite3.Error as failed:
            self._tell(ready, failed)

    def write(self, statement: Any, lines: Sequence[_Line]) -> int:
        """Run it for each of the lines, all of the same names. How many rows it met, -1 if the driver does not say."""
        ready = self._ready(statement, lines[0], many=True)
        if ready is None or self._file is None or not self._file.is_quick(slow=ready.is_slow, rows=len(lines)):
            return self.connection.execute(statement, lines).rowcount
        asked = ready.lines(lines)
        try:
            return self._file.at_once(ready.sql, asked, many=True).rowcount
        except sqlite3.Error as failed:
            self._tell(ready, failed)

    def _ready(self, statement: Any, values: _Line, *, many: bool) -> _Ready | None:
        """None where SQLAlchemy is to do it: there is no file, somebody listens, or values are made at each run."""
        if self._file is None or self.connection.dispatch.before_cursor_execute:
            return None
        key = (statement, tuple(values), many)
        if key not in _shapes:
            _shapes[key] = _shape(self.connection, statement, values, many=many)
        shape = _shapes[key]
        return shape.text(values) if shape else None

    def _tell(self, ready: _Ready, failed: sqlite3.Error) -> NoReturn:
        """As SQLAlchemy does it, to whoever listens to errors too; without the values, which hold people (I11)."""
        self.connection._handle_dbapi_exception(failed, ready.sql, None, None, None)


def _shape(connection: Connection, statement: Any, values: _Line, *, many: bool) -> _Shape | None:
    made = statement.compile(dialect=connection.dialect, column_keys=sorted(values), for_executemany=many)
    at_each_run = made.insert_prefetch or made.update_prefetch or made.literal_execute_params
    return None if at_each_run else _Shape(made, tuple(values))

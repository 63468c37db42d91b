"""How databases find rows: every statement of a story is noted and explained; what reads a table through is told.

A table that grows with people and years must be read by an index whose columns narrow it down. Read through may be:
small tables, whose rows the business counts on its fingers or that are emptied every few days, and partial indexes that
hold only what is not done yet.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

from storage.database import Database
from storage.tables import Row

SMALL = frozenset(
    # of the installation itself: some settings, the team, the published sets, the wordings that were shown
    {"setting", "manager", "invite", "flow_version", "cursor", "consent_text", "sqlite_sequence"}
    # events that killed the process, those put aside (72 hours)
    | {"attempt", "parked_event"}
)
GROWING = frozenset(Row.metadata.tables) - SMALL
SHORT = frozenset(
    # what is promised and not done, or nobody knows: as long as a backlog, however old the database is
    {"ix_outbox_people", "ix_outbox_desks", "ix_outbox_chat", "ix_outbox_next", "ix_outbox_unknown", "ix_follow_up_due"}
    # one row for an alarm or an erasure; the stock of an offer, which is counted
    | {"ix_outbox_seldom", "ix_promo_code_free"}
)
COARSE = frozenset(
    {"channel", "kind", "flow", "offer", "status", "role", "purpose", "act", "version", "event_id IS NULL"}
)
"""Columns with a handful of values: a search by them alone reads a good part of the table."""


@dataclass
class Heard:
    """Statements of a story, each once with its longest lists: SQLite may search for one thing and read all for two."""

    statements: dict[str, Any] = field(default_factory=dict)

    def note(self, _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            kind = re.sub(r"((\?|\$\d+(::\w+)?), )+", "", statement)
            if len(statement) > len(self.statements.get(kind, ("",))[0]):
                self.statements[kind] = (statement, values[0] if many else values)


@contextmanager
def heard(before: Heard | None = None) -> Iterator[Heard]:
    """Every statement that any database of this process is asked meanwhile, and those heard before."""
    said = before or Heard()
    event.listen(Engine, "before_cursor_execute", said.note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", said.note)


async def read_through(database: Database, said: Heard) -> list[str]:
    """Statements for which the database would read a growing table through: the steps of the plan that do, and it."""
    found = []
    async with database.engine.connect() as connection:
        for statement, values in said.statements.values():
            if steps := await connection.run_sync(_explained, statement, values):
                found.append("\n".join([*steps, f"    {statement[:90]} … {statement[-700:]}"]))
    return found


def _explained(connection: Connection, statement: str, values: Any) -> list[str]:
    if connection.dialect.name == "sqlite":
        return _sqlite(connection, statement, values)
    return _postgresql(connection, statement)


# ---------------------------------------------------------------- SQLite

_STEP = re.compile(
    r"(?P<how>SCAN|SEARCH) (?P<named>\w+)(?: USING (?:COVERING )?(?:INDEX (?P<index>\w+)|INTEGER PRIMARY KEY))?"
    r"(?: \((?P<by>.*)\))?"
)


def _sqlite(connection: Connection, statement: str, values: Any) -> list[str]:
    tables = _named(statement)
    steps = [str(line[-1]) for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    compared = re.findall(r"[\w\"]+\.\w+(?= = \?)", statement)
    anew = [f"PLANNED for each value of {column}" for column in compared if _replans(column, tables)]
    return [step for step in steps if not _narrow(step, tables)] + anew


_BY_WORDS = {
    (table.name, column)
    for table in Row.metadata.tables.values()
    for index in table.indexes
    for column in re.findall(r"(\w+) = '", str(index.dialect_options["sqlite"]["where"]))
}
"""What a partial index has a word for. Compared with a parameter, SQLite makes the plan for its value, and anew for the
next one: ten times the price of the statement."""


def _replans(column: str, tables: dict[str, str]) -> bool:
    named, _, name = column.replace('"', "").partition(".")
    return (tables.get(named, named), name) in _BY_WORDS


def _named(statement: str) -> dict[str, str]:
    """What the statement calls a table -> the table."""
    aliases = re.findall(r"\b(?:FROM|JOIN|UPDATE|INTO|,) \"?(\w+)\"?(?: AS (\w+))?", statement)
    return {alias or table: table for table, alias in aliases if table in Row.metadata.tables}


def _narrow(step: str, tables: dict[str, str]) -> bool:
    match = _STEP.match(step)
    if match is None or tables.get(match["named"], match["named"]) not in GROWING:
        return True  # a sort, a list of values, a subquery whose own steps are told beside it
    if match["index"] in SHORT:
        return True
    by = match["by"] or ""
    return match["how"] == "SEARCH" and "ANY(" not in by and bool(_columns(by) - COARSE)


def _columns(by: str) -> set[str]:
    """Those that narrow it down: equal to something, or a moment within a span. "rowid>?" begins with the first row."""
    return {name for name, sign in re.findall(r"(\w+)([=<>])", by) if sign == "=" or name.endswith(("at", "until"))}


# ---------------------------------------------------------------- PostgreSQL


def _postgresql(connection: Connection, statement: str) -> list[str]:
    """By the plan that fits any values: the one a prepared statement has in the long run."""
    number = max([0, *map(int, re.findall(r"\$(\d+)", statement))])
    connection.exec_driver_sql("SET enable_seqscan = off")
    connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
    connection.exec_driver_sql(f"PREPARE asked AS {statement}")
    given = f"({', '.join(['NULL'] * number)})" if number else ""
    (told,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) EXECUTE asked{given}").scalars()
    connection.exec_driver_sql("DEALLOCATE asked")
    plan = json.loads(told) if isinstance(told, str) else told
    return list(_wide(plan[0]["Plan"], None))


_JUST_PASS = ("Bitmap Heap Scan", "Subquery Scan", "CTE Scan", "WorkTable Scan", "Values Scan")
"""What another node found, or what the statement itself brings."""


def _wide(node: dict[str, Any], table: str | None) -> Iterator[str]:
    """``table``: of the bitmap that the index's rows are looked up for."""
    table = node.get("Relation Name", table)
    kind, index, by = node["Node Type"], node.get("Index Name"), node.get("Index Cond", "")
    if table in GROWING and "Scan" in kind and kind not in _JUST_PASS and index not in SHORT:
        plain = re.sub(r"::[\w ]+", "", by)
        if (
            not {one.name for one in Row.metadata.tables[table].columns if re.search(rf"\b{one.name}\b", plain)}
            - COARSE
        ):
            yield f"{kind} of {table} by {index or node.get('Filter', 'nothing')}: {by or 'everything'}"
    for below in node.get("Plans", ()):
        yield from _wide(below, table)

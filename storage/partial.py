"""Conditions of partial indexes, for queries that are to use them.

A database takes a partial index only for a query that says the index's condition itself. So the words stand in the
SQL, the same as in ``tables.py``: PostgreSQL stops looking at a parameter's value once it keeps a plan. SQLite looks at
each value that might meet the condition of an index, and makes its plan anew whenever another one is given: a statement
of 50 µs then takes 700.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, and_, literal_column, or_

from storage.tables import FollowUp, Outbox, WebMessage

OPEN = ("due", "sending")
SELDOM = ("alarm", "farewell")


def is_open(of: Any = Outbox) -> ColumnElement[bool]:
    """Promised and neither sent nor given up: of ``OPEN`` (``ix_outbox_chat``, ``ix_outbox_next``)."""
    return cast("ColumnElement[bool]", of.done_at.is_(None))


def is_due(of: Any = Outbox) -> ColumnElement[bool]:
    """Open, and not on the wire."""
    return and_(is_open(of), of.status == word("due"))


def is_sending(of: Any = Outbox) -> ColumnElement[bool]:
    """Open, and on the wire."""
    return and_(is_open(of), of.status == word("sending"))


def to_person(of: Any = Outbox) -> ColumnElement[bool]:
    """Said to somebody who writes to us; or a farewell or an alarm, which may be for many chats. Open ones are on
    ``ix_outbox_people``."""
    return or_(of.identity_id.is_not(None), _among(of.role, SELDOM))


def to_desk(of: Any = Outbox) -> ColumnElement[bool]:
    """For managers: few chats. Open ones are on ``ix_outbox_desks``."""
    return and_(of.identity_id.is_(None), of.role.not_in([word(one) for one in SELDOM]))


def is_unknown() -> ColumnElement[bool]:
    """Nobody knows whether it arrived (``ix_outbox_unknown``)."""
    return Outbox.status == word("unknown")


def is_seldom(role: str) -> ColumnElement[bool]:
    """Of one of the two roles that are looked for by time (``ix_outbox_seldom``)."""
    if role not in SELDOM:
        raise ValueError(f"rows of role {role!r} are on no index by time")
    return and_(_among(Outbox.role, SELDOM), Outbox.role == word(role))


def is_planned() -> ColumnElement[bool]:
    """A silence rule that waits (``ix_follow_up_due``)."""
    return FollowUp.status == word("planned")


def is_heard() -> ColumnElement[bool]:
    """Somebody wrote or pressed it on a page of ours (``ix_web_message_heard``)."""
    return WebMessage.event_id.is_not(None)


def _among(column: Any, words: tuple[str, ...]) -> ColumnElement[bool]:
    among: ColumnElement[bool] = column.in_([word(one) for one in words])
    return among


def word(text: str) -> ColumnElement[str]:
    """To be compared with a column that an index's condition is about."""
    return literal_column(f"'{text}'")

"""Whose fault a failure is: the database's, or that of what it was asked to write."""

from __future__ import annotations

from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnection

_AWAY = frozenset({"08", "25", "40", "53", "55", "57", "58"})
"""PostgreSQL's classes of errors that are the server's: connection, read-only, deadlock, full, locked, shut down."""

_OF_VALUES = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)


def is_database_down(failed: BaseException) -> bool:
    """Locked, full, read-only, damaged, gone: nothing is wrong with the event, and everything is with the place to
    write it. A damaged file (R5) is a plain DatabaseError, whose subclasses are about statements and values."""
    if isinstance(failed, OperationalError | InterfaceError | NoConnection | OSError):
        return True
    state = getattr(getattr(failed, "orig", failed), "sqlstate", None)  # PostgreSQL's, through asyncpg
    if isinstance(state, str) and state[:2] in _AWAY:
        return True
    return type(failed) is DatabaseError or (isinstance(failed, DBAPIError) and failed.connection_invalidated)


def is_about_values(failed: BaseException) -> bool:
    """What was to be written is at fault: anything else would be written. A table that is missing or forbidden is no
    such thing, nor is a machine without memory."""
    if not isinstance(failed, SQLAlchemyError):
        return isinstance(failed, _OF_VALUES)
    said = getattr(failed, "orig", None)
    if isinstance(state := getattr(said, "sqlstate", None), str):
        return state[:2] in ("22", "23")
    if isinstance(failed, OperationalError):
        return False  # aiosqlite says ValueError of a connection that is gone
    if isinstance(failed, DataError | IntegrityError):
        return True
    return isinstance(said, _OF_VALUES) or isinstance(getattr(said, "__cause__", None), _OF_VALUES)

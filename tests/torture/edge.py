"""The edges: each draws an input and says whether it was taken, and raises where the product must not have done that.

An edge lets through only the exceptions that the docstring of what it calls allows. Inputs can be written down as
JSON (``tests/torture/corpus``), so that whatever was found once is tried for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUICK = 50.0  # ms of the processor's time: more is a stall, everybody else waits for it


@dataclass(frozen=True, slots=True)
class Edge:
    """``draw`` makes an input of the dice. ``enter``: True, it was taken; False, refused as it should be. ``share`` of
    all inputs, against the other edges; ``most``: never more than so many. ``stall``: ms of CPU."""

    name: str
    draw: Callable[[Random], Any]
    enter: Callable[[Any], bool]
    share: int
    stall: float = QUICK
    most: int | None = None


def storable(text: str, longest: int = 100_000) -> bool:
    """SQLite and PostgreSQL both keep it: no NUL, no half of a pair (P27)."""
    if text.isascii():
        return "\0" not in text and len(text) <= longest
    try:
        return "\0" not in text and len(text.encode()) <= longest * 4
    except UnicodeEncodeError:
        return False


def units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)

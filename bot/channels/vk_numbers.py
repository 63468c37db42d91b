"""The numbers of our messages (``random_id``): made from outbox rows, and known again when VK echoes what was said.

VK lets any number of programs read one community's events and says nothing of it, so there is no 409 here. What gives
another one away is its words: they come to us as ``message_reply`` under numbers that are not ours (N1).
"""

from __future__ import annotations

from typing import Any

WHOLE = 2147483647  # an int32 that is not 0, which would switch VK's check off
ROWS = 10_000_000  # so many rows of ours are known again; a stranger's number is among them once in two hundred


class Numbers:
    """``offset`` tells installations apart: each counts its rows from 1."""

    def __init__(self, offset: int, group_id: int) -> None:
        self._offset, self._group_id = offset, group_id

    def of(self, row: int) -> int:
        """Of the outbox row, never of dice."""
        return (self._offset + row) % WHOLE or 1

    def is_echo(self, event: Any) -> bool:
        """Said in our community's name, by us or by another program, and not by a human (``admin_author_id``)."""
        said = event.get("object") if isinstance(event, dict) and event.get("type") == "message_reply" else None
        return isinstance(said, dict) and said.get("from_id") == -self._group_id and not said.get("admin_author_id")

    def is_foreign(self, echo: Any) -> bool:
        """Another program said it. Nothing of VK's own, as a greeting: that has no number."""
        number = echo["object"].get("random_id")
        if not isinstance(number, int) or isinstance(number, bool) or number == 0:
            return False
        return (number - self._offset) % WHOLE > ROWS

"""What an emulator took from the bot, and what it gave the bot to hear: the truth that tests compare with.

What it took are ``entries``, in the order of acceptance; each knows the outbox row it came from, if a ``witness`` can
tell. What it gave are ``acts``: everything a person did that the bot was to hear of, under the key the bot stores.
``tests/checker.py`` holds both against the database.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

Witness = Callable[[str, str], int | None]
"""(channel, chat) -> the id of the outbox row that is on the wire to this chat just now; None: nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One act the network took, whether or not its answer arrived.

    ``sequence`` counts from 1 over the whole emulator. ``to``: the chat's or peer's id as text. ``key``: what makes a
    repeat recognisable where the network has such a thing (VK's ``random_id``), else None. ``at`` is UTC-aware.
    ``row``: the outbox row it came from, as the witness said at that moment. ``heard``: how many acts had been given
    to the bot by then.
    """

    sequence: int
    channel: str
    to: str
    method: str
    message_id: str
    text: str
    at: datetime
    key: str | None = None
    row: int | None = None
    heard: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a person did and the network told the bot of. ``key``: as in ``served_event.event_id``. ``kind``: the
    network's word for it. ``chat``: where, as text; "" where the network does not say. ``at`` is UTC-aware."""

    key: str
    kind: str
    chat: str
    at: datetime


@dataclass(slots=True)
class Ledger:
    """Append-only. ``recognised``: repeats that the network knew by their key and did not show again. ``forgotten``:
    keys of acts that the network itself gave up before the bot took them (a press lives 150 seconds)."""

    channel: str
    entries: list[Accepted] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    recognised: int = 0
    forgotten: set[str] = field(default_factory=set)
    witness: Witness | None = None

    def accept(
        self, *, to: str | int, method: str, message_id: str | int, text: str, at: datetime, key: str | None = None
    ) -> Accepted:
        """Write one act of the bot down."""
        entry = Accepted(
            sequence=len(self.entries) + 1,
            channel=self.channel,
            to=str(to),
            method=method,
            message_id=str(message_id),
            text=text,
            at=at,
            key=key,
            row=self.witness(self.channel, str(to)) if self.witness else None,
            heard=len(self.acts),
        )
        self.entries.append(entry)
        return entry

    def hear(self, key: str, *, kind: str, chat: str | int, at: datetime) -> None:
        """Write one act of a person down."""
        self.acts.append(Act(key=key, kind=kind, chat=str(chat), at=at))

    def to(self, chat: str | int) -> list[Accepted]:
        """Everything one chat was sent, oldest first."""
        return [entry for entry in self.entries if entry.to == str(chat)]


ON_THE_WIRE = """
    SELECT id, attempt, status FROM outbox
    WHERE channel = ? AND "to" = ? AND attempt > 0 AND status IN ('sending', 'due', 'unknown')
    ORDER BY CASE status WHEN 'sending' THEN 0 WHEN 'due' THEN 1 ELSE 2 END,
             CASE status WHEN 'unknown' THEN -id ELSE id END
    LIMIT 30
"""


class SqliteWitness:
    """Reads the bot's own database at the moment of acceptance. A chat has at most one row on the wire; of several that
    are claimed it is the one that left last, by the bot's list of departures.

    A request may outlive its process for a moment; its row is then already due again, or given up as unknown.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __call__(self, channel: str, chat: str) -> int | None:
        if self._connection is None:
            self._connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)
        found = self._connection.execute(ON_THE_WIRE, (channel, chat)).fetchall()
        claimed = {f"{number}:{attempt}": int(number) for number, attempt, status in found if status == "sending"}
        if len(claimed) > 1 and (left := [one for one in self._left() if one in claimed]):
            return claimed[left[-1]]
        return int(found[0][0]) if found else None

    def _left(self) -> list[str]:
        try:
            return Path(f"{self._path}-leaving").read_text().split()
        except OSError:
            return []

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

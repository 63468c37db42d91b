"""What an emulator took from the bot and would have shown to somebody: the truth that tests compare with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One act the network took, whether or not its answer arrived.

    ``sequence`` counts from 1 over the whole emulator. ``to``: the chat's or peer's id as text. ``key``: what makes a
    repeat recognisable where the network has such a thing (VK's ``random_id``), else None. ``at`` is UTC-aware.
    """

    sequence: int
    channel: str
    to: str
    method: str
    message_id: str
    text: str
    at: datetime
    key: str | None = None


@dataclass(slots=True)
class Ledger:
    """Append-only. ``entries`` are in the order of acceptance."""

    channel: str
    entries: list[Accepted] = field(default_factory=list)

    def accept(
        self, *, to: str | int, method: str, message_id: str | int, text: str, at: datetime, key: str | None = None
    ) -> Accepted:
        """Write one act down."""
        entry = Accepted(
            sequence=len(self.entries) + 1,
            channel=self.channel,
            to=str(to),
            method=method,
            message_id=str(message_id),
            text=text,
            at=at,
            key=key,
        )
        self.entries.append(entry)
        return entry

    def to(self, chat: str | int) -> list[Accepted]:
        """Everything one chat was sent, oldest first."""
        return [entry for entry in self.entries if entry.to == str(chat)]

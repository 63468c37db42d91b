"""What every handler is given: one transaction, its moment, and who is who."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from dialogs.flow_set import FlowSet
from handlers.inbound import Notice
from storage.codes import Issued
from storage.tables import Conversation, Lead


class Library(Protocol):
    """The published sets of flows."""

    @property
    def live(self) -> FlowSet:
        """The newest published set."""

    def at(self, version: int) -> FlowSet:
        """Any published set; conversations are pinned to theirs."""


class Desk(NamedTuple):
    """A managers' chat. The web's own is ``Desk("web", "desk")``."""

    channel: str
    chat: str


FlowsAct = Literal["look", "changes", "publish", "sure", "former", "back"]
"""How the folder stands; what would change; publish it, and yes, do; take the former set back, and yes, do."""


@dataclass(frozen=True, slots=True)
class FlowsAsked:
    """An admin asks something of the flows' folder. ``by`` is their own address, ``channel`` and ``chat`` where the
    answer goes, ``seen`` the sets that they had before them (``bot/flow_desk.py``)."""

    channel: str
    chat: str
    by: str
    act: FlowsAct = "look"
    seen: str = ""


@dataclass(slots=True)
class Work:
    """One transaction's context. ``admins``: (channel, external id). ``counts``: what happened, for the metrics.

    ``applied``: applications whose cards are not drawn yet (``handlers/applications.py``). ``issued``: codes that leads
    got for an offer in this transaction. ``left``: codes left of the offers that were asked about. ``opens``: by
    version, when its business opens next, None while it is open.
    ``late``: minutes that what is answered just now has waited, 0 for a living dialog.
    ``asked``: questions about the flows' folder, answered after the commit.
    """

    db: AsyncSession
    now: datetime
    library: Library
    desks: tuple[Desk, ...]
    admins: frozenset[tuple[str, str]]
    notices: list[Notice] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    applied: list[tuple[Lead, Conversation]] = field(default_factory=list)
    issued: dict[tuple[int, str], Issued] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    opens: dict[int, datetime | None] = field(default_factory=dict)
    late: int = 0
    asked: list[FlowsAsked] = field(default_factory=list)

    def take_back(self) -> None:
        """What was begun with a savepoint that fell."""
        self.applied.clear()
        self.issued.clear()

    def flows_at(self, version: int) -> FlowSet | None:
        """A published set; None if it is gone or written for another program."""
        try:
            return self.library.at(version)
        except LookupError:
            return None

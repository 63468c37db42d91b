"""One turn while it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field

from dialogs.conversation import Conversation as Position
from dialogs.conversation import Known
from dialogs.flow_set import Script
from handlers.inbound import Attachment, Inbound
from handlers.person import Person
from handlers.work import Work
from storage.tables import Conversation, Lead


@dataclass(slots=True)
class Playing:
    """One turn being written down. ``unsolicited``: nobody asked for it, a silence rule did. ``before``: where the
    conversation stood; ``position``: where the engine has brought it so far. ``known``: what it is told of the world.
    ``lead``: the conversation's, which may begin in this turn. ``told``: variants that the lead's history has got in
    this turn."""

    work: Work
    person: Person
    conversation: Conversation
    script: Script
    newest: Script | None
    event_id: str
    unsolicited: bool
    before: Position
    position: Position
    known: Known
    lead: Lead | None
    sent: tuple[Attachment, Inbound] | None = None
    applied: bool = False
    handed_over: bool = False
    told: set[str] = field(default_factory=set)

    @property
    def stands_in(self) -> Script:
        """The version that the engine has brought the conversation to."""
        newest = self.newest
        return newest if newest and newest.version == self.position.version else self.script

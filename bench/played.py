"""The measured dialog played on the engine alone, so many times: what ``bench.advance`` counts the instructions of.

A file of its own, which another tree's engine can run too: ``python -P bench/played.py TIMES``, from that tree.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dialogs import conversation
from dialogs.conversation import Conversation, Known
from dialogs.engine import advance
from dialogs.reading import load

if TYPE_CHECKING:
    from dialogs.events import Event
    from dialogs.flow_set import Script
try:
    from dialogs import effects, events
except ImportError:  # a tree in which all three are one file
    effects = events = conversation  # type: ignore[misc]

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FLOW = "bench"
WARM = 20  # dialogs before the first that counts: what is remembered is remembered then


class Player:
    """One person in ``bench/flow``, who remembers what is on the screen."""

    def __init__(self, script: Script) -> None:
        self.script, self.at, self.screen = script, Conversation(FLOW, 0), effects.Say("")
        self.known = Known("telegram", {}, "Анна")

    def does(self, event: Event) -> None:
        """A turn, and the way through the database and back."""
        turn = advance(self.script, self.at, event, now=NOW, known=self.known)
        self.at = Conversation.load(turn.conversation.dump())
        for one in turn.effects:
            if isinstance(one, effects.Say):
                self.screen = one
            elif isinstance(one, effects.RecordConsent):
                self.known = Known("telegram", {**self.known.consents, one.purpose: one.digest}, "Анна")
            elif isinstance(one, effects.IssueCode):
                self.does(events.CodeIssued(one.offer, "A-1", None))

    def taps(self, place: int) -> None:
        self.does(events.Tapped(self.screen.buttons[place].key))

    def applies(self) -> None:
        """The dialog of ``bench.dialog``: seven acts, an application."""
        self.does(events.Started())
        self.taps(0)
        self.does(events.Said("Анна"))
        self.taps(1)
        self.taps(0)
        self.does(events.Said("8 900 123-45-67"))
        self.taps(0)
        assert self.at.applied, self.screen.text


def script(folder: Path) -> Script:
    found = load({one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*") if one.is_file()})
    assert found.flow_set is not None, found.problems
    return found.flow_set.script(FLOW)


def main(times: int) -> None:
    played = script(Path("bench/flow"))
    for _ in range(WARM + times):
        Player(played).applies()


if __name__ == "__main__":
    main(int(sys.argv[1]))

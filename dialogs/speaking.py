"""What is said and noted at the place where somebody stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from dialogs.conversation import Conversation, Known
from dialogs.effects import Button, Effect, RecordVariant, Say, Show
from dialogs.flow import Step
from dialogs.flow_set import Script
from dialogs.replacing import replace
from dialogs.situation import Situation, variant
from dialogs.values import Values, told


class Speaking:
    """Where the person stands, and what is said and noted there while an event is decided.

    ``first``: the words before the next question. ``hushed``: what was said before is not said again; nor is what the
    steps of ``old_way`` say.
    """

    first = ""
    handed_over = hushed = False
    old_way: frozenset[str] = frozenset()

    def __init__(self, script: Script, at: Conversation, now: datetime, known: Known, newest: Script | None) -> None:
        self.script, self.at, self.now, self.known, self.newest = script, at, now, known, newest
        self.effects: list[Effect] = []
        self.consents = known.consents
        self.began = at

    # ------------------------------------------------------------ where we are

    @property
    def step(self) -> Step | None:
        return self.script.flow.by_id.get(self.at.step) if self.at.step else None

    @property
    def here(self) -> Situation:
        """What conditions look at now."""
        return Situation(self.script, self.at, self.known, self.now)

    def tell(self, step: Step) -> None:
        """What the step says, if its conditions let it; not what was said before the answer that is being corrected,
        unless that answer chooses another text."""
        if (self.hushed or step.id in self.old_way) and not self.says_otherwise(step):
            return
        if text := self.wording(step):
            self.say(told(text, Values(self.here)))

    def wording(self, step: Step) -> str:
        """What the step says as things are, with its names not put in yet; "" for none."""
        return self.here.chosen(step.text, "steps", step.id, "ask" if step.ask else "say")

    def says_otherwise(self, step: Step) -> bool:
        """Has the correction changed which text is said here?"""
        if self.at.amending is None or not self.at.formerly or not isinstance(step.text, tuple):
            return False
        before = dataclasses.replace(self.here, at=replace(self.at, answers=self.at.formerly))
        return self.here.chosen(step.text) != before.chosen(step.text)

    def say(self, text: str, *buttons: Button) -> None:
        if text:
            self.effects.append(Say(text, buttons))

    def say_first(self, text: str) -> None:
        self.say("\n".join(filter(None, (self.first, text))))
        self.first = ""

    def show(self, step: Step) -> None:
        """The step's picture and document, each a message of its own: what is said with them keeps its buttons."""
        if step.picture:
            self.show_file("picture", step.picture)
        if step.document:
            self.show_file("document", step.document)

    def show_file(self, kind: Literal["picture", "document"], path: str) -> None:
        if not self.hushed and (file := self.script.media.get(path)):
            self.effects.append(Show(kind, file.digest, file.name))

    def visit(self, *place: str | int) -> None:
        """Somebody rehearses and wants to know what is visited."""
        if self.script.watch:
            self.script.watch(self.script.flow.flow, place)

    def meet(self, names: Iterable[str]) -> None:
        """From now on these variants are the person's: kept, and told to the reports."""
        for name in names:
            drawn = variant(self.here, name)
            if self.at.variants.get(name) != drawn:
                self.at = replace(self.at, variants={**self.at.variants, name: drawn})
                self.effects.append(RecordVariant(name, drawn))

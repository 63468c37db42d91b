"""What conditions look at: the answers, and what is so at this moment for this person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dialogs.business import DAYS
from dialogs.conditions import ConditionError, parse
from dialogs.conversation import Conversation, Known, Value
from dialogs.flow_set import Script
from dialogs.rules import Text
from dialogs.score import score
from dialogs.variants import draw


@dataclass(slots=True, eq=False)  # not frozen: made for each look and never kept, at half the price
class Situation(Mapping[str, Value]):
    """A mapping from names to values. Nothing is worked out before a condition asks for it.

    ``scoring``: the points are being counted, so they cannot be asked for.
    """

    script: Script
    at: Conversation
    known: Known
    now: datetime
    scoring: bool = False

    def __getitem__(self, name: str) -> Value:
        """Answers come first, so that an older file may have a step that is called like a fact."""
        answers = self.at.answers
        if name in answers:
            return answers[name]
        flow = self.script.flow
        if name in flow.by_id:
            raise KeyError(name)
        if name in flow.variants:
            return variant(self, name)
        if name == "score" and self.scoring:
            raise KeyError(name)
        return FACTS[name](self)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.at.answers, *self.script.flow.variants, *FACTS]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, name: str, default: Any = None) -> Any:
        answers = self.at.answers
        if name in answers:
            return answers[name]
        try:
            return self[name]
        except KeyError:
            return default

    def holds(self, condition: str | None) -> bool:
        """No condition is «otherwise». A checked set has no broken ones; one may cost a branch, never a dialog."""
        if condition is None:
            return True
        try:
            return parse(condition).holds(self)
        except ConditionError:
            return False

    def chosen(self, text: Text | None, *place: str | int) -> str:
        """The text that is said here: the first whose condition holds; "" if there is none. ``place``: where it stands
        in the flow, for those who watch."""
        if text is None or isinstance(text, str):
            return text or ""
        number = next((number for number, one in enumerate(text) if self.holds(one.condition)), None)
        if number is None:
            return ""
        if place and self.script.watch:
            self.script.watch(self.script.flow.flow, (*place, number))
        return text[number].text


FACTS: Mapping[str, Callable[[Situation], Value]] = {
    "score": lambda here: score(here.script.flow, replace(here, scoring=True)).points,
    "source": lambda here: here.known.source,
    "campaign": lambda here: here.known.campaign,
    "channel": lambda here: here.known.channel,
    "open_now": lambda here: here.known.open_now,
    "hour": lambda here: here.now.astimezone(here.script.business.zone).hour,
    "weekday": lambda here: DAYS[here.now.astimezone(here.script.business.zone).weekday()],
    "returning": lambda here: here.known.returning,
    "advertising": lambda here: "advertising" in here.known.consents,
}


def variant(here: Situation, name: str) -> str:
    """The one the person has met already, if the flow still has it; else the one they are going to meet."""
    weights = here.script.flow.variants[name]
    met = here.at.variants.get(name)
    found = met if met is not None and met in weights else draw(here.known.number, name, weights)
    if here.script.watch:
        here.script.watch(here.script.flow.flow, ("variants", name, found))
    return found

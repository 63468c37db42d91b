"""What a text may name, and the text with it put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dialogs.conversation import Conversation, Value
from dialogs.flow import Step
from dialogs.onward import steps_left
from dialogs.promising import promise
from dialogs.shown import shown_to
from dialogs.situation import Situation
from dialogs.texts import SPOKEN, render
from dialogs.tongues import value_in_language
from dialogs.wording import Dated

OF_OFFER = ("left", "title", "conditions", "price", "until")
_COUNTS = re.compile(r"offers\.[\w-]+\.(?:left|until)\b")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+(?![^{]*\}\})")


@dataclass(slots=True, eq=False)
class Values(Mapping[str, object]):
    """Everything a text may name (``dialogs.lint`` checks against the same list). Nothing is worked out before a text
    names it."""

    here: Situation

    def __getitem__(self, name: str) -> object:
        here, at = self.here, self.here.at
        if name == SPOKEN:
            return at.language
        if name in _OF_THE_CODE and at.code:
            return _OF_THE_CODE[name](here)
        if name in at.answers:
            step, value = here.script.flow.by_id.get(name), at.answers[name]
            return _for_text(at, step, value, here.now, here.script.business.zone) if step else value
        if name.startswith("offers."):
            return self._of_an_offer(*name.removeprefix("offers.").rpartition(".")[::2])
        return NAMED[name](here)

    def _of_an_offer(self, name: str, part: str) -> object:
        here = self.here
        offer = here.script.flow.offers[name]
        over = part in ("left", "until") and offer.ended(here.now, here.script.business.zone)
        match part:
            case "left":
                return 0 if over else here.known.left.get(f"{here.script.flow.flow}.{name}", 0)
            case "until":
                return "" if over else offer.until or ""
            case "conditions":
                return (offer.conditions or "").strip()  # a YAML block ends with a line's end
            case "title" | "price":
                return getattr(offer, part) or ""
        raise KeyError(part)

    def __iter__(self) -> Iterator[str]:
        at, offers = self.here.at, self.here.script.flow.offers
        of_offers = (f"offers.{name}.{part}" for name in offers for part in OF_OFFER)
        return iter(dict.fromkeys([*NAMED, *of_offers, *at.answers, *(_OF_THE_CODE if at.code else ()), SPOKEN]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


NAMED: Mapping[str, Callable[[Situation], object]] = {
    "company": lambda here: here.script.business.company,
    "policy": lambda here: here.script.business.policy,
    "promise": lambda here: value_in_language(promise(here.script, here.known, here.now), here.at.language),
    "managers": lambda here: value_in_language(here.script.business.managers_shown_as, here.at.language),
    "steps_left": lambda here: steps_left(here),
}
_OF_THE_CODE: Mapping[str, Callable[[Situation], object]] = {
    "code": lambda here: here.at.code,
    "code.until": lambda here: here.at.code_until.astimezone(here.script.business.zone) if here.at.code_until else "",
}


def _for_text(at: Conversation, step: Step, value: Value, now: datetime, zone: ZoneInfo) -> object:
    """The answer as this person reads it, but filters can still read a day or an hour in it."""
    shown = shown_to(at, step, value, now, zone)
    dated = step.answer and step.answer.type in ("date", "time", "call_time") and shown != value
    return Dated(str(value), str(shown)) if dated else shown


def told(template: str, values: Mapping[str, object]) -> str:
    """The text with its values. A paragraph that counts an offer of which nothing is left, or names its last day when
    that is over, is not said (P41, A24)."""
    if counts_nothing(template, values):
        template = "\n\n".join(one for one in template.split("\n\n") if not counts_nothing(one, values))
    return render(template, values)


def told_to_answer(template: str, values: Mapping[str, object]) -> str:
    """The same for a question, which stands in the last paragraph: there only such sentences are not said."""
    if not counts_nothing(template, values):
        return render(template, values)
    *before, last = template.strip().split("\n\n")
    kept = " ".join(one for one in _SENTENCES.split(last) if not counts_nothing(one, values))
    return told("\n\n".join([*before, kept]), values)


def counts_nothing(template: str, values: Mapping[str, object]) -> bool:
    """Does it name the number left of an offer that has none left, or the last day of one that is over?"""
    counts = _counts(template)
    return bool(counts) and any(not values.get(name, True) for name in counts)


@lru_cache(maxsize=1024)
def _counts(template: str) -> tuple[str, ...]:
    """Those names in an author's words, which are the same for everybody."""
    return tuple(_COUNTS.findall(template))

"""What an application is to the managers: points, expected money, tags, whether somebody is to call at once."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.business import Bands
from dialogs.score import score
from dialogs.situation import Situation


@dataclass(frozen=True, slots=True)
class Assessment:
    """``points`` 0 to 100 and why; ``worth`` in roubles, not below zero; ``tags`` in the author's order, each once."""

    points: int
    reasons: tuple[str, ...]
    worth: int
    tags: tuple[str, ...]


def assess(here: Situation) -> Assessment:
    """By the rules of the flow, as things stand."""
    flow = here.script.flow
    counted = score(flow, here)
    worth = sum(rule.add for rule in flow.worth if here.holds(rule.condition))
    tags = (rule.tag.strip() for rule in flow.tags if here.holds(rule.condition))
    return Assessment(counted.points, counted.reasons, max(0, worth), tuple(dict.fromkeys(tags)))


def hands_over(here: Situation) -> bool:
    """Is a person to be called at the application?"""
    return any(here.holds(rule.condition) for rule in here.script.flow.hand_over)


def band(bands: Bands | None, points: int) -> str:
    """How warm a lead with these points is, in a manager's word; "" when the business has no bands."""
    if bands is None:
        return ""
    return "горячий" if points >= bands.hot else "тёплый" if points >= bands.warm else "прохладный"

"""What leads from one step of a flow to another, and what stands on the arrow: for drawings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.flow import Flow, Step
from dialogs.paths import Way, ways
from dialogs.phrases import AGREE, DISAGREE


@dataclass(frozen=True, slots=True)
class Link:
    """One arrow; ``labels`` are the buttons and conditions that lead this way."""

    source: str
    target: str
    labels: tuple[str, ...] = ()


def links(flow: Flow) -> Iterator[Link]:
    """At most one arrow from a step to another."""
    for index, step in enumerate(flow.steps):
        labels: dict[str, list[str]] = {}
        for way in ways(flow, index):
            labels.setdefault(way.target, []).extend(_labels(step, way))
        for target, told in labels.items():
            yield Link(step.id, target, tuple(dict.fromkeys(told)))


def _labels(step: Step, way: Way) -> list[str]:
    match way.loc[2:]:
        case ("choices", int(number), *_):
            return [step.choices[number].label]
        case ("go", int(number), *_) if isinstance(step.go, tuple):
            return [step.go[number].condition or "иначе"]
        case ("refused", *_):
            return [DISAGREE]
    if step.consent == "personal_data":
        return [AGREE]
    return [choice.label for choice in step.choices if not choice.go and not choice.do]

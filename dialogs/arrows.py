"""What leads from one step of a flow to another, and what stands on the arrow: for drawings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.flow import Flow, Step
from dialogs.paths import ways
from dialogs.phrases import AGREE, DISAGREE
from dialogs.told_conditions import told
from dialogs.yaml_tree import Loc


@dataclass(frozen=True, slots=True)
class Link:
    """One arrow; ``labels`` are the buttons and conditions that lead this way."""

    source: str
    target: str
    labels: tuple[str, ...] = ()


def links(flow: Flow) -> Iterator[Link]:
    """At most one arrow from a step to another."""
    for index, step in enumerate(flow.every_step):
        labels: dict[str, list[str]] = {}
        for way in ways(flow, index):
            labels.setdefault(way.target, []).extend(_labels(flow, step, way.loc[len(flow.places[index]) :]))
        for target, said in labels.items():
            yield Link(step.id, target, tuple(dict.fromkeys(said)))


def _labels(flow: Flow, step: Step, within: Loc) -> list[str]:
    match within:
        case ("choices", int(number), *_):
            return [step.choices[number].label]
        case ("go", int(number), *_) if isinstance(step.go, tuple):
            condition = step.go[number].condition
            return [told(condition, flow, step) if condition else "иначе"]
        case ("part",):
            return ["часть"]
        case ("refused", *_):
            return [DISAGREE]
    if step.consent == "personal_data":
        return [AGREE]
    return [choice.label for choice in step.choices if not choice.go and not choice.do]

"""Every condition of a flow, with its place: branches, points, texts, dates, worth, tags, hand-over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dialogs.rules import HandOverRule, TagRule, Text, WorthRule

if TYPE_CHECKING:
    from dialogs.flow import Flow, Step
    from dialogs.yaml_tree import Loc

SPOKEN = ("say", "ask", "hint")


def conditions(flow: Flow) -> Iterator[tuple[Loc, str, Step | None]]:
    """The place, the condition, and the step that it stands at (None: it is the whole flow's)."""
    for base, step in zip(flow.places, flow.every_step, strict=True):
        for key, text in zip(SPOKEN, (step.say, step.ask, step.hint), strict=True):
            yield from ((loc, condition, step) for loc, condition in _of_text((*base, key), text))
        for number, branch in enumerate(step.go if isinstance(step.go, tuple) else ()):
            if branch.condition is not None:
                yield (*base, "go", number, "if"), branch.condition, step
        for number, rule in enumerate(step.score):
            yield (*base, "score", number, "if"), rule.condition, step
    for base, silent_at, silents in flow.silences:
        for index, silent in enumerate(silents):
            yield from ((loc, text, silent_at) for loc, text in _of_text((*base, index, "say"), silent.say))
    for index, dated in enumerate(flow.dates):
        if dated.condition is not None:
            yield ("dates", index, "if"), dated.condition, None
        yield from ((loc, text, None) for loc, text in _of_text(("dates", index, "say"), dated.say))
    for index, question in enumerate(flow.questions):
        yield from ((loc, text, None) for loc, text in _of_text(("questions", index, "answer"), question.answer))
    lists: tuple[tuple[str, tuple[WorthRule | TagRule | HandOverRule, ...]], ...] = (
        ("worth", flow.worth), ("tags", flow.tags), ("hand_over", flow.hand_over),
    )  # fmt: skip
    for key, rules in lists:
        for number, one in enumerate(rules):
            if one.condition is not None:
                yield (key, number, "if"), one.condition, None


def _of_text(base: Loc, text: Text | None) -> Iterator[tuple[Loc, str]]:
    for number, rule in enumerate(text if isinstance(text, tuple) else ()):
        if rule.condition is not None:
            yield (*base, number, "if"), rule.condition

"""How warm a lead is: points 0 to 100, with the reasons managers read. It orders work and refuses nobody (L24)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dialogs.conditions import ConditionError, parse
from dialogs.conversation import Value
from dialogs.flow import Flow, Step


@dataclass(frozen=True, slots=True)
class Score:
    """``points`` 0 to 100; ``reasons`` in the order of the questions, each once."""

    points: int
    reasons: tuple[str, ...] = ()


def score(flow: Flow, answers: Mapping[str, Value]) -> Score:
    """The sum of what the chosen buttons and the rules that hold add."""
    earned = [each for step in flow.scored for each in _earned(step, answers)]
    points = min(100, max(0, sum(add for add, _ in earned)))
    return Score(points, tuple(dict.fromkeys(reason for _, reason in earned if reason)))


def _earned(step: Step, answers: Mapping[str, Value]) -> Iterator[tuple[int, str]]:
    given = answers.get(step.id)
    for choice in step.choices:
        if choice.score is not None and _chosen(choice.meaning, given):
            yield choice.score, (choice.reason or "").strip()
    for rule in step.score:
        if _holds(rule.condition, answers):
            yield rule.add, rule.reason.strip()


def _chosen(meaning: str | int, given: Value | None) -> bool:
    """Is it the answer, or among several?"""
    if isinstance(given, tuple):
        return any(_chosen(meaning, one) for one in given)
    return type(meaning) is type(given) and meaning == given


def _holds(condition: str, answers: Mapping[str, Value]) -> bool:
    try:
        return parse(condition).holds(answers)
    except ConditionError:  # a checked set has none; a broken rule may cost points, never an application
        return False

"""Steps and buttons that may be former ones under a new name: an author forgets ``renamed_from`` easily."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from dialogs.flow import Flow, Step

_BARE = re.compile(r"[^\W\d_][\w-]*|-?\d+")


def likely_former(old: Flow, new: Flow, kept: Mapping[str, str]) -> dict[str, str]:
    """New step -> the vanished one that it seems to be: it asks the same, or is as it was in the same place. ``kept``:
    present id -> former id of the steps that stay."""
    gone = {step.id: step for step in old.every_step if step.waits and step.id not in set(kept.values())}
    fresh = {step.id: step for step in new.every_step if step.waits and step.id not in kept}
    if not gone or not fresh:
        return {}
    before, after = dict(_gaps(old, {was: was for was in kept.values()})), dict(_gaps(new, kept))
    found: dict[str, str] = {}
    for alike in (_asks_the_same, lambda one, other: _of_a_kind(one, other) and before[one.id] == after[other.id]):
        for name, step in fresh.items():
            free = (was for was in gone.values() if was.id not in found.values() and alike(was, step))
            if name not in found and (was := next(free, None)):
                found[name] = was.id
    return found


def _asks_the_same(one: Step, other: Step) -> bool:
    return one.text is not None and one.text == other.text


def _of_a_kind(one: Step, other: Step) -> bool:
    kinds = [step.answer.type if step.answer else None for step in (one, other)]
    same = kinds[0] == kinds[1] and bool(one.choices) == bool(other.choices)
    return same and (one.consent, one.review) == (other.consent, other.review)


def _gaps(flow: Flow, kept: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each step with the former names of the nearest kept ones before and behind it, in its own list."""
    for steps in (flow.steps, *flow.parts.values()):
        names = [kept.get(step.id, "") for step in steps]
        for place, step in enumerate(steps):
            yield step.id, (_first(names[:place][::-1]), _first(names[place + 1 :]))


def _first(names: Sequence[str]) -> str:
    return next(filter(None, names), "")


def as_former(name: str | int) -> str:
    """The line for the author: ``renamed_from: [trade_in]``."""
    bare = isinstance(name, int) or (_BARE.fullmatch(name) and name not in ("true", "false", "null"))
    return f"renamed_from: [{name if bare else json.dumps(name, ensure_ascii=False)}]"

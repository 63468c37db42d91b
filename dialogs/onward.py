"""Where a dialog goes from a step, and how many questions are still to come."""

from __future__ import annotations

from dialogs.flow import END, RETURN, Step
from dialogs.flow_set import Script
from dialogs.situation import Situation

MOST_STEPS = 50


def next_step(script: Script, step: Step, here: Situation) -> str:
    """The step after this one: the chosen choice's ``go``, a branch that holds, or the next in the list."""
    if step.id in script.flow.forks and (chosen := step.choice_taken(here.at.answers)) and chosen.go:
        return chosen.go
    if isinstance(step.go, str):
        return step.go
    number = branch_taken(step, here) if step.go else None
    return script.flow.following[step.id] if number is None or step.go is None else step.go[number].go


def branch_taken(step: Step, here: Situation) -> int | None:
    """The first branch of ``go`` that holds; None if there is none."""
    branches = enumerate(step.go if isinstance(step.go, tuple) else ())
    return next((number for number, branch in branches if here.holds(branch.condition)), None)


def following(script: Script, step: Step, here: Situation, calls: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The step after this one, and the calls around it: a part at its end goes on behind the step that called it.

    ``return``: there is nowhere to return to, the caller is gone.
    """
    after = next_step(script, step, here)
    while after == RETURN and calls:
        caller = script.flow.by_id.get(calls[-1])
        calls = calls[:-1]
        if caller is None:
            return RETURN, ()
        after = next_step(script, caller, here)
    return after, calls


def steps_left(here: Situation) -> int:
    """Questions still to come up to the application, by what is known so far."""
    script, left, step_id, calls = here.script, 0, here.at.step, here.at.calls
    for _ in range(MOST_STEPS):
        step = script.flow.by_id.get(step_id or END)
        if step is None or step.application:
            break
        left += step.waits and step.consent is None and not step.review
        if step.part and (inside := script.flow.inside(step)):
            step_id, calls = inside, (*calls, step.id)
        else:
            step_id, calls = following(script, step, here, calls)
    return left

"""From one version of a flow to another: what somebody brings along, and where they go whose place is gone (A3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialogs.conversation import Conversation, Value, address, spot
from dialogs.effects import Rename
from dialogs.flow import Flow, Step
from dialogs.flow_set import Script
from dialogs.replacing import replace


def known_as(flow: Flow, step_id: str) -> str | None:
    """What the flow calls this step of an older version; None if it has no such step."""
    return step_id if step_id in flow.by_id else flow.renamed.get(step_id)


def moved(at: Conversation, script: Script) -> tuple[Conversation, tuple[Rename, ...]]:
    """The conversation in this version's words: steps and answers that were renamed have their new names.

    Where the two versions ask in another order, the answers brought along are not asked again (``carried``).
    """
    flow = script.flow
    renames = tuple(Rename(step, _now(flow, step)) for step in at.answers if _now(flow, step) != step)
    here = replace(
        at,
        version=script.version,
        step=at.step and _now(flow, at.step),
        answers=_present(flow, at.answers),
        path=_all(flow, at.path),
        calls=tuple(_now(flow, step) for step in at.calls),
        carried=_all(flow, at.carried),
        behind=_all(flow, at.behind),
        spoken=tuple((_address(flow, *spot(place)), messages) for place, messages in at.spoken),
        amending=at.amending and _all(flow, [at.amending])[0],
        former=_present(flow, at.former),
        formerly=_present(flow, at.formerly),
    )
    return carrying(here), renames


def carrying(at: Conversation) -> Conversation:
    """Every question answered so far is passed once when it is come to again."""
    known = dict.fromkeys((*at.carried, *(one for one in at.path if one not in at.behind)))
    steps = {spot(one)[1] for one in known}
    return replace(at, carried=(*known, *(step for step in at.answers if step not in steps)))


def settled(at: Conversation, script: Script) -> tuple[Conversation, tuple[Rename, ...], bool]:
    """Their own version cannot be read any more: they stand in this one. True: their step is gone, they are brought
    to the safe one."""
    here, renames = moved(at, script)
    here = replace(here, pending=None, chosen=(), day="", shown=None, tries=0)
    gone = here.step is not None and here.step not in script.flow.by_id
    if gone:
        here = replace(here, held=(), held_until=None)  # said to a question that is no more
    return (replace(here, step=safe_step(script), calls=()) if gone else here), renames, gone


def safe_step(script: Script) -> str:
    """Where somebody goes whose place in this flow no longer exists."""
    safe = script.business.safe_step
    flow = script.flow
    ours = safe.flow == flow.flow and safe.step in flow.by_id and safe.step not in flow.home
    return safe.step if ours else script.flow.steps[0].id


def _now(flow: Flow, step: str) -> str:
    return known_as(flow, step) or step


def _all(flow: Flow, addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(_address(flow, *spot(one)) for one in addresses)


def _address(flow: Flow, calls: tuple[str, ...], step: str) -> str:
    """Without the calls if they do not lead to the step any more: then it is the answer of that question anywhere."""
    calls, step = tuple(_now(flow, one) for one in calls), _now(flow, step)
    inside = (flow.by_id[one].part if one in flow.by_id else None for one in calls)
    homes = [flow.home.get(one) for one in (*calls, step)]
    return address(calls if homes == [None, *inside] else (), step)


def _present(flow: Flow, answers: Mapping[str, Value]) -> dict[str, Value]:
    """Answers under the present names of their steps and choices."""
    return {
        _now(flow, step): present_meaning(flow.by_id.get(_now(flow, step)), value) for step, value in answers.items()
    }


def present_meaning(step: Step | None, value: Value) -> Value:
    """An answer by the choice's present value; of several, each."""
    if isinstance(value, tuple):
        return tuple(present_meaning(step, one) for one in value)  # type: ignore[misc]
    choices = step.choices if step else ()
    if any(choice.meaning == value for choice in choices):
        return value
    return next((choice.meaning for choice in choices if value in choice.renamed_from), value)

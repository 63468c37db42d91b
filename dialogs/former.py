"""Answers given before, in another dialog or another run: which of them still fit, and how they are offered.

They are never taken by themselves: the person confirms each. A file is a place in an old chat and an hour to call is of
its day, so those are asked anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dialogs import phrases, ratings, several
from dialogs.asking import key, mark
from dialogs.business import Business
from dialogs.cleaning import cut, folded
from dialogs.conversation import Conversation, Pending, Value
from dialogs.dates import span_of
from dialogs.effects import Button, Say
from dialogs.flow import Flow, Step
from dialogs.moments import moment_of
from dialogs.moving import known_as, present_meaning
from dialogs.numbers import read_number
from dialogs.phones import valid
from dialogs.replacing import replace
from dialogs.shown import shown_value
from dialogs.things import THINGS
from dialogs.understood import Understood

LONGEST = 160
"""Of the answer within the offer: what somebody wrote may be long."""
_NEVER = frozenset({"call_time", *THINGS})


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as the database keeps it. ``kind``: a type of answer, or ``choice``."""

    step: str
    kind: str
    value: str


def offered(step: Step) -> bool:
    """May an answer be offered when they come again? Of a fork in the road without ``card`` nothing is kept."""
    if step.answer:
        return step.answer.type not in _NEVER
    return bool(step.choices and step.card)


def brought(flow: Flow, kept: Iterable[Kept]) -> dict[str, Value]:
    """What the flow asks for under the same key (or a former one) with the same kind of answer; the last one stands."""
    found: dict[str, Value] = {}
    for one in kept:
        step = flow.by_id.get(known_as(flow, one.step) or "")
        if step and offered(step) and one.kind == kind_of(step):
            found[step.id] = present_meaning(step, value_of(step, one))
    return found


def kind_of(step: Step) -> str:
    return step.answer.type if step.answer else "choice"


def value_of(step: Step, one: Kept) -> Value:
    """The value again, out of a column of text."""
    if one.kind == "several":
        return tuple(json.loads(one.value))
    meanings = [meaning for choice in step.choices for meaning in (choice.meaning, *choice.renamed_from)]
    for meaning in meanings:
        if str(meaning) == one.value:
            return meaning
    if one.kind == "yes_no":
        return one.value == "true"
    return int(one.value) if one.kind in ("number", "rating") else one.value


def fitting(step: Step, value: Value, *, now: datetime, business: Business) -> Understood | None:
    """The answer, if the question would still take it: its choice is there, it is within the bounds, still ahead."""
    shown = str(shown_value(step, value, now, business.zone))
    understood = Understood(value, shown)
    if isinstance(value, tuple):
        counted = several.counted(step.answer, step.choices, value) if step.answer else None
        return counted if isinstance(counted, Understood) and counted.value == value else None
    if any(one.meaning == value and not one.do for one in step.choices):
        return understood
    spec, today = step.answer, now.astimezone(business.zone).date()
    match spec.type if spec else "":
        case "number" if spec:
            number = read_number(spec, str(value), now=now, zone=business.zone)
            return number if isinstance(number, Understood) and not number.doubt and number.value == value else None
        case "rating" if spec and isinstance(value, int):
            least, most = ratings.scale(spec)
            return ratings.understood(spec, value) if least <= value <= most else None
        case "date" if spec:
            return understood if date.fromisoformat(str(value)) in span_of(spec, today) else None
        case "time" if spec:
            moment = moment_of(str(value), business.zone)
            return understood if moment and moment > now and moment.date() in span_of(spec, today) else None
        case "phone":
            return understood if valid(str(value)) else None
        case "yes_no":
            return understood if isinstance(value, bool) else None
        case "name" | "email" | "city" | "text":
            return understood if value else None
    return None


def offer(understood: Understood) -> Pending:
    """The answer, waiting to be confirmed."""
    shown = cut(" ".join(understood.shown.split()), LONGEST)
    return Pending(understood.value, understood.shown, phrases.AS_BEFORE.format(shown=shown))


def offering(at: Conversation, step: Step, asked: Say, pending: Pending) -> Say:
    """The question with its former answer under it, and two ways on instead of its own buttons."""
    ways = ((phrases.KEEP_FORMER, f"ok.{mark(pending)}"), (phrases.CHANGE, "fix"))
    buttons = tuple(Button(label, key(at, step.id, last)) for label, last in ways)
    text = "\n\n".join(filter(None, (asked.text, pending.question)))
    return asked._replace(text=text, buttons=buttons, asks_phone=False, asks_place=False)


def meant(text: str) -> bool | None:
    """Typed at the offer: True to keep the answer, False to give another; None: neither."""
    said = folded(text)
    if phrases.says(said, phrases.KEPT_FORMER) or phrases.says(said, phrases.YES):
        return True
    return False if phrases.says(said, phrases.NO) or phrases.says(said, phrases.CHANGED) else None


def without(at: Conversation, step_id: str) -> Conversation:
    """It has been offered: not a second time."""
    if step_id not in at.former:
        return at
    return replace(at, former={step: value for step, value in at.former.items() if step != step_id})

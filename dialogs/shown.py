"""How an answer reads: to managers and to whoever gave it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs.conversation import Conversation, Value
from dialogs.flow import Step
from dialogs.moments import shown_moment
from dialogs.phones import pretty
from dialogs.several import labels
from dialogs.tongues import value_in_language
from dialogs.yes_no import NO, YES

SAID_BY_US = frozenset({"date", "time", "call_time", "yes_no"})
"""Kinds of answers that are shown in our words."""


def shown_value(step: Step, value: Value, now: datetime | None = None, zone: ZoneInfo | None = None) -> Value:
    """An answer as people read it: a choice's label, a phone with its spaces; numbers stay numbers for plurals.

    ``now`` lets a near day go without its year.
    """
    for choice in step.choices:
        if choice.meaning == value and type(choice.meaning) is type(value):
            return choice.label
    if isinstance(value, tuple):
        return labels(step.choices, value) or "ничего"
    match step.answer.type if step.answer else "":
        case "phone":
            return pretty(str(value))
        case "yes_no" if isinstance(value, bool):
            return YES if value else NO
        case "date" | "time" | "call_time":
            return shown_moment(str(value), now, zone)
    return value


def shown_to(at: Conversation, step: Step, value: Value, now: datetime | None, zone: ZoneInfo) -> Value:
    """The answer as this person reads it, in their language."""
    shown = shown_value(step, value, now, zone)
    ours = step.answer and step.answer.type in SAID_BY_US and isinstance(shown, str)
    return value_in_language(str(shown), at.language) if ours else shown

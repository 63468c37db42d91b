"""Answers that the database keeps as managers read them, told to their person in that person's language."""

from __future__ import annotations

from dialogs.flow import Flow, Step
from dialogs.former import Kept, kind_of, value_of
from dialogs.numbers import shown_number
from dialogs.reviewing import label
from dialogs.shown import SAID_BY_US, shown_value
from dialogs.things import THINGS
from dialogs.tongues import value_in_language


def retold(flow: Flow, kept: Kept, called: str, shown: str, language: str) -> str:
    """«Holiday: Sea, Mountains». ``flow`` speaks the language, or as much of it as is translated; ``called`` and
    ``shown`` are what managers read, and stay where the flow asks this no longer."""
    step = flow.by_id.get(kept.step)
    if not language or step is None or kept.kind != kind_of(step):
        return f"{value_in_language(called, language)}: {shown}"
    return f"{value_in_language(label(step), language).rstrip('?: ')}: {_shown(step, kept, shown, language)}"


def _shown(step: Step, kept: Kept, shown: str, language: str) -> str:
    value = value_of(step, kept)
    if step.choices and (isinstance(value, tuple) or value in [one.meaning for one in step.choices]):
        return value_in_language(str(shown_value(step, value)), language)
    if kept.kind == "number" and isinstance(value, int) and step.answer:
        return shown_number(value, step.answer.unit)
    if kept.kind == "city":
        return str(value)  # what managers read has the hours there too
    return value_in_language(shown, language) if kept.kind in SAID_BY_US | THINGS else shown

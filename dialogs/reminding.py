"""Reminders of a date that a person named: the day before the test drive, two weeks before the policy ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from dialogs import phrases
from dialogs.conditions import names_among
from dialogs.conversation import Conversation, Known
from dialogs.effects import Button, Say
from dialogs.flow import DatedRule
from dialogs.flow_set import Script
from dialogs.hours import next_allowed
from dialogs.rules import conditions_of, texts_of
from dialogs.situation import Situation
from dialogs.texts import names_in
from dialogs.values import Values, counts_nothing, told

NOON = time(12)


@dataclass(frozen=True, slots=True)
class Reminder:
    """The flow's ``rule``-th rule of dates, due at ``due``; ``at`` is the moment that it reminds of.

    ``state``: what the message and its condition look at, and no more: the dialog may have begun anew by then."""

    rule: int
    kind: str
    due: datetime
    at: datetime
    state: Conversation


def moment(value: object, zone: ZoneInfo) -> datetime | None:
    """The moment that an answer names; a day without an hour counts from its noon. None: it names none."""
    text = str(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime.combine(day, NOON, zone)
    try:
        named = datetime.fromisoformat(text)
    except ValueError:
        return None
    return named.astimezone(zone) if named.tzinfo else named.replace(tzinfo=zone)


def reminders(script: Script, at: Conversation, now: datetime) -> Iterator[Reminder]:
    """What is to be planned for these answers. What is past, or would come too late for allowed hours, is not."""
    for number, rule in enumerate(script.flow.dates):
        named = moment(at.answers.get(rule.of, ""), script.business.zone)
        due = named and _due(rule, named)
        if named is None or due is None or due <= now:
            continue
        due = next_allowed(script.business, due)
        if rule.before is None or due < named:
            yield Reminder(number, rule.kind, due, named, _needed(rule, at))


def _due(rule: DatedRule, named: datetime) -> datetime | None:
    """By the calendar of the business's zone: the day before is at the same hour, whatever is done to clocks (T4)."""
    try:
        return named - rule.before if rule.before else named + rule.after if rule.after else None
    except OverflowError:
        return None


def _needed(rule: DatedRule, at: Conversation) -> Conversation:
    """Points hang on all answers; else the message needs those that it names."""
    conditions = [one for one in (rule.condition, *conditions_of(rule.say)) if one]
    names = names_among(conditions) | {name.partition(".")[0] for text in texts_of(rule.say) for name in names_in(text)}
    answers = {name: value for name, value in at.answers.items() if name in (*names, rule.of) or "score" in names}
    code = (at.code, at.code_until) if "code" in names else (None, None)
    variants = {name: drawn for name, drawn in at.variants.items() if name in names}
    return Conversation(
        at.flow, at.version, answers=answers, code=code[0], code_until=code[1], variants=variants, applied=at.applied
    )


def reminder(script: Script, rule: DatedRule, at: Conversation, known: Known, now: datetime, key: str) -> Say | None:
    """The message, with ``key`` under its button. None: nothing is to be said by its conditions, or it counts what is
    all gone."""
    here = Situation(script, at, known, now)
    number = script.flow.dates.index(rule)
    said = here.chosen(rule.say, "dates", number, "say") if here.holds(rule.condition) else ""
    named = Values(here)
    if not said or counts_nothing(said, named):
        return None
    if script.watch:
        script.watch(script.flow.flow, ("dates", number))
    text = told(said, named)
    if rule.kind == "advertising":
        text = phrases.with_stop(text)
    return Say(text, (Button(phrases.GO_ON, key),) if rule.go else (), kind=rule.kind)

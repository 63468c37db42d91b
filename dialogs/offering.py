"""Buttons that the bot makes by itself: yes and no, marks, times to call; likely days for whoever is at a loss."""

from __future__ import annotations

from datetime import datetime

from dialogs import call_times, dates, ratings, several, times, yes_no
from dialogs.business import Business
from dialogs.conversation import Conversation
from dialogs.effects import Button
from dialogs.flow import Step
from dialogs.understood import Option, Understood, Unsure

MARK = "o."
"""Begins the last part of such a button's key; the option's token follows."""
_AT_A_LOSS = 2  # refusals, after which days and hours are offered


def options(step: Step, at: Conversation, *, now: datetime, business: Business) -> tuple[Option, ...]:
    """The likely answers to the step's question as it stands."""
    spec = step.answer
    lost = at.tries >= _AT_A_LOSS
    match spec.type if spec else "":
        case "yes_no":
            return yes_no.OPTIONS
        case "rating":
            assert spec is not None
            return ratings.options(spec)
        case "call_time":
            return call_times.offered(now, business)
        case "date" if lost and spec:
            return dates.likely_days(spec, now, business.zone)
        case "time" if lost and spec:
            return times.likely_times(spec, now=now, business=business)
    return ()


def buttons(step: Step, at: Conversation, prefix: str, *, now: datetime, business: Business) -> list[Button]:
    """The step's own buttons and those made for it. ``prefix``: the key up to its last part."""
    if step.answer and step.answer.type == "several":
        return [Button(label, f"{prefix}{last}") for label, last in several.buttons(at, step)]
    made = [Button(one.label, f"{prefix}{MARK}{one.token}") for one in options(step, at, now=now, business=business)]
    return made + [Button(choice.label, f"{prefix}{index}") for index, choice in enumerate(step.choices)]


def redeemed(step: Step, token: str, *, now: datetime, business: Business) -> Understood | Unsure | None:
    """What the button with this token says by now; None: it is of another question, or its time is over."""
    spec = step.answer
    match spec.type if spec else "":
        case "yes_no":
            return next(
                (yes_no.understood(one is yes_no.OPTIONS[0]) for one in yes_no.OPTIONS if one.token == token), None
            )
        case "rating":
            assert spec is not None
            return next(
                (ratings.understood(spec, int(one.token)) for one in ratings.options(spec) if one.token == token), None
            )
        case "call_time":
            return call_times.redeemed(token, now=now, business=business)
        case "date":
            assert spec is not None
            return dates.redeemed(spec, token, now=now, zone=business.zone)
        case "time":
            assert spec is not None
            return times.redeemed(spec, token, now=now, business=business)
    return None


def widest_labels(step: Step) -> tuple[str, ...]:
    """The longest labels that the bot's own buttons at this step may have, for checking them against a channel."""
    spec = step.answer
    match spec.type if spec else "":
        case "yes_no":
            return tuple(one.label for one in yes_no.OPTIONS)
        case "rating":
            assert spec is not None
            return tuple(one.label for one in ratings.options(spec))
        case "several":
            return (several.DONE,)
        case "call_time":
            return ("Сейчас", *("В понедельник вечером",) * 5, "В любое время")
        case "date":
            return ("Послезавтра, 27 сентября",) * dates.MOST_OPTIONS
        case "time":
            return ("Пн 27 сентября, 15:00",) * 4
    return ()

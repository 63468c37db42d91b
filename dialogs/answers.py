"""Reading a typed answer by what its step expects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dialogs.business import Business
from dialogs.call_times import read_call_time
from dialogs.choosing import choose
from dialogs.cities import read_city
from dialogs.cleaning import clean, has_words
from dialogs.dates import read_date
from dialogs.emails import read_email
from dialogs.flow import AnswerSpec, Choice
from dialogs.names import read_name
from dialogs.numbers import read_number
from dialogs.phones import suspicious
from dialogs.ratings import read_rating
from dialogs.several import read_several
from dialogs.things import WANTED, read_place
from dialogs.times import read_time
from dialogs.typed_phones import read_phone
from dialogs.understood import Refusal, Understood, Unsure
from dialogs.yes_no import read_yes_no

__all__ = ["Refusal", "Understood", "Unsure", "choose", "read", "read_email", "read_name", "read_phone", "suspicious"]

LONGEST_TEXT = 1000
NO_WORDS = "Напишите, пожалуйста, ответ словами."


def read(
    spec: AnswerSpec,
    text: str,
    *,
    now: datetime,
    business: Business,
    choices: Sequence[Choice] = (),
    day: str = "",
) -> Understood | Refusal | Unsure:
    """The answer in ``text``, or a kind line on what is expected. ``now`` is UTC-aware.

    ``choices``: of a question with ``several``. ``day``: named in the turn before, where only the hour is missing.
    """
    zone = business.zone
    match spec.type:
        case "yes_no":
            return read_yes_no(text)
        case "several":
            return read_several(spec, choices, text)
        case "date":
            return read_date(spec, text, now=now, zone=zone)
        case "time":
            return read_time(spec, text, now=now, business=business, day=day)
        case "call_time":
            return read_call_time(text, now=now, business=business, day=day)
        case "city":
            return read_city(text)
        case "rating":
            return read_rating(spec, text)
        case "number":
            return read_number(spec, text, now=now, zone=zone)
        case "phone":
            return read_phone(text)
        case "email":
            return read_email(text)
        case "name":
            return read_name(text)
        case "text":
            return read_text(text)
        case "location":
            return read_place(text)
        case "photo" | "file":
            return Refusal(WANTED[spec.type])


def read_text(text: str) -> Understood | Refusal:
    """Any words, the first 1000 letters of them."""
    kept = clean(text, limit=LONGEST_TEXT)
    return Understood(kept, kept) if has_words(kept) else Refusal(NO_WORDS)

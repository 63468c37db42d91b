"""Reading a typed answer by what its step expects."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs.choosing import choose
from dialogs.cleaning import clean, has_words
from dialogs.emails import read_email
from dialogs.flow import AnswerSpec
from dialogs.names import read_name
from dialogs.numbers import read_number
from dialogs.phones import suspicious
from dialogs.things import WANTED, read_place
from dialogs.typed_phones import read_phone
from dialogs.understood import Refusal, Understood

__all__ = ["Refusal", "Understood", "choose", "read", "read_email", "read_name", "read_phone", "suspicious"]

LONGEST_TEXT = 1000
NO_WORDS = "Напишите, пожалуйста, ответ словами."


def read(spec: AnswerSpec, text: str, *, now: datetime, zone: ZoneInfo) -> Understood | Refusal:
    """The answer in ``text``, or a kind line on what is expected. ``now`` is UTC-aware; ``zone`` is the business's."""
    match spec.type:
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

"""What reading an answer comes to: understood, perhaps with a doubt, or a refusal that helps."""

from __future__ import annotations

from dataclasses import dataclass

from dialogs.conversation import Value


@dataclass(frozen=True, slots=True)
class Understood:
    """``shown``: how people read it. ``doubt``: a question; when there is one, ``value`` is our proposal and the person
    must confirm it. ``typed``: what they wrote, where that may be right as well («anna@gmial.com»): whoever types it
    again means it."""

    value: Value
    shown: str
    doubt: str = ""
    typed: Value | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A kind line that says what is expected, with an example."""

    hint: str


@dataclass(frozen=True, slots=True)
class Option:
    """One likely answer as a button: ``token`` comes back in the button's key (letters, digits, «-»; at most 17)."""

    token: str
    value: Value
    label: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """Half understood: ``question`` asks for the rest, with likely answers. ``day`` (ISO) is known already: an hour
    typed next is an hour of that day."""

    question: str
    options: tuple[Option, ...] = ()
    day: str = ""

"""What may happen to a conversation: all that the engine is given, one at a time. Frozen, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dialogs.conversation import Messages


@dataclass(frozen=True, slots=True)
class Started:
    """The flow is opened (again): from its first step."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """Say the waiting question again (an old button, «продолжить», the bot is back after a person).

    ``moved``: the place where they stood is gone, they were brought here.
    """

    moved: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A typed message, cleaned. ``messages``: the same as it came, where the channel numbers what people write."""

    text: str
    messages: Messages = ()


@dataclass(frozen=True, slots=True)
class Read:
    """Nothing more was said: what was held is read."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A message of theirs reads otherwise now."""

    message: str
    text: str


@dataclass(frozen=True, slots=True)
class Tapped:
    """A press of one of our buttons, by the key it carried (``Button.key``)."""

    key: str


@dataclass(frozen=True, slots=True)
class SharedPhone:
    """A contact card. ``own`` only if the platform attests that it is the sender's (P1, P2)."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Odd:
    """Something that is no words. ``what``: sticker, voice, photo, document, location, other… ``name`` of a file,
    ``place`` («latitude, longitude») of a location, ``number`` of things in the message."""

    what: str
    name: str = ""
    place: str = ""
    number: int = 1


@dataclass(frozen=True, slots=True)
class Silent:
    """The flow's ``rule``-th silence rule fell due (0 is the first)."""

    rule: int


@dataclass(frozen=True, slots=True)
class Led:
    """The button of a reminder was tapped: it leads to this step."""

    step: str


@dataclass(frozen=True, slots=True)
class CodeIssued:
    """The database's answer to ``IssueCode``."""

    offer: str
    code: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CodesEnded:
    """The database's other answer to ``IssueCode``: the stock is empty."""

    offer: str


@dataclass(frozen=True, slots=True)
class Back:
    """«Назад»: the former question again."""


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """«Позовите человека», at any moment."""


Event = (
    Started
    | Resumed
    | Said
    | Read
    | Edited
    | Tapped
    | SharedPhone
    | Odd
    | Silent
    | Led
    | CodeIssued
    | CodesEnded
    | Back
    | AskedPerson
)

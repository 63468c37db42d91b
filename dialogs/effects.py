"""What follows from an event: what the engine wants said and done, in order. Frozen, plain values; those of many
fields, or that every turn makes, are tuples, which are made at a third of the price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from dialogs.conversation import Conversation, Kind, Purpose, Value


class Button(NamedTuple):
    """``key`` comes back in ``Tapped``; at most 64 ASCII bytes by construction (M16). ``url`` buttons have no key."""

    label: str
    key: str = ""
    url: str = ""


class Say(NamedTuple):
    """One message to the prospect.

    ``asks_phone``, ``asks_place``: channels that can, add their own button that shares the sender's number or place.
    ``consent``: the purpose, when this message shows a consent text; ``digest`` names the wording.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    kind: Kind = "service"
    asks_phone: bool = False
    asks_place: bool = False
    consent: Purpose | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Show:
    """A picture or a document, before what is said with it. ``digest`` names its bytes."""

    kind: Literal["picture", "document"]
    digest: str
    name: str


class Remember(NamedTuple):
    """An answer was taken. ``shown`` is how people read it («+7 900 123-45-67», «В этом месяце»)."""

    step: str
    kind: str  # an answer's type, choice, or note
    label: str
    value: Value
    shown: str
    verified: str | None = None  # "own_contact" when the platform attests the phone


@dataclass(frozen=True, slots=True)
class Forget:
    """«Назад»: the answer of ``step`` is open again."""

    step: str


@dataclass(frozen=True, slots=True)
class Rename:
    """The step of an answer is called otherwise in the version they moved to."""

    step: str
    to: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A side question was asked and answered. ``question``: its name."""

    question: str


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """The person tapped under a consent text."""

    purpose: Purpose
    given: bool
    digest: str


@dataclass(frozen=True, slots=True)
class CallPerson:
    """A human is to come. ``why``: the prospect asks, or is stuck at a question, or the flow hands over."""

    why: Literal["asked", "stuck", "hand_over"]


@dataclass(frozen=True, slots=True)
class PassOn:
    """After the application: these words are for the manager."""

    text: str


@dataclass(frozen=True, slots=True)
class Apply:
    """The application is made: a card for the managers."""

    offer: str | None


@dataclass(frozen=True, slots=True)
class IssueCode:
    """Needs the database: its result comes back as ``CodeIssued`` or ``CodesEnded``."""

    offer: str


@dataclass(frozen=True, slots=True)
class RecordVariant:
    """The person meets this variant (A/B) from now on: for the reports."""

    name: str
    variant: str


@dataclass(frozen=True, slots=True)
class MarkCold:
    """The silence rules are at their end."""


Effect = (
    Say
    | Show
    | Remember
    | Forget
    | Rename
    | Asked
    | RecordConsent
    | CallPerson
    | PassOn
    | Apply
    | IssueCode
    | RecordVariant
    | MarkCold
)


class Turn(NamedTuple):
    """The engine's decision: where the prospect stands now, and what is to be done, in order."""

    conversation: Conversation
    effects: tuple[Effect, ...] = ()

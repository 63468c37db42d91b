"""What a channel brings in, in the same words for every network. Frozen; made by ``bot/channels``, read by handlers.

``Inbound`` and ``Notice``, which every event has, are named tuples: a frozen dataclass sets each field by a call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Text:
    """A typed message, as it came. ``reply_to``: id of the message it answers, in the same chat. ``messages``: the id
    and the words of each, where several came in one breath; empty where the channel does not number them."""

    text: str
    reply_to: str | None = None
    messages: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Edited:
    """A text of theirs was edited in a private dialog: message ``message_id`` reads so now."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Start:
    """The dialog was opened: a start link, «Начать», the first visit. ``tag`` is the raw start tag, "" when bare."""

    tag: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A button of ours. ``key`` is what the button carried (forgeable: only a key, P12). ``query`` ends the spinner;
    None where nothing spins. ``message_id``: the message with the button, None if the platform does not say."""

    key: str
    query: str | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """A contact card. ``own``: the platform attests it is the sender's own and it was not forwarded (P1, P2)."""

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """Where a file stands in its network, and what the network says of it; its bytes are never asked for (P25).

    ``place``: «latitude, longitude» of a location. ``number``: how many came in this one message. ``album``: several
    messages that came as one. ``chat``: where it stands, if that is not the chat it was heard in.
    """

    message_id: str
    file_id: str = ""
    size: int | None = None
    name: str = ""
    place: str = ""
    number: int = 1
    album: str | None = None
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file, sticker, voice… ``what`` is the kind; nothing is downloaded (P25). ``caption`` is its text.
    ``reply_to``: as with ``Text``."""

    what: str
    caption: str = ""
    reply_to: str | None = None
    thing: Thing | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AlbumPart:
    """Another photo of an album whose first was heard before."""

    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Reachable:
    """The person may be written to (unblocked, VK's message_allow), or no longer (blocked, message_deny)."""

    yes: bool
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class PersonAnswered:
    """A human administrator answered this prospect from the network's own inbox (P57)."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something said in a group or channel nobody bound, or by a bot: counted, never answered (P21, P23)."""

    why: str


@dataclass(frozen=True, slots=True)
class Undecodable:
    """An event the channel could not read: parked as it came (N5, P53)."""

    error: str


Heard = (
    Text
    | Edited
    | Start
    | Press
    | PhoneCard
    | Attachment
    | AlbumPart
    | Reachable
    | PersonAnswered
    | Elsewhere
    | Undecodable
)


class Inbound(NamedTuple):
    """One event, made with the names of its fields. ``(channel, event_id)`` is its identity for ever (I2).

    ``sender``: the person's id in the channel. ``chat``: where it was said; equals ``sender`` in a private dialog.
    ``first_name``, ``full_name``: the network's profile, used in this turn and not kept before consent (L5).
    ``language``: of their network's app, two letters, where it tells.
    ``raw``: the bytes as they came, for parking. ``at``: the platform's own time, UTC-aware.
    """

    channel: str
    event_id: str
    sender: str
    chat: str
    at: datetime
    heard: Heard
    first_name: str = ""
    full_name: str = ""
    language: str = ""
    raw: bytes = b""


class Notice(NamedTuple):
    """Ends the spinner of a press, with a short line if there is something to say. Not durable: a press whose
    transaction was lost is pressed again."""

    channel: str
    query: str
    sender: str
    chat: str
    text: str = ""

"""What a channel is: a verb to hear and a verb to say, and a row in ``dialogs.capabilities``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from dialogs.effects import Button
from handlers.inbound import Inbound, Notice


class Receive(Protocol):
    """``bot.app.App.receive``: returns only when the batch is committed or parked; then it may be acknowledged.

    ``cursor``: the channel's new position (VK's ``ts``), saved in the batch's transaction.
    """

    async def __call__(self, batch: Sequence[Inbound], *, cursor: str | None = None) -> None: ...


class Note(Protocol):
    """Counts what a channel met at its network, under one of a few names: nothing goes wrong in silence (I14)."""

    def __call__(self, what: str, number: int = 1) -> None: ...


def note_nothing(what: str, number: int = 1) -> None:
    """Nobody counts: stages, and tests that do not look."""


@dataclass(frozen=True, slots=True)
class File:
    """A picture or document of a flow; the channel asks ``bot.files`` for its bytes."""

    kind: Literal["picture", "document"]
    digest: str
    name: str


@dataclass(frozen=True, slots=True)
class Forward:
    """What somebody sent, to be shown in another chat of the same network."""

    chat: str
    message_id: str


class Outgoing(NamedTuple):
    """One act of delivery, made from an outbox row with the names of its fields. A named tuple: a
    frozen dataclass sets each of so many fields by a call.

    ``id`` is the row's: VK's ``random_id`` comes from it. ``act``: ``say`` sends a new message, ``edit`` changes
    ``message_id``. ``attempt`` is 1 for the first; more after an unknown outcome. ``asks_phone``,
    ``asks_place``: show the channel's own button that shares the sender's number or place. ``drops_keyboard``: take
    such a button away again. ``reply_to``: a message of the same chat that this one answers. ``file``: show it; there
    is no text then. ``forward``: show what somebody sent; the text is said instead where that cannot be.
    ``takes_back``: an edit that leaves nothing of what was forwarded. ``first_tried_ago``: seconds since the first
    attempt, 0 for the first.
    """

    id: int
    to: str
    text: str
    act: Literal["say", "edit"] = "say"
    buttons: tuple[tuple[Button, ...], ...] = ()
    asks_phone: bool = False
    asks_place: bool = False
    drops_keyboard: bool = False
    reply_to: str | None = None
    message_id: str | None = None
    file: File | None = None
    forward: Forward | None = None
    takes_back: bool = False
    attempt: int = 1
    first_tried_ago: float = 0.0


@dataclass(frozen=True, slots=True)
class Sent:
    """It arrived; ``message_id`` is the channel's id (for an edit: the same)."""

    message_id: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """Refused for now: wait ``seconds``. ``everybody``: the wait holds for the whole channel, not this chat alone."""

    seconds: float
    everybody: bool = False


@dataclass(frozen=True, slots=True)
class Unreachable:
    """This person cannot be written to. ``for_good``: the account is gone."""

    reason: str
    for_good: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take this one (bad request, chat gone, message cannot be edited).

    ``edit_gone``: the message to edit is no longer there or too old: send a new one (M14)."""

    reason: str
    edit_gone: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat has a new id (group became supergroup): remember ``chat`` and send there (M10)."""

    chat: str


@dataclass(frozen=True, slots=True)
class Halted:
    """The channel as a whole cannot send (token revoked, captcha, rights): stop it, alarm, keep the rows (N10, N11).

    ``seconds``: when to try again; None: only after a human acted (restart)."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived: timeout, reset, 5xx, an answer that does not decode (M13, N3)."""

    reason: str


Outcome = Sent | TryLater | Unreachable | Refused | Moved | Halted | Unknown


@runtime_checkable
class Askable(Protocol):
    """A channel whose repeats are not harmless: before another message is risked, delivery asks whether it is there."""

    async def answers(self) -> bool:
        """Does the network answer a question that nobody sees? Never raises for what a network can do."""


NOTICE = 10.0
"""Seconds for the end of a spinner: by then it has ended by itself, or nobody looks at it any more."""


class Channel(Protocol):
    """Where people write to us and read us. Translates at the edge, decides nothing."""

    name: str

    async def listen(self, receive: Receive) -> None:
        """Bring events in until cancelled. Acknowledge a batch only after ``receive`` returned (I1)."""

    def notify(self, notice: Notice) -> Awaitable[None]:
        """End the spinner of a press: it leaves within ``NOTICE`` seconds or not at all. Failures are nobody's business
        (P10)."""

    async def close(self) -> None:
        """Let go of connections."""


class Network(Channel, Protocol):
    """A channel of somebody else's: what is sent may arrive, or not, or nobody knows. ``keeps_order``: messages to one
    chat that are sent at the same time are shown in the order in which they were sent. Such a network has no ceilings
    for single chats (``bot/pace.py``)."""

    keeps_order: bool

    async def send(self, message: Outgoing) -> Outcome:
        """Perform one act, once; never retry by itself. Never raises for what a network can do."""


@runtime_checkable
class Bundling(Network, Protocol):
    """A network whose calls travel together: whoever sends many needs no task for each."""

    def post(self, message: Outgoing) -> asyncio.Future[Outcome] | None:
        """What ``send`` does, its request made in a later turn of the loop; None where something has to be asked or
        given before."""


@runtime_checkable
class OwnPages(Channel, Protocol):
    """A channel that is read from our own tables: what is said is written in the transaction that claims it."""

    async def put(self, db: AsyncSession, messages: Sequence[Outgoing]) -> list[Sent | Refused]:
        """Perform these acts in the caller's transaction, in their order. Raises what the database raises."""

    def poke(self, peer: str) -> None:
        """The transaction is committed: whoever looks at this chat is to look again. Never raises."""

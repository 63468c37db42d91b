"""Promises: rows of the outbox, written in the transaction that promised them (I4). Delivery sends them after commit.

A row already on the wire cannot be recalled. Cancelling it leaves its ``reason``: then a refusal "for now" or an
unknown outcome ends it instead of trying again (P47). Claiming is in ``claims.py``, ends are in ``outcomes.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Update, and_, bindparam, case, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.columns import Moment
from storage.gathered import AMONG, ask, gather_row, gather_value, gathering
from storage.numbers import next_known, take
from storage.partial import is_due, is_open, is_unknown, word
from storage.rows import new_row
from storage.tables import Outbox

LATEST, UNASKED = 60, 100  # priorities: an answer to words of an hour ago or more; what nobody asked for


class Button(Protocol):
    """``dialogs.conversation.Button``, as far as a row keeps it."""

    @property
    def label(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def url(self) -> str: ...


_PROMISE = insert(Outbox.__table__)  # type: ignore[arg-type]
_PROMISE_NUMBERED = insert(Outbox.__table__).values(id=bindparam("id"))  # type: ignore[arg-type]
_HURRY = (
    update(Outbox.__table__)  # type: ignore[arg-type]
    .where(
        Outbox.channel == bindparam("hurried"), Outbox.to.in_(AMONG), is_open(), Outbox.priority > bindparam("urgency")
    )
    .values(priority=bindparam("urgency"))
)
_FIRST_DUE = select(func.min(Outbox.due_at)).where(Outbox.channel == bindparam("in_channel"), is_due())


def promise(
    db: AsyncSession,
    *,
    now: datetime,
    channel: str,
    to: str,
    role: str,
    text: str,
    buttons: Sequence[Sequence[Button]] = (),
    kind: str = "service",
    act: str = "say",
    identity_id: int | None = None,
    conversation_id: int | None = None,
    lead_id: int | None = None,
    target_id: int | None = None,
    reply_to_id: int | None = None,
    reply_to: str | None = None,
    unsolicited: bool = False,
    consent_id: int | None = None,
    priority: int = 0,
    asks_phone: bool = False,
    drops_keyboard: bool = False,
    number: int | None = None,
    things: Mapping[str, Any] | None = None,
) -> None:
    """Promise one message. Due at once, after what was promised to that chat before; an answer to a
    person makes that as urgent as it is itself, or it would wait behind it.

    ``number``: the row's own, if it was taken already (``promise_row``). ``things``: ``file``, ``forward``,
    ``takes_back`` of the body, see ``Outbox``.
    """
    if act == "edit" and target_id is None:
        raise ValueError("an edit names the row it edits")
    row: dict[str, Any] = {
        "channel": channel, "to": to, "role": role, "kind": kind, "act": act, "unsolicited": unsolicited,
        "priority": priority, "body": _body(text, buttons, asks_phone, drops_keyboard, **(things or {})),
        "identity_id": identity_id, "conversation_id": conversation_id, "lead_id": lead_id, "consent_id": consent_id,
        "target_id": target_id, "reply_to_id": reply_to_id, "reply_to": reply_to, "status": "due", "attempt": 0,
        "due_at": now, "created_at": now,
    }  # fmt: skip
    number = next_known(db, Outbox) if number is None else number
    if number is None:
        gather_row(db, _PROMISE, object(), row)
    else:
        row["id"] = number
        gather_row(db, _PROMISE_NUMBERED, number, row)
    session = gathering(db)
    if identity_id is not None and not unsolicited:
        gather_value(db, _HURRY, to, hurried=channel, urgency=priority)
        if number is not None:
            session.answers.append(row)
    session.promised.add(channel)


async def promise_row(db: AsyncSession, **promised: Any) -> Outbox:
    """The same; the row, with its number, for those that others will answer or edit. It is not the session's."""
    number = next_known(db, Outbox)
    if number is None:
        await db.flush()  # what was promised before is to have a lower number
        number = await take(db, Outbox)
    known = {name: promised.get(name) for name in ("channel", "to", "role", "lead_id", "conversation_id")}
    row = new_row(Outbox, id=number, **known)
    promise(db, number=row.id, **promised)
    return row


def promised(db: AsyncSession) -> frozenset[str]:
    """Channels that something was promised in, in this transaction."""
    return frozenset(gathering(db).promised)


async def first_due(db: AsyncSession, channel: str) -> datetime | None:
    """When the first of the channel's waiting rows falls due, or fell; None if none waits."""
    ((due_at,),) = await ask(db, _FIRST_DUE, {"in_channel": channel})
    return due_at  # type: ignore[no-any-return]


def _body(
    text: str, buttons: Sequence[Sequence[Button]], asks_phone: bool, drops_keyboard: bool, **things: Any
) -> dict[str, Any]:
    rows = [[{"label": one.label, "key": one.key, "url": one.url} for one in row] for row in buttons]
    return {"text": text, "buttons": rows, "asks_phone": asks_phone, "drops_keyboard": drops_keyboard, **things}


def cancel_unsolicited(db: AsyncSession, *, channel: str, to: str, now: datetime, reason: str) -> None:
    """Nothing nobody asked for goes out to this person any more (I7); those on the wire included. By their chat: of a
    person there is no index of what has not gone yet, and years of messages would be looked through."""
    gather_value(db, _CANCEL_UNSOLICITED, to, of_channel=channel, ended_at=now, why=reason)


async def cancel_all(db: AsyncSession, *, identity_id: int, now: datetime, reason: str) -> int:
    """Nothing at all goes out to this person any more: withdrawal, unreachable. Rows met."""
    return await cancel(db, Outbox.identity_id == identity_id, now=now, reason=reason)


def _cancelling(now: Any, reason: Any) -> Update:
    """What is due ends; what is on the wire keeps the word that was left with it."""
    due = Outbox.status == word("due")
    ending = {
        "status": case((due, "cancelled"), else_=Outbox.status),
        "done_at": case((due, now), else_=Outbox.done_at),
        "reason": reason,
    }
    return update(Outbox).where(is_open()).values(ending).execution_options(synchronize_session=False)


_CANCEL_UNSOLICITED = _cancelling(bindparam("ended_at", type_=Moment()), bindparam("why")).where(
    Outbox.channel == bindparam("of_channel"), Outbox.to.in_(AMONG), Outbox.unsolicited.is_(True)
)


async def cancel(db: AsyncSession, *which: ColumnElement[bool], now: datetime, reason: str) -> int:
    """Cancel what is due of ``which``; leave word with what is on the wire."""
    await db.flush()  # promised in this very transaction counts too
    met = await db.scalars(
        _cancelling(literal(now, Moment()), reason).where(*which).returning(Outbox),
        execution_options={"populate_existing": True},
    )
    return len(met.all())


async def find_by_message(db: AsyncSession, *, channel: str, to: str, message_id: str) -> Outbox | None:
    """The row whose message this is: the one that said it, not those that edited it."""
    mine = (Outbox.channel == channel, Outbox.to == to, Outbox.message_id == message_id, Outbox.act == "say")
    return await db.scalar(select(Outbox).where(*mine).order_by(Outbox.id.desc()).limit(1))


async def unnumbered(db: AsyncSession, channel: str, to: str, *, since: datetime, soon: datetime) -> bool:
    """May this chat show a message whose number we are about to learn? ``since``: when it was first sent, at the
    earliest, if it is on its way, and when it is sent once more at the earliest, ``soon`` at the latest, if it may have
    arrived."""
    tried = (Outbox.act == "say", Outbox.attempt > 0)
    learnt = or_(Outbox.first_tried_at >= since, and_(is_due(), Outbox.due_at.between(since, soon)))
    one = select(Outbox.id).where(Outbox.channel == channel, Outbox.to == to, is_open(), *tried, learnt).limit(1)
    return await db.scalar(one) is not None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of a channel are due and not sent, and when the oldest was promised."""

    rows: int
    since: datetime


async def waiting(db: AsyncSession, *, now: datetime) -> dict[str, Waiting]:
    """By channel; channels with nothing overdue are not in it."""
    due = (is_due(), Outbox.due_at <= now)
    oldest = select(Outbox.channel, func.count(), func.min(Outbox.created_at)).where(*due).group_by(Outbox.channel)
    return {row[0]: Waiting(row[1], row[2]) for row in await db.execute(oldest)}


async def uncertain(db: AsyncSession) -> dict[str, int]:
    """By channel: messages nobody knows to have arrived or not (G12)."""
    counted = select(Outbox.channel, func.count()).where(is_unknown()).group_by(Outbox.channel)
    return {row[0]: row[1] for row in await db.execute(counted)}

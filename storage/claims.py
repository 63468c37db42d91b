"""How promised rows are claimed for sending. ``bot/delivery.py`` is the only caller; how they end: ``outcomes.py``.

A chat's rows go out in the order they were promised: one is claimed, and of a desk's chat those that follow it
(``following.py``). Claiming is one guarded
statement that asks everything again at the last moment: still due, person reachable and not stopped, advertising
consent in force (G5, T1).

What it costs does not grow with what waits. People, strangers who get a farewell among them, are many and wait for few
messages each: they are looked through by urgency, up to the limit. Desks are few, and hundreds of cards may wait in
each: they are looked up chat by chat, and of each only the first card.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.claimed import COLUMNS, Claimed
from storage.columns import Moment
from storage.following import following, stands_alone
from storage.gathered import AMONG, ask
from storage.just_promised import take_answers
from storage.outcomes import end, later, newest, send_anew
from storage.partial import OPEN, is_due, is_open, to_desk, to_person, word
from storage.tables import Consent, Identity, Outbox


class Claim(NamedTuple):
    """A row that is now ours to send. ``message_id``: what an edit changes. ``reply_to``: what a message answers."""

    row: Claimed
    message_id: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at the queue brought. ``cancelled``: reason -> how many were found void. ``due_at``: if there was
    nothing, when there will be. ``again``: look at once, behind the void ones others may be due."""

    claims: list[Claim]
    cancelled: Mapping[str, int]
    due_at: datetime | None = None

    @property
    def again(self) -> bool:
        return bool(self.cancelled)


# ---------------------------------------------------------------- claiming

_older = aliased(Outbox)
_newer = aliased(Outbox)
_later_word = aliased(Consent)
_another = aliased(Outbox)

_may_be_disturbed = or_(
    Outbox.unsolicited.is_(False),
    Outbox.identity_id.is_(None),
    select(Identity.id)
    .where(Identity.id == Outbox.identity_id, Identity.reachable.is_(True), Identity.stopped_at.is_(None))
    .exists(),
)
_consents = or_(
    Outbox.kind != "advertising",
    select(Consent.id)
    .where(Consent.id == Outbox.consent_id, Consent.purpose == "advertising", Consent.act == "given")
    .where(
        ~select(_later_word.id)
        .where(_later_word.pseudonym == Consent.pseudonym, _later_word.purpose == Consent.purpose)
        .where(_later_word.id > Consent.id, _later_word.act != "given")
        .exists()
    )
    .exists(),
)
_superseded = and_(
    Outbox.act == "edit",
    select(_newer.id)
    .where(_newer.channel == Outbox.channel, _newer.to == Outbox.to, _newer.target_id == Outbox.target_id)
    .where(_newer.act == "edit", is_due(_newer), _newer.id > Outbox.id)
    .exists(),
)
_why_not = case(
    (not_(_may_be_disturbed), "stopped or unreachable"),
    (not_(_consents), "no advertising consent in force"),
    (_superseded, "superseded"),
    else_=None,
)
_now = bindparam("now", type_=Moment())
_in_channel: BindParameter[Any] = bindparam("in_channel")
_limit = bindparam("limit", type_=Integer())


def _fallen_due(*, sparing: bool) -> list[ColumnElement[bool]]:
    """The moment is hidden from the planner: by its index all that is due would be read and sorted each time."""
    spared = [Outbox.to.not_in(bindparam("but_not", expanding=True))] if sparing else []
    return [is_due(), func.coalesce(Outbox.due_at, Outbox.due_at) <= _now, *spared]


def _people(*, sparing: bool) -> Select[int, int]:
    """The first row of each person's chat, urgent ones first."""
    is_first = ~(
        select(_older.id)
        .where(_older.channel == Outbox.channel, _older.to == Outbox.to)
        .where(is_open(_older), _older.id < Outbox.id)
        .exists()
    )
    return (
        select(Outbox.id, Outbox.priority)
        .where(Outbox.channel == _in_channel, to_person(), *_fallen_due(sparing=sparing), is_first)
        .order_by(Outbox.priority, Outbox.id)
        .limit(_limit)
    )


def _desks(*, sparing: bool) -> Select[int, int]:
    """The first row of each desk's chat. One step of the recursion finds the next chat."""
    desk = select(func.min(Outbox.to).label("chat")).where(Outbox.channel == _in_channel, is_open(), to_desk())
    desks = desk.cte("desk", recursive=True)
    after = select(func.min(_another.to)).where(_another.channel == _in_channel, is_open(_another), to_desk(_another))
    following = after.where(_another.to > desks.c.chat).scalar_subquery()
    desks = desks.union_all(select(following).where(desks.c.chat.is_not(None)))
    of_chat = (_older.channel == _in_channel, _older.to == desks.c.chat, is_open(_older))
    first = select(func.min(_older.id)).where(*of_chat).correlate(desks).scalar_subquery()
    return (
        select(Outbox.id, Outbox.priority)
        .join_from(desks, Outbox, Outbox.id == first)
        .where(to_desk(), *_fallen_due(sparing=sparing))
    )


@cache
def _claim(*, sparing: bool) -> Update:
    """Heads of the queues are taken; where they are void by now, it is told why, and ``_VOID`` ends them: a statement
    that may end a row makes SQLite take every row it meets off its indexes. Built once each: delivery asks this for
    every message, and a list of chats to spare, however empty, is written into the statement anew each time."""
    people, desks = _people(sparing=sparing).subquery(), _desks(sparing=sparing)
    first = union_all(select(people), desks).subquery("first")
    head = (
        select(Outbox.id, _why_not.label("void"))
        .join_from(first, Outbox, Outbox.id == first.c.id)
        .order_by(first.c.priority, first.c.id)
        .limit(_limit)
        .subquery("head")
    )
    fit = head.c.void.is_(None)
    return (
        update(Outbox.__table__)  # type: ignore[arg-type]
        .where(Outbox.id == head.c.id, is_due())  # PostgreSQL asks this again of a row that was changed
        .values(
            status=case((fit, "sending"), else_=Outbox.status),
            attempt=case((fit, Outbox.attempt + 1), else_=Outbox.attempt),
            first_tried_at=case((fit, func.coalesce(Outbox.first_tried_at, _now)), else_=Outbox.first_tried_at),
            reason=case((fit, Outbox.reason), else_=head.c.void),
        )
        .returning(Outbox.status, Outbox.reason, *COLUMNS)
    )


_VOID = (
    update(Outbox.__table__)  # type: ignore[arg-type]
    .where(Outbox.id.in_(AMONG), is_due())
    .values(status=word("cancelled"), done_at=_now)
)
_NEXT_DUE = select(func.min(Outbox.due_at)).where(
    Outbox.channel == bindparam("channel"), is_due(), Outbox.due_at > _now
)


async def claim(
    db: AsyncSession,
    channel: str,
    *,
    now: datetime,
    limit: int,
    in_line: int = 1,
    but_not: Collection[str] = (),
    answers_first: bool = False,
) -> Round:
    """Take up to ``limit`` rows that are due, one a chat, urgent ones first; of a desk's chat up to ``in_line``, one
    after the other. ``but_not`` are chats to leave alone. ``answers_first``: nothing as urgent waits as what this
    transaction itself promised to people."""
    cancelled: Counter[str] = Counter()
    rows = await take_answers(db, channel, now=now, limit=limit, but_not=but_not) if answers_first else []
    void: list[int] = []
    if room := limit - len(rows):
        asked = {"in_channel": channel, "now": now, "limit": room, "but_not": list(but_not)}
        for status, reason, *values in await ask(db, _claim(sparing=bool(but_not)), asked):
            row = Claimed._make(values)
            if status == "sending":
                rows.append(row)
            else:
                cancelled[reason] += 1
                void.append(row.id)
    if void:
        await db.execute(_VOID, {"among": void, "now": now})
    rows.sort(key=lambda row: (row.priority, row.id))
    for first in [row for row in rows if in_line > 1 and stands_alone(row)]:
        behind = await following(db, first, now=now, most=min(in_line - 1, limit - len(rows)))
        at = rows.index(first) + 1
        rows[at:at] = behind
    resolved = [
        await _resolve(db, row, now, cancelled) if _refers(row) else Claim(row, None, row.reply_to) for row in rows
    ]
    claims = [one for one in resolved if one is not None]
    return Round(claims, cancelled, None if claims or cancelled else await next_due(db, channel, now=now))


def _refers(row: Claimed) -> bool:
    """To another message of ours, which it edits or answers."""
    return row.act == "edit" or row.reply_to_id is not None


async def _resolve(db: AsyncSession, row: Claimed, now: datetime, cancelled: Counter[str]) -> Claim | None:
    """Find the messages a row edits and answers. An edit of what never arrived is sent as a message instead."""
    answered = await newest(db, row.reply_to_id)
    if answered and answered.id == row.id:  # it takes the old one's place and answers it
        answered = await db.get(Outbox, row.reply_to_id)
    reply_to = answered.message_id if answered and answered.to == row.to else row.reply_to
    if row.act != "edit":
        return Claim(row, None, reply_to)
    target = await newest(db, row.target_id)
    if target and target.message_id and target.to == row.to:
        return Claim(row, target.message_id, reply_to)
    if target is None or target.status in ("unknown", "cancelled"):
        reason = f"its message is {target.status if target else 'gone'}"
        await end(db, row, status="cancelled", reason=reason, done_at=now)
        cancelled[reason] += 1
        return None
    if target.status in OPEN and target.to == row.to:
        await later(db, row, seconds=1, now=now)
        return None
    return Claim(await send_anew(db, row, status="sending"), None, target.message_id if target.to == row.to else None)


async def next_due(db: AsyncSession, channel: str, *, now: datetime) -> datetime | None:
    """When the next waiting row of the channel falls due, None if none waits."""
    ((due_at,),) = await ask(db, _NEXT_DUE, {"channel": channel, "now": now})
    return due_at  # type: ignore[no-any-return]

"""How promised rows are claimed for sending. ``bot/delivery.py`` is the only caller; how they end: ``outcomes.py``.

A chat has at most one row in flight; its rows go out in the order they were promised. Claiming is one guarded
statement that asks everything again at the last moment: still due, person reachable and not stopped, advertising
consent in force (G5, T1).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, and_, bindparam, case, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.columns import Moment
from storage.outcomes import end, later, newest, send_anew
from storage.partial import OPEN, is_due, is_open
from storage.tables import Consent, Identity, Outbox


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is now ours to send. ``message_id``: what an edit changes. ``reply_to``: what a message answers."""

    row: Outbox
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

_is_head = ~(
    select(_older.id)
    .where(_older.channel == Outbox.channel, _older.to == Outbox.to)
    .where(is_open(_older), _older.id < Outbox.id)
    .exists()
)
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
_fit = and_(_may_be_disturbed, _consents, not_(_superseded))
_why_not = case(
    (not_(_may_be_disturbed), "stopped or unreachable"),
    (not_(_consents), "no advertising consent in force"),
    else_="superseded",
)
_IN_PLACE = {"synchronize_session": False, "populate_existing": True}

# Built once: delivery asks these for every message, and building costs more than SQLite's answer.
_HEADS = (
    select(Outbox.id)
    .where(Outbox.channel == bindparam("channel"), is_due(), _is_head)
    .where(Outbox.due_at <= bindparam("now", type_=Moment()))
    .where(Outbox.to.not_in(bindparam("but_not", expanding=True)))
    .order_by(Outbox.priority, Outbox.id)
    .limit(bindparam("limit", type_=Integer()))
)
_TAKE = (
    update(Outbox)
    .where(Outbox.id.in_(bindparam("ids", expanding=True)), Outbox.status == "due", _fit)
    .values(
        status="sending",
        attempt=Outbox.attempt + 1,
        first_tried_at=func.coalesce(Outbox.first_tried_at, bindparam("now", type_=Moment())),
    )
    .returning(Outbox)
)
_NEXT_DUE = select(func.min(Outbox.due_at)).where(
    Outbox.channel == bindparam("channel"), is_due(), Outbox.due_at > bindparam("now", type_=Moment())
)


async def claim(db: AsyncSession, channel: str, *, now: datetime, limit: int, but_not: Collection[str] = ()) -> Round:
    """Take up to ``limit`` rows that are due, one a chat, urgent ones first; ``but_not`` are chats to leave alone."""
    asked = {"channel": channel, "now": now, "limit": limit, "but_not": list(but_not)}
    ids = (await db.scalars(_HEADS, asked)).all() if limit else ()
    if not ids:
        return Round([], {}, await next_due(db, channel, now=now))
    rows = (await db.scalars(_TAKE, {"ids": ids, "now": now}, execution_options=_IN_PLACE)).all()
    cancelled = await _cancel_void(db, ids, now) if len(rows) < len(ids) else {}
    resolved = [await _resolve(db, row, now, cancelled) for row in sorted(rows, key=lambda r: (r.priority, r.id))]
    claims = [one for one in resolved if one is not None]
    return Round(claims, cancelled, None if claims else await next_due(db, channel, now=now))


async def _cancel_void(db: AsyncSession, ids: Sequence[int], now: datetime) -> dict[str, int]:
    void = update(Outbox).where(Outbox.id.in_(ids), Outbox.status == "due", not_(_fit))
    ended = await db.execute(
        void.values(status="cancelled", reason=_why_not, done_at=now).returning(Outbox.reason),
        execution_options={"synchronize_session": False},
    )
    reasons = [str(reason) for reason in ended.scalars()]
    return {reason: reasons.count(reason) for reason in set(reasons)}


async def _resolve(db: AsyncSession, row: Outbox, now: datetime, cancelled: dict[str, int]) -> Claim | None:
    """Find the messages a row edits and answers. An edit of what never arrived is sent as a message instead."""
    answered = await newest(db, row.reply_to_id)
    if answered is row:  # it takes the old one's place and answers it
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
        cancelled[reason] = cancelled.get(reason, 0) + 1
        return None
    if target.status in OPEN and target.to == row.to:
        await later(db, row, seconds=1, now=now)
        return None
    await send_anew(db, row, status="sending")
    return Claim(row, None, target.message_id if target.to == row.to else None)


async def next_due(db: AsyncSession, channel: str, *, now: datetime) -> datetime | None:
    """When the next waiting row of the channel falls due, None if none waits."""
    return await db.scalar(_NEXT_DUE, {"channel": channel, "now": now})

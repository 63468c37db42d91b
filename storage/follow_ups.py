"""What waits for its time: silence rules, reminders of a date, words held. Due times are rows, never timers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, func, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.columns import Moment
from storage.gathered import AMONG, drop_row, gather_row, gather_value
from storage.partial import is_planned
from storage.tables import Conversation, FollowUp, Identity, Outbox

# Built once: the pulse asks these every second.
_NOW, _LIMIT = bindparam("now", type_=Moment()), bindparam("limit", type_=Integer())
_DUE = (
    select(FollowUp)
    .where(is_planned(), FollowUp.due_at <= _NOW)
    .order_by(FollowUp.due_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_RETURNS = (
    select(Conversation, Identity)
    .join(Identity, Identity.id == Conversation.identity_id)
    .where(Conversation.person_until.is_not(None), Conversation.person_until <= _NOW)
    .limit(_LIMIT)
)


_PLAN = insert(FollowUp.__table__).values(status=literal_column("'planned'"))  # type: ignore[arg-type]
_CANCEL = (
    update(FollowUp.__table__)  # type: ignore[arg-type]
    .where(FollowUp.conversation_id.in_(AMONG), is_planned(), FollowUp.what == literal_column("'silence'"))
    .values(status="cancelled", reason=bindparam("why"))
)
_DATED = select(FollowUp).where(FollowUp.conversation_id == bindparam("talk"), is_planned(), FollowUp.what == "date")


def plan(
    db: AsyncSession, *, conversation_id: int, rule: int, kind: str, due_at: datetime, silent_since: datetime
) -> None:
    """The conversation's ``rule``-th silence rule will be looked at when it is due. One is planned at a time."""
    _plan(
        db, conversation_id, what="silence", conversation_id=conversation_id, rule=rule, kind=kind, due_at=due_at,
        silent_since=silent_since, detail={},
    )  # fmt: skip


def plan_dated(
    db: AsyncSession,
    *,
    conversation_id: int,
    rule: int,
    kind: str,
    due_at: datetime,
    detail: Mapping[str, Any],
    now: datetime,
) -> None:
    """The ``rule``-th rule of the flow's ``dates`` will be looked at when it is due. ``detail``: see ``FollowUp``."""
    _plan(
        db, (conversation_id, "date", rule), what="date", conversation_id=conversation_id, rule=rule, kind=kind,
        due_at=due_at, silent_since=now, detail=dict(detail),
    )  # fmt: skip


def plan_reading(
    db: AsyncSession, *, conversation_id: int, due_at: datetime, detail: Mapping[str, Any], now: datetime
) -> None:
    """Words are held in this conversation; they will be looked at when the pause is over. ``detail``: {"name"}, the
    profile's, for that turn."""
    _plan(
        db, (conversation_id, "reading"), what="reading", conversation_id=conversation_id, rule=0, kind="service",
        due_at=due_at, silent_since=now, detail=dict(detail),
    )  # fmt: skip


def _plan(db: AsyncSession, key: Hashable, **row: Any) -> None:
    gather_row(db, _PLAN, key, row)


def cancel(db: AsyncSession, *, conversation_id: int, reason: str) -> None:
    """Whatever silence rule is planned for this conversation is void."""
    drop_row(db, _PLAN, conversation_id)
    gather_value(db, _CANCEL, conversation_id, why=reason)


async def find_dated(db: AsyncSession, *, conversation_id: int) -> Sequence[FollowUp]:
    """Reminders of dates that are planned for this conversation."""
    await db.flush()
    return (await db.scalars(_DATED, {"talk": conversation_id})).all()


async def cancel_for_identity(db: AsyncSession, *, identity_id: int, reason: str) -> int:
    """Nothing is written first to this person any more."""
    mine = select(Conversation.id).where(Conversation.identity_id == identity_id)
    planned = (FollowUp.conversation_id.in_(mine), is_planned())
    done = await db.execute(update(FollowUp).where(*planned).values(status="cancelled", reason=reason, detail={}))
    return int(done.rowcount)  # type: ignore[attr-defined]


async def due_follow_ups(db: AsyncSession, *, now: datetime, limit: int = 200) -> Sequence[FollowUp]:
    """What has fallen due, oldest first; locked where the database locks rows."""
    return (await db.scalars(_DUE, {"now": now, "limit": limit})).all()


async def end(db: AsyncSession, row_id: int, *, status: str, reason: str) -> None:
    """This row is over."""
    await db.execute(update(FollowUp).where(FollowUp.id == row_id).values(status=status, reason=reason, detail={}))


async def due_returns(db: AsyncSession, *, now: datetime, limit: int = 200) -> Sequence[tuple[Conversation, Identity]]:
    """Conversations in which a person's time to have the word is over."""
    return [(one, other) for one, other in (await db.execute(_RETURNS, {"now": now, "limit": limit})).all()]


async def end_person(db: AsyncSession, conversation_id: int) -> None:
    """Nobody but the bot has the word in this conversation."""
    nobody = {"person_until": None, "person_asked_at": None}
    await db.execute(update(Conversation).where(Conversation.id == conversation_id).values(nobody))


async def touches_since(db: AsyncSession, *, identity_id: int, since: datetime) -> int:
    """Unsolicited messages to this person since then, sent or on their way."""
    counted = (
        Outbox.identity_id == identity_id,
        Outbox.unsolicited.is_(True),
        Outbox.created_at >= since,
        Outbox.status.not_in(("cancelled", "refused")),
    )
    return int(await db.scalar(select(func.count()).select_from(Outbox).where(*counted)) or 0)


async def next_reading(db: AsyncSession) -> datetime | None:
    """When words that are held will next be read."""
    moment: datetime | None = await db.scalar(
        select(func.min(FollowUp.due_at)).where(is_planned(), FollowUp.what == "reading")
    )
    return moment


async def next_due(db: AsyncSession) -> datetime | None:
    """When something will next fall due by itself."""
    follow_up = await db.scalar(select(func.min(FollowUp.due_at)).where(is_planned()))
    returns = await db.scalar(select(func.min(Conversation.person_until)).where(Conversation.person_until.is_not(None)))
    known = [moment for moment in (follow_up, returns) if moment]
    return min(known) if known else None

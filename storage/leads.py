"""Leads: begun at the consent, moved by checked transitions, every step in the history.

``now`` is UTC-aware everywhere. A move is one guarded UPDATE: of two who press at once the first to commit wins,
whatever either had on screen (M5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.columns import Moment
from storage.gathered import AMONG, add_row, by_dialect, by_first, find, gather_row, is_fresh
from storage.locks import hold
from storage.numbers import take
from storage.rows import new_row
from storage.tables import Answer, Contact, ContactPoint, Lead, LeadEvent

OPEN = ("new", "application", "taken", "in_work", "cold")
FINAL = ("won", "lost", "junk")
MOVES: Mapping[str, frozenset[str]] = {
    "new": frozenset({"application", "cold", "junk"}),
    "application": frozenset({"taken", "won", "lost", "junk", "cold"}),
    "taken": frozenset({"in_work", "won", "lost", "junk"}),
    "in_work": frozenset({"won", "lost", "junk"}),
    "cold": frozenset({"new", "application", "taken", "won", "lost", "junk"}),
    "won": frozenset(),
    "lost": frozenset(),
    "junk": frozenset(),
}
_AS_IT_IS = {"synchronize_session": False}


async def begin_lead(
    db: AsyncSession, *, contact: Contact, channel: str, flow: str, source: str, campaign: str, now: datetime
) -> Lead:
    """The contact's open lead of this flow; if there is none, a new one that names the former.

    One open lead of a contact and flow at any moment (P14, P36): whoever comes second waits. A contact begun in this
    very transaction has none yet.
    """
    former = None
    if not is_fresh(db, contact):
        await hold(db, Contact, contact.id)
        if found := await find_open_lead(db, contact_id=contact.id, flow=flow):
            return found
        former = await db.scalar(_latest(contact.id, flow, FINAL))
    lead = new_row(
        Lead, id=await take(db, Lead), contact_id=contact.id, channel=channel, flow=flow, status="new", score=0,
        reasons=[], worth=0, tags=[], source=source, campaign=campaign, applications=0,
        former_id=former.id if former else None, created_at=now,
    )  # fmt: skip
    add_row(db, lead)
    record_event(db, lead_id=lead.id, what="new", channel=channel, now=now)
    return lead


async def find_open_lead(db: AsyncSession, *, contact_id: int, flow: str) -> Lead | None:
    """The open lead of this contact and flow."""
    return await db.scalar(_latest(contact_id, flow, OPEN))


async def has_applied(db: AsyncSession, *, contact_id: int, but_for: int) -> bool:
    """Is there an application of this contact, other than in the lead ``but_for``?"""
    theirs = (Lead.contact_id == contact_id, Lead.applied_at.is_not(None), Lead.id != but_for)
    return await db.scalar(select(Lead.id).where(*theirs).limit(1)) is not None


def _latest(contact_id: int, flow: str, statuses: Sequence[str]) -> Select[Lead]:
    mine = (Lead.contact_id == contact_id, Lead.flow == flow, Lead.status.in_(statuses))
    return select(Lead).where(*mine).order_by(Lead.id.desc()).limit(1)


async def get_lead(db: AsyncSession, lead_id: int) -> Lead:
    """Raises LookupError if there is no such lead."""
    if lead := await find_lead(db, lead_id):
        return lead
    raise LookupError(f"no lead {lead_id}")


async def find_lead(db: AsyncSession, lead_id: int) -> Lead | None:
    """The lead as it is now, locked for this transaction where the database locks rows."""
    query = select(Lead).where(Lead.id == lead_id).with_for_update()
    return await db.scalar(query, execution_options={"populate_existing": True})


async def move(
    db: AsyncSession,
    lead: Lead,
    to: str,
    *,
    now: datetime,
    manager_id: int | None = None,
    reason: str | None = None,
    channel: str | None = None,
    what: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> bool:
    """Move the lead; False if its present status does not allow it (``lead`` then shows the present state).

    Taking names the manager; a final status stamps ``closed_at``. The event is called ``what`` (the status, when not
    given), and its ``detail`` keeps what ``undo`` needs.
    """
    while to in MOVES[lead.status]:
        before = {name: getattr(lead, name) for name in ("status", "manager_id", "reason", "taken_at", "closed_at")}
        values = _stamps(to, now=now, manager_id=manager_id, reason=reason, lead=lead)
        if await _set(db, lead, values, Lead.status == before["status"]):
            kept = {"from": before["status"], "to": to, "was": _plain(before)} | dict(detail or {})
            record_event(
                db, lead_id=lead.id, what=what or to, detail=kept, manager_id=manager_id, channel=channel, now=now
            )
            return True
    return False


def _stamps(to: str, *, now: datetime, manager_id: int | None, reason: str | None, lead: Lead) -> dict[str, Any]:
    values: dict[str, Any] = {"status": to}
    if to == "application":
        values |= {"applied_at": lead.applied_at or now}
    if to == "taken":
        values |= {"manager_id": manager_id, "taken_at": now}
    if to in FINAL:
        values |= {"closed_at": now, "reason": reason, "manager_id": lead.manager_id or manager_id}
    return values


async def _set(db: AsyncSession, lead: Lead, values: Mapping[str, Any], guard: ColumnElement[bool]) -> bool:
    """The guarded UPDATE; rowcount says who was first. The object is read anew either way."""
    statement = update(Lead).where(Lead.id == lead.id, guard).values(**values)
    done = await db.execute(statement, execution_options=_AS_IT_IS)
    await db.refresh(lead)
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _plain(before: Mapping[str, Any]) -> dict[str, Any]:
    moments = {name: value.isoformat() for name, value in before.items() if isinstance(value, datetime)}
    return {**before, **moments}


_MOVE = (
    update(Lead.__table__)  # type: ignore[arg-type]
    .where(Lead.id.in_(AMONG), Lead.status == bindparam("was"))
    .values(status=bindparam("becomes"))
    .returning(Lead.__table__)
)
_APPLY = _MOVE.values(applied_at=func.coalesce(Lead.applied_at, bindparam("now", type_=Moment())))


async def move_all(db: AsyncSession, moving: Sequence[Lead], to: str, *, now: datetime) -> None:
    """The same for many leads at once, in one guarded UPDATE for each status they had; whoever was changed meanwhile
    is moved alone."""
    before = {lead.id: lead.status for lead in moving if to in MOVES[lead.status]}
    met: set[int] = set()
    for status, ids in by_first((was, lead_id) for lead_id, was in before.items()).items():
        asked = {"among": ids, "was": status, "becomes": to} | ({"now": now} if to == "application" else {})
        met |= {lead.id for lead in await find(db, Lead, _APPLY if to == "application" else _MOVE, asked, fresh=True)}
    for lead in moving:
        if lead.id in met:
            record_event(db, lead_id=lead.id, what=to, detail={"from": before[lead.id], "to": to}, now=now)
        else:
            await move(db, lead, to, now=now)


async def undo(db: AsyncSession, lead: Lead, event: LeadEvent, *, now: datetime, channel: str | None) -> bool:
    """Take ``event`` back: the status before it, the checks of the contact before it. Both stay in the history (M7).

    False when it was taken back already, or the lead has moved on since, or a newer lead has taken its place.
    """
    detail, was = event.detail, dict(event.detail.get("was", {}))
    if lead.status in FINAL and await _replaced(db, lead):
        return False
    for name in ("taken_at", "closed_at"):
        if was.get(name):
            was[name] = datetime.fromisoformat(was[name])
    if not await _set(db, lead, was or {"status": lead.status}, Lead.status == detail["to"]):
        return False
    untouched = (LeadEvent.id == event.id, LeadEvent.undone_at.is_(None))
    mark = update(LeadEvent).where(*untouched).values(undone_at=now)
    if not (await db.execute(mark, execution_options=_AS_IT_IS)).rowcount:  # type: ignore[attr-defined]
        return False
    await db.refresh(event)
    for point_id, verified in detail.get("points", {}).items():
        if point := await db.get(ContactPoint, int(point_id)):
            point.verified, point.verified_at = verified, now if verified else None
    taken_back = {"event": event.id, "what": event.what}
    record_event(
        db, lead_id=lead.id, what="undone", detail=taken_back, manager_id=event.manager_id, channel=channel, now=now
    )
    return True


async def _replaced(db: AsyncSession, lead: Lead) -> bool:
    if lead.contact_id is None:
        return True  # erased: nothing to go back to
    return await find_open_lead(db, contact_id=lead.contact_id, flow=lead.flow) is not None


_EVENT = insert(LeadEvent.__table__)  # type: ignore[arg-type]


def record_event(
    db: AsyncSession,
    *,
    lead_id: int,
    what: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    manager_id: int | None = None,
    channel: str | None = None,
) -> None:
    """One line of the history. ``detail`` holds ids, statuses and the business's own words, nothing personal."""
    line = {"lead_id": lead_id, "what": what, "detail": dict(detail or {}), "at": now}
    gather_row(db, _EVENT, object(), {**line, "manager_id": manager_id, "channel": channel})


@by_dialect
def _answer(insert: Callable[..., Any]) -> Insert:
    added = insert(Answer.__table__)
    said = ("kind", "label", "value", "shown", "answered_at")
    newer = {name: added.excluded[name] for name in said}
    return added.on_conflict_do_update(index_elements=["lead_id", "step"], set_=newer)  # type: ignore[no-any-return]


def record_answer(
    db: AsyncSession, *, lead_id: int, step: str, kind: str, label: str, value: str, shown: str, now: datetime
) -> None:
    """One answer; given again, the newer one stands."""
    said = {"kind": kind, "label": label, "value": value, "shown": shown, "answered_at": now}
    gather_row(db, _answer(db), (lead_id, step), {"lead_id": lead_id, "step": step, **said})


async def rename_answer(db: AsyncSession, *, lead_id: int, step: str, to: str) -> None:
    """The step is called otherwise now. An answer that the lead already has under the new name stands."""
    other = aliased(Answer)
    taken = exists().where(other.lead_id == lead_id, other.step == to)
    mine = (Answer.lead_id == lead_id, Answer.step == step)
    await db.execute(update(Answer).where(*mine, ~taken).values(step=to))


async def forget_answer(db: AsyncSession, *, lead_id: int, step: str) -> None:
    """The step is open again."""
    await db.execute(delete(Answer).where(Answer.lead_id == lead_id, Answer.step == step))

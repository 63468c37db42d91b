"""How a row that was sent ends (I5), and what else ends with it.

``attempt`` counts the sends that may have arrived; a plain "later" does not count. A say row that had to be sent anew
(its message could no longer be edited, M14) points to its replacement by ``target_id``: whoever edits or answers the
old one reaches the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import bindparam, case, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from storage.claimed import COLUMNS, Claimed
from storage.columns import Moment
from storage.gathered import gather_row
from storage.just_promised import leave_to_claims
from storage.outbox import cancel_all
from storage.partial import is_open, is_planned, is_sending, word
from storage.tables import Conversation, FollowUp, Identity, Outbox, Setting

GIVES_UP_AFTER = timedelta(hours=24)  # of unknown outcomes that are harmless to repeat
_EMPTY = {"text": "", "buttons": []}
_QUIETLY = {"synchronize_session": False}


_SENT = (
    update(Outbox.__table__)  # type: ignore[arg-type]
    .where(Outbox.id == bindparam("row"), is_sending(), Outbox.attempt == bindparam("tried"))
    .values(status=word("sent"), message_id=bindparam("number"), done_at=bindparam("at", type_=Moment()))
)


async def sent(db: AsyncSession, row: Claimed, *, message_id: str, now: datetime) -> None:
    """It arrived. The usual end, so all of a round are written together."""
    if emptied := _not_kept(row):
        await end(db, row, **{"status": "sent", "message_id": message_id, "done_at": now, **emptied})
    else:
        gather_row(
            db, _SENT, (row.id, row.attempt), {"row": row.id, "tried": row.attempt, "number": message_id, "at": now}
        )


async def refused(db: AsyncSession, row: Claimed, *, reason: str, now: datetime) -> None:
    """The platform will never take it."""
    await _end_for_good(db, row, status="refused", reason=reason, now=now)


async def later(db: AsyncSession, row: Claimed, *, seconds: float, now: datetime) -> None:
    """It did not arrive: again after ``seconds``, unless it was cancelled meanwhile."""
    counted_out = {"attempt": row.attempt - 1} | ({"first_tried_at": None} if row.attempt <= 1 else {})
    await end(db, row, **_due_again(now + timedelta(seconds=seconds), now, otherwise="cancelled"), **counted_out)


async def unknown(db: AsyncSession, row: Claimed, *, harmless: bool, now: datetime, before_us: bool = False) -> bool:
    """It may have arrived (M13). True: it is due again; False: left at that, counted and visible.

    ``harmless``: the channel recognises a repeat. Else one more try, and none for advertising. ``before_us``: a dead
    process sent it. Its first try is made good at once: a card may be answered before we know the card's number.
    """
    if harmless or row.act == "edit":
        again = now - (row.first_tried_at or now) < GIVES_UP_AFTER
    else:
        again = row.kind == "service" and row.attempt < 2
    if not again:
        await _end_for_good(db, row, status="unknown", now=now)
        return False
    wait = 0.0 if before_us and row.attempt == 1 else min(2.0 ** min(row.attempt, 6), 60.0)
    due_at = now + timedelta(seconds=wait)
    return await end(db, row, **_due_again(due_at, now, otherwise="unknown")) == "due"


def _due_again(due_at: datetime, now: datetime, *, otherwise: str) -> dict[str, object]:
    """Due once more; ``otherwise`` is how it ends if it was cancelled while it was on the wire (P47)."""
    wanted = Outbox.reason.is_(None)
    ended_at = case((wanted, None), else_=literal(now, Moment()))
    return {"status": case((wanted, "due"), else_=otherwise), "due_at": due_at, "done_at": ended_at}


async def unreachable(db: AsyncSession, row: Claimed, *, reason: str, for_good: bool, now: datetime) -> None:
    """Nobody is there any more (P19, P20): this row is refused, everything else planned for the person is cancelled."""
    await refused(db, row, reason=reason, now=now)
    if row.identity_id is None:
        return
    why = f"gone: {reason}" if for_good else reason
    person = update(Identity).where(Identity.id == row.identity_id)
    await db.execute(person.values(reachable=False, unreachable_reason=why))
    await cancel_all(db, identity_id=row.identity_id, now=now, reason="unreachable")
    theirs = select(Conversation.id).where(Conversation.identity_id == row.identity_id)
    planned = update(FollowUp).where(FollowUp.conversation_id.in_(theirs), is_planned())
    over = {"status": "cancelled", "reason": "unreachable", "detail": {}}
    await db.execute(planned.values(over), execution_options=_QUIETLY)


async def send_anew(db: AsyncSession, row: Claimed, *, status: str = "due") -> Claimed:
    """The message to edit is gone or too old (M14): the edit itself becomes a new message that answers the old one
    and takes its place. The row as it is now."""
    replaced = row.target_id
    attempt = row.attempt if status == "sending" else 0
    anew = row._replace(act="say", target_id=None, reply_to_id=replaced, attempt=attempt)
    kept = {"act": anew.act, "target_id": None, "reply_to_id": replaced, "attempt": attempt}
    if await end(db, row, status=status, **kept) is None:
        return anew  # written already, by a commit that reported an error
    old = await newest(db, replaced)
    if old is not None:
        await db.execute(update(Outbox).where(Outbox.id == old.id).values(target_id=row.id), execution_options=_QUIETLY)
        set_committed_value(old, "target_id", row.id)
    return anew


async def _end_for_good(db: AsyncSession, row: Claimed, *, now: datetime, **values: object) -> None:
    await end(db, row, **{"done_at": now, **values, **_not_kept(row)})


def _not_kept(row: Claimed) -> dict[str, object]:
    """Words relayed to a desk without a lead are personal and were not consented to: not kept (L5). The last line to
    somebody who was erased keeps neither its words nor its address (I12)."""
    if row.role == "farewell":
        return {"body": _EMPTY, "to": "", "message_id": None}
    if row.role != "relay" or row.lead_id is not None:
        return {}
    copied = {"forward": {"chat": "", "message_id": ""}} if row.body.get("forward") else {}  # to be taken back some day
    return {"body": _EMPTY | copied}


async def end(db: AsyncSession, row: Claimed, **values: object) -> str | None:
    """Write an outcome, if the row is still the one we sent: a late return of a lost claim changes nothing.

    The status it has now, None if it was no longer ours."""
    mine = update(Outbox).where(Outbox.id == row.id, is_sending(), Outbox.attempt == row.attempt)
    ended = await db.execute(mine.values(values).returning(Outbox.status), execution_options=_QUIETLY)
    return ended.scalar_one_or_none()


async def statuses(db: AsyncSession, channel: str, ids: Collection[int]) -> dict[int, str]:
    """How these rows of the channel stand, by id."""
    if not ids:
        return {}
    rows = await db.execute(select(Outbox.id, Outbox.status).where(Outbox.id.in_(ids), Outbox.channel == channel))
    return {row[0]: row[1] for row in rows}


async def newest(db: AsyncSession, row_id: int | None) -> Outbox | None:
    """The row, or what it was replaced by."""
    row = await db.get(Outbox, row_id) if row_id else None
    while row is not None and row.act == "say" and row.target_id:
        row = await db.get(Outbox, row.target_id)
    return row


# ---------------------------------------------------------------- after a death, after a move


async def recover(
    db: AsyncSession, *, harmless: Collection[str], never_left: Callable[[Claimed], bool], now: datetime
) -> list[tuple[Claimed, bool]]:
    """At start: what a dead process left on the wire has an unknown outcome. Each such row, and whether it is due
    again; what surely ``never_left`` is due again at once and no unknown outcome."""
    on_the_wire = await db.execute(select(*COLUMNS).where(is_sending()))
    left = sorted((Claimed._make(values) for values in on_the_wire), key=lambda row: row.id)
    away: list[tuple[Claimed, bool]] = []
    for row in left:
        if never_left(row):
            await later(db, row, seconds=0, now=now)
        else:
            away.append((row, await unknown(db, row, harmless=row.channel in harmless, now=now, before_us=True)))
    return away


async def release(db: AsyncSession, channel: str, *, held: Collection[int], now: datetime) -> int:
    """After a claim whose commit failed in between: rows marked as sent by us that we never had are due again, or end
    if they were cancelled meanwhile (P46)."""
    lost = update(Outbox).where(Outbox.channel == channel, is_sending(), Outbox.id.not_in(held))
    again = _due_again(now, now, otherwise="cancelled")
    back = await db.execute(
        lost.values(attempt=Outbox.attempt - 1, **again).returning(Outbox.id),
        execution_options=_QUIETLY,
    )
    return len(back.scalars().all())


async def move(db: AsyncSession, channel: str, *, old: str, new: str) -> None:
    """A chat has a new id (M10), for ever: what waits for the old one goes there. Harmless to repeat."""
    await db.merge(Setting(key=f"moved:{channel}:{old}", value=new))
    await readdress(db, channel, old=old, new=new)


async def readdress(db: AsyncSession, channel: str, *, old: str, new: str) -> None:
    """What is promised to a chat that has moved goes where it is now."""
    leave_to_claims(db, channel, old)
    waiting = update(Outbox).where(Outbox.channel == channel, Outbox.to == old, is_open())
    await db.execute(waiting.values(to=new), execution_options=_QUIETLY)


async def moves(db: AsyncSession) -> dict[tuple[str, str], str]:
    """(channel, former chat) -> the chat it is now."""
    kept = (await db.scalars(select(Setting).where(Setting.key.startswith("moved:")))).all()
    found = {(one.key.split(":")[1], one.key.split(":", 2)[2]): one.value for one in kept}
    return {former: found.get((former[0], now), now) for former, now in found.items()}


async def pause(db: AsyncSession, channel: str, *, until: datetime | None) -> None:
    """The network told everybody to wait: remembered over a restart (N2)."""
    await db.merge(Setting(key=f"paused:{channel}", value=until.isoformat() if until else ""))


async def paused_until(db: AsyncSession, channel: str) -> datetime | None:
    kept = await db.scalar(select(Setting.value).where(Setting.key == f"paused:{channel}"))
    return datetime.fromisoformat(kept) if kept else None

"""Erasing what was said: the outbox, the web's pages, and what stands on managers' screens (L38)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.holdings import Holdings
from storage.outbox import cancel, promise
from storage.partial import is_seldom
from storage.tables import Outbox, WebMessage

TAKEN_BACK = 48  # hours in which Telegram lets a copied message be deleted
_NOTHING: dict[str, Any] = {"text": "", "buttons": []}


@dataclass(frozen=True, slots=True)
class Notices:
    """What managers read instead. ``card``: in place of each message about the person. ``by_hand``: under one that the
    network no longer lets us edit. ``edit_hours``: channel -> how long it does, None: always."""

    card: str
    by_hand: str
    edit_hours: Mapping[str, int | None]


async def wipe_messages(
    db: AsyncSession, held: Holdings, *, notices: Notices, now: datetime
) -> tuple[int, Sequence[int], list[dict[str, str]]]:
    """Cancel what is due, empty what was said. Gives the number of rows, the ids of the managers' ones, and the
    messages that stay readable on their screens: {"channel", "chat", "message_id"}."""
    addresses = {(one.channel, one.external_id) for one in held.identities}
    rows = await _rows_about(db, held, addresses)
    await cancel(db, Outbox.id.in_([row.id for row in rows]), now=now, reason="erased")
    desk = [row for row in rows if (row.channel, row.to) not in addresses]
    left_over = _cover_up(db, desk, notices, now)
    for row in rows:
        row.body, row.reply_to = dict(_NOTHING), None
        row.identity_id = row.conversation_id = row.lead_id = None
        if (row.channel, row.to) in addresses:
            row.to = ""
    await db.flush()
    return len(rows), [row.id for row in desk], left_over


async def _rows_about(db: AsyncSession, held: Holdings, addresses: Collection[tuple[str, str]]) -> Sequence[Outbox]:
    """Everything said to the person, everything said about them, and what answers or changes that."""
    about = or_(
        Outbox.identity_id.in_([one.id for one in held.identities]),
        Outbox.conversation_id.in_([one.id for one in held.conversations]),
        Outbox.lead_id.in_([one.id for one in held.leads]),
        *(and_(Outbox.channel == channel, Outbox.to == to) for channel, to in sorted(addresses)),
    )
    ids = (await db.scalars(select(Outbox.id).where(about))).all()
    whole = or_(Outbox.id.in_(ids), Outbox.target_id.in_(ids), Outbox.reply_to_id.in_(ids))
    query = select(Outbox).where(whole).order_by(Outbox.id)
    return (await db.scalars(query, execution_options={"populate_existing": True})).all()


def _cover_up(db: AsyncSession, desk: Sequence[Outbox], notices: Notices, now: datetime) -> list[dict[str, str]]:
    """Edit what managers have on screen. What is still on the wire is edited as soon as it has arrived."""
    left_over: dict[tuple[str, str], list[Outbox]] = {}
    for row in desk:
        if row.act != "say" or row.status in ("cancelled", "refused", "due"):
            continue
        forwarded = {"takes_back": True} if row.body.get("forward") else None
        if row.target_id is None and row.status != "unknown" and _still_editable(row, notices, now):
            promise(
                db, now=now, channel=row.channel, to=row.to, role=row.role, act="edit", target_id=row.id,
                priority=row.priority, text=notices.card, things=forwarded,
            )  # fmt: skip
        else:
            left_over.setdefault((row.channel, row.to), []).append(row)
    for (channel, chat), rows in left_over.items():
        promise(db, now=now, channel=channel, to=chat, role="note", text=notices.by_hand, reply_to_id=rows[-1].id)
    return [
        {"channel": channel, "chat": chat, "message_id": row.message_id or "?"}
        for (channel, chat), rows in left_over.items()
        for row in rows
    ]


def _still_editable(row: Outbox, notices: Notices, now: datetime) -> bool:
    hours = notices.edit_hours.get(row.channel)
    if row.body.get("forward"):
        hours = min(hours or TAKEN_BACK, TAKEN_BACK)
    return hours is None or now - (row.done_at or now) < timedelta(hours=hours)


async def wipe_pages(
    db: AsyncSession, held: Holdings, desk_rows: Sequence[int], *, notices: Notices, event_id: str, now: datetime
) -> int:
    """The web channel's pages are tables of ours: the person's own page goes, up to the event that asked for it (what
    was written after it is still to be served); the desk's shows the notice, and so do the answers written there under
    their cards. How many messages."""
    visitors = [one.external_id for one in held.identities if one.channel == "web"]
    theirs = WebMessage.peer.in_(visitors)
    asked = await db.scalar(select(WebMessage.id).where(theirs, WebMessage.event_id == event_id))
    heard = or_(WebMessage.event_id.is_(None), WebMessage.id <= asked) if asked is not None else true()
    gone = await db.execute(delete(WebMessage).where(theirs, heard))
    cards = (await db.scalars(select(WebMessage.id).where(WebMessage.outbox_id.in_(desk_rows)))).all()
    under = and_(WebMessage.peer.not_in(visitors), or_(WebMessage.id.in_(cards), WebMessage.reply_to.in_(cards)))
    notice = {"text": notices.card, "buttons": [], "edited_at": now}
    covered = await db.execute(update(WebMessage).where(under).values(notice))
    return int(gone.rowcount) + int(covered.rowcount)  # type: ignore[attr-defined]


async def prune_farewells(db: AsyncSession, *, before: datetime) -> int:
    """On the web a farewell stands on a page of ours, under the visitor's id: it is taken off once it could be read."""
    said = select(Outbox.id).where(is_seldom("farewell"), Outbox.created_at < before)
    gone = await db.execute(delete(WebMessage).where(WebMessage.outbox_id.in_(said)))
    return int(gone.rowcount)  # type: ignore[attr-defined]

"""Cards and calls as outbox rows: which are on managers' screens, and what they show by now.

A card is a ``say`` row; each change of it is an ``edit`` row that names it. One that had to be sent anew points to its
replacement (``storage/outcomes.py``) and is no longer live.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import find
from storage.tables import Outbox

LOST = ("cancelled", "refused", "unknown")


_calls = and_(
    Outbox.conversation_id.in_(bindparam("conversations", expanding=True)),
    func.coalesce(Outbox.lead_id, 0) == 0,  # by the index of leads all would be read that was said before there was one
    Outbox.role == "call",
)
_LIVE = (
    select(Outbox.__table__)
    .where(or_(Outbox.lead_id.in_(bindparam("leads", expanding=True)), _calls), Outbox.role.in_(("card", "call")))
    .where(Outbox.act == "say", Outbox.target_id.is_(None), Outbox.status.not_in(LOST))
    .order_by(Outbox.id)
)


async def live_rows(
    db: AsyncSession, *, lead_ids: Collection[int], conversation_ids: Collection[int]
) -> Sequence[Outbox]:
    """Cards and calls of these leads, and calls made for these conversations before there was a lead; oldest first.

    Those that were lost on the way are not counted.
    """
    asked = {"leads": sorted(lead_ids), "conversations": sorted(conversation_ids)}
    return await find(db, Outbox, _LIVE, asked, fresh=True)


async def drawn(db: AsyncSession, row: Outbox) -> dict[str, Any]:
    """The body the row shows by now, or will when its last edit is sent."""
    edits = (Outbox.conversation_id == row.conversation_id, Outbox.act == "edit", Outbox.target_id == row.id)
    query = select(Outbox.body).where(*edits, Outbox.status.not_in(LOST)).order_by(Outbox.id.desc()).limit(1)
    return (await db.scalar(query)) or row.body


async def notes_since(db: AsyncSession, *, conversation_id: int, since: datetime) -> Sequence[str]:
    """Texts of notes and calls about this conversation promised from then on."""
    recent = (Outbox.conversation_id == conversation_id, Outbox.role.in_(("note", "call")), Outbox.created_at >= since)
    return [str(body.get("text", "")) for body in await db.scalars(select(Outbox.body).where(*recent))]

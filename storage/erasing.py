"""Destroying what is held on a person (L8, L14, I12). What stays knows them by a pseudonym, or not at all.

Their leads stay as numbers for the statistics: no contact, no answers, no words but the business's own. Their codes
stay issued. Whatever is on managers' screens is edited first (``erasing_messages.py``). After the commit the caller
empties SQLite's write-ahead file: ``Database.forget_deleted``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.answer_files import forget_files
from storage.erasing_messages import Notices, wipe_messages, wipe_pages
from storage.holdings import Holdings
from storage.leads import OPEN, record_event
from storage.tables import (
    Answer,
    Attempt,
    Contact,
    ContactPoint,
    Conversation,
    Erasure,
    FollowUp,
    Identity,
    LeadEvent,
    ParkedEvent,
    PromoCode,
)

_KEPT_DETAILS = ("from", "to", "n")


async def erase(
    db: AsyncSession,
    held: Holdings,
    *,
    demanded_by: str,
    notices: Notices,
    words: Collection[str],
    event_id: str,
    now: datetime,
) -> Erasure:
    """Destroy it all and write the act, for each of the person's addresses; the last is returned.

    ``demanded_by``: prospect or operator; ``event_id``: the event by which a prospect did. ``words``: the business's
    own, the only ones a lead may keep.
    """
    await db.flush()
    messages, desk_rows, left_over = await wipe_messages(db, held, notices=notices, now=now)
    pages = await wipe_pages(db, held, desk_rows, notices=notices, event_id=event_id, now=now)
    destroyed: dict[str, Any] = {"messages": messages, "pages": pages, "parked": await _parked(db, held)}
    destroyed |= await _leads(db, held, words, now)
    destroyed |= await _person(db, held)
    names = held.pseudonyms or [f"contact:{held.contact.id}" if held.contact else "nobody"]
    acts = [
        Erasure(pseudonym=name, demanded_by=demanded_by, destroyed=destroyed, left_over=left_over, at=now)
        for name in names
    ]
    db.add_all(acts)
    await db.flush()
    return acts[-1]


async def _person(db: AsyncSession, held: Holdings) -> dict[str, int]:
    """The rows of the person, children first; how many of each kind."""
    addresses = [one.id for one in held.identities]
    talks = [one.id for one in held.conversations]
    contact = [held.contact.id] if held.contact else []
    return {
        "follow_ups": await _deleted(db, delete(FollowUp).where(FollowUp.conversation_id.in_(talks))),
        "conversations": await _deleted(db, delete(Conversation).where(Conversation.id.in_(talks))),
        "identities": await _deleted(db, delete(Identity).where(Identity.id.in_(addresses))),
        "contact_points": await _deleted(db, delete(ContactPoint).where(ContactPoint.contact_id.in_(contact))),
        "contacts": await _deleted(db, delete(Contact).where(Contact.id.in_(contact))),
    }


async def _leads(db: AsyncSession, held: Holdings, words: Collection[str], now: datetime) -> dict[str, int]:
    """Leads become numbers; an open one is closed as lost, nobody is there to call."""
    ids = [lead.id for lead in held.leads]
    for lead in held.leads:
        was = lead.status
        if lead.status in OPEN:
            lead.status, lead.closed_at, lead.reason = "lost", now, None
        lead.contact_id = lead.former_id = None
        lead.reasons = [one for one in lead.reasons if one in words]
        lead.reason = lead.reason if lead.reason in words else None
        record_event(db, lead_id=lead.id, what="erased", now=now, detail={"from": was, "to": lead.status})
    await db.flush()
    for event in await db.scalars(select(LeadEvent).where(LeadEvent.lead_id.in_(ids), LeadEvent.what != "variants")):
        event.detail = {name: event.detail[name] for name in _KEPT_DETAILS if name in event.detail}
    codes = update(PromoCode).where(PromoCode.lead_id.in_(ids)).values(lead_id=None)
    return {
        "files": await forget_files(db, lead_ids=ids),
        "answers": await _deleted(db, delete(Answer).where(Answer.lead_id.in_(ids))),
        "leads_made_anonymous": len(ids),
        "codes_untied": await _deleted(db, codes),
    }


async def _parked(db: AsyncSession, held: Holdings) -> int:
    """Events put aside as they came, if they name one of the person's addresses, phones or e-mails."""
    names = [one.external_id for one in held.identities] + [one.value.lstrip("+") for one in held.points]
    named = re.compile(rb"(?<![0-9A-Za-z])(?:" + "|".join(map(re.escape, names)).encode() + rb")(?![0-9A-Za-z])")
    rows: Sequence[ParkedEvent] = (await db.scalars(select(ParkedEvent))).all() if names else []
    theirs = [row for row in rows if named.search(row.raw)]
    for row in theirs:
        await db.execute(delete(Attempt).where(Attempt.channel == row.channel, Attempt.event_id == row.event_id))
        await db.delete(row)
    return len(theirs)


async def _deleted(db: AsyncSession, statement: Any) -> int:
    return int((await db.execute(statement)).rowcount)  # type: ignore[attr-defined]

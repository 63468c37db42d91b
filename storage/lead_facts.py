"""What is known about leads, for their cards: one statement a question, however many leads are asked about.

Everything comes back by the lead's (or contact's) id; those without any are not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import AMONG, ask, by_first, find, find_pairs
from storage.tables import Answer, ContactPoint, Conversation, Identity, Lead, LeadEvent, PromoCode

_CONVERSATION, _IDENTITY = Conversation.__table__, Identity.__table__


class Answered(NamedTuple):
    """The columns of ``Answer`` that a card shows, as plain values: there are many, and nothing is set on them."""

    step: str
    kind: str
    label: str
    value: str
    shown: str


# Built once, as all that is asked for every application.
_EVENTS = (
    select(LeadEvent.__table__)
    .where(LeadEvent.lead_id.in_(AMONG), LeadEvent.what.in_(bindparam("what", expanding=True)))
    .order_by(LeadEvent.id)
)
_ANSWERS = (
    select(Answer.lead_id, *(Answer.__table__.c[name] for name in Answered._fields))
    .where(Answer.lead_id.in_(AMONG))
    .order_by(Answer.answered_at, Answer.step)
)
_POINTS = select(ContactPoint.__table__).where(ContactPoint.contact_id.in_(AMONG)).order_by(ContactPoint.id.desc())
_LEADS = select(Lead.__table__).where(Lead.id.in_(AMONG))
_DIALOGS = (
    select(_CONVERSATION, _IDENTITY)
    .join_from(_CONVERSATION, _IDENTITY, Identity.id == Conversation.identity_id)
    .where(Conversation.lead_id.in_(AMONG))
    .order_by(Conversation.touched_at.desc(), Conversation.id.desc())
)
_NAMED_BY = (
    select(ContactPoint.value, ContactPoint.contact_id)
    .where(ContactPoint.kind == bindparam("kind"), ContactPoint.value.in_(AMONG))
    .distinct()
)
_CODES = select(PromoCode.__table__).where(
    PromoCode.offer.in_(bindparam("offers", expanding=True)), PromoCode.lead_id.in_(AMONG)
)


async def events_of(
    db: AsyncSession, lead_ids: Collection[int], *, what: Collection[str]
) -> Mapping[int, list[LeadEvent]]:
    """Events called so of the histories, oldest first: most of a history is in no card."""
    found: dict[int, list[LeadEvent]] = defaultdict(list)
    for event in await find(db, LeadEvent, _EVENTS, {"among": sorted(lead_ids), "what": sorted(what)}, fresh=True):
        found[event.lead_id].append(event)
    return found


async def answers_of(db: AsyncSession, lead_ids: Collection[int]) -> Mapping[int, list[Answered]]:
    """Answers in the order they were given."""
    found: dict[int, list[Answered]] = defaultdict(list)
    for lead_id, *values in await ask(db, _ANSWERS, {"among": sorted(lead_ids)}):
        found[lead_id].append(Answered._make(values))
    return found


async def points_of(db: AsyncSession, contact_ids: Collection[int]) -> Mapping[int, list[ContactPoint]]:
    """Ways to reach the contacts, the newest first."""
    found: dict[int, list[ContactPoint]] = defaultdict(list)
    for point in await find(db, ContactPoint, _POINTS, {"among": sorted(contact_ids)}, fresh=True):
        found[point.contact_id].append(point)
    return found


async def former_leads(db: AsyncSession, lead_ids: Collection[int]) -> Mapping[int, Lead]:
    """Leads by id."""
    return {one.id: one for one in await find(db, Lead, _LEADS, {"among": sorted(lead_ids)})} if lead_ids else {}


async def dialogs_of(db: AsyncSession, lead_ids: Collection[int]) -> Mapping[int, list[tuple[Conversation, Identity]]]:
    """Where the leads talk to us, the freshest dialog first."""
    found: dict[int, list[tuple[Conversation, Identity]]] = defaultdict(list)
    for conversation, identity in await find_pairs(db, (Conversation, Identity), _DIALOGS, {"among": sorted(lead_ids)}):
        assert identity is not None, "an inner join"
        found[conversation.lead_id or 0].append((conversation, identity))
    return found


async def named_by(db: AsyncSession, points: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    """(kind, value) -> how many contacts named this phone or e-mail (D8)."""
    found: Counter[tuple[str, str]] = Counter()
    for kind, values in by_first(points).items():
        found.update((kind, value) for value, _ in await ask(db, _NAMED_BY, {"kind": kind, "among": values}))
    return found


async def codes_of(db: AsyncSession, leads: Sequence[Lead]) -> Mapping[int, PromoCode]:
    """The code each lead got for its offer."""
    offers = {lead.id: {lead.offer, f"{lead.flow}.{lead.offer}"} for lead in leads if lead.offer}
    if not offers:
        return {}
    asked = {"offers": sorted(set().union(*offers.values())), "among": sorted(offers)}
    rows = await find(db, PromoCode, _CODES, asked, fresh=True)
    return {one.lead_id: one for one in rows if one.lead_id is not None and one.offer in offers[one.lead_id]}

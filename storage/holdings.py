"""What we hold on a person, over all their channels: to show it, to prove it, to destroy it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.consents import standing
from storage.tables import Answer, Consent, Contact, ContactPoint, Conversation, Identity, Lead, PromoCode


@dataclass(frozen=True, slots=True)
class Holdings:
    """Rows about one person. ``consents``: the newest of each purpose and address. Before consent only ``identities``
    and ``conversations`` (L5)."""

    contact: Contact | None
    identities: Sequence[Identity]
    conversations: Sequence[Conversation]
    points: Sequence[ContactPoint]
    leads: Sequence[Lead]
    answers: Sequence[Answer]
    codes: Sequence[PromoCode]
    consents: Sequence[Consent]

    @property
    def pseudonyms(self) -> list[str]:
        return [one.pseudonym for one in self.identities]


async def holdings(db: AsyncSession, identity: Identity) -> Holdings:
    """Everything about the person behind this address."""
    if identity.contact_id is not None:
        return await holdings_of_contact(db, identity.contact_id)
    return await _gathered(db, None, [identity])


async def holdings_of_contact(db: AsyncSession, contact_id: int) -> Holdings:
    """Everything about a contact. Raises LookupError if there is none."""
    contact = await db.get(Contact, contact_id, populate_existing=True)
    if contact is None:
        raise LookupError(f"no contact {contact_id}")
    mine = select(Identity).where(Identity.contact_id == contact_id).order_by(Identity.id)
    return await _gathered(db, contact, (await db.scalars(mine)).all())


async def _gathered(db: AsyncSession, contact: Contact | None, identities: Sequence[Identity]) -> Holdings:
    theirs = Conversation.identity_id.in_([one.id for one in identities])
    conversations = (await db.scalars(select(Conversation).where(theirs).order_by(Conversation.id))).all()
    named = Lead.id.in_([one.lead_id for one in conversations if one.lead_id is not None])
    mine = or_(named, Lead.contact_id == contact.id) if contact else named
    leads = (await db.scalars(select(Lead).where(mine).order_by(Lead.id))).all()
    ids = [lead.id for lead in leads]
    answered = select(Answer).where(Answer.lead_id.in_(ids)).order_by(Answer.lead_id, Answer.answered_at, Answer.step)
    points = select(ContactPoint).where(ContactPoint.contact_id == (contact.id if contact else None))
    return Holdings(
        contact=contact,
        identities=identities,
        conversations=conversations,
        points=(await db.scalars(points.order_by(ContactPoint.id))).all() if contact else [],
        leads=leads,
        answers=(await db.scalars(answered, execution_options={"populate_existing": True})).all(),
        codes=(await db.scalars(select(PromoCode).where(PromoCode.lead_id.in_(ids)).order_by(PromoCode.id))).all(),
        consents=await standing(db, [one.pseudonym for one in identities]),
    )

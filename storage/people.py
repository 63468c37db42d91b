"""Identities and their conversations: who writes to us, and where they stand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Contact, ContactPoint, Conversation, Identity

Key = tuple[str, str]
"""(channel, external id)"""


async def find_identities(db: AsyncSession, keys: Collection[Key]) -> dict[Key, Identity]:
    """Those of the keys that have written before; one statement a batch."""
    if not keys:
        return {}
    wanted = tuple_(Identity.channel, Identity.external_id).in_(sorted(keys))
    rows = await db.scalars(select(Identity).where(wanted).with_for_update())
    return {(row.channel, row.external_id): row for row in rows}


async def find_conversations(db: AsyncSession, ids: Collection[int]) -> dict[int, Conversation]:
    """Conversations by id."""
    if not ids:
        return {}
    rows = await db.scalars(select(Conversation).where(Conversation.id.in_(sorted(ids))))
    return {row.id: row for row in rows}


async def find_conversation(db: AsyncSession, *, identity_id: int, flow: str) -> Conversation | None:
    """The identity's position in this flow, if it ever began."""
    mine = (Conversation.identity_id == identity_id, Conversation.flow == flow)
    return await db.scalar(select(Conversation).where(*mine))


async def find_unfinished(db: AsyncSession, *, identity_id: int, since: datetime) -> Conversation | None:
    """The dialog touched since then in which a question waits for this identity; the freshest of several."""
    mine = (Conversation.identity_id == identity_id, Conversation.step.is_not(None), Conversation.touched_at >= since)
    newest = (Conversation.touched_at.desc(), Conversation.id.desc())
    return await db.scalar(select(Conversation).where(*mine).order_by(*newest).limit(1))


def record_identity(
    db: AsyncSession, *, channel: str, external_id: str, pseudonym: str, touch: dict[str, Any], now: datetime
) -> Identity:
    """A person's first word to us. ``touch``: {"flow", "source", "campaign", "at"}."""
    identity = Identity(
        channel=channel,
        external_id=external_id,
        pseudonym=pseudonym,
        reachable=True,
        first_touch=touch,
        last_touch=touch,
        runs=0,
        phone_keyboard=False,
        created_at=now,
        seen_at=now,
    )
    db.add(identity)
    return identity


async def record_contact(db: AsyncSession, identity: Identity, *, now: datetime) -> Contact:
    """The contact behind an identity; begun at the consent, once."""
    if identity.contact_id is not None and (found := await db.get(Contact, identity.contact_id)):
        return found
    contact = Contact(name=None, created_at=now)
    db.add(contact)
    await db.flush()
    identity.contact_id = contact.id
    return contact


async def record_contact_point(
    db: AsyncSession, *, contact_id: int, kind: str, value: str, verified: str | None, now: datetime
) -> ContactPoint:
    """A phone (E.164) or e-mail of a contact. Given again, the same row; an attestation is never lost by repeating."""
    mine = (ContactPoint.contact_id == contact_id, ContactPoint.kind == kind, ContactPoint.value == value)
    point = await db.scalar(select(ContactPoint).where(*mine))
    if point is None:
        point = ContactPoint(contact_id=contact_id, kind=kind, value=value, verified=None, created_at=now)
        db.add(point)
    if verified:
        point.verified, point.verified_at = verified, now
    return point

"""Identities and their conversations: who writes to us, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import AFTER_NEW_ROWS, AMONG, add_row, by_dialect, by_first, find, find_pairs, gather_row
from storage.numbers import take
from storage.rows import new_row
from storage.tables import Contact, ContactPoint, Conversation, Identity, Lead

Key = tuple[str, str]
"""(channel, external id)"""

_CONTACT, _IDENTITY, _CONVERSATION, _LEAD = (one.__table__ for one in (Contact, Identity, Conversation, Lead))
_IDENTITIES = (
    select(_IDENTITY).where(Identity.channel == bindparam("channel"), Identity.external_id.in_(AMONG)).with_for_update()
)
_DIALOGS = (
    select(_CONVERSATION, _LEAD)
    .outerjoin_from(_CONVERSATION, _LEAD, Lead.id == Conversation.lead_id)
    .where(Conversation.identity_id.in_(AMONG))
)
_CONTACTS = select(_CONTACT).where(Contact.id.in_(AMONG))
_NAME = (
    update(_CONTACT)  # type: ignore[arg-type]
    .where(Contact.id == bindparam("whose"))
    .values(name=bindparam("called"))
    .execution_options(**AFTER_NEW_ROWS)
)


async def find_identities(db: AsyncSession, keys: Collection[Key]) -> dict[Key, Identity]:
    """Those of the keys that have written before; one statement a channel."""
    found: dict[Key, Identity] = {}
    for channel, ids in by_first(keys).items():
        asked = {"channel": channel, "among": ids}
        rows = await find(db, Identity, _IDENTITIES, asked, fresh=True)  # they are locked: what others wrote holds
        found |= {(channel, row.external_id): row for row in rows}
    return found


async def find_dialogs(db: AsyncSession, identity_ids: Collection[int]) -> Sequence[tuple[Conversation, Lead | None]]:
    """Every conversation of these identities, with its lead; the oldest first."""
    if not identity_ids:
        return []
    found = await find_pairs(db, (Conversation, Lead), _DIALOGS, {"among": sorted(identity_ids)})
    return sorted(found, key=lambda dialog: dialog[0].id)  # SQLite would sort them with all that is in them


async def find_contacts(db: AsyncSession, ids: Collection[int]) -> dict[int, Contact]:
    """Contacts by id, as they are now."""
    if not ids:
        return {}
    return {row.id: row for row in await find(db, Contact, _CONTACTS, {"among": sorted(ids)}, fresh=True)}


async def find_unfinished(db: AsyncSession, *, identity_id: int, since: datetime) -> Conversation | None:
    """The dialog touched since then in which a question waits for this identity; the freshest of several."""
    mine = (Conversation.identity_id == identity_id, Conversation.step.is_not(None), Conversation.touched_at >= since)
    newest = (Conversation.touched_at.desc(), Conversation.id.desc())
    return await db.scalar(select(Conversation).where(*mine).order_by(*newest).limit(1))


async def record_identity(
    db: AsyncSession, *, channel: str, external_id: str, pseudonym: str, touch: dict[str, Any], now: datetime
) -> Identity:
    """A person's first word to us. ``touch``: {"flow", "source", "campaign", "at"}."""
    identity = new_row(
        Identity,
        id=await take(db, Identity),
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
    add_row(db, identity)
    return identity


async def record_conversation(
    db: AsyncSession,
    *,
    identity_id: int,
    flow: str,
    version: int,
    state: dict[str, Any],
    source: str,
    campaign: str,
    now: datetime,
) -> Conversation:
    """A dialog begins, at no step yet. ``source``, ``campaign``: what brought the person to it."""
    conversation = new_row(
        Conversation,
        id=await take(db, Conversation),
        identity_id=identity_id,
        flow=flow,
        version=version,
        state=state,
        source=source,
        campaign=campaign,
        started_at=now,
        touched_at=now,
    )
    add_row(db, conversation)
    return conversation


async def record_contact(db: AsyncSession, identity: Identity, *, now: datetime) -> Contact:
    """The contact behind an identity; begun at the consent, once."""
    if identity.contact_id is not None and (found := await db.get(Contact, identity.contact_id)):
        return found
    contact = new_row(Contact, id=await take(db, Contact), name=None, created_at=now)
    add_row(db, contact)
    identity.contact_id = contact.id
    return contact


def name_contact(db: AsyncSession, contact_id: int, name: str) -> None:
    """What the contact is called from now on. A turn needs no more of a contact than its number."""
    gather_row(db, _NAME, contact_id, {"whose": contact_id, "called": name})


@by_dialect
def _point(insert: Callable[..., Any]) -> Insert:
    added = insert(ContactPoint.__table__)
    attested = {"verified": added.excluded.verified, "verified_at": added.excluded.verified_at}
    same = ["contact_id", "kind", "value"]
    return added.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=same,
        set_={name: func.coalesce(value, ContactPoint.__table__.c[name]) for name, value in attested.items()},
    )


def record_contact_point(
    db: AsyncSession, *, contact_id: int, kind: str, value: str, verified: str | None, now: datetime
) -> None:
    """A phone (E.164) or e-mail of a contact. Given again, the same row; an attestation is never lost by repeating."""
    row = {"contact_id": contact_id, "kind": kind, "value": value, "created_at": now}
    attested = {"verified": verified, "verified_at": now if verified else None}
    gather_row(db, _point(db), (contact_id, kind, value, verified), {**row, **attested})

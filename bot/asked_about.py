"""Whom the operator means: ``telegram:123``, ``vk:456``, ``web:…``, a phone, an e-mail or ``lead:17``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dialogs.capabilities import CHANNELS
from dialogs.typed_phones import read_phone
from dialogs.understood import Understood
from storage import consents
from storage.holdings import Holdings, holdings, holdings_of_contact
from storage.tables import ContactPoint, Conversation, Identity, Lead

_ADDRESS = re.compile(rf"({'|'.join(CHANNELS)}):(\S+)")
_LEAD = re.compile(r"lead:(\d{1,18})")
UNREADABLE = "Не понял, о ком речь. Так: telegram:123, vk:456, web:…, телефон, почта или lead:17."
NOBODY = "Таких данных у нас нет. Если человека уже удалили, спросите по адресу: telegram:123, vk:456."


@dataclass(frozen=True, slots=True)
class Asked:
    """``held``: the people it may be. ``pseudonym``: the ledger's name of an address, held or not."""

    held: list[Holdings]
    pseudonym: str | None = None


async def asked_about(db: AsyncSession, who: str) -> Asked:
    """Find them. Raises LookupError, with a sentence for the operator, when the words cannot be read."""
    who = who.strip()
    if found := _ADDRESS.fullmatch(who):
        return await _by_address(db, found[1], found[2])
    if found := _LEAD.fullmatch(who):
        return Asked(await _by_lead(db, int(found[1])))
    if "@" in who:
        return Asked(await _by_point(db, "email", who))
    phone = read_phone(who)
    if not isinstance(phone, Understood):
        raise LookupError(UNREADABLE)
    return Asked(await _by_point(db, "phone", str(phone.value)))


async def _by_address(db: AsyncSession, channel: str, external_id: str) -> Asked:
    try:
        name = await consents.pseudonym(db, channel, external_id)
    except LookupError:  # a database nobody has written to yet
        raise LookupError(NOBODY) from None
    mine = (Identity.channel == channel, Identity.external_id == external_id)
    identity = await db.scalar(select(Identity).where(*mine))
    return Asked([await holdings(db, identity)] if identity else [], name)


async def _by_lead(db: AsyncSession, lead_id: int) -> list[Holdings]:
    contact_id = await db.scalar(select(Lead.contact_id).where(Lead.id == lead_id))
    if contact_id is not None:
        return [await holdings_of_contact(db, contact_id)]
    talk = select(Identity).join(Conversation, Conversation.identity_id == Identity.id)
    identity = await db.scalar(talk.where(Conversation.lead_id == lead_id).limit(1))
    return [await holdings(db, identity)] if identity else []


async def _by_point(db: AsyncSession, kind: str, value: str) -> list[Holdings]:
    same = ContactPoint.value == value if kind == "phone" else func.lower(ContactPoint.value) == value.lower()
    owners = select(ContactPoint.contact_id).where(ContactPoint.kind == kind, same).distinct()
    ids = (await db.scalars(owners.order_by(ContactPoint.contact_id))).all()
    return [await holdings_of_contact(db, contact_id) for contact_id in ids]

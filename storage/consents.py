"""The ledger of consents: append-only, by pseudonym, with the wording that was shown (L1, L2, L4, L36).

A pseudonym is a keyed digest of the person's address in a channel: from ``telegram:123`` the installation finds the
ledger's rows again, also years after the person was erased; from the rows nobody finds the person without the salt.
Nothing here joins two pseudonyms: a consent holds for the address that gave it (L37).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Consent, ConsentText, Setting


async def ensure_salt(db: AsyncSession, fresh: str) -> str:
    """The installation's salt; ``fresh`` becomes it when there is none yet."""
    await _insert_if_absent(db, Setting, key="salt", value=fresh)
    return await _salt(db)


async def _salt(db: AsyncSession) -> str:
    salt = await db.scalar(select(Setting.value).where(Setting.key == "salt"))
    if not salt:
        raise LookupError("the database has no salt yet: ensure_salt comes first")
    return salt


async def pseudonym(db: AsyncSession, channel: str, external_id: str) -> str:
    """How the ledger names this address. Raises LookupError before there is a salt."""
    return digest_of(await _salt(db), channel, external_id)


def digest_of(salt: str, channel: str, external_id: str) -> str:
    """HMAC-SHA256 of ``channel:external_id``, in hex."""
    return hmac.new(salt.encode(), f"{channel}:{external_id}".encode(), hashlib.sha256).hexdigest()


# ---------------------------------------------------------------- what is in force


async def standing(db: AsyncSession, pseudonyms: Collection[str]) -> Sequence[Consent]:
    """The newest row of each pseudonym and purpose, whatever it says; one statement."""
    if not pseudonyms:
        return []
    theirs = Consent.pseudonym.in_(sorted(set(pseudonyms)))
    newest = select(func.max(Consent.id)).where(theirs).group_by(Consent.pseudonym, Consent.purpose)
    return (await db.scalars(select(Consent).where(Consent.id.in_(newest)).order_by(Consent.id))).all()


async def in_force(db: AsyncSession, pseudonyms: Collection[str]) -> dict[str, dict[str, str]]:
    """pseudonym -> purpose -> digest of the wording agreed to; those without any are not in it."""
    found: dict[str, dict[str, str]] = {}
    for row in await standing(db, pseudonyms):
        if row.act == "given":
            found.setdefault(row.pseudonym, {})[row.purpose] = row.digest or ""
    return found


async def consent_id(db: AsyncSession, pseudonym: str, purpose: str) -> int | None:
    """The consent in force, by id: what an advertisement points to (L27)."""
    rows = await standing(db, [pseudonym])
    return next((row.id for row in rows if row.purpose == purpose and row.act == "given"), None)


# ---------------------------------------------------------------- writing


async def record_consent(
    db: AsyncSession,
    *,
    pseudonym: str,
    purpose: str,
    act: str,
    digest: str,
    text: str,
    channel: str,
    shown_outbox_id: int | None,
    shown_message_id: str | None,
    event_id: str,
    now: datetime,
) -> Consent:
    """``act``: given or refused, on the wording ``text``, which is kept whole, once (A17)."""
    await _insert_if_absent(db, ConsentText, digest=digest, purpose=purpose, text=text)
    row = Consent(
        pseudonym=pseudonym, purpose=purpose, act=act, digest=digest, channel=channel,
        shown_outbox_id=shown_outbox_id, shown_message_id=shown_message_id, event_id=event_id, at=now,
    )  # fmt: skip
    return await _appended(db, row)


async def withdraw(
    db: AsyncSession,
    *,
    pseudonym: str,
    channel: str,
    event_id: str,
    now: datetime,
    purposes: Collection[str] | None = None,
) -> list[str]:
    """End what is in force of ``purposes`` (None: of all); the purposes that were ended. Repeating ends nothing."""
    ended = []
    for row in await standing(db, [pseudonym]):
        if row.act != "given" or (purposes is not None and row.purpose not in purposes):
            continue
        withdrawn = Consent(
            pseudonym=pseudonym, purpose=row.purpose, act="withdrawn", digest=row.digest, channel=channel,
            event_id=event_id, at=now,
        )  # fmt: skip
        await _appended(db, withdrawn)
        ended.append(row.purpose)
    return ended


async def _appended(db: AsyncSession, row: Consent) -> Consent:
    db.add(row)
    await db.flush()
    return row


async def _insert_if_absent(db: AsyncSession, table: type[Setting | ConsentText], **values: str) -> None:
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    await db.execute(insert(table).values(**values).on_conflict_do_nothing())


# ---------------------------------------------------------------- reading


async def history(db: AsyncSession, pseudonyms: Collection[str]) -> Sequence[Consent]:
    """Every row of these pseudonyms, oldest first."""
    theirs = select(Consent).where(Consent.pseudonym.in_(sorted(set(pseudonyms))))
    return (await db.scalars(theirs.order_by(Consent.id))).all()


async def wordings(db: AsyncSession, digests: Collection[str]) -> dict[str, str]:
    """digest -> the text as it was shown."""
    rows = await db.execute(select(ConsentText.digest, ConsentText.text).where(ConsentText.digest.in_(sorted(digests))))
    return dict(rows.all())

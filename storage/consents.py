"""The ledger of consents: append-only, by pseudonym, with the wording that was shown (L1, L2, L4, L36).

A pseudonym is a keyed digest of the person's address in a channel: from ``telegram:123`` the installation finds the
ledger's rows again, also years after the person was erased; from the rows nobody finds the person without the salt.
Nothing here joins two pseudonyms: a consent holds for the address that gave it (L37).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Insert, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import ask, ask_now, by_dialect, gather_row
from storage.tables import Consent, ConsentText, Outbox, Row, Setting

_SALT = select(Setting.value).where(Setting.key == bindparam("named"))


async def ensure_salt(db: AsyncSession, fresh: str) -> str:
    """The installation's salt; ``fresh`` becomes it when there is none yet."""
    gather_row(db, _if_absent(Setting)(db), "salt", {"key": "salt", "value": fresh})
    await db.flush()
    return await _salt(db)


async def _salt(db: AsyncSession) -> str:
    """It never changes, so a transaction asks once, and writes nothing for it."""
    if not db.info.get("salt"):
        found = await ask_now(db, _SALT, {"named": "salt"})
        db.info["salt"] = found[0][0] if found else None
    if salt := db.info["salt"]:
        return str(salt)
    raise LookupError("the database has no salt yet: ensure_salt comes first")


async def pseudonym(db: AsyncSession, channel: str, external_id: str) -> str:
    """How the ledger names this address. Raises LookupError before there is a salt."""
    return digest_of(await _salt(db), channel, external_id)


def digest_of(salt: str, channel: str, external_id: str) -> str:
    """HMAC-SHA256 of ``channel:external_id``, in hex."""
    return hmac.digest(salt.encode(), f"{channel}:{external_id}".encode(), "sha256").hex()


# ---------------------------------------------------------------- what is in force


_theirs = Consent.pseudonym.in_(bindparam("names", expanding=True))
_newest_of_each = select(func.max(Consent.id)).where(_theirs).group_by(Consent.pseudonym, Consent.purpose)
_STANDING = select(Consent).where(Consent.id.in_(_newest_of_each)).order_by(Consent.id)
_IN_FORCE = _STANDING.with_only_columns(Consent.pseudonym, Consent.purpose, Consent.digest).where(
    Consent.act == "given"
)


async def standing(db: AsyncSession, pseudonyms: Collection[str]) -> Sequence[Consent]:
    """The newest row of each pseudonym and purpose, whatever it says; one statement."""
    if not pseudonyms:
        return []
    return (await db.scalars(_STANDING, {"names": sorted(set(pseudonyms))})).all()


async def in_force(db: AsyncSession, pseudonyms: Collection[str]) -> dict[str, dict[str, str]]:
    """pseudonym -> purpose -> digest of the wording agreed to; those without any are not in it."""
    found: dict[str, dict[str, str]] = {}
    if pseudonyms:
        for pseudonym, purpose, digest in await ask(db, _IN_FORCE, {"names": sorted(set(pseudonyms))}):
            found.setdefault(pseudonym, {})[purpose] = digest or ""
    return found


async def consent_id(db: AsyncSession, pseudonym: str, purpose: str) -> int | None:
    """The consent in force, by id: what an advertisement points to (L27)."""
    rows = await standing(db, [pseudonym])
    return next((row.id for row in rows if row.purpose == purpose and row.act == "given"), None)


# ---------------------------------------------------------------- writing


_shown = (Outbox.identity_id == bindparam("shown_to"), Outbox.role == bindparam("shown_as"))
_newest = select(func.max(Outbox.id)).where(*_shown).scalar_subquery()
_CONSENT = insert(Consent.__table__).values(  # type: ignore[arg-type]
    shown_outbox_id=_newest,
    shown_message_id=select(Outbox.message_id).where(Outbox.id == _newest).scalar_subquery(),
)


def record_consent(
    db: AsyncSession,
    *,
    identity_id: int,
    pseudonym: str,
    purpose: str,
    act: str,
    digest: str,
    text: str,
    channel: str,
    event_id: str,
    now: datetime,
) -> None:
    """``act``: given or refused, on the wording ``text``, which is kept whole, once (A17). The message that showed it
    is the newest consent text of this purpose that was promised to the identity."""
    gather_row(db, _if_absent(ConsentText)(db), digest, {"digest": digest, "purpose": purpose, "text": text})
    row = {"pseudonym": pseudonym, "purpose": purpose, "act": act, "digest": digest, "channel": channel}
    shown = {"shown_to": identity_id, "shown_as": f"consent:{purpose}"}
    gather_row(db, _CONSENT, object(), {**row, **shown, "event_id": event_id, "at": now})


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
        db.add(withdrawn)
        ended.append(row.purpose)
    await db.flush()
    return ended


@cache
def _if_absent(table: type[Row]) -> Callable[[AsyncSession], Insert]:
    return by_dialect(lambda insert: insert(table.__table__).on_conflict_do_nothing())


# ---------------------------------------------------------------- reading


async def history(db: AsyncSession, pseudonyms: Collection[str]) -> Sequence[Consent]:
    """Every row of these pseudonyms, oldest first."""
    theirs = select(Consent).where(Consent.pseudonym.in_(sorted(set(pseudonyms))))
    return (await db.scalars(theirs.order_by(Consent.id))).all()


async def wordings(db: AsyncSession, digests: Collection[str]) -> dict[str, str]:
    """digest -> the text as it was shown."""
    rows = await db.execute(select(ConsentText.digest, ConsentText.text).where(ConsentText.digest.in_(sorted(digests))))
    return dict(rows.all())

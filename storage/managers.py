"""Who may press buttons on cards, and the one-time codes that make somebody a manager."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import by_dialect
from storage.tables import Invite, Manager

_ADDRESS = ["channel", "external_id"]
_AS_IT_IS = {"synchronize_session": False}


async def find_manager(db: AsyncSession, *, channel: str, external_id: str) -> Manager | None:
    """The manager with this address, if they are in the team now. Asked at every press: rights end at once (M2)."""
    mine = (Manager.channel == channel, Manager.external_id == external_id, Manager.removed_at.is_(None))
    return await db.scalar(select(Manager).where(*mine), execution_options={"populate_existing": True})


async def team(db: AsyncSession) -> Sequence[Manager]:
    """Everybody in the team now, in the order they joined."""
    return (await db.scalars(select(Manager).where(Manager.removed_at.is_(None)).order_by(Manager.id))).all()


async def names_of(db: AsyncSession, ids: set[int]) -> dict[int, str]:
    """Names by id, of those who left too."""
    if not ids:
        return {}
    rows = await db.execute(select(Manager.id, Manager.name).where(Manager.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}


async def add_manager(db: AsyncSession, *, channel: str, external_id: str, name: str, now: datetime) -> Manager:
    """Into the team (again)."""
    row = {"channel": channel, "external_id": external_id, "name": name, "added_at": now, "removed_at": None}
    await db.execute(_added(db), row)
    return await _get(db, channel, external_id)


async def record_guest(db: AsyncSession, *, channel: str, external_id: str, name: str, now: datetime) -> Manager:
    """A name in the history for somebody whose right comes from elsewhere (``ADMINS``, the private desk).

    The row is born removed: when that right ends, this row gives none.
    """
    row = {"channel": channel, "external_id": external_id, "name": name, "added_at": now, "removed_at": now}
    await db.execute(_known(db), row)
    return await _get(db, channel, external_id)


@by_dialect
def _added(insert: Callable[..., Any]) -> Insert:
    added = insert(Manager.__table__)
    anew = {name: added.excluded[name] for name in ("name", "added_at", "removed_at")}
    return added.on_conflict_do_update(index_elements=_ADDRESS, set_=anew)  # type: ignore[no-any-return]


@by_dialect
def _known(insert: Callable[..., Any]) -> Insert:
    return insert(Manager.__table__).on_conflict_do_nothing(index_elements=_ADDRESS)  # type: ignore[no-any-return]


async def _get(db: AsyncSession, channel: str, external_id: str) -> Manager:
    mine = (Manager.channel == channel, Manager.external_id == external_id)
    return (await db.scalars(select(Manager).where(*mine), execution_options={"populate_existing": True})).one()


async def remove_manager(db: AsyncSession, manager_id: int, *, now: datetime) -> Manager | None:
    """Out of the team, for all buttons already on screen too (M19); None if they were not in it."""
    theirs = (Manager.id == manager_id, Manager.removed_at.is_(None))
    gone = update(Manager).where(*theirs).values(removed_at=now).returning(Manager)
    return await db.scalar(gone, execution_options={**_AS_IT_IS, "populate_existing": True})


def record_invite(db: AsyncSession, *, digest: str, made_by: str, now: datetime, expires_at: datetime) -> Invite:
    """``digest`` is the code's sha256: the code itself is known only to those who were told (M3)."""
    invite = Invite(digest=digest, made_by=made_by, made_at=now, expires_at=expires_at)
    db.add(invite)
    return invite


async def use_invite(db: AsyncSession, *, digest: str, used_by: str, now: datetime) -> Invite | None:
    """Spend the code; None when it is unknown, expired or spent. One statement: two may not both join by it."""
    good = (Invite.digest == digest, Invite.used_at.is_(None), Invite.expires_at > now)
    spent = update(Invite).where(*good).values(used_by=used_by, used_at=now).returning(Invite)
    return await db.scalar(spent, execution_options={**_AS_IT_IS, "populate_existing": True})

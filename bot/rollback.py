"""``leadbot rollback``: a former set goes live again, as the newest version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select

from bot.publishing import compiled, go_live
from storage.database import Database
from storage.tables import FlowVersion


def former_set(live_digest: str) -> Select[FlowVersion]:
    """The newest version that is another set than the one that is live."""
    return select(FlowVersion).where(FlowVersion.digest != live_digest).order_by(FlowVersion.id.desc()).limit(1)


async def roll_back(database: Database, version: int | None, *, by: str, now: datetime) -> tuple[int, int]:
    """Publish the set of ``version`` again (by default the one before the newest): (its version, the new version).

    People inside are carried to it as to any newer set. Raises LookupError, in Russian, when there is no such set.
    """
    async with database.read() as db:
        live = await db.scalar(select(FlowVersion).order_by(FlowVersion.id.desc()).limit(1))
        if live is None:
            raise LookupError("Ещё ничего не опубликовано: возвращаться не к чему.")
        named = select(FlowVersion).where(FlowVersion.id == version)
        found = await db.scalar(named if version else former_set(live.digest))
    if found is None:
        missing = f"Версии {version} нет; последняя — {live.id}." if version else "Это первая версия: прежней нет."
        raise LookupError(missing)
    if found.digest == live.digest:
        raise LookupError(f"Версия {found.id} и так опубликована.")
    try:
        compiled(found.files, version=found.id)
    except LookupError:
        raise LookupError(f"Версию {found.id} эта программа уже не читает.") from None
    async with database.write() as db:
        return found.id, await go_live(db, found.files, by=by, now=now)

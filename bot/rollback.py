"""``leadbot rollback``: a former set goes live again, as the newest version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot.publishing import compiled, publish
from storage.database import Database
from storage.tables import FlowVersion


async def roll_back(database: Database, version: int | None, *, by: str, now: datetime) -> tuple[int, int]:
    """Publish the set of ``version`` again (by default the one before the newest): (its version, the new version).

    People inside are carried to it as to any newer set. Raises LookupError, in Russian, when there is no such set.
    """
    async with database.read() as db:
        live = await db.scalar(select(FlowVersion).order_by(FlowVersion.id.desc()).limit(1))
        if live is None:
            raise LookupError("Ещё ничего не опубликовано: возвращаться не к чему.")
        former = FlowVersion.id == version if version else FlowVersion.digest != live.digest
        found = await db.scalar(select(FlowVersion).where(former).order_by(FlowVersion.id.desc()).limit(1))
    if found is None:
        missing = f"Версии {version} нет; последняя — {live.id}." if version else "Это первая версия: прежней нет."
        raise LookupError(missing)
    if found.digest == live.digest:
        raise LookupError(f"Версия {found.id} и так опубликована.")
    try:
        compiled(found.files, version=found.id)
    except LookupError:
        raise LookupError(f"Версию {found.id} эта программа уже не читает.") from None
    files = {path: text.encode() for path, text in found.files.items()}
    return found.id, await publish(database, files, by=by, now=now)

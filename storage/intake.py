"""Events that came in: which are served, which failed before, which are parked, and how far a channel has read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Insert, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import AMONG, ask, by_dialect, by_first, gather_row
from storage.partial import is_seldom
from storage.tables import Attempt, Cursor, Outbox, ParkedEvent, ServedEvent, Setting

Key = tuple[str, str]
"""(channel, event id)"""

HEARD = "heard:"

_SERVED = select(ServedEvent.event_id).where(
    ServedEvent.channel == bindparam("channel"), ServedEvent.event_id.in_(AMONG)
)
_SERVE = insert(ServedEvent.__table__)  # type: ignore[arg-type]


@by_dialect
def _cursor(insert: Callable[..., Any]) -> Insert:
    read = insert(Cursor.__table__)
    further = {"value": read.excluded.value, "at": read.excluded.at}
    return read.on_conflict_do_update(index_elements=["channel"], set_=further)  # type: ignore[no-any-return]


async def served_among(db: AsyncSession, keys: Collection[Key]) -> set[Key]:
    """Those of the keys whose effect is already committed (I2); a batch is of one channel nearly always."""
    served: set[Key] = set()
    for channel, ids in by_first(keys).items():
        known = await ask(db, _SERVED, {"channel": channel, "among": ids})
        served |= {(channel, event_id) for (event_id,) in known}
    return served


def record_served(db: AsyncSession, keys: Iterable[Key], *, now: datetime) -> None:
    """Write the keys in the transaction of their effects."""
    for key in keys:
        gather_row(db, _SERVE, key, {"channel": key[0], "event_id": key[1], "at": now})


async def count_attempt(db: AsyncSession, key: Key, *, now: datetime) -> int:
    """One more life of the process begins with this event, counted before the work; the number including this one."""
    row = await db.get(Attempt, key)
    if row is None:
        row = Attempt(channel=key[0], event_id=key[1], tries=0, at=now)
        db.add(row)
    row.tries, row.at = row.tries + 1, now
    return row.tries


async def forget_attempt(db: AsyncSession, key: Key) -> None:
    """It was served after all."""
    await db.execute(delete(Attempt).where(Attempt.channel == key[0], Attempt.event_id == key[1]))


async def forget_attempts(db: AsyncSession) -> None:
    """The last life ended well: nothing it served killed it."""
    await db.execute(delete(Attempt))


def park(db: AsyncSession, key: Key, *, raw: bytes, error: str, now: datetime) -> None:
    """Put an event aside as it came: the queue behind it moves on (N5)."""
    db.add(ParkedEvent(channel=key[0], event_id=key[1], raw=raw, error=error, at=now))


async def parked_in_silence(db: AsyncSession) -> int:
    """Events put aside since the last alarm of any kind: a process that dies just after it parked tells nobody."""
    told = select(func.max(Outbox.created_at)).where(is_seldom("alarm")).scalar_subquery()
    untold = select(func.count()).select_from(ParkedEvent).where(or_(told.is_(None), ParkedEvent.at > told))
    return int(await db.scalar(untold) or 0)


async def find_cursor(db: AsyncSession, channel: str) -> str | None:
    row = await db.get(Cursor, channel)
    return row.value if row else None


def save_cursor(db: AsyncSession, channel: str, value: str, *, now: datetime) -> None:
    """The channel has read this far; written with the events it brought."""
    gather_row(db, _cursor(db), channel, {"channel": channel, "value": value, "at": now})


async def swap_setting(db: AsyncSession, key: str, value: str) -> str | None:
    """Set it; the former value, None if there was none."""
    row = await db.get(Setting, key)
    if row is None:
        db.add(Setting(key=key, value=value))
        return None
    former, row.value = row.value, value
    return former


async def find_heard(db: AsyncSession) -> dict[str, datetime]:
    """When each channel's network was last heard, by channel."""
    rows = await db.scalars(select(Setting).where(Setting.key.startswith(HEARD)))
    return {row.key.removeprefix(HEARD): datetime.fromisoformat(row.value) for row in rows}


async def record_heard(db: AsyncSession, channel: str, *, at: datetime) -> None:
    """``at`` is UTC-aware."""
    await db.merge(Setting(key=HEARD + channel, value=at.isoformat()))


async def parked_by_channel(db: AsyncSession) -> dict[str, int]:
    """Events put aside and still kept; channels without any are not in it."""
    rows = await db.execute(select(ParkedEvent.channel, func.count()).group_by(ParkedEvent.channel))
    return {row[0]: row[1] for row in rows}


async def prune(db: AsyncSession, *, now: datetime, keep_keys: timedelta, keep_parked: timedelta) -> None:
    """Forget old keys (platforms repeat for a day at most) and parked events (they hold people's words)."""
    await db.execute(delete(ServedEvent).where(ServedEvent.at < now - keep_keys))
    await db.execute(delete(Attempt).where(Attempt.at < now - keep_keys))
    await db.execute(delete(ParkedEvent).where(ParkedEvent.at < now - keep_parked))

"""What a day brought, by source. One grouped query each, all on indexes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Conversation, Lead, LeadEvent

STAGES = ("started", "consented", "application", "taken", "won", "lost", "junk")


@dataclass
class Day:
    """source -> stage -> how many. "" is the source of those who came without a tag. ``worth``: source -> roubles
    that the day's applications may bring."""

    by_source: dict[str, dict[str, int]] = field(default_factory=dict)
    worth: dict[str, int] = field(default_factory=dict)

    def add(self, source: str, stage: str, count: int) -> None:
        stages = self.by_source.setdefault(source, {})
        stages[stage] = stages.get(stage, 0) + count

    def total(self, stage: str) -> int:
        return sum(stages.get(stage, 0) for stages in self.by_source.values())


async def count_day(db: AsyncSession, *, since: datetime, until: datetime) -> Day:
    """What happened from ``since`` up to ``until`` (UTC-aware, ``until`` not included)."""
    day = Day()
    for query in (_started, _begun, _applied, _taken, _closed):
        for source, stage, count in await db.execute(query(since, until)):
            day.add(source, stage, count)
    for source, sum_ in await db.execute(_worth(since, until)):
        day.worth[source] = int(sum_ or 0)
    return day


def _started(since: datetime, until: datetime) -> Select[str, str, int]:
    return _counted(Conversation.source, "started", Conversation.started_at, since, until)


def _begun(since: datetime, until: datetime) -> Select[str, str, int]:
    """A lead begins with the consent."""
    return _counted(Lead.source, "consented", Lead.created_at, since, until)


def _applied(since: datetime, until: datetime) -> Select[str, str, int]:
    """A lead's first application; what is added to it later is the same lead (P36)."""
    return _counted(Lead.source, "application", Lead.applied_at, since, until)


def _worth(since: datetime, until: datetime) -> Select[str, int | None]:
    query = select(Lead.source, func.sum(Lead.worth)).where(Lead.applied_at >= since, Lead.applied_at < until)
    return query.group_by(Lead.source)


def _counted(source: Any, stage: str, moment: Any, since: datetime, until: datetime) -> Select[str, str, int]:
    query = select(source, literal(stage), func.count()).where(moment >= since, moment < until)
    return query.group_by(source)


def _taken(since: datetime, until: datetime) -> Select[str, str, int]:
    """From the history: it is there even if the lead was closed or went on since."""
    inside = (LeadEvent.at >= since, LeadEvent.at < until, LeadEvent.what == "taken", LeadEvent.undone_at.is_(None))
    query = select(Lead.source, literal("taken"), func.count(LeadEvent.lead_id.distinct()))
    return query.join(Lead, Lead.id == LeadEvent.lead_id).where(*inside).group_by(Lead.source)


def _closed(since: datetime, until: datetime) -> Select[str, str, int]:
    inside = (Lead.closed_at >= since, Lead.closed_at < until, Lead.status.in_(("won", "lost", "junk")))
    return select(Lead.source, Lead.status, func.count()).where(*inside).group_by(Lead.source, Lead.status)

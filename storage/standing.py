"""How many people stand where: the question before a set of flows is published (A3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Conversation


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody who waits at one question of one version."""

    flow: str
    version: int
    step: str
    people: int


_PLACE = (Conversation.flow, Conversation.version, Conversation.step)
_GROUPS = select(*_PLACE, func.count()).where(Conversation.step.is_not(None)).group_by(*_PLACE).order_by(*_PLACE)


async def count_standing(db: AsyncSession) -> Sequence[Group]:
    """By flow, version and step; nobody whose dialog is over."""
    return [Group(flow, version, step or "", people) for flow, version, step, people in await db.execute(_GROUPS)]

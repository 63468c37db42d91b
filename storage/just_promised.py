"""Answers that this very transaction promised, and that are to leave with its commit: most of all messages.

All that a claim asks of them is known but two things: whether something older waits for that person, and whether what
came after them in the transaction took them back. So they are not looked for, judged and read again as what waits is
(``claims.py``): that costs three times as much.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.claimed import Claimed
from storage.columns import Moment
from storage.gathered import AMONG, ask, gathering
from storage.partial import is_due, is_open, word
from storage.tables import Outbox

_older = aliased(Outbox)
_waits_first = (
    select(_older.id)
    .where(_older.channel == Outbox.channel, _older.to == Outbox.to, is_open(_older), _older.id < Outbox.id)
    .exists()
)
_TAKE = (
    update(Outbox.__table__)  # type: ignore[arg-type]
    .where(Outbox.id.in_(AMONG), is_due(), ~_waits_first)
    .values(status=word("sending"), attempt=1, first_tried_at=bindparam("now", type_=Moment()))
    .returning(Outbox.id)
)


async def take_answers(
    db: AsyncSession, channel: str, *, now: datetime, limit: int, but_not: Collection[str]
) -> list[Claimed]:
    """Up to ``limit`` of the most urgent ones, claimed as ``claims.claim`` does it; where nothing else is due that is
    as urgent. ``but_not`` are chats to leave alone."""
    fit = [one for one in gathering(db).answers if _is_plain(one, channel) and one["to"] not in but_not][:limit]
    if not fit:
        return []
    taken = {row[0] for row in await ask(db, _TAKE, {"among": [one["id"] for one in fit], "now": now})}
    return [_claimed(one, now) for one in fit if one["id"] in taken]


def leave_to_claims(db: AsyncSession, channel: str, to: str) -> None:
    """What was promised to this chat, whose number has changed since, is looked for as everything else is."""
    answers = gathering(db).answers
    answers[:] = [one for one in answers if (one["channel"], one["to"]) != (channel, to)]


def _is_plain(row: Mapping[str, Any], channel: str) -> bool:
    """Nothing is to be asked about it: it stands by itself, and somebody waits for it."""
    is_said = row["act"] == "say" and row["kind"] == "service" and row["reply_to_id"] is None
    return is_said and row["channel"] == channel and row["priority"] == 0


def _claimed(row: Mapping[str, Any], now: datetime) -> Claimed:
    return Claimed(
        id=row["id"], channel=row["channel"], to=row["to"], role=row["role"], kind=row["kind"], act=row["act"],
        body=row["body"], identity_id=row["identity_id"], lead_id=row["lead_id"], target_id=row["target_id"],
        reply_to_id=None, reply_to=row["reply_to"], priority=0, attempt=1, first_tried_at=now,
    )  # fmt: skip

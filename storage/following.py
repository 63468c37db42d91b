"""What follows a card that was claimed: cards that wait behind it in the chat of the same desk.

A transaction for each is most of what a card costs. They leave one after the other all the same, and what does not
arrive holds up those behind it. Only messages that stand alone follow: an edit and an answer need to know how another
message ended.
"""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import Integer, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.claimed import COLUMNS, Claimed
from storage.columns import Moment
from storage.gathered import AMONG, ask_now
from storage.partial import SELDOM, is_due, is_open, word
from storage.tables import Outbox

_now = bindparam("now", type_=Moment())
_most: Any = bindparam("most", type_=Integer())
_BEHIND = (
    select(Outbox.status, Outbox.due_at, Outbox.unsolicited, *COLUMNS)
    .where(Outbox.channel == bindparam("in_channel"), Outbox.to == bindparam("chat"))
    .where(is_open(), Outbox.id > bindparam("first"))
    .order_by(Outbox.id)
    .limit(_most)
)
_TAKE = (
    update(Outbox.__table__)  # type: ignore[arg-type]
    .where(Outbox.id.in_(AMONG), is_due())
    .values(
        status=word("sending"), attempt=Outbox.attempt + 1, first_tried_at=func.coalesce(Outbox.first_tried_at, _now)
    )
    .returning(*COLUMNS)
)


def stands_alone(row: Claimed) -> bool:
    """A message of its own for a desk, which asks nothing of any other row."""
    is_to_desk = row.identity_id is None and row.role not in SELDOM
    return is_to_desk and row.act == "say" and row.kind == "service" and (row.reply_to_id, row.reply_to) == (None, None)


async def following(db: AsyncSession, first: Claimed, *, now: datetime, most: int) -> list[Claimed]:
    """The next ``most`` rows of that chat, as far as all of them are due and stand alone, claimed like the first."""
    if most < 1:
        return []
    asked = {"in_channel": first.channel, "chat": first.to, "first": first.id, "most": most}
    behind = [
        (status == "due" and due_at <= now and not unsolicited, Claimed._make(values))
        for status, due_at, unsolicited, *values in await ask_now(db, _BEHIND, asked)
    ]
    wanted = [row.id for is_fit, row in takewhile(lambda one: one[0] and stands_alone(one[1]), behind)]
    if not wanted:
        return []
    taken = map(Claimed._make, await ask_now(db, _TAKE, {"among": wanted, "now": now}))
    return sorted(taken, key=lambda row: row.id)

"""The web channel's «platform»: what its pages show, and what was written there and is not served yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import ask, by_dialect
from storage.partial import is_heard
from storage.tables import Conversation, Identity, ServedEvent, WebMessage

CHANNEL = "web"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a visitor stands: ``step`` None when nothing waits."""

    flow: str
    version: int
    step: str | None


async def record_heard(
    db: AsyncSession,
    *,
    peer: str,
    author: str,
    text: str,
    event_id: str,
    now: datetime,
    reply_to: int | None = None,
    pressed: dict[str, str] | None = None,
    sender_name: str = "",
) -> bool:
    """Keep what somebody wrote or pressed, before it is served. False: this event is here already.

    ``pressed``: the button, as the row it stood in keeps it. ``sender_name``: how the manager signs.
    """
    if await db.scalar(select(WebMessage.id).where(WebMessage.event_id == event_id)) is not None:
        return False
    extra: list[dict[str, str]] = [pressed] if pressed else [{"name": sender_name}] if sender_name else []
    row = WebMessage(
        peer=peer, author=author, text=text, event_id=event_id, at=now, reply_to=reply_to, buttons=extra
    )  # fmt: skip
    return await _add(db, row)


async def record_sent(
    db: AsyncSession,
    *,
    peer: str,
    outbox_id: int,
    text: str,
    buttons: Sequence[Sequence[dict[str, str]]],
    reply_to: int | None,
    now: datetime,
    file: dict[str, Any] | None = None,
) -> int:
    """Show a message of the bot's; its id. Sent again, it is the same message."""
    row: dict[str, Any] = {"peer": peer, "outbox_id": outbox_id, "author": "bot", "text": text, "reply_to": reply_to}
    row |= {"at": now, "buttons": list(buttons)} | ({"file": file} if file else {})
    for (new,) in await ask(db, _show(db), row):
        return int(new)
    return (await db.scalars(select(WebMessage.id).where(WebMessage.outbox_id == outbox_id))).one()


@by_dialect
def _show(insert: Callable[..., Any]) -> Insert:
    shown = insert(WebMessage.__table__).on_conflict_do_nothing(index_elements=["outbox_id"])
    return shown.returning(WebMessage.__table__.c.id)  # type: ignore[no-any-return]


async def _add(db: AsyncSession, row: WebMessage) -> bool:
    """False: somebody else wrote the same one at the same moment (PostgreSQL: two may meet here)."""
    try:
        async with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return False
    return True


async def edit_sent(
    db: AsyncSession,
    *,
    peer: str,
    message_id: int,
    text: str,
    buttons: Sequence[Sequence[dict[str, str]]],
    now: datetime,
) -> bool:
    """Change a message of the bot's in place. False: it is not there (any more)."""
    theirs = (WebMessage.id == message_id, WebMessage.peer == peer, WebMessage.outbox_id.is_not(None))
    change = update(WebMessage).where(*theirs).values(text=text, buttons=list(buttons), edited_at=now)
    return (await db.scalar(change.returning(WebMessage.id))) is not None


async def last_messages(db: AsyncSession, peer: str, *, limit: int) -> list[WebMessage]:
    """The newest ``limit`` messages of a chat, oldest first."""
    newest = select(WebMessage).where(WebMessage.peer == peer).order_by(WebMessage.id.desc()).limit(limit)
    return list(await db.scalars(newest))[::-1]


async def missing_messages(db: AsyncSession, peer: str, ids: Collection[int]) -> list[WebMessage]:
    """Older messages of the same chat that newer ones answer: cards whose threads are still alive."""
    if not ids:
        return []
    wanted = (WebMessage.peer == peer, WebMessage.id.in_(sorted(ids)))
    return list(await db.scalars(select(WebMessage).where(*wanted).order_by(WebMessage.id)))


async def find_message(db: AsyncSession, peer: str, message_id: int) -> WebMessage | None:
    return await db.scalar(select(WebMessage).where(WebMessage.id == message_id, WebMessage.peer == peer))


async def unserved(db: AsyncSession, *, since: datetime, after: int, limit: int = 100) -> list[WebMessage]:
    """What was written or pressed ``since`` then and has had no effect yet: rows ``after`` this id, oldest first."""
    key = (ServedEvent.channel == CHANNEL, ServedEvent.event_id == WebMessage.event_id)
    served_at = select(ServedEvent.at).where(*key).scalar_subquery()  # asked by key: of EXISTS PostgreSQL makes a join
    number = WebMessage.id + literal_column("0")  # so that the rows are found by their time, not from the first on
    waiting = select(WebMessage).where(is_heard(), WebMessage.at >= since, served_at.is_(None))
    return list(await db.scalars(waiting.where(number > after).order_by(number).limit(limit)))


async def find_position(db: AsyncSession, peer: str) -> Position | None:
    """Where this visitor stands in their present conversation, if they have one."""
    theirs = (Identity.channel == CHANNEL, Identity.external_id == peer, Conversation.id == Identity.conversation_id)
    found: Any = await db.execute(
        select(Conversation.flow, Conversation.version, Conversation.step)
        .select_from(Identity)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(*theirs)
    )
    row = found.first()
    return Position(row.flow, row.version, row.step) if row else None

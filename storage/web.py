"""The web channel's «platform»: what its pages show, and what was written there and is not served yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Insert, bindparam, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import ask, by_dialect
from storage.partial import is_heard, word
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


class Said(NamedTuple):
    """A message of the bot's, as a page shows it. ``file``: {"kind", "digest", "name"}."""

    peer: str
    outbox_id: int
    text: str
    buttons: Sequence[Sequence[dict[str, str]]]
    reply_to: int | None = None
    file: dict[str, Any] | None = None


async def record_sent(db: AsyncSession, said: Sequence[Said], *, now: datetime) -> list[int]:
    """Show these messages, one below the other; their ids. Sent again, it is the same message."""
    ids: dict[int, int] = {}
    for has_file, some in groupby(said, key=lambda one: one.file is not None):
        together = list(some)
        lines = {f"{name}_{number}": value for number, one in enumerate(together) for name, value in _line(one)}
        show = _show(len(together), has_file)
        ids |= {row[1]: row[0] for row in await ask(db, show(db), {"at": now, **lines})}
    shown_before = [one.outbox_id for one in said if one.outbox_id not in ids]
    if shown_before:
        shown = WebMessage.__table__.c
        same = select(shown.id, shown.outbox_id).where(shown.outbox_id.in_(shown_before))
        ids |= {row[1]: row[0] for row in await db.execute(same)}
    return [ids[one.outbox_id] for one in said]


def _line(one: Said) -> Iterator[tuple[str, Any]]:
    """What differs from message to message; a column that is given None as a file would hold a null of JSON's."""
    return ((name, value) for name, value in one._asdict().items() if name != "file" or value is not None)


@cache
def _show(messages: int, has_file: bool) -> Callable[[AsyncSession], Insert]:
    """One statement for so many messages."""
    table = WebMessage.__table__
    names = [name for name in Said._fields if has_file or name != "file"]
    rows = [
        {name: bindparam(f"{name}_{number}", type_=table.c[name].type) for name in names}
        | {"author": word("bot"), "at": bindparam("at", type_=table.c.at.type)}
        for number in range(messages)
    ]

    @by_dialect
    def show(insert: Callable[..., Any]) -> Insert:
        shown = insert(table).values(rows).on_conflict_do_nothing(index_elements=["outbox_id"])
        return shown.returning(table.c.id, table.c.outbox_id)  # type: ignore[no-any-return]

    return show


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

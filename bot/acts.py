"""One act of delivery: made from a claimed row, and its outcome written back to the row."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, cast

from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarm
from bot.channels import (
    File,
    Forward,
    Halted,
    Moved,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    TryLater,
    Unknown,
    Unreachable,
)
from dialogs.capabilities import CHANNELS
from dialogs.effects import Button
from storage import outcomes
from storage.claimed import Claimed
from storage.claims import Claim

HARMLESS = frozenset({"vk", "web"})  # they know a repeat by the row's id
REPEAT = "↻ Повтор: неясно, дошло ли с первого раза.\n\n"
STAYED = "stayed"  # an ending that says nothing about the network
_TO_DESKS = frozenset({"card", "call", "note"})
_MUST_ARRIVE = {"card": "карточка", "call": "просьба ответить человеку"}


def outgoing(claim: Claim, *, now: datetime) -> Outgoing:
    """The row as the channel is asked to perform it."""
    row, body = claim.row, claim.row.body
    buttons = tuple([tuple([Button(**button) for button in line]) for line in body.get("buttons", ())])
    tried_at = row.first_tried_at if row.attempt > 1 else None
    return Outgoing(
        id=row.id,
        to=row.to,
        text=_marked(row),
        act=cast("Literal['say', 'edit']", row.act),
        buttons=buttons,
        asks_phone=body.get("asks_phone", False),
        asks_place=bool(body.get("asks_place")),
        drops_keyboard=body.get("drops_keyboard", False),
        reply_to=claim.reply_to,
        message_id=claim.message_id,
        file=File(**body["file"]) if body.get("file") else None,
        forward=Forward(**body["forward"]) if body.get("forward") else None,
        takes_back=bool(body.get("takes_back")),
        attempt=row.attempt,
        first_tried_ago=max(0.0, (now - tried_at).total_seconds()) if tried_at else 0.0,
    )


def is_repeat(row: Claimed) -> bool:
    """A second copy may appear: an unknown outcome where the channel does not know repeats (M13)."""
    return row.attempt > 1 and row.act == "say" and row.channel not in HARMLESS


def _marked(row: Claimed) -> str:
    """Managers are told that a card may be a second copy; a prospect is not bothered with it."""
    text: str = row.body["text"]
    fits = len((REPEAT + text).encode("utf-16-le")) // 2 <= CHANNELS[row.channel].text if is_repeat(row) else False
    return REPEAT + text if fits and row.role in _TO_DESKS else text


# ---------------------------------------------------------------- outcomes


class Ending(NamedTuple):
    """How an act ended, for the counters, and what follows for the channel. ``pause``: nothing to anybody for so many
    seconds. ``halted``: why nothing can be sent at all. ``moved``: the chat's new id. ``alarm``: kind and text."""

    name: str
    pause: float | None = None
    halted: str | None = None
    moved: str | None = None
    alarm: Alarm | None = None


async def write(db: AsyncSession, row: Claimed, outcome: Outcome | None, *, now: datetime) -> Ending:
    """Write the outcome to the row, and what else it changes in the database. None: the row did not leave."""
    match outcome:
        case None:
            await outcomes.later(db, row, seconds=0, now=now)
            return Ending(STAYED)
        case Sent(message_id):
            await outcomes.sent(db, row, message_id=message_id, now=now)
            return Ending("sent")
        case TryLater(seconds, everybody):
            await outcomes.later(db, row, seconds=seconds, now=now)
            return Ending("later", pause=seconds if everybody else None)
        case Halted(reason, seconds):
            await outcomes.later(db, row, seconds=0, now=now)
            return Ending("halted", pause=seconds, halted=reason)
        case Moved(chat):
            await outcomes.later(db, row, seconds=0, now=now)
            await outcomes.move(db, row.channel, old=row.to, new=chat)
            return Ending("moved", moved=chat, alarm=_moved(row, chat))
        case Unknown():
            again = await outcomes.unknown(db, row, harmless=row.channel in HARMLESS, now=now)
            return Ending("unknown") if again else Ending("given_up", alarm=uncertain(row))
        case Unreachable(reason, for_good):
            await outcomes.unreachable(db, row, reason=reason, for_good=for_good, now=now)
            return Ending("unreachable", alarm=_lost(row, "писать в этот чат нельзя"))
        case Refused(edit_gone=True) if row.act == "edit":
            await outcomes.send_anew(db, row)
            return Ending("sent_anew")
        case Refused(reason):
            await outcomes.refused(db, row, reason=reason, now=now)
            return Ending("refused", alarm=_lost(row, "её не приняли"))


def uncertain(row: Claimed) -> Alarm | None:
    """Of a row that is left at an unknown outcome: who must know."""
    return _lost(row, "неизвестно, дошла ли")


def _lost(row: Claimed, why: str) -> Alarm | None:
    """A lead without its card is never silent (I9). Names the lead by number only. A picture of a flow that a network
    does not take is its author's business."""
    if file := row.body.get("file"):
        title = CHANNELS[row.channel].title
        return f"lost_file:{row.channel}:{file['digest'][:8]}", (
            f"{title}: файл «{file['name']}» не показан ({why}). Люди видят текст без него; проверьте файл в сценарии."
        )
    if row.role not in _MUST_ARRIVE:
        return None
    what = _MUST_ARRIVE[row.role] + (f" лида №{row.lead_id}" if row.lead_id else "")
    title = CHANNELS[row.channel].title
    return f"lost_card:{row.channel}:{row.lead_id}", f"{title}: не доставлена {what} ({why}). Проверьте чат менеджеров."


def _moved(row: Claimed, chat: str) -> tuple[str, str]:
    name = f"{row.channel.upper()}_MANAGERS_CHAT"
    return f"moved:{row.channel}", (
        f"Чат {row.to} получил новый номер: {chat}. Сообщения уже идут туда; впишите новый номер в {name}."
    )

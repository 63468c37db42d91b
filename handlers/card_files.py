"""What people sent, shown to managers: their own message, copied under the card by the network. Never downloaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialogs.capabilities import CHANNELS
from dialogs.cleaning import shown
from handlers.inbound import Thing
from handlers.work import Desk, Work
from storage.answer_files import mark_shown, not_shown
from storage.outbox import promise
from storage.tables import AnswerFile, Outbox

ELSEWHERE = "📎 {what}: посмотрите в переписке с клиентом, {channel}."


async def show_files(work: Work, cards: Mapping[int, tuple[Mapping[Desk, Outbox], Mapping[str, str]]]) -> None:
    """Under each lead's cards (by lead: the card in each desk, and the labels of its answers) what is new there."""
    files = await not_shown(work.db, list(cards))
    for lead_id, (by_desk, labels) in cards.items():
        mine = [one for one in files if one.lead_id == lead_id]
        for desk, card in by_desk.items():
            _show(work, desk, card, mine, labels)
    await mark_shown(work.db, files, now=work.now)


def _show(work: Work, desk: Desk, card: Outbox, files: Sequence[AnswerFile], labels: Mapping[str, str]) -> None:
    for one in files:
        if one.channel == desk.channel:
            forward = Thing(one.message_id, chat=one.chat)
            said = f"Заявка №{one.lead_id} · {shown(labels.get(one.step, ''), 60)}: {shown(one.shown, 120)}"
            under(work, card, said, forward)
    elsewhere = [one for one in files if one.channel != desk.channel]
    if elsewhere:
        what = ", ".join(dict.fromkeys(shown(labels.get(one.step, one.shown), 60) for one in elsewhere))
        under(work, card, ELSEWHERE.format(what=what, channel=CHANNELS[elsewhere[0].channel].title), None)


def under(work: Work, card: Outbox, text: str, thing: Thing | None) -> None:
    """One thing under a card; the words are for a network that cannot show it."""
    promise(
        work.db, now=work.now, channel=card.channel, to=card.to, role="note",
        text=text if thing is None else f"📎 {text}", reply_to_id=card.id,
        lead_id=card.lead_id, conversation_id=card.conversation_id, things=forwarding(thing),
    )  # fmt: skip


def forwarding(thing: Thing | None) -> dict[str, dict[str, str]] | None:
    """As a row of the outbox keeps it."""
    return {"forward": {"chat": thing.chat, "message_id": thing.message_id}} if thing else None

"""A manager's reply to a card goes to the prospect through the bot; nothing else said in the chat does (M8).

What cannot be passed on is refused as a whole with its reason, under the card: never half-sent, never in silence (M9).
"""

from __future__ import annotations

from datetime import datetime

from dialogs.cleaning import clean, shown, units
from dialogs.tongues import in_language
from handlers import cards
from handlers.inbound import Attachment, Inbound, Text
from handlers.person import say
from handlers.work import Desk, Work
from storage import follow_ups, leads
from storage.consents import standing
from storage.outbox import find_by_message
from storage.tables import Conversation, Identity, Lead, Manager, Outbox

ANSWERABLE = frozenset({"card", "call", "relay", "note"})
LONGEST = 4000
ONLY_MANAGERS = "⛔ Отвечать клиентам могут только менеджеры из списка. Клиенту ничего не отправлено."
ONLY_TEXT = "⛔ Пока я передаю только текст. Клиенту ничего не отправлено."
TOO_LONG = "⛔ Слишком длинно: {n} из 4000 знаков. Клиенту ничего не отправлено, сократите или разбейте на части."
NO_WORDS = "⛔ В ответе нет слов. Клиенту ничего не отправлено."
ERASED = "⛔ Клиент удалил свои данные: ответить некому. Ничего не отправлено."
WITHDREW = "⛔ Клиент отозвал согласие на обработку данных. Ответ не отправлен."
UNREACHABLE = "⛔ Клиент закрыл нам сообщения. Ответ не отправлен, попробуйте другой способ связи."


async def hear(work: Work, inbound: Inbound, desk: Desk, message_id: str, manager: Manager | None) -> None:
    """A reply to some message of the chat; only those to cards, calls and what is under them are ours."""
    row = await find_by_message(work.db, channel=desk.channel, to=desk.chat, message_id=message_id)
    if row is None or row.role not in ANSWERABLE:
        return
    if manager is None:
        work.counts["refused_reply"] += 1
        cards.note_under(work, row, ONLY_MANAGERS)
        return
    conversation = await work.db.get(Conversation, row.conversation_id) if row.conversation_id else None
    identity = await work.db.get(Identity, conversation.identity_id) if conversation else None
    problem = _unsendable(inbound) or await _unreachable(work, conversation, identity)
    if problem or conversation is None or identity is None:
        work.counts["replies_refused"] += 1
        cards.note_under(work, row, problem or ERASED)
        return
    assert isinstance(inbound.heard, Text)
    lead = await _lead(work, row, conversation)
    _pass_on(work, identity, conversation, lead, inbound.heard.text)
    identity.conversation_id = conversation.id  # where they are spoken to is where their answer belongs
    await _answered(work, conversation, lead, manager, desk.channel)


def _unsendable(inbound: Inbound) -> str | None:
    """Why these words cannot be passed on."""
    if isinstance(inbound.heard, Attachment):
        return ONLY_TEXT
    assert isinstance(inbound.heard, Text)
    length = units(inbound.heard.text)
    if length > LONGEST:
        return TOO_LONG.format(n=length)
    return None if clean(inbound.heard.text) else NO_WORDS


async def _unreachable(work: Work, conversation: Conversation | None, identity: Identity | None) -> str | None:
    """Why this person cannot be answered."""
    if conversation is None or identity is None:
        return ERASED
    if not identity.reachable:
        return UNREACHABLE
    withdrawn_at = await _withdrawn_at(work, identity)
    asked = conversation.person_asked_at
    if withdrawn_at and not (asked and asked > withdrawn_at):
        return WITHDREW  # unless they asked for a person after that
    return None


async def _withdrawn_at(work: Work, identity: Identity) -> datetime | None:
    ended = [one for one in await standing(work.db, [identity.pseudonym]) if one.act == "withdrawn"]
    return next((one.at for one in ended if one.purpose == "personal_data"), None)


async def _lead(work: Work, row: Outbox, conversation: Conversation) -> Lead | None:
    lead_id = row.lead_id or conversation.lead_id
    return await leads.find_lead(work.db, lead_id) if lead_id else None


def _pass_on(work: Work, identity: Identity, conversation: Conversation, lead: Lead | None, text: str) -> None:
    who = in_language(shown(work.library.live.business.managers_shown_as, 60), identity.language)
    signed = f"{who[:1].upper()}{who[1:]}: {clean(text)}"
    lead_id = lead.id if lead else None
    say(work, identity, signed, role="reply", conversation_id=conversation.id, lead_id=lead_id, verbatim=True)
    work.counts["replies"] += 1


async def _answered(work: Work, conversation: Conversation, lead: Lead | None, manager: Manager, channel: str) -> None:
    """A human has the word now; whoever answers an application nobody took has taken it."""
    await _has_the_word(work, conversation)
    if lead is not None:
        await _takes(work, lead, manager, channel)
    await cards.refresh_conversation(work, conversation)
    if lead is not None and lead.id != conversation.lead_id:
        await cards.refresh(work, lead)


async def _takes(work: Work, lead: Lead, manager: Manager, channel: str) -> None:
    leads.record_event(work.db, lead_id=lead.id, what="answered", now=work.now, manager_id=manager.id, channel=channel)
    untaken = lead.status in ("application", "cold")
    if untaken and await leads.move(work.db, lead, "taken", now=work.now, manager_id=manager.id, channel=channel):
        work.counts["taken"] += 1


async def _has_the_word(work: Work, conversation: Conversation) -> None:
    conversation.person_asked_at = None
    conversation.person_until = work.now + work.library.live.business.person_returns_after
    follow_ups.cancel(work.db, conversation_id=conversation.id, reason="person")


async def stepped_in(work: Work, identity: Identity, conversation: Conversation) -> None:
    """A human answered from the network's own inbox (P57): the bot is silent there until the word is given back."""
    await _has_the_word(work, conversation)
    if conversation.lead_id:
        told = {"via": "inbox"}
        leads.record_event(
            work.db, lead_id=conversation.lead_id, what="answered", detail=told, channel=identity.channel, now=work.now
        )
    await cards.refresh_conversation(work, conversation)

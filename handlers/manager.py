"""What happens in a managers' chat: presses on cards, replies to them, commands. Ordinary talk does nothing (M8).

Being in the chat gives no right: every press and reply is checked against the team as it is at that moment (M1, M2).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import admin, cards, lead_actions, manager_reply
from handlers.inbound import Attachment, Inbound, Notice, Press, Text
from handlers.lead_actions import Pressed
from handlers.manager_reply import stepped_in
from handlers.with_person import bot_returns
from handlers.work import Desk, Work
from storage import leads, managers
from storage.lead_facts import dialogs_of
from storage.tables import Conversation, Identity, Manager

REFUSED = "Эти кнопки — только для менеджеров из списка. Попросите администратора пригласить вас."
GONE = "Этой заявки больше нет."
OLD = "Эта кнопка больше не действует."
GAVE_BACK = "Бот снова отвечает клиенту."
HAS_IT = "Бот и так отвечает клиенту."

ACTIONS: dict[str, Callable[[Work, Pressed], Awaitable[str]]] = {
    "take": lead_actions.take,
    "reached": lead_actions.called,
    "no_answer": lead_actions.called,
    "wrong_person": lead_actions.called,
    "no_such_number": lead_actions.called,
    "won": lead_actions.close,
    "lost": lead_actions.close,
    "junk": lead_actions.close,
    "back": lead_actions.back,
    "undo": lead_actions.undo,
    "whole": lead_actions.whole,
}


async def hear(work: Work, inbound: Inbound, desk: Desk) -> None:
    """One event of a managers' chat."""
    match inbound.heard:
        case Press() as press if press.key.startswith(admin.KEYS):
            await admin.press(work, inbound)
        case Press() as press:
            text = await _press(work, inbound, press, desk)
            if press.query is not None:
                work.notices.append(Notice(inbound.channel, press.query, inbound.sender, inbound.chat, text))
        case Text(text, None) if text.startswith("/"):
            await admin.hear(work, inbound)
        case Text(_, str(message_id)) | Attachment(_, _, str(message_id)):
            await manager_reply.hear(work, inbound, desk, message_id, await rights(work, inbound))


async def rights(work: Work, inbound: Inbound) -> Manager | None:
    """Who this is, if they may act on leads: of the team, of ``ADMINS``, or at the private desk."""
    who = {"channel": inbound.channel, "external_id": inbound.sender}
    if found := await managers.find_manager(work.db, **who):
        return found
    if admin.may(work, inbound):
        name = admin.name_of(inbound) or ("Менеджер" if admin.at_private_desk(inbound) else "Администратор")
        return await managers.record_guest(work.db, **who, name=name, now=work.now)
    return None


async def _press(work: Work, inbound: Inbound, press: Press, desk: Desk) -> str:
    """The line that ends the spinner."""
    target, _, rest = press.key.removeprefix("#").partition(".")
    action, _, argument = rest.partition(".")
    who = await rights(work, inbound)
    if who is None:
        return await _refuse(work, inbound, target)
    if target.startswith("c"):
        return await _press_on_call(work, target[1:], action)
    lead = await leads.find_lead(work.db, int(target)) if _is_id(target) else None
    if lead is None:
        work.counts["stale_press"] += 1
        return GONE
    if lead.contact_id is None:
        await cards.refresh(work, lead, anew=True)
        return GONE
    if action == "bot":
        given = [
            await give_back(work, one, identity) for one, identity in (await dialogs_of(work.db, [lead.id]))[lead.id]
        ]
        await cards.refresh(work, lead, anew=not any(given))
        return GAVE_BACK if any(given) else HAS_IT
    if action not in ACTIONS:
        work.counts["stale_press"] += 1
        return OLD
    work.counts["manager_presses"] += 1
    return await ACTIONS[action](work, Pressed(lead, who, desk, press.message_id, action, argument))


async def _refuse(work: Work, inbound: Inbound, target: str) -> str:
    """A press by somebody not on the list: said, counted, recorded without who it was (M1)."""
    work.counts["refused_press"] += 1
    if _is_id(target) and await leads.find_lead(work.db, int(target)):
        leads.record_event(work.db, lead_id=int(target), what="refused", channel=inbound.channel, now=work.now)
    return REFUSED


async def _press_on_call(work: Work, target: str, action: str) -> str:
    conversation = await work.db.get(Conversation, int(target)) if _is_id(target) else None
    identity = await work.db.get(Identity, conversation.identity_id) if conversation else None
    if conversation is None or identity is None:
        work.counts["stale_press"] += 1
        return GONE
    given = action == "bot" and await give_back(work, conversation, identity)
    await cards.refresh_conversation(work, conversation)
    return GAVE_BACK if given else HAS_IT


async def give_back(work: Work, conversation: Conversation, identity: Identity) -> bool:
    """«Вернуть боту»; False when the bot has the word already."""
    if not conversation.with_person(work.now):
        return False
    await bot_returns(work, identity, conversation)
    return True


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


__all__ = ["hear", "rights", "stepped_in"]

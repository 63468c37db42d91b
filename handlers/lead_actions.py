"""What a manager's press does to a lead. Each action answers with the line that ends the spinner (at most 90 letters).

Every change is one guarded move: the second to press is told who was first (M5), and the card is drawn as things are,
whatever was pressed (M6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dialogs.cleaning import shown
from handlers import cards
from handlers.card_buttons import digest, reasons_for
from handlers.card_facts import UNDO_WITHIN, Facts, gather
from handlers.card_text import at_time, status, write
from handlers.card_text import whole as whole_text
from handlers.work import Desk, Work
from storage import follow_ups, leads
from storage.card_rows import notes_since
from storage.lead_facts import dialogs_of, points_of
from storage.outbox import cancel
from storage.tables import Lead, Manager, Outbox

WHOLE = "Заявка №{id} целиком:\n"
WHY = {"lost": "Почему отказ? Выберите причину:", "junk": "Почему это мусор? Выберите причину:"}
VERIFIES = {"reached": "call", "wrong_person": "wrong_person", "no_such_number": "no_such_number"}
TOLD = {
    "reached": "Отметил: дозвонились.",
    "no_answer": "Отметил: не ответил.",
    "wrong_person": "Отметил: не тот человек.",
    "no_such_number": "Отметил: нет такого номера.",
    "won": "Сделка! Отменить можно в течение минуты.",
    "lost": "Закрыто как отказ. Отменить можно в течение минуты.",
    "junk": "Закрыто как мусор. Отменить можно в течение минуты.",
}
NOT_YET = "Это ещё не заявка: человек не оставил контактов."
TAKE_FIRST = "Сначала возьмите заявку."


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press by somebody who may. ``argument``: a reason's digest."""

    lead: Lead
    manager: Manager
    desk: Desk
    message_id: str | None
    action: str
    argument: str


async def take(work: Work, pressed: Pressed) -> str:
    """«Беру»."""
    lead, who = pressed.lead, pressed.manager
    first = await leads.move(work.db, lead, "taken", now=work.now, manager_id=who.id, channel=pressed.desk.channel)
    await cards.refresh(work, lead, anew=not first)
    if first:
        work.counts["taken"] += 1
        return f"Заявка №{lead.id} ваша."
    if lead.status in ("taken", "in_work"):
        return "Вы уже взяли эту заявку." if lead.manager_id == who.id else await _taken_by(work, lead)
    return NOT_YET if lead.status == "new" else await _closed(work, lead)


async def _taken_by(work: Work, lead: Lead) -> str:
    facts = await gather(work, lead)
    when = f" в {at_time(lead.taken_at, facts.zone, work.now)}" if lead.taken_at else ""
    return f"Уже взял(а) {shown(facts.who(lead.manager_id), 40)}{when}."


async def _closed(work: Work, lead: Lead) -> str:
    return shown(f"Заявка уже закрыта: {status(await gather(work, lead))}", 90)


async def called(work: Work, pressed: Pressed) -> str:
    """The result of a call: an event, and what it says about the number (D4)."""
    lead, result = pressed.lead, pressed.action
    if lead.status not in ("taken", "in_work"):
        await cards.refresh(work, lead, anew=True)
        return TAKE_FIRST if lead.status in leads.OPEN else await _closed(work, lead)
    detail = {"points": await _check_phone(work, lead, VERIFIES.get(result))}
    by, where = pressed.manager.id, pressed.desk.channel
    if result != "reached" or not await leads.move(
        work.db, lead, "in_work", what=result, detail=detail, now=work.now, manager_id=by, channel=where
    ):
        kept = {"from": lead.status, "to": lead.status, **detail}
        leads.record_event(
            work.db, lead_id=lead.id, what=result, detail=kept, now=work.now, manager_id=by, channel=where
        )
    await cards.refresh(work, lead)
    return TOLD[result]


async def _check_phone(work: Work, lead: Lead, verified: str | None) -> dict[str, str | None]:
    """Set how the newest phone was checked; what it was before, by id."""
    known = await points_of(work.db, [lead.contact_id]) if lead.contact_id and verified else {}
    phone = next((point for point in known.get(lead.contact_id or 0, ()) if point.kind == "phone"), None)
    if phone is None:
        return {}
    before, phone.verified, phone.verified_at = phone.verified, verified, work.now
    return {str(phone.id): before}


async def close(work: Work, pressed: Pressed) -> str:
    """Won at once; lost and junk ask for the business's reason first, in the same card."""
    lead, outcome = pressed.lead, pressed.action
    if outcome not in leads.MOVES[lead.status]:
        await cards.refresh(work, lead, anew=True)
        return NOT_YET if lead.status == "new" else await _closed(work, lead)
    reason = None
    if outcome in WHY:
        reasons: Sequence[str] = getattr(work.library.live.business.reasons, outcome)
        reason = next((one for one in reasons if digest(one) == pressed.argument), None)
        if reason is None:
            return await _ask_reason(work, pressed, reasons)
    done = await leads.move(
        work.db, lead, outcome, now=work.now, manager_id=pressed.manager.id, reason=reason,
        channel=pressed.desk.channel,
    )  # fmt: skip
    if done:
        work.counts[outcome] += 1
        await _silence(work, lead)
    await cards.refresh(work, lead, anew=not done)
    return TOLD[outcome] if done else await _closed(work, lead)


async def _ask_reason(work: Work, pressed: Pressed, reasons: Sequence[str]) -> str:
    facts = await gather(work, pressed.lead)
    row = await _row(work, pressed, facts)
    if row is not None:
        text = f"{write(facts).text}\n\n{WHY[pressed.action]}"
        buttons = reasons_for(pressed.lead.id, pressed.action, reasons)
        await cards.redraw(work, row, text, buttons, lead_id=pressed.lead.id, anew=True)
    return "Список причин изменился, выберите ещё раз." if pressed.argument else ""


async def _row(work: Work, pressed: Pressed, facts: Facts) -> Outbox | None:
    return await cards.card_in(work, facts, pressed.desk, pressed.message_id)


async def _silence(work: Work, lead: Lead) -> None:
    """A closed lead is not reminded of anything any more (I7)."""
    for conversation, _ in (await dialogs_of(work.db, [lead.id]))[lead.id]:
        follow_ups.cancel(work.db, conversation_id=conversation.id, reason="closed")
        theirs = (Outbox.conversation_id == conversation.id, Outbox.unsolicited.is_(True))
        await cancel(work.db, *theirs, now=work.now, reason="closed")


async def back(work: Work, pressed: Pressed) -> str:
    """«Назад» from the reasons."""
    await cards.refresh(work, pressed.lead, anew=True)
    return ""


async def undo(work: Work, pressed: Pressed) -> str:
    """Take back one's own last action within a minute (M7)."""
    lead = pressed.lead
    facts = await gather(work, lead)
    answer = await _undo(work, pressed, facts)
    await cards.refresh(work, lead, anew=True)
    return answer


async def _undo(work: Work, pressed: Pressed, facts: Facts) -> str:
    last = facts.history[-1] if facts.history else None
    if last is None:
        return "Отменять нечего."
    if work.now - last.at > UNDO_WITHIN:
        return "Минута прошла, отменить уже нельзя."
    if last.manager_id != pressed.manager.id:
        return f"Последнее действие — {shown(facts.who(last.manager_id), 30)}: отменить может только автор."
    if not await leads.undo(work.db, pressed.lead, last, now=work.now, channel=pressed.desk.channel):
        return "Отменить не получилось: с заявкой уже что-то сделали."
    work.counts["undone"] += 1
    return "Отменил."


async def whole(work: Work, pressed: Pressed) -> str:
    """«Показать целиком»: what was cut, under the card."""
    facts = await gather(work, pressed.lead)
    row = await _row(work, pressed, facts)
    title = WHOLE.format(id=pressed.lead.id)
    if row is None or row.conversation_id is None:
        return ""
    just_now = work.now - timedelta(minutes=1)
    told = await notes_since(work.db, conversation_id=row.conversation_id, since=just_now)
    if any(text.startswith(title) for text in told):
        return "Уже показал ниже."
    for number, part in enumerate(whole_text(facts)):
        cards.note_under(work, row, part if number else title + part)
    return ""

"""How a card reads: plain text for a phone's screen, the prospect's words literal and harmless (P28-P31, M22).

Lengths are counted in UTF-16 units, as the networks count. Whatever happens to the answers, the contact and the offer
fit (M15).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

from dialogs.assessment import band
from dialogs.capabilities import CHANNELS
from dialogs.cleaning import clean, cut, shown, units
from dialogs.masking import defang, mask_documents
from dialogs.phones import pretty
from dialogs.tags import DIRECT
from dialogs.things import map_link
from dialogs.wording import day, money
from handlers.card_facts import CONTACTS, Facts
from storage.lead_facts import Answered
from storage.tables import ContactPoint, Lead

FIELD, CARD, PIECE, MOST_POINTS = 200, 3500, 3500, 3
HOW_TO_ANSWER = "Чтобы написать клиенту, нажмите «Ответить» на этой карточке."
ERASED = "🗑 Заявка №{id}: данные удалены по просьбе клиента."

KINDS = {"quick": "быстрый", "registration": "регистрация", "promo": "промо", "interested": "заинтересованный"}
VERIFIED = {
    "own_contact": "подтверждён мессенджером",
    "call": "дозвонились",
    "wrong_person": "не тот человек",
    "no_such_number": "нет такого номера",
}
CALLED = {
    "reached": "дозвонились",
    "no_answer": "не ответил",
    "wrong_person": "не тот человек",
    "no_such_number": "нет такого номера",
}
LIGHTS = {"application": "🟢", "taken": "🟡", "in_work": "🟠", "won": "✅", "lost": "⚪", "junk": "🗑", "cold": "💤"}
PROFILES = {"vk": "https://vk.com/id{}"}


@dataclass(frozen=True, slots=True)
class Written:
    """``short``: something was cut, the rest can be asked for."""

    text: str
    short: bool


def write(facts: Facts) -> Written:
    """The card as it reads now, at most ``CARD`` units."""
    if facts.erased:
        return Written(ERASED.format(id=facts.lead.id), short=False)
    head, tail = list(_head(facts)), list(_tail(facts))
    room = CARD - units("\n".join([*head, *tail])) - 40
    answers, short = _answers(facts, room)
    return Written("\n".join([*head, *answers, *tail]), short)


def whole(facts: Facts) -> list[str]:
    """Every answer at full length, in messages that fit."""
    return pieces("\n".join(f"— {_label(one)}: {said(one.shown)}" for one in _asked(facts)))


def answer_lines(text: str) -> list[str]:
    """The lines of a written card that carry what the prospect told: contacts and answers."""
    return [line for line in text.splitlines() if line.startswith(("👤", "📞", "✉️", "— "))]


# ---------------------------------------------------------------- parts


def _head(facts: Facts) -> Iterator[str]:
    lead = facts.lead
    yield headline(facts)
    if facts.asked_at and lead.status != "new":
        asks = "Передан вам по правилу сценария, бот молчит: ждёт ответа" if facts.handed_over else "Просит человека"
        yield f"🙋 {asks} с {at_time(facts.asked_at, facts.zone, facts.now)}"
    elif facts.with_person and not facts.asked_at:
        yield "💬 С клиентом говорит человек, бот молчит"
    if facts.name:
        yield f"👤 {said(facts.name, 100)}"
    for point in facts.points[:MOST_POINTS]:
        yield _point(point)
    if len(facts.points) > MOST_POINTS:
        yield f"… и ещё контактов: {len(facts.points) - MOST_POINTS}"
    if lead.kind in KINDS:
        yield f"🔎 Контакт: {KINDS[lead.kind]}"
    if lead.score or lead.reasons:
        reasons = cut(" · ".join(_authored(str(one), 80) for one in lead.reasons), 400)
        warmth = band(facts.bands, lead.score)
        yield f"⭐ {lead.score} из 100" + (f", {warmth}" if warmth else "") + (f": {reasons}" if reasons else "")
    if lead.worth:
        yield f"💰 ≈ {money(lead.worth)}"
    if lead.tags:
        yield f"🏷 {cut(', '.join(_authored(str(one), 40) for one in lead.tags), 200)}"


def _tail(facts: Facts) -> Iterator[str]:
    lead = facts.lead
    channels = dict.fromkeys([lead.channel, *(identity.channel for _, identity in facts.dialogs)])
    titles = ", ".join(CHANNELS[one].title if one in CHANNELS else one for one in channels)
    came = came_from(lead.source, lead.campaign)
    yield f"📍 Источник: {came} · {titles}"
    if spoken := next((identity.language for _, identity in facts.dialogs if identity.language), ""):
        yield f"🌐 Язык: {Locale.parse('ru').languages.get(spoken, spoken)}"
    yield from _profiles(facts)
    if facts.offer:
        yield _offer(facts)
    if facts.former:
        yield f"↩️ Обращались раньше: заявка №{facts.former.id} — {_outcome(facts.former)}"
    for flag in facts.flags[:5]:
        yield f"⚠️ {flag}"
    if facts.calls:
        told = (f"{CALLED[one.what]} {at_time(one.at, facts.zone, facts.now)}" for one in facts.calls[-4:])
        yield f"☎️ Звонки: {', '.join(told)}"
    if lead.status == "application":
        yield f"Статус: {status(facts)}"  # of any other status the first line tells
    if lead.closed_at is None:
        yield _way_back(facts)


def came_from(source: str | None, campaign: str | None) -> str:
    """«vk_ads / spring»; who came without a link's tag, came by themselves."""
    named = " / ".join(said(part, 64) for part in (source, campaign) if part and part != DIRECT)
    return named or "без метки"


def _way_back(facts: Facts) -> str:
    gone = [identity for _, identity in facts.dialogs if not identity.reachable]
    if facts.dialogs and len(gone) == len(facts.dialogs):
        for_good = any(
            "good" in (one.unreachable_reason or "") or "gone" in (one.unreachable_reason or "") for one in gone
        )
        return "🚫 Написать нельзя: " + ("аккаунт удалён" if for_good else "клиент закрыл нам сообщения")
    return HOW_TO_ANSWER


def headline(facts: Facts) -> str:
    """The first line: all that a notification shows."""
    lead, title = facts.lead, _authored(facts.title, 80)
    if lead.status == "new":
        asks = f"🙋 Просит человека · {title}"
        return asks if facts.asked_at else f"⚪ Контакт №{lead.id} · {title} · ещё не заявка"
    if lead.status == "application":
        return f"🟢 Новая заявка №{lead.id} · {title}"
    return f"{LIGHTS[lead.status]} Заявка №{lead.id} · {title} · {status(facts)}"


def status(facts: Facts) -> str:
    """Who has it since when, or how it ended."""
    lead = facts.lead
    taken = f"{facts.who(lead.manager_id)} {_when(facts, lead.taken_at)}".strip()
    match lead.status:
        case "new":
            return "ещё не заявка"
        case "application":
            return "ждёт менеджера"
        case "cold":
            return "человек замолчал"
        case "taken":
            return f"взял(а) {taken}"
        case "in_work":
            return f"в работе, {taken}"
    closed = next((one for one in reversed(facts.history) if one.what == lead.status), None)
    by = f" — {facts.who(closed.manager_id)}" if closed else ""
    return f"{_outcome(lead)}{by} {_when(facts, lead.closed_at)}".strip()


def _outcome(lead: Lead) -> str:
    words = {"won": "сделка", "lost": "отказ", "junk": "мусор"}.get(lead.status, "не закрыта")
    return f"{words}: {shown(lead.reason, 60)}" if lead.reason else words


def _point(point: ContactPoint) -> str:
    if point.kind == "phone":
        return f"📞 {said(pretty(point.value), 64)} — {VERIFIED.get(point.verified or '', 'вписан вручную')}"
    return f"✉️ {said(point.value, 254)} — {VERIFIED.get(point.verified or '', 'вписана вручную')}"


def _profiles(facts: Facts) -> Iterator[str]:
    for _, identity in facts.dialogs:
        if identity.channel in PROFILES and identity.external_id.isdigit():
            yield f"🔗 {PROFILES[identity.channel].format(identity.external_id)}"


def _offer(facts: Facts) -> str:
    offer, code = facts.offer, facts.code
    assert offer is not None
    line = f"🎁 {_authored(offer.title, 160)}"
    if offer.price:
        line += f" ({_authored(offer.price, 60)})"
    if code is None:
        over = facts.lead.applied_at and offer.ended(facts.lead.applied_at, facts.zone)
        if offer.kind != "promo_code":
            return f"{line}: предложение закончилось" if over else line
        return f"{line}: кода нет, {'предложение закончилось' if over else 'промокоды закончились'}"
    until = f" до {day(code.valid_until.astimezone(facts.zone))}" if code.valid_until else ""
    return f"{line}: код {code.code}{until}"


def _asked(facts: Facts) -> list[Answered]:
    return [answer for answer in facts.answers if answer.kind not in CONTACTS]


def _label(answer: Answered) -> str:
    return _authored(answer.label, 60)


def _answers(facts: Facts, room: int) -> tuple[list[str], bool]:
    """As many answers as fit, each cut visibly."""
    lines: list[str] = []
    short, asked = False, _asked(facts)
    for answer in asked:
        everything = said(answer.shown)
        kept = cut(everything, FIELD)
        line = f"— {_label(answer)}: {kept}"
        if answer.kind == "location" and (where := map_link(answer.value)):
            line += f" · {where}"
        room -= units(line) + 1
        if room < 0:
            return [*lines, f"… и ещё ответов: {len(asked) - len(lines)}"], True
        short = short or kept != everything
        lines.append(line)
    return lines, short


# ---------------------------------------------------------------- words and moments


@lru_cache(maxsize=1024)
def _authored(text: str, limit: int) -> str:
    """Words of a flow's author in one paragraph: they read the same on every card."""
    return shown(text, limit)


def said(text: str, limit: int = 4096) -> str:
    """A person's words in one paragraph, as typed, with nothing to click and no document's number."""
    return cut(defang(mask_documents(shown(text, 4096))), limit)


def speech(text: str) -> str:
    """The same for a message that is passed on: its lines stay."""
    return defang(mask_documents(clean(text)))


def pieces(text: str, size: int = PIECE) -> list[str]:
    """Parts of at most ``size`` units, parted at a blank if there is one near the end."""
    parts: list[str] = []
    while units(text) > size:
        part = cut(text, size, mark="")
        at = max(part.rfind("\n"), part.rfind(" "))
        part = part[:at] if at > len(part) * 2 // 3 else part
        parts.append(part.strip())
        text = text[len(part) :].lstrip()
    return [*parts, text] if text else parts


def at_time(when: datetime, zone: ZoneInfo, now: datetime) -> str:
    """«12:40»; on another day «3 декабря 12:40»."""
    here = when.astimezone(zone)
    return f"{here:%H:%M}" if here.date() == now.astimezone(zone).date() else f"{day(here)} {here:%H:%M}"


def _when(facts: Facts, when: datetime | None) -> str:
    return f"в {at_time(when, facts.zone, facts.now)}" if when else ""

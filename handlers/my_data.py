"""«Мои данные»: what we hold on the one who asks, at once and in full (L10)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs.capabilities import CHANNELS
from dialogs.conversation import Conversation as Position
from dialogs.flow import Flow
from dialogs.former import Kept
from dialogs.retelling import retold
from dialogs.tags import DIRECT, UNKNOWN
from dialogs.tongues import in_language, value_in_language
from handlers.person import say
from handlers.work import Work
from storage import consents
from storage.holdings import Holdings, holdings
from storage.leads import record_event
from storage.tables import Answer, Identity, Lead

NOTHING = (
    "Личных данных о вас мы не храним. Есть только номер вашего чата, чтобы отвечать, "
    "и место, на котором остановился разговор"
)
INTRODUCTION = "Вот что мы о вас храним. Всё это вы сообщили нам сами."
KINDS = {"name": "Имя", "phone": "Телефон", "email": "Почта"}
PURPOSES = {"personal_data": "на обработку персональных данных", "advertising": "на рекламные сообщения"}
ACTS = {"given": "дано", "refused": "не дано", "withdrawn": "отозвано"}
STATUSES = {
    "new": "вы начали отвечать", "application": "принята", "taken": "у менеджера", "in_work": "у менеджера",
    "cold": "ждёт вашего ответа", "won": "завершена", "lost": "закрыта", "junk": "закрыта",
}  # fmt: skip
WHY = "зачем"
HOW = "Удалить всё: напишите «удалите мои данные». Отозвать согласие: «отзываю согласие». Исправить: «менеджер»."
_TERMS = ("Цел", "Получател", "Срок", "Purpose", "Recipient", "Term")


async def my_data(work: Work, identity: Identity) -> None:
    """Tell the person. As many messages as it takes; the history of the lead keeps the answer's digest."""
    held = await holdings(work.db, identity)
    language = identity.language
    ours = [*_consents(work, held), *(await _terms(work, held) if held.contact else ()), HOW]
    theirs = _told(work, held, language) if held.contact else [in_language(_nothing_personal(held), language)]
    text = "\n\n".join([*filter(None, theirs), *(in_language(one, language) for one in ours)])
    for piece in pieces(text, CHANNELS[identity.channel].text):
        say(work, identity, piece, verbatim=True)
    if held.leads:
        digest = hashlib.sha256(text.encode()).hexdigest()
        record_event(work.db, lead_id=held.leads[-1].id, what="my_data", detail={"digest": digest}, now=work.now)
    work.counts["my_data"] += 1


def _nothing_personal(held: Holdings) -> str:
    chosen = any(Position.load(one.state).answers for one in held.conversations if one.state)
    return NOTHING + (" с вашими ответами на вопросы без личных данных." if chosen else ".")


def _told(work: Work, held: Holdings, language: str) -> Iterator[str]:
    """What they told us: their words stay, ours are in their language."""
    yield in_language(INTRODUCTION, language)
    yield "\n".join(_contact(held, language))
    yield from ("\n".join(_lead(work, held, lead, language)) for lead in held.leads)


def _contact(held: Holdings, language: str) -> Iterator[str]:
    if held.contact and held.contact.name:
        yield f"{value_in_language(KINDS['name'], language)}: {held.contact.name}"
    for point in held.points:
        yield f"{value_in_language(KINDS.get(point.kind, point.kind), language)}: {point.value}"
    for one in held.identities:
        yield in_language(f"{CHANNELS[one.channel].title}: чат {one.external_id}", language)


def _lead(work: Work, held: Holdings, lead: Lead, language: str) -> Iterator[str]:
    """The application with its answers, each with its purpose, and where the person came from."""
    flow = _flow(work, held, lead, language)
    title = f" «{flow.title.strip()}»" if flow else ""
    status = STATUSES.get(lead.status, lead.status)
    yield in_language(f"Заявка № {lead.id}{title} от {_day(lead.created_at, work)}: {status}.", language)
    order = list(flow.by_id) if flow else []
    answers = [one for one in held.answers if one.lead_id == lead.id]
    for answer in sorted(answers, key=lambda one: order.index(one.step) if one.step in order else len(order)):
        yield f"{_answer(flow, answer, language)}{_purpose(flow, answer, language)}"
    for code in (one for one in held.codes if one.lead_id == lead.id):
        until = f", действует до {_day(code.valid_until, work)}" if code.valid_until else ""
        yield in_language(f"Промокод: {code.code}{until}", language)
    if lead.source not in ("", DIRECT, UNKNOWN):
        came = f"Откуда вы пришли: {lead.source}{f', {lead.campaign}' if lead.campaign else ''}"
        yield in_language(came, language)


def _flow(work: Work, held: Holdings, lead: Lead, language: str) -> Flow | None:
    """The flow in the version the person went through, if it is still known which, and in their language."""
    pinned = (work.flows_at(one.version) for one in held.conversations if one.lead_id == lead.id)
    flows = next(filter(None, pinned), work.library.live)
    return flows.script(lead.flow, language).flow if lead.flow in flows.flows else None


def _answer(flow: Flow | None, answer: Answer, language: str) -> str:
    if flow is None:
        return f"{answer.label}: {answer.shown}"
    kept = Kept(answer.step, answer.kind, answer.value)
    return retold(flow, kept, answer.label, answer.shown, language)


def _purpose(flow: Flow | None, answer: Answer, language: str) -> str:
    step = flow.by_id.get(answer.step) if flow else None
    return f" ({value_in_language(WHY, language)}: {step.purpose.strip()})" if step and step.purpose else ""


def _consents(work: Work, held: Holdings) -> list[str]:
    lines = [
        f"Согласие {PURPOSES.get(one.purpose, one.purpose)}: {ACTS.get(one.act, one.act)} {_day(one.at, work, '%H:%M')}"
        for one in held.consents
    ]
    return ["\n".join(lines)] if lines else []


async def _terms(work: Work, held: Holdings) -> list[str]:
    """Purposes, recipients and term as the wording says that the person agreed to; the operator's name in any case."""
    business = work.library.live.business
    agreed = [one.digest for one in held.consents if one.act == "given" and one.purpose == "personal_data"]
    texts = await consents.wordings(work.db, [digest for digest in agreed if digest])
    named = [line.strip() for text in texts.values() for line in text.splitlines() if line.startswith(_TERMS)]
    operator = f"Оператор: {business.operator.name.strip()}, {business.operator.address.strip()}"
    return ["\n".join([*dict.fromkeys(named), operator, f"Политика: {business.policy}"])]


def _day(moment: datetime, work: Work, more: str = "") -> str:
    zone: ZoneInfo = work.library.live.business.zone
    return moment.astimezone(zone).strftime(f"%d.%m.%Y {more}".strip())


def pieces(text: str, most: int) -> list[str]:
    """Cut at line breaks, within lines only if need be: each piece has at most ``most`` UTF-16 units."""
    whole, piece = [], ""
    for part in (part for line in text.split("\n") for part in _parts(line, most)):
        longer = f"{piece}\n{part}" if piece else part
        if _length(longer) > most:
            whole.append(piece)
            longer = part
        piece = longer
    return [one.strip("\n") for one in (*whole, piece) if one.strip()]


def _parts(line: str, most: int) -> list[str]:
    half = most // 2  # a letter may be two units
    return [line] if _length(line) <= most else [line[at : at + half] for at in range(0, len(line), half)]


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2

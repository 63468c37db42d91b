"""For the operator: one person's file of consents, and their destruction (L4, L8, L14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.asked_about import NOBODY, Asked, asked_about
from bot.clock import SystemClock
from bot.library import Published
from handlers.my_data import ACTS, PURPOSES
from handlers.privacy import forget_held
from handlers.work import Library, Work
from storage import consents
from storage.database import Database
from storage.holdings import Holdings
from storage.tables import Consent, Erasure

SEVERAL = "По этому запросу у нас несколько человек: {leads}. Назовите одного: lead:НОМЕР."
DESTROYED = {
    "identities": "адресов в каналах", "contacts": "контактов", "contact_points": "телефонов и адресов почты",
    "conversations": "разговоров", "answers": "ответов", "messages": "сообщений", "pages": "сообщений на страницах",
    "follow_ups": "напоминаний", "parked": "отложенных событий", "leads_made_anonymous": "заявок обезличено",
    "codes_untied": "промокодов отвязано",
}  # fmt: skip
DEMANDED_BY = {"prospect": "по просьбе самого человека", "operator": "оператором"}

log = structlog.get_logger("leadbot.proof")


async def proof(database: Database, who: str, *, now: datetime | None = None) -> str:
    """The person's file: every consent, refusal, withdrawal and erasure, with the wordings whole. Works after an
    erasure by ``channel:id``. Raises LookupError, with a sentence for the operator, when there is nothing."""
    zone = await _zone(database)
    async with database.read() as db:
        asked = await asked_about(db, who)
        names = {name for held in asked.held for name in held.pseudonyms} | {asked.pseudonym or ""} - {""}
        rows = await consents.history(db, names)
        acts = (await db.scalars(select(Erasure).where(Erasure.pseudonym.in_(sorted(names))))).all()
        if not (asked.held or rows or acts):
            raise LookupError(NOBODY)
        texts = await consents.wordings(db, {row.digest for row in rows if row.digest})
    written = _Writing(zone)
    parts = [
        [f"Согласия одного человека: {who.strip()}", f"Составлено: {written.at(now or SystemClock().now())}"],
        *([*written.held(held)] for held in asked.held),
        [] if asked.held else ["Сейчас о человеке не хранится ничего, кроме этого журнала."],
        *([*written.consent(number, row)] for number, row in enumerate(rows, 1)),
        [] if rows else ["Согласий не спрашивали или на них не ответили."],
        *([*written.erasure(act)] for act in acts),
        *([f"Редакция {digest}:", "", text.strip()] for digest, text in sorted(texts.items())),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


async def _zone(database: Database) -> ZoneInfo:
    published = Published(database)
    return published.live.business.zone if await published.refresh() else ZoneInfo("Europe/Moscow")


class _Writing:
    """The file's paragraphs, in Russian, moments in UTC and in the business's own time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def at(self, moment: datetime) -> str:
        here = moment.astimezone(self._zone)
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({here:%d.%m.%Y %H:%M:%S}, {self._zone.key})"

    def held(self, held: Holdings) -> Iterator[str]:
        leads = ", ".join(f"№ {lead.id}" for lead in held.leads) or "нет"
        yield f"Контакт: {held.contact.id if held.contact else 'нет'}; заявки: {leads}"
        for one in held.identities:
            yield f"Адрес: {one.channel}:{one.external_id}, в журнале {one.pseudonym}"
            yield f"  впервые написал(а): {self.at(one.created_at)}"
            if one.stopped_at:
                yield f"  «стоп», незапрошенные сообщения прекращены: {self.at(one.stopped_at)}"

    def consent(self, number: int, row: Consent) -> Iterator[str]:
        yield f"{number}. Согласие {PURPOSES.get(row.purpose, row.purpose)}: {ACTS.get(row.act, row.act)}"
        yield f"   когда: {self.at(row.at)}"
        yield f"   канал: {row.channel}; событие: {row.event_id or '—'}; журнал: запись {row.id}, {row.pseudonym}"
        if row.act != "withdrawn":
            yield f"   показано сообщением: {row.shown_message_id or '—'} (исходящее {row.shown_outbox_id or '—'})"
        yield f"   редакция: {row.digest or '—'}"

    def erasure(self, act: Erasure) -> Iterator[str]:
        by = DEMANDED_BY.get(act.demanded_by, act.demanded_by)
        yield f"Данные уничтожены {by}: {self.at(act.at)}; акт {act.id}, {act.pseudonym}"
        yield f"   {_counted(act.destroyed)}"
        for left in act.left_over:
            yield f"   изменить уже нельзя: {left['channel']}, чат {left['chat']}, сообщение {left['message_id']}"


def _counted(destroyed: Mapping[str, object]) -> str:
    return "; ".join(f"{DESTROYED.get(name, name)}: {number}" for name, number in destroyed.items() if number)


# ---------------------------------------------------------------- forget


async def forget_contact(
    database: Database, who: str, *, library: Library | None = None, now: datetime | None = None
) -> str:
    """Destroy what is held on one person, as their own «удалите мои данные» would; tell what was destroyed.

    A running bot empties the cards on managers' screens. Raises LookupError, with a sentence, when it is nobody or
    several people.
    """
    if library is None:
        library = Published(database)
        await library.refresh()
    async with database.write() as db:
        await _locked(db, _only(await asked_about(db, who)))
        held = _only(await asked_about(db, who))
        work = Work(db=db, now=now or SystemClock().now(), library=library, desks=(), admins=frozenset())
        act = await forget_held(work, held, demanded_by="operator")
    await database.forget_deleted()
    log.info("forgotten", erasure=act.id, left_over=len(act.left_over))
    lines = [f"Удалено. {_counted(act.destroyed)}.", f"Акт об уничтожении: {act.id}."]
    if act.left_over:
        places = "; ".join(
            f"{one['channel']}, чат {one['chat']}, сообщение {one['message_id']}" for one in act.left_over
        )
        lines.append(f"Удалите сами, изменить эти сообщения уже нельзя: {places}.")
    return "\n".join(lines)


def _only(asked: Asked) -> Holdings:
    if not asked.held:
        raise LookupError(NOBODY)
    if len(asked.held) > 1:
        ids: Sequence[int] = [lead.id for held in asked.held for lead in held.leads]
        raise LookupError(SEVERAL.format(leads=", ".join(f"lead:{number}" for number in ids)))
    return asked.held[0]


async def _locked(db: AsyncSession, held: Holdings) -> None:
    """PostgreSQL: wait for what the running bot is writing about this person, and keep it waiting."""
    for one in held.identities:
        await db.refresh(one, with_for_update=True)

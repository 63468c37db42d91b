"""Leads as a table for Excel: CSV with «;», a BOM and no formulas (E1-E10).

Only people whose consent to personal data is in force are in it. A cell that a spreadsheet might run gets an
apostrophe in front, and so does one that begins with an apostrophe: ``plain`` takes it off again, nothing is lost.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.library import Published
from handlers.my_data import ACTS
from storage.consents import standing
from storage.crash import crash
from storage.database import Database
from storage.tables import Answer, Consent, Contact, ContactPoint, Identity, Lead, LeadEvent, Manager, PromoCode

COLUMNS = (
    "Заявка", "Создана", "Подана", "Закрыта", "Статус", "Причина", "Сценарий", "Канал", "Источник", "Кампания", "Имя",
    "Телефон", "Проверка телефона", "Почта", "Балл", "Почему", "Сумма", "Метки", "Варианты", "Предложение", "Промокод",
    "Ответы", "Менеджер", "Персональные данные", "Реклама",
)  # fmt: skip
AT_ONCE = 500
LONGEST = 32_000  # Excel's cell holds 32,767 letters
_ACTIVE = re.compile(r"[\s\"'«»“”„`]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|[\t\r\n]|'")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")

log = structlog.get_logger("leadbot.exports")


def safe(value: object) -> str:
    """What stands in the cell: text that no spreadsheet takes for a formula; control characters are left out, what
    is longer than a cell is cut with a word about it."""
    cell = _UNPRINTABLE.sub("", "" if value is None else str(value))
    if len(cell) > LONGEST:
        cell = f"{cell[:LONGEST]}… [ещё {len(cell) - LONGEST} знаков]"
    return f"'{cell}" if _ACTIVE.match(cell) else cell


def plain(cell: str) -> str:
    """The value that ``safe`` was given."""
    return cell.removeprefix("'")


async def export_leads(database: Database, path: Path) -> int:
    """Write the file, readable by its owner alone; how many leads. Until it is whole nothing stands under its name."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of an export that was killed
    try:
        with _opened(part) as file:
            written = await _write(database, file)
        crash("export written")
        os.replace(part, path)
        crash("export renamed")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    log.info("exported", leads=written)
    return written


def _opened(part: Path) -> IO[str]:
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "w", encoding="utf-8-sig", newline="")


async def _write(database: Database, file: IO[str]) -> int:
    published = Published(database)
    zone = published.live.business.zone if await published.refresh() else ZoneInfo("Europe/Moscow")
    table = csv.writer(file, delimiter=";", lineterminator="\r\n")
    table.writerow(COLUMNS)
    number = 0
    async with database.read() as db:
        await _one_moment(db)
        async for page in _pages(db):
            rows = await _rows(db, page, zone)
            table.writerows([safe(value) for value in row] for row in rows)
            number += len(rows)
    file.flush()
    os.fsync(file.fileno())
    return number


async def _one_moment(db: AsyncSession) -> None:
    """One picture for all statements to come (E7); SQLite's readers have it by themselves."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def _pages(db: AsyncSession) -> AsyncIterator[Sequence[Lead]]:
    """Leads that belong to somebody, a page at a time: memory does not grow with their number (E6)."""
    last = 0
    while True:
        query = select(Lead).where(Lead.contact_id.is_not(None), Lead.id > last).order_by(Lead.id).limit(AT_ONCE)
        page = (await db.scalars(query)).all()
        if not page:
            return
        yield page
        last = page[-1].id
        db.expunge_all()


async def _rows(db: AsyncSession, page: Sequence[Lead], zone: ZoneInfo) -> list[list[object]]:
    """The page's cells; people without a consent to personal data in force are left out (E8)."""
    contacts = {lead.contact_id for lead in page}
    agreed = await _consents(db, contacts)
    people = {one.id: one for one in await _all(db, Contact, Contact.id.in_(contacts))}
    points = _by(await _all(db, ContactPoint, ContactPoint.contact_id.in_(contacts)), "contact_id")
    ids = [lead.id for lead in page]
    answers = _by(await _all(db, Answer, Answer.lead_id.in_(ids)), "lead_id")
    met = _by(await _all(db, LeadEvent, (LeadEvent.lead_id.in_(ids)) & (LeadEvent.what == "variants")), "lead_id")
    codes = _by(await _all(db, PromoCode, PromoCode.lead_id.in_(ids)), "lead_id")
    managers = {one.id: one.name for one in await _all(db, Manager, Manager.id.in_({one.manager_id for one in page}))}
    rows = []
    for lead in page:
        assert lead.contact_id is not None
        consents = agreed.get(lead.contact_id, {})
        if "personal_data" not in consents or consents["personal_data"].act != "given":
            continue
        theirs = points.get(lead.contact_id, [])
        phone, mail = _newest(theirs, "phone"), _newest(theirs, "email")
        rows.append([
            lead.id, _at(lead.created_at, zone), _at(lead.applied_at, zone), _at(lead.closed_at, zone), lead.status,
            lead.reason, lead.flow, lead.channel, lead.source, lead.campaign, people[lead.contact_id].name,
            phone.value if phone else "", phone.verified if phone else "", mail.value if mail else "",
            lead.score, "; ".join(map(str, lead.reasons)), lead.worth or "", ", ".join(map(str, lead.tags)),
            _variants(met.get(lead.id, [])), lead.offer,
            ", ".join(code.code for code in codes.get(lead.id, [])), _answers(answers.get(lead.id, [])),
            managers.get(lead.manager_id, ""), _told(consents["personal_data"], zone),
            _told(consents.get("advertising"), zone),
        ])  # fmt: skip
    return rows


async def _all(db: AsyncSession, table: type[Any], which: Any) -> Sequence[Any]:
    return (await db.scalars(select(table).where(which))).all()


def _by(rows: Iterable[Any], name: str) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(getattr(row, name), []).append(row)
    return grouped


def _newest(points: Iterable[ContactPoint], kind: str) -> ContactPoint | None:
    return max((one for one in points if one.kind == kind), key=lambda one: one.id, default=None)


async def _consents(db: AsyncSession, contacts: Iterable[int | None]) -> dict[int, dict[str, Consent]]:
    """contact -> purpose -> the newest word. Of several addresses the strictest wins (L37)."""
    identities = await _all(db, Identity, Identity.contact_id.in_(set(contacts)))
    owner = {one.pseudonym: one.contact_id for one in identities}
    found: dict[int, dict[str, Consent]] = {}
    for row in await standing(db, owner):
        kept = found.setdefault(owner[row.pseudonym], {})
        if row.purpose not in kept or kept[row.purpose].act == "given":
            kept[row.purpose] = row
    return found


def _told(row: Consent | None, zone: ZoneInfo) -> str:
    return f"{ACTS.get(row.act, row.act)} {_at(row.at, zone)}" if row else ""


def _answers(answers: Iterable[Answer]) -> str:
    said = sorted(answers, key=lambda one: (one.answered_at, one.step))
    return "\n".join(f"{one.label}: {one.shown}" for one in said)


def _variants(events: Iterable[LeadEvent]) -> str:
    """«greeting: warm», the newest word of each."""
    met: dict[str, object] = {}
    for event in sorted(events, key=lambda one: one.id):
        met |= event.detail
    return ", ".join(f"{name}: {variant}" for name, variant in met.items())


def _at(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%d.%m.%Y %H:%M") if moment else ""

"""``/today``: what the day brought, in all and by source, readable on a phone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogs.tags import DIRECT
from dialogs.wording import day as spelled
from dialogs.wording import money
from handlers.card_text import said
from handlers.work import Work
from storage.today import STAGES, Day, count_day

TITLES = {
    "started": "Начали разговор",
    "consented": "Дали согласие",
    "application": "Заявки",
    "taken": "Взяты в работу",
    "won": "Сделки",
    "lost": "Отказы",
    "junk": "Мусор",
}
SHORT = {
    "started": "начали",
    "consented": "согласие",
    "application": "заявки",
    "taken": "взяты",
    "won": "сделки",
    "lost": "отказы",
    "junk": "мусор",
}
MOST_SOURCES = 20


async def day_text(work: Work) -> str:
    """The business's own day, from midnight to now."""
    since, until = day_of(work.now, work.library.live.business.zone)
    day = await count_day(work.db, since=since, until=until)
    title = f"📊 Сегодня, {spelled(since)}"
    if not day.by_source:
        return f"{title}\n\nПока никто не писал."
    return "\n".join([title, "", *_totals(day), "", "По источникам:", *_by_source(day)])


def day_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Midnight to midnight in this zone, around ``now``; a day may have 23 or 25 hours (T4)."""
    today = now.astimezone(zone).date()
    return datetime.combine(today, time(), zone), datetime.combine(today + timedelta(days=1), time(), zone)


def _totals(day: Day) -> list[str]:
    lines = [f"{TITLES[stage]}: {day.total(stage)}" for stage in STAGES]
    expected = sum(day.worth.values())
    return [*lines, f"Заявок на сумму: ≈ {money(expected)}"] if expected else lines


def _by_source(day: Day) -> list[str]:
    """Those with the most applications first."""

    def weight(source: str) -> tuple[int, int, str]:
        stages = day.by_source[source]
        return -stages.get("application", 0), -stages.get("started", 0), source

    ordered = sorted(day.by_source, key=weight)
    lines = [f"• {_named(source)}: {_stages(day.by_source[source])}" for source in ordered]
    rest = len(lines) - MOST_SOURCES
    return [*lines[:MOST_SOURCES], f"… и ещё источников: {rest}"] if rest > 0 else lines


def _named(source: str) -> str:
    return said(source, 40) if source not in ("", DIRECT) else "без метки"


def _stages(stages: dict[str, int]) -> str:
    return ", ".join(f"{SHORT[stage]} {stages[stage]}" for stage in STAGES if stages.get(stage))

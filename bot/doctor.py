"""``leadbot doctor``: one line a thing that has to be right, and what to do where it is not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from bot.settings import Settings
from storage import soundness
from storage.database import Database
from storage.tables import FlowVersion, ParkedEvent


@dataclass(frozen=True, slots=True)
class Finding:
    """``well``: True, False, or None for what is only told."""

    what: str
    well: bool | None
    told: str


async def examine(settings: Settings) -> list[Finding]:
    """Everything, also after something failed."""
    found = [_flows(settings)]
    found += [one async for one in _base(settings)]
    found += [one async for one in _telegram(settings)]
    found += [one async for one in _vk(settings)]
    found.append(_pages(settings))
    return found


def _flows(settings: Settings) -> Finding:
    from bot.publishing import StillChanging, check, read_folder

    if not settings.flows_dir.is_dir():
        return Finding("flows", False, f"no folder {settings.flows_dir}; set FLOWS_DIR")
    try:
        checked = check(read_folder(settings.flows_dir), today=datetime.now(UTC))
    except StillChanging as changing:
        return Finding("flows", False, str(changing))
    errors = sum(problem.level == "error" for problem in checked.problems)
    return Finding(
        "flows", checked.sound, "every file is sound" if checked.sound else f"{errors} errors: leadbot check"
    )


async def _base(settings: Settings) -> AsyncIterator[Finding]:
    from storage.schema import is_current

    database = Database(settings.database_url)
    if database.is_sqlite and not _exists(database.url.database):
        yield Finding("database", None, "none yet: the first run makes it")
        return
    try:
        if damage := await _damage(database):
            yield Finding("database file", False, f"damaged ({damage}): keep it aside and put your last backup back")
            return
        current = await is_current(database)
        kind = f"SQLite {sqlite3.sqlite_version}" if database.is_sqlite else "PostgreSQL"
        yield Finding(
            "database",
            True if current else None,
            kind if current else f"{kind}, not of this program's schema yet: run or migrate does it",
        )
        if database.is_sqlite:
            yield _reset_fault()
        if current:
            async with database.read() as db:
                version = await db.scalar(select(func.max(FlowVersion.id)))
                parked = await db.scalar(select(func.count()).select_from(ParkedEvent))
            yield Finding(
                "published", None, f"version {version}" if version else "nothing yet; run publishes by itself"
            )
            yield Finding("parked events", not parked, str(parked))
    except Exception as failed:
        yield Finding("database", False, f"does not answer ({type(failed).__name__}): look at DATABASE_URL")
    finally:
        await database.close()


async def _damage(database: Database) -> str | None:
    """The whole file, however long it takes; the start looks for two seconds only (R5)."""
    path = soundness.file_of(database)
    return await asyncio.to_thread(soundness.find_damage, path) if path else None


def _reset_fault() -> Finding:
    """R8. One bot is safe: its writes and checkpoints take turns. Commands beside it are other connections."""
    if not soundness.has_reset_fault():
        return Finding("log of SQLite", True, f"SQLite {sqlite3.sqlite_version} is without the WAL-reset fault")
    told = f"SQLite {sqlite3.sqlite_version} has the WAL-reset fault, harmless while the bot writes alone"
    return Finding("log of SQLite", None, f"{told}; 3.51.3 is without it")


def _exists(file: str | None) -> bool:
    return bool(file) and Path(str(file)).exists()


async def _telegram(settings: Settings) -> AsyncIterator[Finding]:
    if settings.telegram_token is None:
        yield Finding("telegram", None, "off: TELEGRAM_TOKEN is empty")
        return
    from bot.addresses import addresses

    async def name() -> str:
        return f"@{(await addresses(settings))['telegram_username']}"

    yield await _asked("telegram", name, "look at TELEGRAM_TOKEN, TELEGRAM_API_URL, TELEGRAM_PROXY")
    if settings.telegram_managers_chat is None:
        yield Finding("telegram managers' chat", None, "none: cards go to /desk; set TELEGRAM_MANAGERS_CHAT")


async def _vk(settings: Settings) -> AsyncIterator[Finding]:
    if settings.vk_token is None or settings.vk_group_id is None:
        yield Finding("vk", None, "off: VK_TOKEN is empty")
        return
    from bot.channels.vk import Vk

    async def nothing() -> str | None:
        return None

    channel = Vk(
        settings.vk_token.get_secret_value(), settings.vk_group_id, api_url=settings.vk_api_url, load_cursor=nothing
    )
    try:
        yield await _asked("vk", channel.rights, "look at VK_TOKEN, VK_GROUP_ID and the key's rights")
    finally:
        await channel.close()


async def _asked(what: str, question: Callable[[], Awaitable[str]], advice: str) -> Finding:
    try:
        return Finding(what, True, await question())
    except Exception as failed:
        told = str(failed) if isinstance(failed, ValueError | LookupError) else type(failed).__name__
        return Finding(what, False, f"{told}: {advice}")


def _pages(settings: Settings) -> Finding:
    guarded = "private ones behind a password" if settings.web_password else "private ones for this machine only"
    return Finding("pages", True, f"http://{settings.web_host}:{settings.web_port}, {guarded}")

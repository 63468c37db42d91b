"""Everything that runs in one process, wired by hand: channels, app, delivery, pulse, alarms, pages."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy.exc import SQLAlchemyError

from bot.alarms import Alarms
from bot.app import App
from bot.channels import Channel
from bot.clock import Clock, SystemClock
from bot.delivery import Delivery
from bot.departures import Departures
from bot.files import KeptFiles
from bot.flow_desk import FlowDesk
from bot.health import Health
from bot.hearing import Hearing
from bot.heart import Heart
from bot.language import sentence, told
from bot.library import Published
from bot.listening import Listening
from bot.metrics import Metrics
from bot.publishing import StillChanging, check, publish, read_folder
from bot.settings import Settings
from bot.slip import Slip
from handlers.work import Desk
from storage import intake, outcomes
from storage.consents import ensure_salt
from storage.crash import crash
from storage.database import Database
from storage.tables import Setting

if TYPE_CHECKING:
    from bot.server import Server

log = logging.getLogger("leadbot.process")


class CannotStart(Exception):
    """The text is for the operator."""


class House:
    """Everything that runs, wired by hand."""

    def __init__(
        self, settings: Settings, database: Database, library: Published, keep: dict[str, str], clock: Clock
    ) -> None:
        self.settings, self.database, self.library = settings, database, library
        self.clock, self.metrics = clock, Metrics()
        self._web_secret = keep["web_secret"]
        self._server: Server | None = None
        self._pages: asyncio.Task[None] | None = None
        desks = _desks(settings)
        admins = settings.admins
        addresses = [(desk.channel, desk.chat) for desk in desks]
        self.alarms = Alarms(database, self.clock, admins=sorted(admins), desks=addresses, metrics=self.metrics)
        self.hearing = Hearing(
            database, self.clock, metrics=self.metrics, report=self.alarms.raise_, moment=self._moment
        )
        self.files = KeptFiles(database)
        self.channels = self._make_channels(keep["salt"])
        self.slip, self.departures = Slip.beside(database), Departures.beside(database)
        self.delivery = Delivery(
            database, self.channels, self.clock, rates=settings.rates, alarms=self.alarms, metrics=self.metrics,
            departures=self.departures,
        )  # fmt: skip
        self.flow_desk = FlowDesk(
            database, self.clock, settings.flows_dir, library=library, refresh=self._refresh, wake=self.delivery.wake
        )
        self.app = App(
            database=database,
            library=library,
            channels=self.channels,
            clock=self.clock,
            delivery=self.delivery,
            desks=desks,
            admins=admins,
            count=self.metrics.happened,
            slip=self.slip,
            ask=self.flow_desk.take,
            report=self.alarms.raise_,
        )
        self.alarms.broken = self._mute
        self.delivery.on_move(self._moved)
        self.listening = Listening(
            self.app.receive, self.clock, self.alarms, self.metrics, answered=self.delivery.answered
        )
        self.heart = Heart(self.app.pulse, self.clock, self.alarms, metrics=self.metrics)

    @classmethod
    async def build(cls, settings: Settings, database: Database, *, clock: Clock | None = None) -> Self:
        library = cls._library(database)
        await library.refresh()
        try:
            _ = library.live
        except LookupError:
            await _publish_first(settings.flows_dir, database)
            await library.refresh()
        async with database.write() as db:
            keep = {"salt": await ensure_salt(db, secrets.token_hex(32))}
            kept = await db.get(Setting, "web_secret") or Setting(key="web_secret", value=secrets.token_hex(32))
            keep["web_secret"] = (await db.merge(kept)).value
            moved = await outcomes.moves(db)
        house = cls(settings, database, library, keep, clock or SystemClock())
        for (channel, old), new in moved.items():
            house._moved(channel, old, new)
        return house

    async def open(self, listener: socket.socket) -> None:
        """The channels first, the pages last: they never delay the others. Raises CannotStart."""
        await self.begin()
        self.heart.start()
        self.heart.every(5.0, self._refresh)
        self.heart.every(15.0, self._look)
        self.heart.every(60.0, self._keep_hearing)
        self._pages = asyncio.create_task(self._serve_pages(listener), name="pages")
        log.info("started: %s", ", ".join(self.channels))

    async def begin(self) -> None:
        """Delivery, alarms and channels: all that serves people. Raises CannotStart."""
        await self._know_whose_database_it_is()
        await self.app.start()
        await self.hearing.recall()
        self._delivering = asyncio.create_task(self._deliver(), name="delivery")
        self._alarming = asyncio.create_task(self.alarms.run(), name="alarms")
        for channel in self.channels.values():
            self.listening.start(channel)

    async def shut(self) -> None:
        """Take no more, serve what was taken, let what is on the wire end, close. At most eight seconds."""
        log.info("stopping")
        self.heart.stop()
        if self._server is not None:
            self._server.stop()
        elif self._pages is not None:
            self._pages.cancel()
        await self.listening.stop()
        crash("listening stopped")
        self._delivering.cancel()
        await asyncio.wait({task for task in (self._delivering, self._pages) if task}, timeout=5.5)
        crash("delivery stopped")
        self._alarming.cancel()
        for last in (
            self.flow_desk.close,
            self._keep_hearing,
            *(channel.close for channel in self.channels.values()),
            self.app.stop,
        ):
            try:
                await last()
            except Exception as failed:
                self.metrics.failed("stopping")
                log.warning("did not end well: %s", type(failed).__name__)
        self.slip.close()
        self.departures.close()
        log.info("stopped")

    # ------------------------------------------------------------ parts

    @staticmethod
    def _library(database: Database) -> Published:
        return Published(database)

    def _make_channels(self, salt: str) -> dict[str, Channel]:
        """Heavy libraries are imported only for channels that are on."""
        from bot.channels.web import Web

        settings = self.settings
        channels: dict[str, Channel] = {}
        if settings.telegram_token is not None:
            from bot.channels.telegram import Telegram

            token = settings.telegram_token.get_secret_value()
            channels["telegram"] = Telegram(
                token,
                api_url=settings.telegram_api_url,
                proxy=settings.telegram_proxy,
                report=self.alarms.raise_,
                note=partial(self.hearing.note, "telegram"),
                files=self.files,
                now=self.clock.now,
            )
        if settings.vk_token is not None and settings.vk_group_id is not None:
            from bot.channels.vk import Vk

            channels["vk"] = Vk(
                settings.vk_token.get_secret_value(),
                settings.vk_group_id,
                api_url=settings.vk_api_url,
                load_cursor=self._load_vk_cursor,
                report=self.alarms.raise_,
                note=partial(self.hearing.note, "vk"),
                moment=self._moment,
                salt=salt,
                files=self.files,
                now=self.clock.now,
            )
        self.web = channels["web"] = Web(self.database, self.clock, self.metrics.failed)
        return channels

    async def _load_vk_cursor(self) -> str | None:
        async with self.database.read() as db:
            return await intake.find_cursor(db, "vk")

    async def _know_whose_database_it_is(self) -> None:
        """A database belongs to one bot and one community: another's token must not write to these people (N11)."""
        token = self.settings.telegram_token.get_secret_value() if self.settings.telegram_token else ""
        owners = {"telegram": token.partition(":")[0], "vk": str(self.settings.vk_group_id or "")}
        async with self.database.write() as db:
            for channel in self.channels.keys() & owners.keys():
                known = await db.get(Setting, f"owner:{channel}")
                if known is None:
                    db.add(Setting(key=f"owner:{channel}", value=owners[channel]))
                elif known.value != owners[channel]:
                    raise CannotStart(
                        f"This database belongs to {channel} {known.value}, the token is of {owners[channel]}: people "
                        "have not agreed to be written to by another. Use the former token, or another DATABASE_URL."
                    )

    def _moved(self, channel: str, old: str, new: str) -> None:
        here = Desk(channel, old)
        self.app.desks = tuple(Desk(channel, new) if desk == here else desk for desk in self.app.desks)

    async def _deliver(self) -> None:
        """Delivery does not end by itself; if a mistake of ours ends it, it begins anew."""
        while True:
            try:
                await self.delivery.run()
            except Exception:
                log.exception("delivery stopped")
                self.metrics.failed("delivery")
                self.alarms.raise_(
                    "delivery", "Доставка сообщений прервалась из-за ошибки в программе, начинаем снова."
                )
            await asyncio.sleep(5)

    async def _refresh(self) -> None:
        try:
            if await self.library.refresh():
                log.info("flows: version %d is live", self.library.live.version)
        except (SQLAlchemyError, OSError):
            self.metrics.failed("refresh")
        except LookupError:
            self.alarms.raise_("flows", "Опубликованы сценарии для другой версии программы: бот отвечает по прежним.")

    async def _look(self) -> None:
        """Gauges, and what another process promised (``leadbot forget`` edits cards)."""
        try:
            await self.metrics.look(self.database, now=self.clock.now())
        except (SQLAlchemyError, OSError):
            self.metrics.failed("look")
        finally:
            self.delivery.wake()

    async def _keep_hearing(self) -> None:
        """After the alarms: a window is first told, then forgotten."""
        try:
            await self.alarms.flush()
            await self.hearing.keep()
        except (SQLAlchemyError, OSError):
            self.metrics.failed("hearing")

    def _moment(self, moment: datetime) -> str:
        zone = self.library.live.business.zone
        return f"{moment.astimezone(zone):%d.%m.%Y %H:%M} ({zone.key})"

    def _mute(self) -> set[str]:
        """Channels no admin can be told by: they cannot send, or hear nothing. A second reader hinders no sending."""
        deaf = {name for name, one in self.channels.items() if getattr(one, "trouble", None) not in (None, "conflict")}
        return deaf | self.delivery.troubles().keys()

    # ------------------------------------------------------------ pages

    async def _serve_pages(self, listener: socket.socket) -> None:
        try:
            await asyncio.to_thread(__import__, "nicegui")  # takes seconds: not on the loop that answers people
            from bot.server import make_server, run

            self._server = make_server(self._build_pages())
            where = self.settings.web_host if self.settings.web_host not in ("0.0.0.0", "::") else "localhost"  # noqa: S104
            host = f"[{where}]" if ":" in where else where
            here = f"http://{host}:{listener.getsockname()[1]}"
            print(sentence(f"leadbot is here: {here}", os.environ), flush=True)
            await run(self._server, listener)
        except Exception:
            log.exception("the pages stopped")
            self.alarms.raise_("pages", "Страницы бота не работают; каналы отвечают. Перезапустите leadbot.")

    def _build_pages(self) -> object:
        from bot.pages import build
        from bot.stage import Stage

        health = Health(
            self.database,
            self.channels,
            self.clock,
            delivery=self.delivery,
            listening=self.listening,
            hearing=self.hearing,
            heart=self.heart,
        )
        return build(
            web=self.web,
            library=self.library,
            stage_factory=Stage.open,
            password=self.settings.web_password,
            health=health,
            metrics=self.metrics.render,
            files=self.files,
            storage_secret=self._web_secret,
            clock=self.clock,
            flows_dir=self.settings.flows_dir,
        )


async def _publish_first(folder: Path, database: Database) -> None:
    """A first start with nothing published yet publishes the set by itself (DESIGN §3.6)."""
    now = datetime.now(UTC)
    files = _sound_files(folder, now)
    version = await publish(database, files, by="first start", now=now)
    log.info("flows: published version %d by itself, the first", version)


def _sound_files(folder: Path, now: datetime) -> dict[str, bytes]:
    if not folder.is_dir():
        raise CannotStart(f"There is no folder {folder.absolute()} with flows: set FLOWS_DIR.")
    try:
        files = read_folder(folder)
    except StillChanging as changing:
        raise CannotStart(str(changing)) from None
    checked = check(files, today=now)
    if not checked.sound:
        problems = "\n".join(f"{folder}/{problem}" for problem in told(checked.problems, os.environ))
        raise CannotStart(f"{problems}\nNothing is published yet and the flows have errors: mend them and start again.")
    return files


def _desks(settings: Settings) -> tuple[Desk, ...]:
    """The managers' chats of channels that are on, and the web's own, which is always there."""
    desks = []
    if settings.telegram_token and settings.telegram_managers_chat:
        desks.append(Desk("telegram", settings.telegram_managers_chat))
    if settings.vk_token and settings.vk_managers_chat:
        desks.append(Desk("vk", settings.vk_managers_chat))
    return (*desks, Desk("web", "desk"))

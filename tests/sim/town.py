"""A town: Telegram, VK and the web, people in them, and one bot that lives, dies and lives again on one database."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import random
import shutil
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.channels import Channel
from bot.channels.telegram import Telegram
from bot.channels.vk import Vk
from bot.channels.vk_longpoll import Times
from bot.channels.web import Web
from bot.house import House
from bot.library import Published
from bot.metrics import Metrics
from bot.publishing import compiled, publish
from bot.settings import Settings
from dialogs.flow_set import FlowSet
from storage.consents import ensure_salt
from storage.crash import arm
from storage.database import Database
from storage.tables import Row
from tests import meridian
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.vk import VkEmulator
from tests.sim.disk import Dead, Disk, Hook
from tests.sim.loop import LIFE, VirtualLoop

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday morning in Moscow
SALT = "5" * 64
BEAT = 60.0  # seconds between beats of the heart: one a second would be most of the work
LOOK = 600.0  # seconds between looks for newly published flows; whoever publishes may ask for one at once


class SimClock:
    """The loop's time as a calendar's."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._loop.time())


class SimHouse(House):
    """The house as it is, with long polls as long as the networks allow."""

    @staticmethod
    def _library(database: Database) -> Published:
        return Published(database, compile=compiled_once)

    def _make_channels(self, salt: str) -> dict[str, Channel]:
        settings = self.settings
        assert settings.telegram_token and settings.vk_token and settings.vk_group_id
        self.web = Web(self.database, self.clock, self.metrics.failed)
        return {
            "telegram": Telegram(
                settings.telegram_token.get_secret_value(), api_url=settings.telegram_api_url, long_poll_seconds=50,
                report=self.alarms.raise_, note=partial(self.hearing.note, "telegram"), now=self.clock.now,
            ),
            "vk": Vk(
                settings.vk_token.get_secret_value(), settings.vk_group_id, api_url=settings.vk_api_url,
                load_cursor=self._load_vk_cursor, report=self.alarms.raise_, note=partial(self.hearing.note, "vk"),
                moment=self._moment, salt=salt, now=self.clock.now,
                times=Times(wait=90),
            ),
            "web": self.web,
        }  # fmt: skip


class Town:
    """``hook`` is called around every statement of the bot's database, ``crashes`` at each crash point; both may raise
    ``Dead``, which ends the bot's process there."""

    def __init__(self, loop: VirtualLoop, folder: Path) -> None:
        self.loop, self.folder, self.clock = loop, folder, SimClock(loop)
        self.path = folder / "leads.db"
        self.telegram, self.vk = TelegramEmulator(clock=self.clock), VkEmulator(clock=self.clock)
        self.hook: Hook = lambda moment, statement: None
        self.crashes: Callable[[str], None] = lambda point: None
        self.house: SimHouse | None = None
        self.metrics: list[Metrics] = []  # of each life
        self.begun = 0  # lives whose start came to its end
        self.lives = 0
        self.faults_of_ours: list[str] = []  # exceptions that nobody caught
        self.beat = BEAT
        self.starting = False
        self._life: object = None
        self._killed: set[object] = set()
        self._well = False
        self._disk = Disk()
        self._died = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls, files: dict[str, bytes] | None = None) -> AsyncIterator[Town]:
        """Everything but the bot: ``start`` it."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        with tempfile.TemporaryDirectory(dir=_fast_disk(), prefix="leadbot-sim-") as folder:
            shutil.copy(await _template(files or meridian.files()), Path(folder) / "leads.db")
            town = cls(loop, Path(folder))
            loop.set_exception_handler(town._unhandled)
            async with town.telegram, town.vk:
                town.desks = {"telegram": town.telegram.group(), "vk": town.vk.group()}
                town.olga = {"telegram": town.telegram.person("Ольга"), "vk": town.vk.person("Ольга")}
                try:
                    yield town
                finally:
                    await town.kill()

    def _unhandled(self, loop: object, context: dict[str, Any]) -> None:
        """What nobody caught. Of a process that was killed, nobody catches anything."""
        failed, task = context.get("exception"), context.get("task") or context.get("future")
        killed = getattr(task, "life", self._life) in self._killed or (task is None and self._killed)
        places = [place.filename for place in traceback.extract_tb(failed.__traceback__)] if failed else []
        servers = bool(places) and places[-1].endswith("aiohttp/web_protocol.py")  # its client was killed
        if not isinstance(failed, Dead) and not killed and not servers:
            self.faults_of_ours.append(f"{context.get('message')}: {failed!r} {places[-1:]}")

    # ------------------------------------------------------------ the bot's process

    async def start(self) -> None:
        """One life begins. Raises what keeps it from beginning; whoever supervises it tries again."""
        self.lives += 1
        self.starting = True
        self._died.clear()
        self._life = self.lives
        self._disk = Disk(self._passing)
        context = LIFE.set(self._life)
        arm(self._passing_point)
        try:
            database = self._disk.open(self.path)
            self.house = await SimHouse.build(self._settings(), database, clock=self.clock)
            self.metrics.append(self.house.metrics)
            await self.house.begin()
            self.begun += 1
            self._heart = asyncio.create_task(self._beat(self.house), name="heart")
        except BaseException:
            await self.kill()
            raise
        finally:
            self.starting = False
            LIFE.reset(context)

    def _settings(self) -> Settings:
        desks = self.desks
        return Settings(
            _env_file=None,
            telegram_token=SecretStr(self.telegram.token), telegram_api_url=self.telegram.url,
            telegram_managers_chat=str(desks["telegram"].id),
            vk_token=SecretStr(self.vk.token), vk_group_id=self.vk.group_id, vk_api_url=self.vk.url,
            vk_managers_chat=str(desks["vk"].peer),
            admins=",".join(f"{name}:{one.id}" for name, one in self.olga.items()),  # type: ignore[arg-type]
            database_url=f"sqlite+aiosqlite:///{self.path}",
        )  # fmt: skip

    async def _beat(self, house: House) -> None:
        looked_at = 0.0
        while True:
            await house.heart.beat()
            if self.loop.time() - looked_at >= LOOK:
                looked_at = self.loop.time()
                await house._refresh()
                await house._keep_hearing()
            await asyncio.sleep(self.beat)

    @contextlib.contextmanager
    def nothing_fails(self) -> Iterator[None]:
        """What happens now happens in another process, which is well."""
        self._well = True
        try:
            yield
        finally:
            self._well = False

    def _passing(self, moment: str, statement: str) -> None:
        if not self._well:
            self._fatal(lambda: self.hook(moment, statement))

    def _passing_point(self, point: str) -> None:
        if LIFE.get() is self._life and not self._disk.dead and not self._well:
            self._fatal(lambda: self.crashes(point))

    def _fatal(self, act: Callable[[], None]) -> None:
        """What raises Dead ends the process at this very place."""
        try:
            act()
        except Dead:
            self._disk.dead = True
            self.loop.call_soon(self._died.set)
            raise

    async def kill(self) -> None:
        """SIGKILL: memory, tasks and connections are gone; what was not committed never was."""
        if self.house is None and not self.loop.tasks_of(self._life):
            return
        house, self.house = self.house, None
        self._killed.add(self._life)
        self._disk.die()
        self.loop.cut(self._life)
        while remains := self.loop.tasks_of(self._life):
            for task in remains:
                task.cancel()
            await asyncio.sleep(0)
        arm(None)
        if house is not None:
            house.slip.close()
            house.departures.close()
            with contextlib.suppress(BaseException):
                await house.database.close()

    async def stop(self) -> None:
        """SIGTERM: the house is shut as bot/process.py shuts it."""
        assert self.house is not None
        context = LIFE.set(self._life)
        try:
            await self.house.shut()
            await self.house.database.close()
        finally:
            LIFE.reset(context)
        await self.kill()

    async def rise(self, *, tell: Callable[[], None] = lambda: None) -> None:
        """What systemd does: start it until it runs, later each time. ``tell`` is called of each start that failed."""
        wait = 1.0
        while self.house is None:
            await asyncio.sleep(wait)
            wait = min(2 * wait, 60.0)
            if self.house is None and not self.starting:
                try:
                    await self.start()
                except (Dead, Exception):
                    tell()

    async def supervise(self, *, tell: Callable[[], None] = lambda: None) -> None:
        """Until cancelled: whenever the process has ended by itself, it is started again."""
        while True:
            await self._died.wait()
            await self.kill()
            await self.rise(tell=tell)


_sets: dict[str, FlowSet] = {}


def compiled_once(files: Mapping[str, str], *, version: int) -> FlowSet:
    """A life begins as often as a story fails: the same files are compiled once."""
    key = f"{version} {sorted(files.items())}"
    if key not in _sets:
        _sets[key] = compiled(files, version=version)
    return _sets[key]


def run(seed: int, story: Callable[[], Any]) -> Any:
    """Play ``story`` in a loop of its own."""
    loop = VirtualLoop(random.Random(seed))
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(story())
    finally:
        arm(None)
        asyncio.set_event_loop(None)
        loop.close()


_templates: dict[tuple[tuple[str, bytes], ...], Path] = {}


async def _template(files: dict[str, bytes]) -> Path:
    """A database with the tables of today and these flows published; made once."""
    key = tuple(sorted(files.items()))
    if key not in _templates:
        path = Path(tempfile.mkdtemp(dir=_fast_disk(), prefix="leadbot-sim-template-")) / "leads.db"
        atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
        database = Disk().open(path)
        async with database.engine.begin() as connection:
            await connection.run_sync(Row.metadata.create_all)
        async with database.write() as db:
            await ensure_salt(db, SALT)
        await publish(database, files, by="town", now=BEGIN)
        await database.forget_deleted()
        await database.close()
        _templates[key] = path
    return _templates[key]


def _fast_disk() -> str | None:
    """Memory, where there is some: synchronisation is free there, and nobody pulls the plug on a simulation."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None

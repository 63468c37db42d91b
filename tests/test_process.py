"""The process as it is started and stopped, and the parts that keep it going."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.alarms import Alarms
from bot.alone import Alone, NotAlone, _network_share
from bot.channels import Receive
from bot.clock import HandClock
from bot.heart import Heart
from bot.house import CannotStart, House
from bot.listening import Listening
from bot.metrics import Metrics
from bot.port import PortTaken, bind
from bot.settings import Settings
from handlers.inbound import Inbound, Text
from handlers.work import Desk
from storage import outcomes
from storage.database import Database
from tests.bot_process import BotProcess, nursery
from tests.meridian import FLOWS

from .conftest import NOON

Bots = Callable[..., Awaitable[BotProcess]]
CHANNELS = ("TELEGRAM_TOKEN", "VK_TOKEN", "VK_GROUP_ID", "ADMINS", "WEB_HOST", "WEB_PASSWORD")


@pytest.fixture
async def bots(tmp_path: Path) -> AsyncIterator[Bots]:
    """Processes with no token, ended with the test."""
    known = dict.fromkeys(CHANNELS, "") | {"FLOWS_DIR": str(FLOWS), "LOG_FORMAT": "json"}
    async with AsyncExitStack() as open_until_the_end:

        async def make(log: str = "log.txt", **env: str) -> BotProcess:
            return await open_until_the_end.enter_async_context(nursery(known | env, tmp_path / log))

        yield make


async def health(bot: BotProcess, *, within: float = 30) -> tuple[int, dict[str, Any]]:
    """What /health says, once there is somebody to say it."""
    async with asyncio.timeout(within), aiohttp.ClientSession() as http:
        while True:
            assert bot.running, bot.log.read_text()
            with suppress(aiohttp.ClientError):
                async with http.get(f"http://127.0.0.1:{bot.port}/health") as answer:
                    return answer.status, json.loads(await answer.text())
            await asyncio.sleep(0.1)


async def test_O2_R9_it_starts_by_itself_alone_and_stops_though_told_twice(
    bots: Bots,
) -> None:
    bot, second = await bots(), await bots("second.txt")
    await bot.start()
    status, told = await health(bot)
    assert (status, told["status"], list(told["channels"])) == (200, "ok", ["web"])
    await second.start()
    assert await second.ends(within=40) == 1
    said = second.log.read_text()
    assert "Another leadbot (process" in said and "Traceback" not in said
    for _ in range(2):
        bot.signal(signal.SIGTERM)
    assert await bot.ends(within=10) == 0
    log = bot.log.read_text()
    assert f"leadbot is here: http://127.0.0.1:{bot.port}" in log and '"stopped"' in log and "exception" not in log
    with sqlite3.connect(bot.log.parent / "leads.db") as database:
        settings = dict(database.execute("SELECT key, value FROM setting"))
        assert database.execute("SELECT count(*) FROM flow_version").fetchone() == (1,)
    assert settings["running"] == "no"


async def test_O1_a_database_that_does_not_answer_is_told_without_its_password(
    bots: Bots,
) -> None:
    bot = await bots(DATABASE_URL="postgresql://leads:canary-secret@127.0.0.1:1/leads")
    await bot.start()
    assert await bot.ends(within=40) == 1
    log = bot.log.read_text()
    assert "look at DATABASE_URL" in log and "Traceback" not in log and "canary" not in log


# ---------------------------------------------------------------- what keeps it from starting


def settings(**more: Any) -> Settings:
    return Settings(_env_file=None, **{"flows_dir": FLOWS} | more)


async def test_a_first_start_needs_sound_flows_and_says_what_is_wrong(sqlite: Database, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="set FLOWS_DIR"):
        await House.build(settings(flows_dir=tmp_path / "nowhere"), sqlite)
    (tmp_path / "kasko.yaml").write_text("flow: kasko\nsteps: nothing\n")
    with pytest.raises(CannotStart, match=r"kasko\.yaml:\d+:\d+"):
        await House.build(settings(flows_dir=tmp_path), sqlite)
    house = await House.build(settings(), sqlite)
    assert house.library.live.version == 1


async def test_N11_the_token_of_another_community_is_refused_for_these_people(sqlite: Database) -> None:
    async def begin(group: int) -> None:
        house = await House.build(settings(vk_token="vk1.a.x", vk_group_id=group), sqlite)
        try:
            await house._know_whose_database_it_is()
        finally:
            await house.channels["vk"].close()

    await begin(1)
    await begin(1)
    with pytest.raises(CannotStart, match="belongs to vk 1"):
        await begin(2)


async def test_M10_a_chat_that_moved_stays_a_desk(sqlite: Database) -> None:
    async with sqlite.write() as db:
        await outcomes.move(db, "vk", old="2000000001", new="2000000002")
    house = await House.build(settings(vk_token="vk1.a.x", vk_group_id=1, vk_managers_chat="2000000001"), sqlite)
    assert house.app.desks == (Desk("vk", "2000000002"), Desk("web", "desk"))
    house._moved("vk", "2000000002", "2000000003")
    assert house.app.desks[0].chat == "2000000003"
    await house.channels["vk"].close()


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/no/leads.db")
    with pytest.raises(NotAlone, match="There is no folder"):
        await Alone(database).take()
    await database.close()


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(PortTaken, match="WEB_PORT"):
        bind("127.0.0.1", other.getsockname()[1])


# ---------------------------------------------------------------- alone


async def test_R9_the_lock_is_per_database_and_ends_with_its_holder(database_url: str) -> None:
    first, second = (Alone(Database(database_url)) for _ in range(2))
    await first.take()
    taking = asyncio.create_task(second.take())
    if database_url.startswith("sqlite"):
        with pytest.raises(NotAlone, match=str(os.getpid())):
            await taking
        await first.release()
        await second.take()
    else:
        await asyncio.sleep(0.2)
        assert not taking.done()
        await first.release()
        await taking
    await second.release()
    for one in (first, second):
        await one._database.close()


def test_R9_a_network_share_is_known_by_its_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 22 0:50 / /srv/shared\\040files rw - nfs4 nas:/x rw\n"
        "32 31 8:2 / /srv/shared\\040files/local rw - ext4 /dev/sdb rw\n"
    )
    assert _network_share(Path("/srv/shared files/leads.db"), mounts) == "nfs4"
    assert _network_share(Path("/srv/shared files/local/leads.db"), mounts) is None
    assert _network_share(Path("/srv/leads.db"), mounts) is None


# ---------------------------------------------------------------- listening


class Line:
    """A channel that brings what the test gives it."""

    name = "telegram"

    def __init__(self, lives: Sequence[Exception | None]) -> None:
        self.lives = list(lives)
        self.begun = 0

    async def listen(self, receive: Receive) -> None:
        self.begun += 1
        event = {"channel": self.name, "sender": "1", "chat": "1", "at": NOON, "heard": Text("Здравствуйте")}
        await receive([Inbound(event_id=str(self.begun), **event)])  # type: ignore[arg-type]
        if self.lives and (failure := self.lives.pop(0)):
            raise failure
        await asyncio.Event().wait()

    async def send(self, message: Any) -> Any: ...
    async def notify(self, notice: Any) -> None: ...
    async def close(self) -> None: ...


async def test_O4_a_channel_that_dies_is_started_again_later_each_time(sqlite: Database, clock: HandClock) -> None:
    heard: list[str] = []

    async def receive(batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        heard.extend(one.event_id for one in batch)

    metrics = Metrics()
    alarms = Alarms(sqlite, clock, metrics=metrics)
    listening = Listening(receive, clock, alarms, metrics)
    line = Line([OSError("gone"), ValueError("odd"), None])
    loop = asyncio.get_running_loop()
    began = loop.time()
    listening.start(line, first_pause=0.05)
    async with asyncio.timeout(5):
        while len(heard) < 3 or listening.down:
            await asyncio.sleep(0.01)
    assert heard == ["1", "2", "3"] and loop.time() - began > 0.14
    assert metrics.value("leadbot_alarms_total", kind="listening") == 2
    assert listening.last_event == {"telegram": clock.now()}
    await listening.stop()


async def test_R16_stopping_lets_a_batch_that_was_begun_end(sqlite: Database, clock: HandClock) -> None:
    begun, goes_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def receive(batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        begun.set()
        await goes_on.wait()
        ended.set()

    listening = Listening(receive, clock, Alarms(sqlite, clock), Metrics())
    listening.start(Line([]))
    await begun.wait()
    stopping = asyncio.create_task(listening.stop())
    await asyncio.sleep(0.05)
    goes_on.set()
    await stopping
    assert ended.is_set()


# ---------------------------------------------------------------- the pulse


class Rhythm:
    """A heart with hands on both clocks."""

    def __init__(self, database: Database, clock: HandClock) -> None:
        self.clock, self.steady, self.pulses, self.fails = clock, 1000.0, 0, False
        self.metrics = Metrics()
        alarms = Alarms(database, clock, metrics=self.metrics)
        self.heart = Heart(self.pulse, clock, alarms, monotonic=lambda: self.steady)

    async def pulse(self) -> None:
        if self.fails:
            raise OSError("locked")
        self.pulses += 1

    async def second(self, *, wall: float = 1, steady: float = 1) -> None:
        self.clock.forward(timedelta(seconds=wall))
        self.steady += steady
        await self.heart.beat()


@pytest.mark.parametrize("jump", [86_400, -86_400, 90])
async def test_T3_a_clock_that_jumps_holds_what_is_due_for_five_minutes(
    sqlite: Database, clock: HandClock, jump: float
) -> None:
    rhythm = Rhythm(sqlite, clock)
    await rhythm.second()
    await rhythm.second(wall=jump)
    assert rhythm.pulses == 1 and rhythm.metrics.value("leadbot_alarms_total", kind="clock") == 1
    await rhythm.second(wall=299, steady=299)
    assert rhythm.pulses == 1 and rhythm.heart.trouble() is None
    await rhythm.second(wall=2, steady=2)
    assert rhythm.pulses == 2


async def test_R3_a_pulse_that_fails_is_told_and_beats_on(sqlite: Database, clock: HandClock) -> None:
    rhythm = Rhythm(sqlite, clock)
    rhythm.fails = True
    for _ in range(20):
        await rhythm.second()
    assert rhythm.heart.trouble() == "the pulse fails"
    assert rhythm.metrics.value("leadbot_alarms_total", kind="pulse") == 1
    rhythm.fails = False
    await rhythm.second()
    assert rhythm.pulses == 1 and rhythm.heart.trouble() is None
    rhythm.steady += 40
    assert rhythm.heart.trouble() == "the pulse is late"


async def test_the_scheduler_beats_every_second_and_never_twice_at_once(sqlite: Database, clock: HandClock) -> None:
    beats, at_once = 0, 0

    async def slow() -> None:
        nonlocal beats, at_once
        at_once += 1
        assert at_once == 1
        beats += 1
        await asyncio.sleep(0.12)
        at_once -= 1

    async def nothing() -> None: ...

    heart = Heart(nothing, clock, Alarms(sqlite, clock))
    heart.start()
    heart.every(0.05, slow)
    await asyncio.sleep(0.5)
    heart.stop()
    assert 2 <= beats <= 5


@pytest.mark.parametrize("opens", [True, False])
async def test_a_nursery_that_dies_keeps_no_test_waiting(tmp_path: Path, opens: bool) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        door.listen(1)
        told, orders = await asyncio.open_unix_connection(tmp_path / "door")
        bot = BotProcess(told, orders, {}, tmp_path / "bot.log", "bot.cli:main")
        if opens:
            door.accept()[0].close()
    for _ in range(2):
        with pytest.raises(ConnectionError, match="nursery is gone"):
            async with asyncio.timeout(5):
                await bot.start()
    orders.close()

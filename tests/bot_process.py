"""The bot as a process of its own, to be stopped and killed and started again on the same database."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.nursery import address

HERE = Path(__file__).parent
GONE = "the nursery is gone; what it printed says why"


class BotProcess:
    """``env``: the settings. Made by ``nursery``."""

    def __init__(
        self, told: asyncio.StreamReader, orders: asyncio.StreamWriter, env: dict[str, str], log: Path, program: str
    ) -> None:
        self.port = _free_port()
        self.env = {**env, "WEB_PORT": str(self.port)}
        self.log, self.program = log, program
        self._told, self._orders = told, orders
        self._pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        with suppress(OSError):  # a nursery that dies before it opens the door resets who waits at it
            async for line in self._told:
                told = json.loads(line)
                (self._pid if "born" in told else self._ended).set_result(told.get("born", told.get("ended")))
        for waited in (self._pid, self._ended):
            if not waited.done():
                waited.set_exception(ConnectionError(GONE))

    async def start(self, *, crash_at: str | None = None) -> None:
        """``crash_at``: a crash point and how often it is passed before the end."""
        loop = asyncio.get_running_loop()
        self._pid, self._ended = loop.create_future(), loop.create_future()
        order = {
            "env": {**os.environ, "LC_ALL": "en_GB.UTF-8", **self.env},
            "folder": str(self.log.parent),
            "log": str(self.log),
            "crash_at": crash_at,
            "program": self.program,
        }
        self._orders.write(f"{json.dumps(order)}\n".encode())
        if self._listening.done():
            raise ConnectionError(GONE)
        await self._pid

    def signal(self, number: int) -> None:
        os.kill(self._pid.result(), number)

    @property
    def running(self) -> bool:
        return self._pid.done() and not self._ended.done()

    async def ends(self, *, within: float = 20) -> int:
        """Wait for its end; the exit code (-9: killed)."""
        async with asyncio.timeout(within):
            return await asyncio.shield(self._ended)

    async def stop(self) -> float:
        """SIGTERM; seconds until it was gone."""
        began = time.monotonic()
        if self.running:
            self.signal(signal.SIGTERM)
        await self.ends()
        return time.monotonic() - began

    async def kill(self) -> None:
        if self.running:
            self.signal(signal.SIGKILL)
        await self.ends()

    def hush(self) -> None:
        self._listening.cancel()


@asynccontextmanager
async def nursery(env: dict[str, str], log: Path, *, program: str = "bot.cli:main") -> AsyncIterator[BotProcess]:
    """One bot that can be started again and again; what still runs at the end is killed. ``program``: what it runs."""
    told, orders = await asyncio.open_unix_connection(address())
    bot = BotProcess(told, orders, env, log, program)
    try:
        yield bot
    finally:
        if bot.running:
            await bot.kill()
        bot.hush()
        orders.close()


def settings_for(networks: dict[str, Any], database_url: str) -> dict[str, str]:
    """The environment of a bot in these networks. ``networks``: emulator, managers' group, admin by channel."""
    env = {"DATABASE_URL": database_url, "FLOWS_DIR": str(HERE / "flows"), "LOG_FORMAT": "json"}
    for name, (emulator, group, admin) in networks.items():
        env |= {f"{name.upper()}_TOKEN": emulator.token, f"{name.upper()}_API_URL": emulator.url}
        env |= {f"{name.upper()}_MANAGERS_CHAT": str(getattr(group, "id", None) or group.peer)}
        env["ADMINS"] = ",".join(filter(None, (env.get("ADMINS"), f"{name}:{admin.id}")))
        if name == "vk":
            env["VK_GROUP_ID"] = str(emulator.group_id)
    return env


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

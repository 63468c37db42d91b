"""The bot as a process of its own, to be stopped and killed, and a nursery that has them ready at once.

Importing the libraries takes seconds; the nursery does it once and forks. A child runs ``leadbot run`` with its own
settings, and with a crash point armed if one is named: ``name:N`` ends it by SIGKILL when the point is passed for the
N-th time.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).parent


class BotProcess:
    """``env``: the settings. Made by ``nursery``."""

    def __init__(self, nursery: asyncio.subprocess.Process, env: dict[str, str], log: Path, program: str) -> None:
        self.port = _free_port()
        self.env = {**env, "WEB_PORT": str(self.port)}
        self.log, self.program = log, program
        self._nursery = nursery
        self._pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        assert self._nursery.stdout is not None
        async for line in self._nursery.stdout:
            told = json.loads(line)
            (self._pid if "born" in told else self._ended).set_result(told.get("born", told.get("ended")))

    async def start(self, *, crash_at: str | None = None) -> None:
        """``crash_at``: a crash point and how often it is passed before the end."""
        assert self._nursery.stdin is not None
        loop = asyncio.get_running_loop()
        self._pid, self._ended = loop.create_future(), loop.create_future()
        order = {"env": self.env, "log": str(self.log), "crash_at": crash_at, "program": self.program}
        self._nursery.stdin.write(f"{json.dumps(order)}\n".encode())
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
async def nursery(
    env: dict[str, str], log: Path, *, networks: bool = True, program: str = "bot.cli:main"
) -> AsyncIterator[BotProcess]:
    """One bot that can be started again and again; whatever still runs at the end is killed. ``networks``: it will
    need their libraries. ``program``: what a child runs."""
    home = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "bot_process.py"),
        *(["networks"] if networks else []),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HERE.parent), "LC_ALL": "en_GB.UTF-8"},
        cwd=log.parent,
    )
    bot = BotProcess(home, env, log, program)
    try:
        yield bot
    finally:
        if bot.running:
            await bot.kill()
        bot.hush()
        home.kill()
        await home.wait()


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


# ---------------------------------------------------------------- in the nursery's own process


def _be_nursery() -> None:
    ready = [
        "nicegui",
        "aiosqlite",
        "httptools",
        "websockets",
        "bot.process",
        "bot.stage",
        "bot.server",
        "storage.migrating",
        "bot.pages",
        "bot.channels.web",
    ]
    for name in ready + ["bot.channels.telegram", "bot.channels.vk"] * ("networks" in sys.argv):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a child has its own garbage only: less to copy, less to look through

    signal.signal(signal.SIGCHLD, _bury)
    for line in sys.stdin:
        order = json.loads(line)
        if child := os.fork():
            print(json.dumps({"born": child}), flush=True)
        else:
            _be_bot(order)


def _bury(_signal: int, _frame: FrameType | None) -> None:
    pid, status = os.waitpid(-1, os.WNOHANG)
    if pid:
        print(json.dumps({"ended": os.waitstatus_to_exitcode(status)}), flush=True)


def _be_bot(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.update(order["env"])
    if order["crash_at"]:
        _arm(order["crash_at"])
    sys.argv = ["leadbot", "run"]
    module, _, function = order["program"].partition(":")
    main = getattr(importlib.import_module(module), function)
    code: object = 1
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 0)


def _arm(crash_at: str) -> None:
    from storage.crash import arm

    name, _, number = crash_at.partition(":")
    left = int(number or 1)

    def passed(point: str) -> None:
        nonlocal left
        left -= point == name
        if point == name and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    arm(passed)


if __name__ == "__main__":
    _be_nursery()

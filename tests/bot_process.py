"""The bot as a process of its own, as ``leadbot run`` starts it, to be stopped and killed.

Run as a program this file is ``leadbot`` with one crash point armed: ``CRASH_AT=name:N`` ends it by SIGKILL when the
point is passed for the N-th time.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class BotProcess:
    """``env``: the settings. ``crash_at``: a crash point and how often it is passed before the end."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.port = _free_port()
        self.env = {**os.environ, **env, "WEB_PORT": str(self.port), "PYTHONPATH": str(HERE.parent)}
        self.log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *, crash_at: str | None = None) -> None:
        env = self.env | ({"CRASH_AT": crash_at} if crash_at else {})
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, str(HERE / "bot_process.py"), "run", env=env, stdout=log, stderr=log, cwd=self.log.parent
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def ends(self, *, within: float = 20) -> int:
        """Wait for its end; the exit code (-9: killed)."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), within)

    async def stop(self) -> float:
        """SIGTERM; seconds until it was gone."""
        assert self._process is not None
        began = time.monotonic()
        if self.running:
            self._process.send_signal(signal.SIGTERM)
        await self.ends()
        return time.monotonic() - began

    async def kill(self) -> None:
        assert self._process is not None
        if self.running:
            self._process.kill()
            await self.ends()


def settings_for(networks: dict[str, Any], database_url: str) -> dict[str, str]:
    """The environment of a bot in these emulated networks. ``networks``: emulator and managers' group by channel."""
    env = {"DATABASE_URL": database_url, "FLOWS_DIR": str(HERE.parent / "dialogs" / "flows"), "LOG_FORMAT": "json"}
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


def _armed() -> None:
    from bot.crash import arm

    name, _, number = os.environ["CRASH_AT"].partition(":")
    left = int(number or 1)

    def passed(point: str) -> None:
        nonlocal left
        left -= point == name
        if point == name and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    arm(passed)


if __name__ == "__main__":
    if "CRASH_AT" in os.environ:
        _armed()
    from bot.cli import main

    main()

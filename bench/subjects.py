"""Who is measured: leadbot with everything on, and bots as people usually write them."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from bench.dialog import ECHO, TALK, Exchange
from bench.telegram_network import MANAGERS, TOKEN
from bench.vk_network import GROUP
from bench.vk_network import MANAGERS as VK_MANAGERS
from bench.vk_network import TOKEN as VK_TOKEN

ROOT = Path(__file__).parent.parent
PEERS_PYTHON = ROOT / ".bench" / "bin" / "python"
OUR_PYTHON = Path(sys.executable)


@dataclass(frozen=True, slots=True)
class Subject:
    """``module``: what is run; None is leadbot. ``library``: whose bare import is the least a start can take. ``root``:
    the tree it is run from."""

    name: str
    title: str
    network: Literal["telegram", "vk"]
    library: str
    module: str | None = None
    talk: tuple[Exchange, ...] = TALK
    root: Path = ROOT

    @property
    def ours(self) -> bool:
        return self.module is None

    @property
    def python(self) -> Path:
        return OUR_PYTHON if self.ours else PEERS_PYTHON

    def command(self) -> list[str]:
        return [str(self.python), "-m", *((self.module,) if self.module else ("bot", "run"))]

    def environment(self, url: str, folder: Path, *, port: int) -> dict[str, str]:
        """Nothing of ours is inherited: an operator's settings do not take part."""
        bare = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(self.root), "LANG": "C.UTF-8", "HOME": str(folder)}
        if not self.ours:
            token = TOKEN if self.network == "telegram" else VK_TOKEN
            return bare | {
                "API_URL": url, "TOKEN": token, "GROUP_ID": str(GROUP),
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/peer.db",
            }  # fmt: skip
        network = {
            "telegram": {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": url, "TELEGRAM_MANAGERS_CHAT": str(MANAGERS)},
            "vk": {"VK_TOKEN": VK_TOKEN, "VK_GROUP_ID": str(GROUP), "VK_API_URL": url,
                   "VK_MANAGERS_CHAT": str(VK_MANAGERS)},
        }  # fmt: skip
        return bare | network[self.network] | {
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/leads.db",
            "FLOWS_DIR": str(self.root / "bench" / "flow"),
            "WEB_PORT": str(port),
            "LOG_FORMAT": "json",
            "TELEGRAM_RATE": "0",
            "TELEGRAM_GROUP_RATE": "0",
            "VK_RATE": "0",
        }  # fmt: skip


SUBJECTS = (
    Subject("leadbot", "leadbot, everything on", "telegram", "aiogram"),
    Subject("aiogram-echo", "aiogram, bare echo", "telegram", "aiogram", "bench.peers.aiogram_echo", ECHO),
    Subject("aiogram-stateless", "aiogram, no state at all", "telegram", "aiogram", "bench.peers.aiogram_stateless"),
    Subject("aiogram-sqlalchemy", "aiogram + SQLAlchemy", "telegram", "aiogram", "bench.peers.aiogram_sqlalchemy"),
    Subject("python-telegram-bot", "python-telegram-bot", "telegram", "telegram.ext", "bench.peers.telegram_bot"),
    Subject("leadbot-vk", "leadbot, everything on", "vk", "vk_api"),
    Subject("vk_api", "vk_api, no state", "vk", "vk_api", "bench.peers.vk_plain"),
    Subject("vkbottle", "vkbottle, states in memory", "vk", "vkbottle", "bench.peers.vkbottle_fsm"),
)


async def published(folder: Path, *, root: Path = ROOT) -> Path:
    """A database with the flow of the bench live and its codes in stock, made once for all rounds."""
    database = folder / "published.db"
    if not database.exists():
        made = folder / "making"
        made.mkdir(exist_ok=True)
        environment = replace(SUBJECTS[0], root=root).environment("http://127.0.0.1:1", made, port=0)
        publishing = await asyncio.create_subprocess_exec(
            str(OUR_PYTHON), "-m", "bot", "publish", env=environment, cwd=made, stdout=asyncio.subprocess.DEVNULL
        )
        if code := await publishing.wait():
            raise RuntimeError(f"leadbot publish ended with {code}")
        shutil.move(made / "leads.db", database)
    return database

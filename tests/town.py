"""A town: both networks with a managers' group in each, and one real bot process that a test may kill."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from storage.database import Database
from storage.tables import Lead, Outbox
from tests.bot_process import BotProcess, nursery, settings_for
from tests.emulators.ledger import SqliteWitness
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.vk import VkEmulator
from tests.evidence import Evidence, gather

GREETING = "Здравствуйте"
WALK = (
    ("записаться", "Согласие на обработку"),
    ("согласен", "Какой автомобиль"),
    ("седан", "Когда вам удобно"),
    ("на этой неделе", "Сколько лет вы за рулём"),
    ("7", "в зачёт нового"),
    ("нет", "Как к вам обращаться"),
    ("Анна", "по какому номеру"),
    ("8 900 123-45-67", "Всё верно?"),
    ("да", "Ваш промокод"),
)  # fmt: skip
"""One whole dialog of the test drive after the greeting: what is said, and what is answered."""


class Town:
    """``networks``: name -> (emulator, managers' group, Olga, who is an admin)."""

    def __init__(self, networks: dict[str, tuple[Any, Any, Any]], bot: BotProcess, url: str) -> None:
        self.networks, self.bot, self.database = networks, bot, Database(url)

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, url: str, env: dict[str, str] | None = None) -> AsyncIterator[Town]:
        async with TelegramEmulator() as telegram, VkEmulator() as vk:
            emulators: dict[str, Any] = {"telegram": telegram, "vk": vk}
            witness = SqliteWitness(make_url(url).database or "")
            networks = {name: (one, one.group(), one.person("Ольга")) for name, one in emulators.items()}
            for one in emulators.values():
                one.ledger.witness = witness
            async with nursery(settings_for(networks, url) | (env or {}), folder / "bot.log") as bot:
                town = cls(networks, bot, url)
                yield town
                await town.database.close()
            witness.close()

    @property
    def emulators(self) -> list[Any]:
        return [emulator for emulator, _, _ in self.networks.values()]

    @property
    def desks(self) -> list[tuple[str, str]]:
        return [(name, str(group.id)) for name, (_, group, _) in self.networks.items()]

    async def count(self, *where: Any, what: Any = Lead) -> int:
        async with self.database.read() as db:
            return int(await db.scalar(select(func.count()).select_from(what).where(*where)) or 0)

    async def settled(self, *, within: float = 20) -> None:
        """Until nothing is on its way."""
        async with asyncio.timeout(within):
            while await self.count(Outbox.status.in_(("due", "sending")), what=Outbox):
                await asyncio.sleep(0.1)

    async def evidence(self) -> Evidence:
        """For the checker."""
        ledgers = [one.ledger for one in self.emulators]
        return await gather(self.database, ledgers, now=datetime.now(UTC), desks=self.desks)


async def walks(person: Any, network: Any, *, patience: float = 40) -> None:
    """One whole dialog, to the code. ``patience``: seconds for one answer."""
    await network.ready(60)
    await person.opens("test_drive__flyer__november")
    await person.sees(GREETING, timeout=patience)
    for said, answer in WALK:
        await person.says(said)
        await person.sees(answer, timeout=patience)


def twice(person: Any) -> Counter[str]:
    """Messages that this person sees more than once."""
    return Counter({text: n - 1 for text, n in Counter(seen.text for seen in person.screen).items() if n > 1})

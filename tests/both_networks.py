"""The house as it is, in this process, in both networks at once, on a clock that is turned by hand.

The networks' clocks go with it, so what they keep for a day is gone after a day. ``Both.start`` and ``stop`` begin and
end the bot on the same database; the networks and their people stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from bot.clock import HandClock
from bot.house import House
from bot.publishing import publish
from bot.settings import Settings
from storage.database import Database
from tests import meridian
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.vk import VkEmulator


class Both:
    """Olga is the admin, in both networks."""

    house: House

    def __init__(self, url: str, clock: HandClock, telegram: TelegramEmulator, vk: VkEmulator) -> None:
        self.url, self.clock, self.telegram, self.vk = url, clock, telegram, vk
        self.networks: dict[str, Any] = {"telegram": telegram, "vk": vk}
        self.desks = {name: one.group() for name, one in self.networks.items()}
        self.olga = {name: one.person("Ольга") for name, one in self.networks.items()}
        self.running = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, clock: HandClock) -> AsyncIterator[Both]:
        """Everything but the bot: ``start`` it."""
        async with TelegramEmulator(clock=clock) as telegram, VkEmulator(clock=clock) as vk:
            both = cls(url, clock, telegram, vk)
            try:
                yield both
            finally:
                await both.stop()

    async def start(self, *, ready: bool = True) -> House:
        asked = {"telegram": self.telegram.updates.asked, "vk": len(self.vk.longpoll.asked)}
        self.database = Database(self.url)
        await publish(self.database, meridian.files(), by="test", now=self.clock.now())
        self.house = await House.build(self._settings(), self.database, clock=self.clock)
        await self.house.begin()
        self.running = True
        if ready:
            await self.until(lambda: self.telegram.updates.asked > asked["telegram"])
            await self.until(lambda: len(self.vk.longpoll.asked) > asked["vk"])
            for olga in self.olga.values():
                if not olga.screen:  # a bot may write to those only who wrote to it
                    await olga.says("/help")
                    await self.until(lambda olga=olga: olga.screen)
        return self.house

    async def stop(self) -> None:
        if self.running:
            self.running = False
            await self.house.shut()
            await self.database.close()

    async def until(self, holds: Callable[[], object], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)

    def shows(self, line: str) -> float:
        """A number of ``/metrics``; 0 when it is not there."""
        told = self.house.metrics.render().decode().splitlines()
        return sum(float(one.removeprefix(line)) for one in told if one.startswith(line + " "))

    def _settings(self) -> Settings:
        chats = {"telegram": self.desks["telegram"].id, "vk": self.desks["vk"].peer}
        return Settings(
            telegram_token=SecretStr(self.telegram.token),
            telegram_api_url=self.telegram.url,
            telegram_managers_chat=str(chats["telegram"]),
            vk_token=SecretStr(self.vk.token),
            vk_group_id=self.vk.group_id,
            vk_api_url=self.vk.url,
            vk_managers_chat=str(chats["vk"]),
            admins=frozenset((name, str(olga.id)) for name, olga in self.olga.items()),
            database_url=self.url,
        )

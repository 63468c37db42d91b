"""The whole bot in one loop, on a real database, with one channel's emulator (or the web) at the other end of a socket.

``House.restart`` ends it as SIGTERM would and starts it again on the same database; the people and their screens stay.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.app import App
from bot.channels import Channel
from bot.channels.web import Web
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.files import KeptFiles
from bot.library import Published
from bot.publishing import publish
from handlers.work import Desk
from storage import follow_ups
from storage.database import Database
from storage.intake import find_cursor
from tests import meridian, web_people


class House:
    """One channel, one managers' chat, one admin who is also a manager (Olga)."""

    def __init__(self, name: str, url: str, clock: HandClock, files: dict[str, bytes]) -> None:
        self.name, self.url, self.clock, self.files = name, url, clock, files
        self.network: Any = None  # the emulator; None on the web
        self.desk: Any = None
        self.olga: Any = None
        self.reports: list[tuple[str, str]] = []
        self._running: list[asyncio.Task[None]] = []
        self._web_people: list[web_people.Screen] = []

    @classmethod
    @asynccontextmanager
    async def open(
        cls, name: str, url: str, clock: HandClock, files: dict[str, bytes] | None = None
    ) -> AsyncIterator[House]:
        house = cls(name, url, clock, files or meridian.files())
        async with house._networks():
            await house.start()
            try:
                yield house
            finally:
                await house.stop()

    @asynccontextmanager
    async def _networks(self) -> AsyncIterator[None]:
        if self.name == "web":
            yield
            return
        if self.name == "telegram":
            from tests.emulators.telegram import TelegramEmulator

            network: Any = TelegramEmulator()
        else:
            from tests.emulators.vk import VkEmulator

            network = VkEmulator()
        async with network:
            self.network = network
            self.desk, self.olga = network.group(), network.person("Ольга")
            yield

    # ------------------------------------------------------------ the bot

    async def start(self) -> None:
        self.database = Database(self.url)
        await publish(self.database, self.files, by="test", now=self.clock.now())
        library = Published(self.database)
        await library.refresh()
        channel = self._channel()
        self.channels: dict[str, Channel] = {self.name: channel}
        self.delivery = Delivery(self.database, self.channels, self.clock)
        self.app = App(
            database=self.database,
            library=library,
            channels=self.channels,
            clock=self.clock,
            delivery=self.delivery,
            desks=[Desk(self.name, self._desk_id())],
            admins=frozenset({(self.name, self._olga_id())}),
            report=lambda kind, text: self.reports.append((kind, text)),
        )
        await self.app.start()
        self._running = [
            asyncio.create_task(self.delivery.run()),
            asyncio.create_task(channel.listen(self.app.receive)),
        ]
        if self.network is not None:
            await self.network.ready()
        else:
            await asyncio.sleep(0)
            self._rewire(channel)

    def _channel(self) -> Channel:
        if self.name == "telegram":
            from bot.channels.telegram import Telegram

            return Telegram(self.network.token, api_url=self.network.url, files=KeptFiles(self.database))
        if self.name == "vk":
            from bot.channels.vk import Vk

            async def cursor() -> str | None:
                async with self.database.read() as db:
                    return await find_cursor(db, "vk")

            return Vk(
                self.network.token, self.network.group_id, api_url=self.network.url, load_cursor=cursor,
                files=KeptFiles(self.database),
            )  # fmt: skip
        return Web(self.database, self.clock)

    def _rewire(self, channel: Channel) -> None:
        assert isinstance(channel, Web)
        if self.desk is None:
            self.desk, self.olga = web_people.Group(channel, self.clock, "desk"), "Ольга"
            self._web_people.append(self.desk)
        for screen in self._web_people:
            screen.web = channel

    def _desk_id(self) -> str:
        return "desk" if self.name == "web" else str(getattr(self.desk, "id", None) or self.desk.peer)

    def _olga_id(self) -> str:
        return "desk" if self.name == "web" else str(self.olga.id)

    async def stop(self) -> None:
        for task in reversed(self._running):
            task.cancel()
        for task in self._running:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for channel in self.channels.values():
            await channel.close()
        await self.app.stop()
        await self.database.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    # ------------------------------------------------------------ people and time

    def person(self, first_name: str) -> Any:
        if self.network is not None:
            return self.network.person(first_name)
        web = self.channels["web"]
        assert isinstance(web, Web)
        somebody = web_people.Person(web, self.clock, f"{first_name}-{os.urandom(8).hex()}")
        self._web_people.append(somebody)
        return somebody

    async def forward(self, span: timedelta) -> None:
        """Turn the bot's clock, stopping at every due moment on the way; then let delivery say what came of it."""
        target = self.clock.now() + span
        while True:
            async with self.database.read() as db:
                due = await follow_ups.next_due(db)
            if due is None or due > target:
                break
            self.clock.forward(max(due - self.clock.now(), timedelta()))
            await self.app.pulse()
        self.clock.forward(target - self.clock.now())
        await self.app.pulse()
        self.delivery.wake()

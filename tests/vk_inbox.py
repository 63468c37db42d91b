"""A stand-in for the bot behind the VK channel: keeps what it is given, or refuses to, as a database would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from bot.channels.vk import Vk
from handlers.inbound import Elsewhere, Heard, Inbound
from tests.emulators.vk import VkEmulator

T = TypeVar("T")


class Inbox:
    """``cursor`` is what was saved last; ``refuses`` so many batches are not committed."""

    def __init__(self) -> None:
        self.events: list[Inbound] = []
        self.cursor: str | None = None
        self.refuses = 0
        self.refused: list[list[str]] = []
        self.reports: list[tuple[str, str]] = []
        self._changed = asyncio.Event()

    async def receive(self, batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        if self.refuses and any(not isinstance(one.heard, Elsewhere) for one in batch):
            self.refuses -= 1
            self.refused.append([one.event_id for one in batch])
            raise OSError("the disk is full")
        self.events += batch
        self.cursor = cursor or self.cursor
        self._changed.set()

    async def load_cursor(self) -> str | None:
        return self.cursor

    def report(self, kind: str, text: str) -> None:
        self.reports.append((kind, text))
        self._changed.set()

    def heard(self, kind: type[T]) -> list[T]:
        return [one.heard for one in self.events if isinstance(one.heard, kind)]

    def of(self, *kinds: type[Heard]) -> list[Inbound]:
        return [one for one in self.events if isinstance(one.heard, kinds)]

    async def gets(self, kind: type[Any], count: int = 1, timeout: float = 8) -> list[Inbound]:
        """Waits until so many events of this kind were committed."""
        return await self.until(lambda: len(self.of(kind)) >= count and self.of(kind), timeout)

    async def until(self, holds: Any, timeout: float = 8) -> Any:
        async with asyncio.timeout(timeout):
            while not (found := holds()):
                self._changed.clear()
                await self._changed.wait()
        return found


@asynccontextmanager
async def listening(vk: VkEmulator, inbox: Inbox, **more: Any) -> AsyncIterator[Vk]:
    """The channel on the wire; left, it is gone as a killed process is."""
    channel = Vk(vk.token, vk.group_id, api_url=vk.url, load_cursor=inbox.load_cursor, report=inbox.report, **more)
    task = asyncio.create_task(channel.listen(inbox.receive))
    try:
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await channel.close()

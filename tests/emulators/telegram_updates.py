"""The bot's queue of updates at Telegram: what waits, what is confirmed, and who is asking for it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
FAR = 10  # an offset further than this beyond the newest id is not believed


class Conflict(Exception):
    """This getUpdates was ended from outside; the text is the server's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    text: str  # the Update as JSON, exactly as it will go out
    until: float


class Updates:
    """In order of ids, each with its own time to live. One waiter at most: a newer one ends the older."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.next_id = 900_000_001  # a test may move it: after a quiet week the next one is chosen at random
        self.allowed: list[str] | None = None  # as the bot asked for; None: everything but NOT_BY_DEFAULT
        self.asked = 0  # getUpdates calls so far
        self.queue: list[Waiting] = []
        self.told: Callable[[str, str], None] = lambda key, text: None  # of every update that joins the queue
        self.dropped: Callable[[str], None] = lambda key: None  # of one whose time was over before it was taken
        self._newest = 0
        self._waiter: asyncio.Future[None] | None = None

    def emit(self, kind: str, what: Any, *, lives: float = 24 * 3600) -> int | None:
        """An update of a kind the bot asked for joins the queue, as it is at this moment. Its id, or None."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        return self.push({kind: what}, lives=lives) if wanted else None

    def push(self, update: dict[str, Any], *, lives: float = 24 * 3600) -> int:
        """Any update at all, wanted or not."""
        number = update.get("update_id", self.next_id)
        return self.push_text(json.dumps({"update_id": number, **update}), lives=lives)

    def push_text(self, text: str, *, lives: float = 24 * 3600) -> int:
        """Any text at all in an update's place: it takes the next id, whatever it says itself."""
        number = self.next_id
        self.next_id += 1
        self._newest = number
        self.queue.append(Waiting(number, text, self.now() + lives))
        self.told(_key(number, text), text)
        self._wake()
        return number

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def end_waiter(self, why: str) -> None:
        """Whoever waits now gets 409."""
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(Conflict(why))

    def release(self) -> None:
        """Whoever waits now gets an empty answer: the server stops."""
        self._wake()

    async def get(self, *, offset: int, limit: int, timeout: float, allowed: Sequence[str] | None) -> list[str]:
        """One getUpdates. Raises Conflict when another one comes meanwhile."""
        self.asked += 1
        self.end_waiter(
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        if allowed is not None:
            self.allowed = list(allowed) or None
        self._confirm(offset)
        if not self._due(limit) and timeout > 0:
            await self._wait(timeout)
        return self._due(limit)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.queue = self.queue[offset:]
        elif 0 < offset <= self._newest + FAR:
            self.queue = [one for one in self.queue if one.id >= offset]

    def _due(self, limit: int) -> list[str]:
        now = self.now()
        for late in [one for one in self.queue if one.until <= now]:
            self.queue.remove(late)
            self.dropped(_key(late.id, late.text))
        return [one.text for one in self.queue[:limit]]

    async def _wait(self, timeout: float) -> None:
        waiter = self._waiter = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(asyncio.shield(waiter), timeout)
        except TimeoutError:
            waiter.cancel()
        finally:
            if self._waiter is waiter:
                self._waiter = None


def _key(number: int, text: str) -> str:
    """What the bot will know it by: the id that stands in the text, if one does."""
    found = re.search(r'"update_id"\s*:\s*(\d{1,18})\b', text)
    return found[1] if found else str(number)

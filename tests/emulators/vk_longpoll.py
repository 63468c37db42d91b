"""Bots Long Poll: a history of events, keys that expire, and the four ways it says that something was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.emulators.vk_world import Bell, World


class LongPoll:
    """``ts`` is a cursor that the client keeps: an old one repeats events while the history lasts.

    ``fails``: answers to give first, e.g. ``{"failed": 2}``. ``duplicates``: every event of an answer comes twice.
    ``splits``: several pollers share the events (reports contradict each other; by default each gets all).
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.fails: list[dict[str, Any]] = []
        self.duplicates = False
        self.splits = False
        self.asked: list[str] = []  # the ts of every question
        self.keys = 1  # sessions given out
        self.polled = Bell()
        self.passed_over: Callable[[str], None] = lambda key: None  # told of each event that will never be given
        self._lost = 0  # events up to this ts are forgotten
        self._begins_anew: int | None = None  # where a client stood that is to ask for a session
        self._lost_answer = 1
        self._again: int | None = None
        self._taken: set[int] = set()

    @property
    def key(self) -> str:
        return f"key{self.keys:04}"

    def expire_key(self) -> None:
        """The present key is worth nothing: ``failed`` 2 until a new session is asked for."""
        self.keys += 1

    def forget_history(self, *, failed: int = 1) -> None:
        """Everything up to now is lost to those who have not read it: ``failed`` 1 (or 3) for their ``ts``."""
        self._lost, self._lost_answer = self.world.ts, failed

    def replay_from(self, ts: int) -> None:
        """The next answer begins at ``ts``, whatever was asked for."""
        self._again = ts

    async def answer(self, key: str, ts: str, wait: float) -> dict[str, Any]:
        """One question of ``a_check``."""
        self.asked.append(ts)
        self.polled.ring()
        if self.fails:
            return self.fails.pop(0)
        if key != self.key:
            return {"failed": 2}
        if not ts.isdigit() or int(ts) > self.world.ts:
            return {"failed": 3}
        if int(ts) < self._lost:
            return self._history_is_lost(int(ts))
        start, self._again = self._again if self._again is not None else int(ts), None
        if start == self.world.ts:
            await self._something(wait)
        updates = [event for number, event in self.world.events if number > start and self._mine(number)]
        if self.duplicates:
            updates = [event for event in updates for _ in range(2)]
        return {"ts": str(self.world.ts), "updates": updates}

    def session(self) -> dict[str, str]:
        """A new key, and the place that the events have reached by now."""
        self.keys += 1
        if self._begins_anew is not None:
            self._pass_over(self._begins_anew)
            self._begins_anew = None
        return {"key": self.key, "ts": str(self.world.ts)}

    def _history_is_lost(self, ts: int) -> dict[str, Any]:
        """Whatever came since ``ts`` will not be given, what came after the loss neither: a client goes on from now."""
        if self._lost_answer == 1:
            self._pass_over(ts)
            return {"failed": 1, "ts": self.world.ts}
        self._begins_anew = ts
        return {"failed": self._lost_answer}

    def _pass_over(self, ts: int) -> None:
        for number, event in self.world.events:
            if number > ts and event.get("type") != "message_new":  # messages stand in their conversations
                self.passed_over(str(event.get("event_id")))

    async def _something(self, wait: float) -> None:
        try:
            async with asyncio.timeout(min(wait, 90)):
                await self.world.emitted.wait()
        except TimeoutError:
            return

    def _mine(self, number: int) -> bool:
        if not self.splits:
            return True
        free = number not in self._taken
        self._taken.add(number)
        return free

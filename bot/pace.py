"""How fast a channel may be written to. Asked before a row is claimed: what waits for its turn is not "being sent",
so a death while it waits leaves nothing uncertain (which a limiter that sleeps inside the send would)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import steady

_CHATS = 1000  # remembered at once before those that are free again are forgotten


@dataclass(frozen=True, slots=True)
class Rate:
    """Ceilings of one channel; 0 means none. ``per_second``: everything. ``chat_per_second``: one private chat,
    ``chat_burst`` of them at once. ``group_per_minute``: one group (a negative id)."""

    per_second: float = 0
    chat_per_second: float = 0
    chat_burst: int = 3
    group_per_minute: float = 0


class Window:
    """At most ``limit`` in any ``span`` seconds."""

    def __init__(self, limit: int, span: float) -> None:
        self._span = span
        self._taken: deque[float] = deque(maxlen=limit)

    def wait(self, now: float) -> float:
        """Seconds until one more may go; 0 when it may go now."""
        if len(self._taken) < (self._taken.maxlen or 0):
            return 0.0
        return max(0.0, self._taken[0] + self._span - now)

    def room(self, now: float) -> int:
        """How many may go now."""
        recent = sum(1 for moment in self._taken if moment + self._span > now)
        return (self._taken.maxlen or 0) - recent

    def take(self, now: float) -> None:
        self._taken.append(now)

    def idle(self, now: float) -> bool:
        return not self._taken or self._taken[-1] + self._span <= now


class Pace:
    """One channel's ceilings, counted on a clock that is never set back."""

    def __init__(self, rate: Rate, monotonic: Callable[[], float] = steady) -> None:
        self._rate = rate
        self._now = monotonic
        at_once = max(1, int(rate.per_second / 10))  # small bites: thirty a second are not thirty at once
        self._all = Window(at_once, at_once / rate.per_second) if rate.per_second else None
        self._chats: dict[str, Window] = {}

    def room(self) -> int | None:
        """How many may go now, whoever they are for; None: no ceiling."""
        return self._all.room(self._now()) if self._all else None

    def closed(self) -> list[str]:
        """Chats that have had theirs for now."""
        now = self._now()
        return [chat for chat, window in self._chats.items() if window.wait(now) > 0]

    def take(self, chat: str | None) -> None:
        """One goes to ``chat``; None: a call that goes to no chat (the end of a spinner)."""
        now = self._now()
        if self._all:
            self._all.take(now)
        if chat is not None and (window := self._window(chat)):
            window.take(now)

    def reopens(self) -> float | None:
        """Seconds until something that is closed now opens; None: nothing is closed."""
        now = self._now()
        windows = [*self._chats.values(), *([self._all] if self._all else [])]
        return min((left for window in windows if (left := window.wait(now)) > 0), default=None)

    def _window(self, chat: str) -> Window | None:
        if chat not in self._chats:
            if len(self._chats) >= _CHATS:
                now = self._now()
                self._chats = {one: window for one, window in self._chats.items() if not window.idle(now)}
            made = self._make(chat)
            if made is None:
                return None
            self._chats[chat] = made
        return self._chats[chat]

    def _make(self, chat: str) -> Window | None:
        if chat.startswith("-"):
            limit = self._rate.group_per_minute
            return Window(max(1, int(limit)), 60.0 * max(1, int(limit)) / limit) if limit else None
        limit = self._rate.chat_per_second
        return Window(self._rate.chat_burst, self._rate.chat_burst / limit) if limit else None

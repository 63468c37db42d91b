"""How fast a channel may be written to. Asked before a row is claimed: what waits for its turn is not "being sent",
so a death while it waits leaves nothing uncertain (which a limiter that sleeps inside the send would)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import steady
from bot.windows import Arrivals, Window

_CHATS = 1000  # remembered at once before those that are free again are forgotten
_BITES = 5  # a second's worth goes in so many bites: thirty a second are not thirty at once
_HASTE = 1.25  # bites come so much faster than the ceiling: a late wake-up is made up for, the second stays exact


@dataclass(frozen=True, slots=True)
class Rate:
    """Ceilings of one channel; 0 means none. ``per_second``: everything. ``chat_per_second``: one private chat,
    ``chat_burst`` of them at once, then none until that is made up for. ``group_per_minute``: one group (a negative
    id)."""

    per_second: float = 0
    chat_per_second: float = 0
    chat_burst: int = 5
    group_per_minute: float = 0


class Pace:
    """One channel's ceilings, counted on a clock that is never set back.

    Everything passes two windows. One is the ceiling, over a second: whoever comes late for a place in it has lost that
    little once a second. The other spreads the second, in bites; were it the ceiling too, each bite would lose as much.
    """

    def __init__(self, rate: Rate, monotonic: Callable[[], float] = steady) -> None:
        self._rate = rate
        self._now = monotonic
        per_second, whole = rate.per_second, max(1, int(rate.per_second))
        bite = max(1, int(per_second / _BITES))
        self._all = Arrivals(whole, whole / per_second) if per_second else None
        self._bites = Window(bite, bite / (per_second * _HASTE)) if per_second else None
        self._away: dict[int, str] = {}
        self._chats: dict[str, Window] = {}
        self._closed: dict[str, float] = {}  # chats that have had theirs, and when they may have more

    def room(self) -> int | None:
        """How many may go now, whoever they are for; None: no ceiling."""
        now = self._now()
        return min(self._all.room(now), self._bites.room(now)) if self._all and self._bites else None

    def closed(self) -> frozenset[str]:
        """Chats that have had theirs for now."""
        now = self._now()
        self._closed = {chat: opens_at for chat, opens_at in self._closed.items() if opens_at > now}
        return frozenset(self._closed)

    def take(self, number: int, chat: str) -> None:
        """One leaves for ``chat``, which has no other on its way if it has a ceiling of its own; ``number`` is its own
        until it has ``landed``."""
        self._away[number] = chat
        if self._all and self._bites:
            now = self._now()
            self._all.take(number, now)
            self._bites.take(now)

    def landed(self, number: int) -> None:
        """Its answer is there, or there will be none. Its chat counts from now: it arrived no later."""
        chat = self._away.pop(number)
        window = self._window(chat)
        if not (self._all or window):
            return
        now = self._now()
        if self._all:
            self._all.landed(number, now)
        if window:
            window.take(now)
            if wait := window.wait(now):
                self._closed[chat] = now + wait

    def reopens(self) -> float | None:
        """Seconds until something that is closed now opens; None: nothing is closed."""
        now = self._now()
        everything = max(self._all.wait(now), self._bites.wait(now)) if self._all and self._bites else 0.0
        chats = (opens_at - now for opens_at in self._closed.values())
        return min((left for left in (everything, *chats) if left > 0), default=None)

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

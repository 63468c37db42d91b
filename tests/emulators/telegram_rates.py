"""How much Telegram takes before it says 429. Off unless a test switches it on."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable

from tests.emulators.telegram_checks import too_many
from tests.emulators.telegram_world import Chat


class Rates:
    """Sliding windows on the emulator's clock. None: no limit. ``burst``: messages one chat takes at once.

    Telegram's own are about 30 a second in all, 20 a minute into a group, 1 a second into a chat with short bursts.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.overall_per_second: int | None = None
        self.group_per_minute: int | None = None
        self.chat_per_second: int | None = None
        self.burst = 5
        self.refused = 0
        self._all: deque[float] = deque()
        self._chats: defaultdict[int, deque[float]] = defaultdict(deque)

    def as_telegram(self) -> None:
        """Switch on what Telegram is known to hold bots to."""
        self.overall_per_second, self.group_per_minute, self.chat_per_second = 30, 20, 1

    def check(self, chat: Chat) -> None:
        """Raises BotApiError 429 when one more message would be too many."""
        own = self._chats[chat.id]
        self._full(self._all, self.overall_per_second, 1)
        if chat.kind == "private":
            per = self.chat_per_second
            self._full(own, per and per * self.burst, self.burst)
        else:
            self._full(own, self.group_per_minute, 60)

    def count(self, chat: Chat) -> None:
        """One more was taken."""
        for window in (self._all, self._chats[chat.id]):
            window.append(self.now())
            while len(window) > 1000:
                window.popleft()

    def _full(self, window: deque[float], limit: int | None, span: float) -> None:
        if not limit:
            return
        recent = [at for at in window if at > self.now() - span]
        if len(recent) >= limit:
            self.refused += 1
            raise too_many(recent[-limit] + span - self.now())

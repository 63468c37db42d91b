"""So many in so much time: counted by us when they leave (``Window``), or as the network does (``Arrivals``)."""

from __future__ import annotations

import heapq
from collections import deque

_MARGIN = 0.01  # seconds by which the quickest way to the network may differ from one time to the next
_LEARNS = 0.0002  # seconds by which each answer may lengthen what the quickest way is thought to be: we stall too


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


class Arrivals:
    """At most ``limit`` in any ``span`` seconds as the network counts, which is when they arrive there.

    That is known roughly. While one is away its place is taken; when its answer is there, what it took longer than the
    quickest is thought to have been lost on the way there. So no hiccup, ours or the network's, makes two seconds one.
    """

    def __init__(self, limit: int, span: float) -> None:
        self._limit, self._span = limit, span + _MARGIN
        self._away: dict[int, float] = {}  # when they left
        self._free_at: list[float] = []  # a heap: when the places of those that arrived are free again
        self._quickest = 0.0

    def wait(self, now: float) -> float:
        """Seconds until one more may go if nothing arrives meanwhile; 0 when it may go now."""
        if self.room(now) > 0:
            return 0.0
        return self._free_at[0] - now if self._free_at else self._span

    def room(self, now: float) -> int:
        """How many may go now."""
        self._free(now)
        return self._limit - len(self._away) - len(self._free_at)

    def take(self, number: int, now: float) -> None:
        self._away[number] = now

    def landed(self, number: int, now: float) -> None:
        left = self._away.pop(number, now)
        self._quickest = min(now - left, self._quickest + _LEARNS)
        heapq.heappush(self._free_at, now - self._quickest + self._span)
        self._free(now)

    def _free(self, now: float) -> None:
        while self._free_at and self._free_at[0] <= now:
            heapq.heappop(self._free_at)

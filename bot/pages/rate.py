"""How often somebody may try."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Rate:
    """At most ``most`` of something in ``seconds``, for each key; ``monotonic`` seconds, old keys forgotten."""

    def __init__(self, most: int, seconds: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._now = most, seconds, now
        self._seen: OrderedDict[str, list[float]] = OrderedDict()

    def full(self, key: str) -> bool:
        since = self._now() - self._seconds
        times = [at for at in self._seen.get(key, ()) if at > since]
        if not times:
            self._seen.pop(key, None)
            return False
        self._seen[key] = times
        return len(times) >= self._most

    def add(self, key: str) -> None:
        self._seen.setdefault(key, []).append(self._now())
        self._seen.move_to_end(key)
        while len(self._seen) > 10_000:
            self._seen.popitem(last=False)

    def forget(self, key: str) -> None:
        self._seen.pop(key, None)

"""The course of a telling: its transactions, crash points and calls in order, and at which of them to let one fail.

Whoever waits for hours looks again and again whether something has fallen due, and asks the network for news: the
hundredth idle look is like the second. Of what only repeats itself the first ones are tried, and the last poll.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

ALIKE = 2  # so many of what repeats itself are tried
POLLS = frozenset({"getUpdates", "a_check"})
_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(slots=True)
class Course:
    """What happened, once it has. ``transactions``: each its statements, from BEGIN on; ``calls``: of each network."""

    transactions: list[list[str]] = field(default_factory=list)
    points: int = 0
    calls: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def runs(self, text: str) -> None:
        """A statement or a COMMIT is about to run."""
        if text.startswith("BEGIN") or not self.transactions:
            self.transactions.append([])
        self.transactions[-1].append(text)

    def places(self, kind: str) -> list[int]:
        """Those worth a failure, counted from 1. ``kind``: as in ``nth.KINDS``."""
        network = kind.partition(" ")[0]
        if network in ("telegram", "vk"):
            return list(_calls(self.calls[network]))
        if kind == "point":
            return list(range(1, self.points + 1))
        return list(self._statements(commits=kind != "statement"))

    def _statements(self, *, commits: bool) -> Iterator[int]:
        met: Counter[tuple[str, ...]] = Counter()
        place = 0
        for statements in self.transactions:
            looks = tuple(statements)
            if any(_changes(text) for text in looks):
                met.clear()
            met[looks] += 1
            for text in looks:
                if (text == "COMMIT") is commits:
                    place += 1
                    if met[looks] <= ALIKE:
                        yield place


def _changes(text: str) -> bool:
    """When something was last heard is noted now and then, and changes nothing for anybody."""
    return text.startswith(_WRITES) and " setting " not in text


def _calls(methods: list[str]) -> Iterator[int]:
    place = 0
    for method, run in groupby(methods):
        times = len(list(run))
        for number in range(1, times + 1):
            place += 1
            if method not in POLLS or number <= ALIKE or number == times:
                yield place

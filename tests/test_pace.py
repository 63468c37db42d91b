"""The ceilings of a network, as the network itself counts: when a message arrives, not when it left."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.pace import Pace, Rate

TELEGRAM = Rate(per_second=30, chat_per_second=1, group_per_minute=20)
VK = Rate(per_second=20)


@dataclass
class Flood:
    """Thousands are due. A worker that wakes late sends all it may; each has its way there and its way back."""

    rate: Rate
    there: Sequence[float]  # seconds that the ways there take, one of them each time
    late: float  # seconds at most by which the worker wakes later than it wanted
    now: float = 0.0
    arrived: list[float] = field(default_factory=list)
    _back: list[tuple[float, int]] = field(default_factory=list)

    def goes_on(self, seconds: float) -> None:
        pace, dice = Pace(self.rate, monotonic=lambda: self.now), random.Random(7)
        number = 0
        while self.now < seconds:
            self._land(pace)
            for _ in range(pace.room() or 0):
                number += 1
                pace.take(number, str(number))
                arrives = self.now + dice.choice(self.there)
                self.arrived.append(arrives)
                self._back.append((arrives + 0.02, number))
            wanted = self.now + (pace.reopens() or 0.0)
            self.now = min([wanted, *(at for at, _ in self._back)]) + dice.uniform(0.0001, self.late)

    def _land(self, pace: Pace) -> None:
        landed = [one for one in self._back if one[0] <= self.now]
        self._back = [one for one in self._back if one[0] > self.now]
        for _, number in landed:
            pace.landed(number)

    def most_in(self, span: float) -> int:
        ordered = sorted(self.arrived)
        return max(sum(first <= one < first + span for one in ordered) for first in ordered)


@pytest.mark.parametrize(("rate", "allowed"), [(TELEGRAM, 30), (VK, 20)])
def test_T10_a_flood_uses_what_is_allowed_and_never_more(rate: Rate, allowed: int) -> None:
    flood = Flood(rate, there=(0.03, 0.032, 0.035), late=0.02)
    flood.goes_on(60)
    assert flood.most_in(1.0) <= allowed
    assert len(flood.arrived) >= 0.95 * allowed * 60


@pytest.mark.parametrize("late", [0.005, 0.3])
def test_N2_a_stumbling_network_is_not_written_to_faster_than_it_allows(late: float) -> None:
    """One of ten is on its way for a second, and comes there together with those that left later."""
    flood = Flood(TELEGRAM, there=(*[0.03] * 9, 1.0), late=late)
    flood.goes_on(60)
    assert flood.most_in(1.0) <= 30


def test_T10_a_second_is_not_used_up_at_once() -> None:
    flood = Flood(TELEGRAM, there=(0.03,), late=0.001)
    flood.goes_on(10)
    assert flood.most_in(0.1) <= 6


def test_M12_a_group_that_had_its_minute_is_closed_and_nobody_else() -> None:
    now = 0.0
    pace = Pace(TELEGRAM, monotonic=lambda: now)
    for number in range(20):
        now += 0.2
        assert not pace.closed()
        pace.take(number, "-77")
        pace.landed(number)
    now += 1.0
    assert pace.closed() == {"-77"}
    assert pace.reopens() == pytest.approx(60.2 - now)
    now = 60.3
    assert not pace.closed() and pace.reopens() is None


def test_without_ceilings_nothing_is_counted() -> None:
    pace = Pace(Rate(), monotonic=lambda: 0.0)
    for number in range(1000):
        pace.take(number, "-77")
    assert pace.room() is None and not pace.closed() and pace.reopens() is None


def test_T10_a_chat_has_its_one_a_second_and_the_first_few_at_once() -> None:
    now, sent = 0.0, []
    pace = Pace(TELEGRAM, monotonic=lambda: now)
    while now < 60:
        if not pace.closed():
            sent.append(now)
            pace.take(len(sent), "1")
            pace.landed(len(sent))
        now += 0.01
    assert sent[4] - sent[0] < 0.1
    assert all(later - first >= 5 for first, later in zip(sent, sent[5:], strict=False))
    assert len(sent) >= 0.95 * 60

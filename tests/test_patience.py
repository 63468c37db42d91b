"""How long a network is waited for: longer each time, a minute at most, however many days it is away."""

from __future__ import annotations

import pytest

from bot.acts import Ending
from bot.patience import Patience

LATER, UNKNOWN, SENT = Ending("later", pause=1.0), Ending("unknown"), Ending("sent")


@pytest.mark.parametrize(
    ("rounds", "waits"),
    [
        ([[LATER], [LATER], [LATER]], [(1, 0), (2, 0), (4, 0)]),
        ([[LATER], [LATER, SENT], [LATER]], [(1, 0), (1, 0), (1, 0)]),
        ([[Ending("later", pause=300.0)]], [(300, 0)]),
        ([[UNKNOWN], [UNKNOWN], [UNKNOWN]], [(0, 0), (0, 2), (0, 4)]),
        ([[UNKNOWN], [UNKNOWN, SENT], [UNKNOWN]], [(0, 0), (0, 0), (0, 0)]),
        ([[UNKNOWN], [], [UNKNOWN]], [(0, 0), (0, 0), (0, 2)]),
    ],
)
def test_each_round_is_weighed(rounds: list[list[Ending]], waits: list[tuple[float, float]]) -> None:
    patience = Patience()
    assert [patience.weigh(endings) for endings in rounds] == waits


@pytest.mark.parametrize(("ending", "waits"), [(LATER, (60, 0)), (UNKNOWN, (0, 60))])
def test_N6_a_week_of_it_is_a_minute_each_time(ending: Ending, waits: tuple[float, float]) -> None:
    patience = Patience()
    for _ in range(7 * 24 * 60):
        told = patience.weigh([ending])
    assert told == waits


def test_a_question_that_is_answered_costs_no_waiting_and_one_that_is_not_a_longer_one() -> None:
    patience = Patience()
    patience.weigh([UNKNOWN])
    assert not patience.vouched
    assert [patience.asked(answers=False) for _ in range(3)] == [2, 4, 8]
    assert patience.asked(answers=True) == 0 and patience.vouched

"""A sample of what ``make torture`` does for an hour: stories with one failure each, hours of a town where all fail.

The places are chosen by fixed dice, so every run tries the same; the long form tries all.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from tests.checker import NOTHING
from tests.sim.town import run
from tests.torture import nth, simulate
from tests.torture.people import HOUR
from tests.torture.telling import STORIES

DICE = random.Random(20)
SAMPLE = [(DICE.choice(sorted(STORIES)), kind, DICE.randint(1, 6)) for kind in nth.KINDS]


@pytest.mark.parametrize(("name", "kind", "place"), SAMPLE, ids=lambda one: str(one).replace(" ", "_"))
def test_one_failure_changes_nothing_for_anybody(name: str, kind: str, place: int) -> None:
    expected = nth.untouched(name)
    trouble = nth.Trouble(kind, place)
    end = nth.told(STORIES[name], trouble)
    unseen = nth.uncounted(trouble, end) if end.came else []
    assert end.wrong + nth.differences(trouble, end, expected) + unseen == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", [*simulate.seeds_kept()[:2], 31])
def test_hours_of_a_town_end_well(seed: int) -> None:
    result = run(seed, lambda: simulate.simulate(seed, 1 * HOUR))
    assert result.wrong == []
    assert result.happened and result.tally.events > 10, "nothing happened: the run is void"


@pytest.mark.timeout(120)
def test_the_same_seed_gives_the_same_trace() -> None:
    first = run(77, lambda: simulate.simulate(77, HOUR / 12))
    other = run(78, lambda: simulate.simulate(78, HOUR / 12))
    second = run(77, lambda: simulate.simulate(77, HOUR / 12))  # whatever the process did before
    assert first.trace == second.trace != other.trace


def test_a_long_run_without_some_trouble_is_void() -> None:
    """A run says nothing about a trouble that it has hardly met."""
    met = simulate.Result(1, [], Counter(dict.fromkeys(simulate.TROUBLES, 1)), NOTHING, 1, "")
    unlucky = replace(met, happened=met.happened - Counter(["vk forgets"]))
    assert simulate.never_enough([met] * 49) == []
    assert simulate.never_enough([met] * 50) == []
    assert simulate.never_enough([unlucky] * 40 + [met] * 19) == ["vk forgets"]

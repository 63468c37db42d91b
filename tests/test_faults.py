"""A sample of what ``make torture`` does for an hour: stories with one failure each, hours of a town where all fail.

The places are chosen by fixed dice, so every run tries the same; the long form tries all.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from tests.checker import NOTHING
from tests.sim.loop import LIFE, VirtualLoop
from tests.sim.town import run
from tests.torture import nth, simulate
from tests.torture.people import HOUR
from tests.torture.telling import STORIES

DICE = random.Random(20)
FOUND = [  # by the long form: failures of a start or a stop that stood in no counter, the copy of an edited card
    ("a_stranger_is_greeted", "statement", 4),
    ("a_bare_word_gets_the_menu", "statement", 2),
    ("a_person_is_asked_for_and_the_bot_comes_back", "point", 8),
    ("the_process_is_stopped_and_started", "after commit", 3),
    ("the_process_is_stopped_and_started", "death after commit", 3),
    ("a_manager_replies_and_is_answered", "death before commit", 1),
    ("a_manager_replies_and_is_answered", "statement", 1),
]


def met_by(kind: str) -> list[str]:
    """The stories in which such a thing can go wrong."""
    network = kind.partition(" ")[0]
    return sorted(name for name, one in STORIES.items() if kind in nth.OWN or one.network == network)


SAMPLE = [(DICE.choice(met_by(kind)), kind, DICE.randint(1, 6)) for kind in nth.KINDS]


@pytest.mark.parametrize(("name", "kind", "place"), [*SAMPLE, *FOUND], ids=lambda one: str(one).replace(" ", "_"))
def test_one_failure_changes_nothing_for_anybody(name: str, kind: str, place: int) -> None:
    expected = nth.untouched(name)
    places = expected.course.places(kind)
    trouble = nth.Trouble(kind, place if place in places else places[place % len(places)])
    end = nth.told(STORIES[name], trouble)
    assert end.came, "nothing was tried"
    unseen = nth.uncounted(trouble, end, expected)
    assert end.wrong + nth.differences(STORIES[name], trouble, end, expected) + unseen == []


@pytest.mark.parametrize(("told", "silent"), [
    ({}, True), ({"counted": 1.0}, False), ({"unborn": 1}, False), ({"parted": True}, False),
])  # fmt: skip
def test_I14_a_failure_that_no_counter_tells_of_is_held_against_the_bot(told: dict[str, Any], silent: bool) -> None:
    untouched = nth.End(False, {}, [], 1)
    touched = nth.End(True, {}, [], 2, "COMMIT", **told)
    assert bool(nth.uncounted(nth.Trouble("death after commit", 3), touched, untouched)) is silent


def test_only_a_death_after_the_last_word_of_a_stop_is_a_parting() -> None:
    """The second commit of this story is that word: before it took effect, a death is one of those that are counted."""
    story = STORIES["the_process_is_stopped_and_started"]
    ends = {kind: nth.told(story, nth.Trouble(kind, 2)) for kind in ("death before commit", "death after commit")}
    assert {kind: end.parted for kind, end in ends.items()} == {
        "death before commit": False,
        "death after commit": True,
    }
    assert not nth.told(story, nth.Trouble("death after commit", 1)).parted


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


def test_what_a_dead_process_had_begun_is_cut_in_the_order_of_its_making() -> None:
    """Not of its names, nor as a weak set holds it: a seed has one trace in every process."""

    class Ear(asyncio.Protocol):
        def __init__(self, number: int) -> None:
            self.number = number

        def connection_lost(self, why: Exception | None) -> None:
            lost.append(self.number)

    async def life() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        begun = LIFE.set("a life")
        await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        port = next(iter(loop.servers))
        for number in range(30):
            tasks.append(asyncio.create_task(asyncio.sleep(20), name=f"Task-{number}"))
            near = socket.socket()
            await loop.sock_connect(near, ("127.0.0.1", port))
            wires.append(await loop.create_connection(partial(Ear, number), sock=near))
        LIFE.reset(begun)
        names.extend(task.get_name() for task in loop.tasks_of("a life"))
        loop.cut("a life")
        await asyncio.sleep(30)

    lost, names = list[int](), list[str]()
    tasks, wires = list[asyncio.Task[None]](), list[object]()
    run(1, life)
    assert names == [f"Task-{number}" for number in range(30)]
    assert lost == list(range(30))


def test_a_long_run_without_some_trouble_is_void() -> None:
    """A run says nothing about a trouble that it has hardly met."""
    met = simulate.Result(1, [], Counter(dict.fromkeys(simulate.TROUBLES, 1)), NOTHING, 1, "")
    unlucky = replace(met, happened=met.happened - Counter(["vk forgets"]))
    assert simulate.never_enough([met] * 49) == []
    assert simulate.never_enough([met] * 50) == []
    assert simulate.never_enough([unlucky] * 40 + [met] * 19) == ["vk forgets"]

"""The edges, a sample: what was found once is tried for ever, and a few thousand fresh inputs each time.

The long form is ``python -m tests.torture.fuzz --inputs 10000000 --workers 2``.
"""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select

from bot.channels.vk_events import Reader
from bot.channels.vk_recent import Recent
from bot.clock import HandClock
from storage.database import Database
from storage.tables import ServedEvent
from tests.person_play import Play
from tests.torture import seeds
from tests.torture.edge import Edge
from tests.torture.fuzz import BY_NAME, EDGES, Tally, enter, fuzz, kept, run, table

SAMPLE = {"words": 400, "engine": 400, "answer": 1_000, "template": 500, "yaml set": 25, "stories": 25}
KEPT = list(kept())


@pytest.mark.parametrize(
    ("edge", "given", "found"), KEPT, ids=[f"{edge.name}-{place}" for place, (edge, *_) in enumerate(KEPT)]
)
def test_N5_P27_P53_what_was_found_once_is_handled(edge: Edge, given: object, found: str):
    edge.draw(Random(0))  # the flows it reads once are not the input's fault
    tally = Tally()
    enter(edge, given, tally)
    assert not tally.unhandled, f"{found}: {tally.found[0][0]}"


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.name)
def test_P12_P13_P26_P27_P53_A5_nothing_at_all_gets_through_an_edge_unhandled(edge: Edge):
    """Only counted here, not timed: whether an input stalls is judged on a quiet machine, by the long form."""
    tally = run(edge, SAMPLE.get(edge.name, 2_000), seed="suite")
    assert not tally.unhandled, "\n".join(f"{what}: {given!r:.300}" for what, given in tally.found)
    assert tally.taken and tally.refused, f"both must happen, or nothing is shown:\n{table({edge.name: tally})}"


def test_A5_three_hundred_spoiled_sets_are_read_or_refused_in_a_child_that_may_take_256_MB():
    """100,000 in ``make torture``. Outside of their bounds they would be found as MemoryError or Endless."""
    tally = fuzz([BY_NAME["yaml set"]], 300, seed=28, workers=1)["yaml set"]
    assert not tally.unhandled, "\n".join(f"{what}: {given!r:.300}" for what, given in tally.found)
    assert tally.inputs == tally.taken + tally.refused == 300


def test_the_same_seed_makes_the_same_inputs():
    """Else a finding could not be repeated."""
    first, second = (run(BY_NAME["vk payload"], 500, seed="7:vk payload:0") for _ in range(2))
    assert (first.taken, first.refused) == (second.taken, second.refused) and first.inputs == 500
    assert run(BY_NAME["vk payload"], 500, seed="8:vk payload:0").taken != first.taken


def test_an_input_that_never_ends_and_one_that_takes_all_memory_are_found():
    def waits(given: object) -> bool:
        while True:
            pass

    def takes(given: object) -> bool:
        return bool(bytearray(1 << 30))

    edges = [Edge("endless", lambda dice: 0, waits, 1, stall=20), Edge("greedy", lambda dice: 0, takes, 1)]
    tallies = fuzz(edges, 2, seed=1, workers=1)
    assert [tally.found[0][0].split()[0] for tally in tallies.values()] == ["Endless", "MemoryError"]


def test_an_edge_that_raises_is_told_with_its_input():
    def raises(given: object) -> bool:
        raise KeyError(given)

    tally = run(Edge("broken", lambda dice: dice.randint(7, 7), raises, 1), 3, seed="1")
    assert tally.unhandled == 3 and tally.found[0][1] == 7 and "KeyError" in tally.found[0][0]


@pytest.mark.parametrize("key", ["\0", "\ud800"])
async def test_N5_an_event_under_a_key_no_database_takes_does_not_come_again_for_ever(
    database: Database, clock: HandClock, key: object
):
    """Its key is made of its bytes: known when it comes again, and Anna behind it is served."""
    play = await Play.begin(database, clock)
    anna = play.person("Анна", "1001", "vk")
    reader = Reader(seeds.GROUP, Recent(10), clock.now)
    poison = reader.read({"type": "message_allow", "object": {"user_id": 7}, "event_id": key, "group_id": seeds.GROUP})
    hello = reader.read(seeds.vk_events()[1])
    assert poison is not None and hello is not None
    for _ in range(2):
        await play.app.receive([poison, hello])
        await play.app.delivery.drain()
    assert len(anna.heard()) == 1
    async with database.read() as db:
        assert set(await db.scalars(select(ServedEvent.event_id))) == {poison.event_id, hello.event_id}

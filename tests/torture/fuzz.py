"""Fuzz at the edges: millions of spoiled inputs, seeded, without network or database.

    python -m tests.torture.fuzz --inputs 1000000 --seed 7 [--edge vk-event] [--workers 2]

An input is unhandled when its edge raises what it must not raise, or lets through what nobody can keep; it stalls when
it costs more of the processor's time than its edge may; one that never ends is interrupted. A worker may take so much
memory and no more. Everything found is printed as a line for the corpus.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import signal
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.torture import author_edge, engine_edge, network_edge, people_edge, seeds
from tests.torture.edge import Edge

EDGES = (
    Edge("telegram update", network_edge.changed(seeds.telegram_updates), network_edge.read_update, 300),
    Edge("vk event", network_edge.changed(seeds.vk_events), network_edge.read_event, 300),
    Edge("update again", network_edge.changed(seeds.telegram_updates), network_edge.read_update_again, 30),
    Edge("event again", network_edge.changed(seeds.vk_events), network_edge.read_event_again, 30),
    Edge("json body", network_edge.draw_body, network_edge.read_body, 150),
    Edge("vk payload", network_edge.draw_payload, network_edge.read_payload, 80),
    Edge("answer", people_edge.draw_answer, people_edge.read_answer, 40),
    Edge("words", people_edge.draw_said, people_edge.read_words, 20),
    Edge("start tag", people_edge.draw_tag, people_edge.read_tag, 60),
    Edge("engine", engine_edge.draw_turn, engine_edge.play_turn, 30),
    Edge("condition", author_edge.draw_condition, author_edge.read_condition, 20),
    Edge("template", author_edge.draw_template, author_edge.read_template, 10),
    Edge("yaml set", author_edge.draw_set, author_edge.read_set, 2, stall=2_000, most=100_000),
    Edge("stories", author_edge.draw_stories, author_edge.read_stories, 1, stall=2_000, most=20_000),
)
BY_NAME = {edge.name: edge for edge in EDGES}
CORPUS = Path(__file__).parent / "corpus"
CHUNK = 500  # inputs drawn from one dice: the result does not depend on how many workers share them
LONGEST_LINE = 400  # of what is printed
MEMORY = 256 << 20  # bytes that a worker may take beyond what it began with
ENDLESS = 10  # stalls: then an input is interrupted


@dataclass
class Tally:
    """What became of an edge's inputs. ``found``: (what went wrong, the input)."""

    inputs: int = 0
    taken: int = 0
    refused: int = 0
    unhandled: int = 0
    stalls: int = 0
    slowest: float = 0.0
    cpu: float = 0.0
    found: list[tuple[str, Any]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        for name in ("inputs", "taken", "refused", "unhandled", "stalls", "cpu"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest = max(self.slowest, other.slowest)
        self.found += other.found[: 20 - len(self.found)]


def run(edge: Edge, inputs: int, *, seed: str) -> Tally:
    """So many inputs of one edge, all from one dice."""
    dice, tally = Random(seed), Tally()
    begun = time.thread_time()
    for _ in range(inputs):
        enter(edge, edge.draw(dice), tally)
    tally.cpu = time.thread_time() - begun
    return tally


def enter(edge: Edge, given: Any, tally: Tally) -> None:
    """One input: counted, and kept if it went wrong. One that seems to stall is tried again: it may have been ours."""
    tally.inputs += 1
    begun = time.thread_time()
    try:
        with interrupted(edge.stall * ENDLESS / 1000):
            taken = edge.enter(given)
    except Exception as failed:
        tally.unhandled += 1
        place = traceback.extract_tb(failed.__traceback__)[-1]
        tally.found.append(
            (f"{type(failed).__name__} at {Path(place.filename).name}:{place.lineno}: {failed}"[:300], given)
        )
        return
    spent = (time.thread_time() - begun) * 1000
    if spent > edge.stall / 2:
        spent = min(spent, _again(edge, given))
    tally.taken += taken
    tally.refused += not taken
    tally.slowest = max(tally.slowest, spent)
    if spent > edge.stall:
        tally.stalls += 1
        tally.found.append((f"stalls: {spent:.0f} ms", given))


class Endless(Exception):
    """An input that went on and on."""


@contextmanager
def interrupted(seconds: float) -> Iterator[None]:
    """Endless is raised after so much of the processor's time. Only in a main thread, as signals have it."""

    def stop(*_: object) -> None:
        raise Endless(f"not done after {seconds:.0f} s of the processor's time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _again(edge: Edge, given: Any) -> float:
    begun = time.thread_time()
    edge.enter(given)
    return (time.thread_time() - begun) * 1000


# ---------------------------------------------------------------- the corpus


def kept() -> Iterator[tuple[Edge, Any, str]]:
    """Whatever was found once: edge, input, and what it did."""
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text("ascii").splitlines():
            case = json.loads(line)
            yield BY_NAME[case["edge"]], case["input"], case["found"]


def corpus_line(edge: str, given: Any, found: str) -> str:
    return json.dumps({"edge": edge, "found": found, "input": given})


# ---------------------------------------------------------------- from the command line


def shares(edges: Sequence[Edge], inputs: int) -> dict[str, int]:
    """How many inputs each edge gets of all."""
    whole = sum(edge.share for edge in edges)
    return {edge.name: min(max(1, inputs * edge.share // whole), edge.most or inputs) for edge in edges}


_at_hand: dict[str, Edge] = {}  # in a worker


def _begin(edges: Sequence[Edge]) -> None:
    """In a worker, first of all: more memory than it may have is a MemoryError, and found like any other."""
    _at_hand.update({edge.name: edge for edge in edges})
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _chunk(task: tuple[str, int, str]) -> tuple[str, Tally]:
    name, inputs, seed = task
    return name, run(_at_hand[name], inputs, seed=seed)


def fuzz(edges: Sequence[Edge], inputs: int, *, seed: int, workers: int) -> dict[str, Tally]:
    """Run them all; by name."""
    tallies = {edge.name: Tally() for edge in edges}
    tasks = [
        (name, min(CHUNK, number - start), f"{seed}:{name}:{start}")
        for name, number in shares(edges, inputs).items()
        for start in range(0, number, CHUNK)
    ]
    with multiprocessing.get_context("fork").Pool(workers, initializer=_begin, initargs=(edges,)) as pool:
        for name, tally in pool.imap_unordered(_chunk, tasks):
            tallies[name].add(tally)
    return tallies


HEAD = ("edge", "inputs", "taken", "refused", "unhandled", "stalls", "slowest ms", "inputs/s a core")


def table(tallies: dict[str, Tally]) -> str:
    rows = [HEAD, tuple("-" * len(one) for one in HEAD)]
    for name, one in tallies.items():
        pace = f"{one.inputs / one.cpu:,.0f}" if one.cpu else "-"
        numbers = (one.inputs, one.taken, one.refused, one.unhandled, one.stalls)
        rows.append((name, *(f"{number:,}" for number in numbers), f"{one.slowest:.1f}", pace))
    total = [
        sum(getattr(one, name) for one in tallies.values())
        for name in ("inputs", "taken", "refused", "unhandled", "stalls")
    ]
    slowest = max(one.slowest for one in tallies.values())
    rows.append(("all", *(f"{number:,}" for number in total), f"{slowest:.1f}", ""))
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--inputs", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--edge", choices=sorted(name.replace(" ", "-") for name in BY_NAME), action="append")
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--keep", type=argparse.FileType("a"), help="append what was found to this corpus file")
    given = asked.parse_args()
    begun = time.monotonic()
    edges = [BY_NAME[name.replace("-", " ")] for name in given.edge] if given.edge else EDGES
    tallies = fuzz(edges, given.inputs, seed=given.seed, workers=given.workers)
    print(table(tallies))
    print(f"seed {given.seed}, {given.workers} workers, {time.monotonic() - begun:.0f} s")
    found = [(name, *one) for name, tally in tallies.items() for one in tally.found]
    for name, what, spoiled in found:
        line = corpus_line(name, spoiled, what)
        print(line if len(line) < LONGEST_LINE else f"{line[:LONGEST_LINE]}… {len(line)} letters")
        if given.keep:
            given.keep.write(line + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""One thing goes wrong, at every place where it can: the n-th statement, commit, network call, crash point, n = 1, 2…

Each story is first told untouched; then again and again, each time with one failure one place further, to its end. What
only repeats itself while somebody waits is tried once or twice (``course.py``). After each: whatever died is started
again, everything drains, and then ledger, database and what each person saw are compared with each other and with the
untouched story.

``python -m tests.torture.nth --workers 2`` tells all; ``--stories a,b`` and ``--every 7`` tell some.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import tests.torture.stories  # noqa: F401 - the book is filled
from bot.metrics import Metrics
from tests.emulators.faults import ANY, Fault
from tests.screens import misread
from tests.sim.disk import Dead
from tests.sim.town import Town, run
from tests.torture.course import Course
from tests.torture.telling import STORIES, Story, Telling, judged

NETWORK = (Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.SLOW, Fault.SERVER_ERROR_HTML, Fault.GARBAGE)
OWN = ("statement", "before commit", "after commit", "death before commit", "death after commit", "point")
SLOW = 200.0  # seconds: longer than anybody waits for an answer
FINE = frozenset({"answered", "sent", "superseded", "void", "silence"})  # counted, and no trouble
UNSEEN = {("a_check", "RESET_BEFORE"), ("a_check", "RESET_AFTER")}  # aiohttp asks once more by itself
REAL = 120  # seconds of a real clock for one telling
BEAT = 600.0  # seconds of the story between beats of the heart: idle ones are all alike
QUIET = 200.0  # seconds after which whatever was unclear is cleared up


@dataclass(frozen=True, slots=True)
class Trouble:
    """The ``n``-th of ``kind`` goes wrong. ``kind`` is one of OWN, or ``telegram SLOW``: a network and a Fault."""

    kind: str
    n: int

    def __str__(self) -> str:
        return f"{self.kind} {self.n}"


@dataclass(slots=True)
class End:
    """How a telling ended. ``came``: the trouble did. ``said``: every text that a network took, also of edited ones.
    ``unborn``: lives that ended before they had begun. ``parted``: the process died just after it had committed that it
    ended in order: there is nothing left to lose, and nobody left to count."""

    came: bool
    screens: dict[str, list[str]]
    wrong: list[str]
    lives: int
    where: str = ""
    counted: float = 0.0
    said: frozenset[str] = frozenset()
    course: Course = field(default_factory=Course)
    unborn: int = 0
    parted: bool = False


KINDS = (*OWN, *(f"{network} {fault.name}" for network in ("telegram", "vk") for fault in NETWORK))


class Dice:
    """Counts every place from ``begin`` on and lets the trouble happen at its own."""

    def __init__(self, town: Town, trouble: Trouble | None) -> None:
        self.town, self.trouble = town, trouble
        self.counts: Counter[str] = Counter()
        self.course = Course()
        self.where = ""
        self.parted = False
        self._on = False

    def begin(self) -> None:
        self._on = True
        for name in ("telegram", "vk"):
            getattr(self.town, name).faults.heard = self.course.calls[name].append
        network, _, fault = self.trouble.kind.partition(" ") if self.trouble else ("", "", "")
        if network in ("telegram", "vk"):
            faults = getattr(self.town, network).faults
            faults.slow_for = SLOW
            faults.nth(ANY, self.trouble.n, Fault[fault])  # type: ignore[union-attr]

    def end(self) -> None:
        self._on = False
        for network in (self.town.telegram, self.town.vk):
            network.faults.clear()
            network.faults.heard = None

    @property
    def came(self) -> bool:
        happened = self.town.telegram.faults.happened + self.town.vk.faults.happened
        return bool(self.where or happened)

    def statement(self, moment: str, text: str) -> None:
        commit = text == "COMMIT"
        if moment == "before":
            if self._on:
                self.course.runs(text)
            self._turn("before commit" if commit else "statement", text, sqlite3.OperationalError("disk I/O error"))
            if commit:
                self._turn("death before commit", text, Dead())
        elif commit:
            self._turn("after commit", text, sqlite3.OperationalError("disk I/O error"))
            self._turn("death after commit", text, Dead())

    def point(self, name: str) -> None:
        self.course.points += self._on
        self._turn("point", name, Dead())

    def _turn(self, kind: str, where: str, what: BaseException) -> None:
        if not self._on:
            return
        self.counts[kind] += 1
        if self.trouble and (kind, self.counts[kind]) == (self.trouble.kind, self.trouble.n):
            self.where = " ".join(where.split())[:60]
            self.parted = kind == "death after commit" and _has_parted(self.town.path)
            raise what


def _has_parted(path: Path) -> bool:
    """Whether the last process on this database has committed that it ended by itself (``App.stop``)."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT value FROM setting WHERE key = 'running'").fetchone() == ("no",)


async def tell(story: Story, trouble: Trouble | None) -> End:
    """One telling, from the first word to the last check."""
    async with Town.open(story.files) as town:
        town.beat = BEAT
        dice = Dice(town, trouble)
        telling = Telling(town, story, dice.begin)
        town.hook, town.crashes = dice.statement, dice.point
        await town.start()
        supervisor = asyncio.create_task(town.supervise())
        wrong: list[str] = []
        try:
            await story.tell(telling)
        except (AssertionError, TimeoutError) as ended:
            wrong.append(f"the story did not come to its end: {ended}")
        dice.end()
        try:
            for _ in range(2):
                await telling.settled()
                await asyncio.sleep(QUIET)
        except TimeoutError:
            wrong.append("it did not drain")
        supervisor.cancel()
        lives, counted = town.lives, sum(map(troubles, town.metrics))
        await town.kill()
        wrong += (await judged(town))[0]
        telling.witness.close()
        where = dice.where or town.telegram.faults.hit or town.vk.faults.hit
        said = frozenset(entry.text for net in (town.telegram, town.vk) for entry in net.ledger.entries)
        unborn = lives - town.begun
        return End(dice.came, telling.screens(), wrong, lives, where, counted, said, dice.course, unborn, dice.parted)


def troubles(metrics: Metrics) -> float:
    """How many troubles a process has counted (I14): failures of its own, of the networks, of what it sent."""
    seen = 0.0
    for family in metrics.registry.collect():
        for sample in family.samples:
            what = {**sample.labels}.get("what", "") + {**sample.labels}.get("outcome", "")
            counts = sample.name in ("leadbot_failures_total", "leadbot_network_total", "leadbot_outbox_total")
            counts = (counts and what not in FINE) or what == "unclean_starts"
            seen += sample.value * counts
    return seen


class Hanging(BaseException):
    """The process does not come back to its loop: no clock of ours would notice."""


def told(story: Story, trouble: Trouble | None) -> End:
    def rings(*_: object) -> None:
        raise Hanging

    signal.signal(signal.SIGALRM, rings)
    signal.alarm(REAL)
    try:
        return run(7, lambda: tell(story, trouble))  # type: ignore[no-any-return]
    except Hanging as hanging:
        places = traceback.extract_tb(hanging.__traceback__)[-4:]
        where = " ".join(f"{place.filename.rpartition('/')[2]}:{place.lineno}" for place in places)
        return End(True, untouched(story.name).screens, [f"hanging in {where}"], 1)
    finally:
        signal.alarm(0)


def differences(story: Story, trouble: Trouble, end: End, expected: End) -> list[str]:
    """Where somebody saw something else than in the untouched story. Of a message to Telegram of unknown outcome there
    may be two copies, one in a chat: whether the network or a death left it unclear; of a manager whom VK did not name,
    the role is shown."""
    on_telegram = story.network == "telegram"
    unclear = end.lives > expected.lives or (trouble.kind.startswith("telegram ") and end.where == "sendMessage")
    named = str.replace if end.where == "users.get" else lambda text, *_: text
    found = []
    for who, seen in expected.screens.items():
        twice = unclear and ("telegram" in who or (on_telegram and who.startswith("person")))
        shown = [named(text, "Администратор", "Ольга") for text in end.screens[who]]
        before = expected.said if twice else ()
        found += [f"{who}: {line}" for line in misread(shown, seen, repeats=int(twice), before=before)]
    return found


def uncounted(trouble: Trouble, end: End, expected: End) -> list[str]:
    """I14: whatever went wrong stands in a counter of some life of the process, a death in that of the next. A start
    that failed has served nobody, and says why it ended."""
    if (
        end.unborn
        or end.parted
        or end.counted > expected.counted
        or (end.where, trouble.kind.partition(" ")[2]) in UNSEEN
    ):
        return []
    return ["I14: no counter tells of it"]


# ---------------------------------------------------------------- the loop


@dataclass(slots=True)
class Tried:
    """What came of one story and one kind of trouble."""

    story: str
    kind: str
    runs: int = 0
    deaths: int = 0
    wrong: list[str] = field(default_factory=list)
    left: bool = False


def loop(name: str, kind: str, *, every: int = 1, first: int = 1, until: float = inf) -> Tried:
    """Every so-many-th place that is worth it, from the ``first`` on, to the story's end; or until a moment of the
    monotonic clock, then ``left`` is set."""
    story = STORIES[name]
    expected = untouched(name)
    tried = Tried(name, kind)
    for n in expected.course.places(kind)[first - 1 :: every]:
        if time.monotonic() > until:
            tried.left = True
            break
        trouble = Trouble(kind, n)
        end = told(story, trouble)
        if not end.came:
            tried.wrong.append(f"{name} · {trouble}: the story has no such place this time")
            continue
        tried.runs += 1
        tried.deaths += end.lives - 1
        wrong = end.wrong + differences(story, trouble, end, expected) + uncounted(trouble, end, expected)
        tried.wrong += [f"{name} · {trouble} [{end.where}]: {line}" for line in wrong]
    return tried


_expected: dict[str, End] = {}


def untouched(name: str) -> End:
    """How the story ends when nothing goes wrong. Raises AssertionError when something does all the same."""
    if name not in _expected:
        end = told(STORIES[name], None)
        assert not end.wrong, (name, end.wrong)
        _expected[name] = end
    return _expected[name]


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    kind: str
    every: int
    first: int
    until: float


def _do(job: Job) -> Tried:
    logging.disable(logging.CRITICAL)
    return loop(job.name, job.kind, every=job.every, first=job.first, until=job.until)


def everything(jobs: Sequence[Job], *, workers: int) -> Iterator[Tried]:
    """What came of each, in the order of the jobs."""
    if workers == 1:
        yield from map(_do, jobs)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_do, jobs)


def jobs_of(names: Sequence[str], kinds: Sequence[str], *, every: int, seed: int, until: float) -> list[Job]:
    """Each story with each kind of trouble, in an order of the seed's: whoever has little time tries something else
    each day. ``every``: only every so-many-th place, from a place of the seed's."""
    dice = random.Random(seed)
    jobs = [Job(name, kind, every, dice.randint(1, every), until) for name in names for kind in kinds]
    dice.shuffle(jobs)
    return jobs


def table(results: Sequence[Tried]) -> str:
    """Runs by kind of trouble, as Markdown."""
    lines = ["| what goes wrong | runs | new starts | violations |", "|---|---:|---:|---:|"]
    for kind in dict.fromkeys(one.kind for one in results):
        of = [one for one in results if one.kind == kind]
        lines.append(
            f"| {kind} | {sum(r.runs for r in of)} | {sum(r.deaths for r in of)} | {sum(len(r.wrong) for r in of)} |"
        )
    total = (sum(r.runs for r in results), sum(r.deaths for r in results), sum(len(r.wrong) for r in results))
    return "\n".join([*lines, "| **all** | {} | {} | {} |".format(*total)])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", default="")
    parser.add_argument("--kinds", default="")
    parser.add_argument("--every", type=int, default=1, help="only every so-many-th place")
    parser.add_argument("--seed", type=int, default=1, help="in which order, and where to begin with --every")
    parser.add_argument("--seconds", type=float, default=inf, help="begin nothing after so long")
    parser.add_argument(
        "--from", type=int, default=0, dest="first", help="go on where an earlier run of the seed ended"
    )
    parser.add_argument("--workers", type=int, default=1)
    asked: Any = parser.parse_args(arguments)
    names = asked.stories.split(",") if asked.stories else list(STORIES)
    kinds = asked.kinds.split(",") if asked.kinds else list(KINDS)
    began, results = time.monotonic(), []
    jobs = jobs_of(names, kinds, every=asked.every, seed=asked.seed, until=began + asked.seconds)[asked.first :]
    for number, tried in enumerate(everything(jobs, workers=asked.workers), asked.first):
        results.append(tried)
        said = f"{tried.story}: {tried.kind}, {tried.runs} runs, {tried.deaths} new starts"
        print(f"{time.monotonic() - began:6.0f} s  {number} {said}", *tried.wrong, sep="\n    ", flush=True)
    left = [one for one in results if one.left]
    print(f"{len(names)} stories, {time.monotonic() - began:.0f} s\n\n{table(results)}")
    ended = next((number for number, one in enumerate(results, asked.first) if one.left), None)
    print(f"\nNot finished in time: {len(left)}; go on with --from {ended}." if left else "\nEvery place was tried.")
    return int(any(one.wrong for one in results))


if __name__ == "__main__":
    sys.exit(main())

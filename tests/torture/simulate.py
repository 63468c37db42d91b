"""Seventy-two hours of a town in which everything that can fail does: people, managers, an admin, networks, the disk,
the process. The same seed gives the same trace. When the faults stop, everything drains within ten minutes, and ledger,
database and people agree.

``python -m tests.torture.simulate --seeds 1-100 --workers 2`` runs many; ``--seeds 7 --twice`` shows that one is
always the same.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import os
import random
import sqlite3
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from math import log10
from pathlib import Path
from typing import Any

from bot.publishing import publish
from tests.checker import Tally
from tests.emulators.faults import ANY, Fault
from tests.emulators.telegram import too_many
from tests.emulators.vk_errors import VkError
from tests.sim.disk import Dead
from tests.sim.town import Town, run
from tests.torture.people import HOUR, MINUTE, Manager, Somebody
from tests.torture.telling import Story, Telling, alike, files, judged

DAYS = 72 * HOUR
PEOPLE = 8  # in each seed, half of them in each network
DRAINS = 10 * MINUTE
LONG_RUN, OFTEN = 50, 20  # a run of so many seeds is void unless each kind of trouble came so often
TROUBLES = (
    "statement", "before commit", "after commit", "crash", "disk fills", "disk full", "stopped", "killed", "published",
    "telegram away", "vk away", "vk forgets", "vk key expires", "telegram BotApiError", "vk VkError",
    *(f"{network} {fault.name}" for network in ("telegram", "vk") for fault in Fault),
)  # fmt: skip
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")
TOWN = """
  - id: town
    ask: |
      Из какого вы города?
    answer: text
    purpose: подобрать салон
""".lstrip("\n")
EDITS = (
    lambda text: text.replace("- id: name\n", "- id: called\n").replace("{{ name }}, ваш", "Ваш"),
    lambda text: text.replace("Какой автомобиль?", "Какой автомобиль вам по душе?"),
    lambda text: text.replace("  - id: name\n", TOWN + "  - id: name\n"),
)


@dataclass(slots=True)
class Result:
    """One seed. ``happened``: what went wrong, by kind; ``trace``: the same for the same seed."""

    seed: int
    wrong: list[str]
    happened: Counter[str]
    tally: Tally
    lives: int
    trace: str
    seconds: float = 0.0

    def __str__(self) -> str:
        t = self.tally
        return (
            f"seed {self.seed}: {self.lives} lives, {t.events} events, {t.messages} messages, {t.unknown} unknown, "
            f"{t.repeats} repeats, trace {self.trace}, {self.seconds:.0f} s"
        )


@dataclass
class World:
    """One town and its bad luck: a random part of all faults, each seldom."""

    town: Town
    seed: int
    hours: float = DAYS
    happened: Counter[str] = field(default_factory=Counter)
    on: bool = False
    full_until: float = 0.0

    def __post_init__(self) -> None:
        self.dice = random.Random(f"faults {self.seed}")
        self.p = {
            "statement": self._some(0.0003), "before commit": self._some(0.002), "after commit": self._some(0.002),
            "crash": self._some(0.0008),
        }  # fmt: skip
        self._tasks: list[asyncio.Task[None]] = []

    def _some(self, most: float) -> float:
        return self.dice.uniform(0, most) if self.dice.random() < 0.6 else 0.0

    # ------------------------------------------------------------ the disk and the process

    def statement(self, moment: str, text: str) -> None:
        if not self.on:
            return
        commit = text == "COMMIT"
        if self.town.loop.time() < self.full_until and moment == "before" and text.startswith(WRITES):
            self.happened["disk full"] += 1
            raise sqlite3.OperationalError("database or disk is full")
        kind = ("before commit" if moment == "before" else "after commit") if commit else "statement"
        if (commit or moment == "before") and self.dice.random() < self.p[kind]:
            self.happened[kind] += 1
            raise sqlite3.OperationalError("disk I/O error")

    def point(self, name: str) -> None:
        if self.on and self.dice.random() < self.p["crash"]:
            self.happened[f"crash: {name}"] += 1
            raise Dead

    def start_failed(self) -> None:
        self.happened["start failed"] += 1

    # ------------------------------------------------------------ the networks

    def let_loose(self) -> None:
        """From here on anything may happen."""
        self.on = True
        for network in (self.town.telegram, self.town.vk):
            network.faults._dice = random.Random(f"{network.ledger.channel} {self.seed}")
            network.faults.slow_for = 120.0
            for fault in Fault:
                if self.dice.random() < 0.5:
                    network.faults.chance(ANY, fault, self.dice.uniform(0.001, 0.02))
        if self.dice.random() < 0.5:
            self.town.telegram.faults.chance("sendMessage", too_many(5), 0.03)
        for code, method in ((6, "messages.send"), (9, "messages.send"), (10, ANY), (1, "messages.edit")):
            if self.dice.random() < 0.4:
                self.town.vk.faults.chance(method, VkError(code), 0.01)
        self.town.vk.longpoll.duplicates = self.dice.random() < 0.3
        for name, act in self._plans():
            for _ in range(self.dice.choice((0, 1, 1, 2))):
                at = self.dice.uniform(0.02, 0.95) * self.hours
                self._tasks.append(asyncio.create_task(self._at(at, name, act), name=f"luck {len(self._tasks)}"))

    def _plans(self) -> Sequence[tuple[str, Callable[[random.Random], Awaitable[None]]]]:
        return (
            ("telegram away", lambda dice: self._away(self.town.telegram, dice)),
            ("vk away", lambda dice: self._away(self.town.vk, dice)),
            ("vk forgets", self._forgets),
            ("vk key expires", self._expires),
            ("disk fills", self._fills),
            ("stopped", self._stops),
            ("killed", self._killed),
            ("published", self._publishes),
        )

    def _span(self, dice: random.Random, most: float) -> float:
        """Seconds, short ones as likely as long ones; never a big part of the whole."""
        return 10.0 ** dice.uniform(1, log10(min(most, max(20.0, 0.04 * self.hours))))

    async def _at(self, at: float, name: str, act: Callable[[random.Random], Awaitable[None]]) -> None:
        dice = random.Random(f"{name} {at} {self.seed}")
        await asyncio.sleep(at)
        if self.on:
            self.happened[name] += 1
            await act(dice)

    async def _away(self, network: Any, dice: random.Random) -> None:
        if not network.listening:
            return
        port = int(network.url.rpartition(":")[2])
        await network.stop()
        await asyncio.sleep(self._span(dice, 10_000))
        if not network.listening:
            await network.start(port)

    async def _forgets(self, dice: random.Random) -> None:
        """Events that nobody has read are gone; messages can be read from the conversations, presses cannot."""
        self.town.vk.longpoll.forget_history(failed=dice.choice((1, 3)))

    async def _expires(self, dice: random.Random) -> None:
        self.town.vk.longpoll.expire_key()

    async def _fills(self, dice: random.Random) -> None:
        self.full_until = self.town.loop.time() + self._span(dice, 8 * MINUTE)

    async def _stops(self, dice: random.Random) -> None:
        if self.town.house is not None:
            try:
                await self.town.stop()
            except (Dead, Exception):
                await self.town.kill()
            await self.town.rise(tell=self.start_failed)

    async def _killed(self, dice: random.Random) -> None:
        if self.town.house is not None:
            await self.town.kill()
            await asyncio.sleep(self._span(dice, 6000))
            await self.town.rise(tell=self.start_failed)

    async def _publishes(self, dice: random.Random) -> None:
        house = self.town.house
        if house is None:
            return
        with self.town.nothing_fails():
            await publish(house.database, files(edit=dice.choice(EDITS)), by="Ирина", now=self.town.clock.now())
            await house.library.refresh()

    async def make_peace(self) -> None:
        """The faults stop; whatever is down comes up."""
        self.on, self.full_until = False, 0.0
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for network in (self.town.telegram, self.town.vk):
            self.happened += Counter(
                {f"{network.ledger.channel} {name}": n for name, n in network.faults.happened.items()}
            )
            network.faults.clear()
            if not network.listening:
                await network.start(int(network.url.rpartition(":")[2]))
        self.town.vk.longpoll.duplicates = False
        await self.town.rise(tell=self.start_failed)


async def simulate(seed: int, hours: float = DAYS) -> Result:
    """One seed, from the first start to the last check."""
    async with Town.open(files()) as town:
        town.beat = 240.0
        world = World(town, seed, hours)
        town.hook, town.crashes = world.statement, world.point
        telling = Telling(town, Story("town", "telegram", _nobody, files()), lambda: None)
        await town.start()
        supervisor = asyncio.create_task(town.supervise(tell=world.start_failed), name="supervisor")
        people = []
        for number in range(PEOPLE):
            network = (town.telegram, town.vk)[number % 2]
            somebody = Somebody(
                network.person(f"Гость {number}"), number // 2 + seed, random.Random(f"{seed} {number}"), until=hours
            )
            somebody.who.patience = DRAINS
            people.append(somebody)
        managers = [
            Manager(town.olga[name], lambda name=name: town.desks[name], random.Random(f"{name} {seed}"), until=hours)  # type: ignore[misc]
            for name in ("telegram", "vk")
        ]
        world.let_loose()
        lives = [asyncio.create_task(one.live(), name=f"person {n}") for n, one in enumerate(people)]
        lives += [asyncio.create_task(one.work(), name=f"manager {n}") for n, one in enumerate(managers)]
        await asyncio.sleep(hours)
        for one in lives:
            one.cancel()
        wrong = [
            f"{one!r}" for one in await asyncio.gather(*lives, return_exceptions=True) if isinstance(one, Exception)
        ]
        await world.make_peace()
        wrong += await _peace(telling, people)
        supervisor.cancel()
        happened, number = world.happened, town.lives
        await town.kill()
        found, tally = await judged(town)
        telling.witness.close()
        return Result(seed, [*wrong, *found], happened, tally, number, _trace(town))


async def _nobody(telling: Telling) -> None: ...


async def _peace(telling: Telling, people: Sequence[Somebody]) -> list[str]:
    """Ten minutes: the backlog drains, and whoever asks is answered."""
    wrong = []
    try:
        async with asyncio.timeout(DRAINS):
            await telling.settled()
    except TimeoutError:
        wrong.append("what was owed did not drain within ten minutes")
    for one in people:
        if one.blocked:
            await one.who.unblocks()
    answers = [asyncio.create_task(_answered(one), name=f"answer {n}") for n, one in enumerate(people)]
    for answer in await asyncio.gather(*answers):
        wrong += answer
    for pause in (0, 200):
        await asyncio.sleep(pause)
        try:
            await telling.settled()
        except TimeoutError:
            wrong.append("somebody was never heard, or something owed was never sent")
    return wrong


async def _answered(one: Somebody) -> list[str]:
    before = [(seen.id, seen.text) for seen in one.who.screen]
    await one.who.says("мои данные")
    for _ in range(int(DRAINS / 5)):
        await asyncio.sleep(5)
        if [(seen.id, seen.text) for seen in one.who.screen] != before:
            return []
    return [f"{one.character} {one.who.id} asked and was not answered within ten minutes"]


def _trace(town: Town) -> str:
    """What happened, in one word."""
    digest = hashlib.sha256()
    for ledger in (town.telegram.ledger, town.vk.ledger):
        for act in ledger.acts:
            digest.update(f"{act.at} {act.kind} {act.chat} {act.key}\n".encode())
        for entry in ledger.entries:
            digest.update(f"{entry.at} {entry.to} {entry.method} {alike(entry.text)}\n".encode("utf-8", "replace"))
    return digest.hexdigest()[:16]


# ---------------------------------------------------------------- many seeds


def one(job: tuple[int, float]) -> Result:
    logging.disable(logging.CRITICAL)
    seed, hours = job
    began = time.monotonic()
    result: Result = run(seed, lambda: simulate(seed, hours))
    result.seconds = time.monotonic() - began
    return result


def table(results: Sequence[Result]) -> str:
    """What happened over all seeds, as Markdown."""
    happened: Counter[str] = sum((one.happened for one in results), Counter())
    tally = sum((one.tally for one in results[1:]), results[0].tally)
    lines = [
        "| what went wrong | times |",
        "|---|---:|",
        *(f"| {name} | {n} |" for name, n in sorted(happened.items())),
    ]
    return "\n".join([*lines, "", str(tally), f"lives of the process: {sum(one.lives for one in results)}"])


def never_enough(results: Sequence[Result]) -> list[str]:
    """Kinds of trouble that a long run has not met often enough to say anything about them: it is void."""
    if len(results) < LONG_RUN:
        return []
    happened: Counter[str] = Counter()
    for one in results:
        for name, n in one.happened.items():
            happened[name.partition(":")[0]] += n
    return [name for name in TROUBLES if happened[name] < OFTEN]


def seeds_kept() -> list[int]:
    """Seeds that failed once: they are run first, for ever."""
    lines = (Path(__file__).parent / "corpus" / "seeds.txt").read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]


def many(seeds: Iterable[int], *, hours: float, workers: int, seconds: float) -> Iterator[Result]:
    """One result after the other; none is begun after so many seconds."""
    began = time.monotonic()
    with ProcessPoolExecutor(workers) as pool:
        running: set[Future[Result]] = set()
        waiting = iter(seeds)
        while True:
            while len(running) < workers and time.monotonic() - began < seconds:
                if (seed := next(waiting, None)) is None:
                    break
                running.add(pool.submit(one, (seed, hours)))
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)


def main(arguments: Sequence[str] | None = None) -> int:
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets of texts have an order of their own in each process otherwise
        command = [sys.executable, "-m", "tests.torture.simulate", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1, help="the first seed; those in corpus/seeds.txt go before it")
    parser.add_argument("--number", type=int, default=1_000_000, help="how many seeds")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no seed after so long")
    parser.add_argument("--hours", type=float, default=72.0, help="simulated ones")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--twice", action="store_true", help="run each seed twice and compare the traces")
    asked = parser.parse_args(arguments)
    seeds = [*seeds_kept(), *range(asked.first, asked.first + asked.number)][: asked.number]
    each = (seed for seed in seeds for _ in range(1 + asked.twice))
    results: list[Result] = []
    for result in many(each, hours=asked.hours * HOUR, workers=asked.workers, seconds=asked.seconds):
        results.append(result)
        print(result, *result.wrong, sep="\n    ", flush=True)
    print(table(results))
    traces: dict[int, set[str]] = defaultdict(set)
    for result in results:
        traces[result.seed].add(result.trace)
    twins = [seed for seed, found in traces.items() if len(found) > 1]
    if twins:
        print(f"seeds that gave two traces: {twins}")
    if void := never_enough(results):
        print(f"VOID: fewer than {OFTEN} times in {len(results)} seeds: {', '.join(void)}")
    return int(bool(twins) or bool(void) or any(one.wrong for one in results))


if __name__ == "__main__":
    sys.exit(main())

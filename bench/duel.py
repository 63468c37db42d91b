"""Bots side by side: all alive, on one core, loaded in turns for two seconds at a time, each turn to its last trace.

A machine's speed changes within minutes by more than most changes of a program are worth; within seconds it seldom
does. So what is compared is what bots cost in the same turns. The first one is what the others are compared with;
``leadbot@4eba82c`` is leadbot as it was in that commit.

``python -m bench.duel leadbot leadbot@4eba82c aiogram-stateless --turns 9``
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles

from bench import machine
from bench.advance import tree_of
from bench.crowd import Crowd
from bench.load import all_answered, bot, settled
from bench.subjects import SUBJECTS, Subject, published
from bench.telegram_network import TelegramNetwork
from bench.vk_network import VkNetwork
from bench.wire import listen


@dataclass
class Fighter:
    """``cost``: processor seconds for 1000 answers, a turn; ``rate``: answers a second; ``slowest``: p99, seconds."""

    name: str
    pid: int
    crowd: Crowd
    cost: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)

    async def takes_a_turn(self, *, people: int, seconds: float) -> None:
        """From the first act of so many people until the bot is at rest."""
        crowd, loop = self.crowd, asyncio.get_running_loop()
        await settled(self.pid)
        cpu, answered, began = machine.cpu_seconds(self.pid), crowd.answered, loop.time()
        crowd.took.clear()
        crowd.timing = True
        crowd.start(people)
        await asyncio.sleep(seconds)
        crowd.timing = crowd.going = False
        in_time, span = crowd.answered - answered, loop.time() - began
        await all_answered(crowd)
        await settled(self.pid)
        if crowd.mistakes:
            raise SystemExit(f"{self.name} said something wrong: " + "; ".join(crowd.mistakes))
        self.cost.append(1000 * (machine.cpu_seconds(self.pid) - cpu) / (crowd.answered - answered))
        self.rate.append(in_time / span)
        self.slowest.append(quantiles(crowd.took, n=100)[98])


async def fight(subjects: Sequence[Subject], *, turns: int, people: int, seconds: float) -> list[Fighter]:
    """One turn of everybody is not counted. Every other turn begins with the last."""
    async with AsyncExitStack() as stack:
        fighters = [await _join(stack, subject) for subject in subjects]
        for turn in range(turns + 1):
            for one in fighters if turn % 2 else reversed(fighters):
                await one.takes_a_turn(people=people, seconds=seconds)
        for one in fighters:
            del one.cost[0], one.rate[0], one.slowest[0]
    return fighters


async def _join(stack: AsyncExitStack, subject: Subject) -> Fighter:
    network = TelegramNetwork() if subject.network == "telegram" else VkNetwork()
    crowd = network.crowd = Crowd(network, subject.talk)
    server, network.url = await listen(network.serve)
    stack.callback(server.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadbot-bench-")))
    if subject.ours:
        shutil.move(await published(folder, root=subject.root), folder / "leads.db")
    process = await stack.enter_async_context(bot(subject, network.url, folder))
    await asyncio.wait_for(network.polled.wait(), 120)
    return Fighter(subject.title, process.pid, crowd)


def told(fighters: Sequence[Fighter]) -> str:
    """A line for each; × is the median of what it cost in the first one's own turns."""
    first = fighters[0]
    width = max(len(one.name) for one in fighters)
    lines = [f"{'':{width}}  CPU s/1000      ×  (least, most)  answers/s  p99, ms"]
    for one in fighters:
        ratios = [cost / other for cost, other in zip(one.cost, first.cost, strict=True)]
        cost = f"{median(one.cost):11.2f} {median(ratios):6.2f}   {min(ratios):5.2f}, {max(ratios):4.2f}"
        lines.append(f"{one.name:{width}} {cost} {median(one.rate):10.0f} {1000 * median(one.slowest):8.0f}")
    return "\n".join(lines)


def subject_of(name: str, trees: ExitStack) -> Subject:
    """Who is meant by a name of the command line. An older leadbot's tree is one of ``trees``."""
    plain, _, commit = name.partition("@")
    found = next((one for one in SUBJECTS if one.name == plain), None)
    if found is None or (commit and not found.ours):
        raise SystemExit(f"{name}: nobody is called so. There are {', '.join(one.name for one in SUBJECTS)}.")
    return replace(found, title=name, root=trees.enter_context(tree_of(commit)) if commit else found.root)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("subjects", nargs="+", help="names of bench.load, with @COMMIT behind leadbot's")
    arguments.add_argument("--turns", type=int, default=9)
    arguments.add_argument("--people", type=int, default=50)
    arguments.add_argument("--seconds", type=float, default=2.0, help="of load, a turn")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {machine.cores()[1]})
    with contextlib.suppress(ImportError):
        import uvloop

        uvloop.install()
    with ExitStack() as trees:
        subjects = [subject_of(name, trees) for name in given.subjects]
        fighters = asyncio.run(fight(subjects, turns=given.turns, people=given.people, seconds=given.seconds))
    print(told(fighters))


if __name__ == "__main__":
    main()

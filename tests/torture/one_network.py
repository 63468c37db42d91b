"""One network is away: does the other feel it? ``python -m tests.torture.one_network``

The real process in both networks. People walk whole dialogs, and the time of each answer is taken, while all is well
and while one network refuses connections or hangs. Then it comes back, and what waited for it has to arrive in order,
once; the checker looks (N6, N4, G11).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checker import check, every_act_was_served
from tests.torture.crowd import TAG
from tests.torture.kills import AT_FULL_SPEED
from tests.town import GREETING, WALK, Town

LIMIT = 1.5  # times the median of healthy days
LONG = 70.0  # seconds a trouble lasts: longer than both sends that a message has, one after the other


@dataclass(frozen=True)
class Found:
    """One trouble. ``median``: seconds for an answer in the network that works. ``drained``: seconds until the other
    one, back again, has nothing left to say."""

    trouble: str
    measured: str
    answers: int
    median: float
    ratio: float
    waited: int
    drained: float
    violations: list[str]


async def times(town: Town, name: str, people: int) -> list[float]:
    """Seconds for each answer, of so many people one after the other."""
    network, taken = town.networks[name][0], []
    for _ in range(people):
        person = network.person("Анна")
        for said, answer in ((f"/start {TAG}", GREETING), *WALK):
            began = time.monotonic()
            await (person.opens(TAG) if answer == GREETING else person.says(said))
            await person.sees(answer, timeout=60)
            taken.append(time.monotonic() - began)
    return taken


@asynccontextmanager
async def away(emulator: Any, how: str) -> AsyncIterator[None]:
    """Within this block the network refuses connections, or takes them and says nothing."""
    if how == "hangs":
        emulator.hangs = True
        yield
        emulator.hangs = False
        port = int(emulator.url.rsplit(":", 1)[1])
        await emulator.stop()  # what hangs is cut, as when a line comes back
        await emulator.start(port)
    else:
        port = int(emulator.url.rsplit(":", 1)[1])
        await emulator.stop()
        yield
        await emulator.start(port)


async def suffers(town: Town, broken: str, how: str, *, people: int) -> Found:
    """The other network's times with and without the trouble, taken right after each other; then peace."""
    other = next(name for name in town.networks if name != broken)
    well = statistics.median(await times(town, other, people))
    emulator = town.networks[broken][0]
    waiting = emulator.person("Вера")
    await waiting.opens(TAG)
    await waiting.sees(GREETING, timeout=60)
    async with away(emulator, how):
        over = time.monotonic() + LONG
        await asyncio.sleep(1)
        for said, _ in WALK[:2]:
            await waiting.says(said)
            await asyncio.sleep(1.1)
        badly = await times(town, other, people)
        await asyncio.sleep(max(0.0, over - time.monotonic()))
        waited = await _waiting(town, broken)
    back = time.monotonic()
    while list(every_act_was_served(await town.evidence())) and time.monotonic() - back < 150:
        await asyncio.sleep(0.2)
    await town.settled(within=200)
    drained = time.monotonic() - back
    median = statistics.median(badly)
    evidence = await town.evidence()
    lost = [row.id for row in evidence.rows.values() if row.channel == broken and row.status == "unknown"]
    found = check(evidence) + [f"G3: nobody knows whether outbox row {row} arrived" for row in lost]
    return Found(f"{broken} {how}", other, len(badly), median, median / well, waited, drained, found)


async def _waiting(town: Town, channel: str) -> int:
    evidence = await town.evidence()
    return sum(row.channel == channel and row.status in ("due", "sending") for row in evidence.rows.values())


async def measure(people: int, folder: Path) -> list[Found]:
    """Each trouble in one town, one after the other."""
    found = []
    async with Town.open(folder, f"sqlite+aiosqlite:///{folder / 'leads.db'}", AT_FULL_SPEED) as town:
        await town.bot.start()
        for name in town.networks:
            await town.networks[name][0].ready(60)
        for broken, how in (("telegram", "refuses"), ("telegram", "hangs"), ("vk", "refuses"), ("vk", "hangs")):
            found.append(await suffers(town, broken, how, people=people))
            print(f"{broken} {how}: {found[-1].ratio:.2f}", flush=True)
        await town.bot.stop()
    return found


def table(found: list[Found]) -> str:
    """For people and for docs/reliability.md."""
    lines = ["| trouble | answers in | median, ms | × healthy | waited there | drained in, s | violations |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for one in found:
        lines.append(
            f"| {one.trouble} | {one.measured}, {one.answers} | {one.median * 1000:.0f} | {one.ratio:.2f} "
            f"| {one.waited} | {one.drained:.1f} | {len(one.violations)} |"
        )
    return "\n".join(lines)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=10, help="whole dialogs for each median")
    given = asked.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="one-network-") as folder:
        found = asyncio.run(measure(given.people, Path(folder)))
    print(table(found))
    for sentence in [sentence for one in found for sentence in one.violations][:20]:
        print(f"  {sentence}")
    return any(one.violations or one.ratio > LIMIT or not one.waited for one in found)  # nothing waited: void


if __name__ == "__main__":
    sys.exit(main())

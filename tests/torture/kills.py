"""Kills of the real process under load, in both networks: ``python -m tests.torture.kills --kills 1000 --seed 1``.

People walk whole dialogs all the time, managers press buttons, and the process gets SIGKILL or SIGTERM at a random
moment, or dies at a named crash point, and starts again on the same database. After every round of kills it may drain,
and the checker looks. One seed gives the same people, kills and points; where exactly a kill lands is the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import random
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from storage.tables import Identity, Lead
from tests.checker import NOTHING, Tally, check, count, every_act_was_served
from tests.meridian import FLOWS
from tests.torture.crowd import Crowd, alike, presses
from tests.town import Town

POINTS = (
    "event fetched",
    "turn decided",
    "lead written",
    "code claimed",
    "consent recorded",
    "withdrawal half-way",
    "before commit of events",
    "after commit of events",
    "before ack",
    "alone begun",
    "parked",
    "before sending commit",
    "after sending commit",
    "request begins",
    "answer read",
    "before sent commit",
    "after sent commit",
)
RARE = frozenset({"lead written", "code claimed", "consent recorded", "withdrawal half-way", "parked"})
TERMS, AT_POINTS = 0.2, 0.25  # of all kills: by SIGTERM; by SIGKILL at a crash point
AT_FULL_SPEED = {"TELEGRAM_RATE": "0", "TELEGRAM_GROUP_RATE": "0", "VK_RATE": "0"}  # a kill should meet something
LATEST = 0.6  # seconds after it first listens
ROUND, TOWN = 50, 250  # kills until it may drain; kills in one town


@dataclass
class Score:
    """What a siege came to."""

    kills: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    tally: Tally = NOTHING
    people: Counter[str] = field(default_factory=Counter)
    apologies: int = 0
    starts: list[float] = field(default_factory=list)
    exits: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    violations: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.kills.values())


class Siege:
    """One town, besieged. ``dice`` decide who comes and when the process dies."""

    def __init__(self, town: Town, path: Path, dice: random.Random, score: Score, *, each: int) -> None:
        self.town, self.dice, self.score, self._path = town, dice, score, path
        self._olgas = random.Random(dice.random())
        self.crowd = Crowd(town, random.Random(dice.random()), each=each)
        self.model: dict[str, list[str]] = {}

    async def learns(self) -> None:
        """What an honest person sees whom nothing disturbs."""
        await self._starts(None)
        for name in self.town.networks:
            one = await self.crowd.comes_alone(name, "honest")
            if one.lost:
                raise AssertionError(one.lost)
            self.model[name] = [alike(seen.text) for seen in one.person.screen]
        await self.town.settled()
        await self._terminates()

    async def round(self, kills: int) -> None:
        """So many kills in a crowd, then peace, then the checker."""
        self.crowd.open()
        for _ in range(kills):
            await self._one_life()
        await self._starts(None)
        await self.crowd.close()
        await self._is_still()
        await self._terminates()

    async def _is_still(self, *, within: float = 240) -> None:
        """Until everything anybody did is served, and everything promised is said."""
        until = time.monotonic() + within
        while list(every_act_was_served(await self.town.evidence())) and time.monotonic() < until:
            await asyncio.sleep(0.3)
        with contextlib.suppress(TimeoutError):  # then the checker will say what hangs
            await self.town.settled(within=within)

    async def _one_life(self) -> None:
        way, point, moment = self.dice.random(), self.dice.choice(POINTS), self.dice.uniform(0, LATEST)
        passes = self.dice.randint(1, 3)
        at_point = way < AT_POINTS
        await self._starts(f"{point}:{1 if point in RARE else passes}" if at_point else None)
        for name in self.town.networks:
            await presses(self.town, name, self._olgas)
        if at_point and await self._dies_by_itself():
            self.score.kills["at a point"] += 1
            self.score.points[point] += 1
        else:
            await asyncio.sleep(0 if at_point else moment)
            if way > 1 - TERMS:
                self.score.kills["SIGTERM"] += 1
                await self._terminates()
            else:
                self.score.kills["SIGKILL"] += 1
                await self.town.bot.kill()
        self._see_what_it_left()

    async def _starts(self, crash_at: str | None) -> None:
        """Until it listens in both networks, or is dead already."""
        began = time.monotonic()
        asked = [_asked(one) for one in self.town.emulators]
        await self.town.bot.start(crash_at=crash_at)
        while self.town.bot.running and any(
            _asked(one) == before for one, before in zip(self.town.emulators, asked, strict=True)
        ):
            if time.monotonic() - began > 60:
                raise AssertionError(f"it does not start:\n{self.town.bot.log.read_text()[-3000:]}")
            await asyncio.sleep(0.005)
        if self.town.bot.running:
            self.score.starts.append(time.monotonic() - began)
        elif crash_at is None:
            raise AssertionError(f"it ended by itself:\n{self.town.bot.log.read_text()[-3000:]}")

    async def _dies_by_itself(self) -> bool:
        try:
            return await self.town.bot.ends(within=1.0) == -signal.SIGKILL
        except TimeoutError:
            return False

    async def _terminates(self) -> None:
        took = await self.town.bot.stop()
        self.score.exits.append(took)
        if took > 10:
            self.score.violations.append(f"O2: SIGTERM took {took:.1f} s")

    def _see_what_it_left(self) -> None:
        """Was anything going on? Rows marked as being sent; events given out and not served."""
        with contextlib.closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as db:
            sending = db.execute("SELECT count(*) FROM outbox WHERE status = 'sending'").fetchone()[0]
            served = {tuple(row) for row in db.execute("SELECT channel, event_id FROM served_event")}
        recent = [(one.ledger.channel, act.key) for one in self.town.emulators for act in one.ledger.acts[-50:]]
        waiting = any(key not in served for key in recent)
        self.score.busy["sends in flight"] += sending > 0
        self.score.busy["events not yet served"] += waiting
        self.score.busy["either"] += sending > 0 or waiting

    async def judge(self) -> None:
        """Everything is still: is it as it should be?"""
        evidence = await self.town.evidence()
        tally = count(evidence)
        found = check(evidence) + self.crowd.complaints(self.model, lambda one: 0) + await self._missing()
        if tally.doubles or tally.repeats > tally.unknown:
            found.append(f"G3: {tally.doubles} doubles on VK, {tally.repeats} repeats of {tally.unknown} unknown")
        self.score.violations += [one for one in found if one not in self.score.violations]
        self._tally = tally

    async def _missing(self) -> list[str]:
        """Everybody who was promised something has a lead, with as many applications as they made."""
        made = select(Identity.channel, Identity.external_id, func.sum(Lead.applications))
        made = made.join(Lead, Lead.contact_id == Identity.contact_id).group_by(Identity.id)
        async with self.town.database.read() as db:
            kept = {(channel, to): int(number) for channel, to, number in await db.execute(made)}
        found = []
        for one in self.crowd.everybody:
            has = kept.get((one.network, str(one.person.id)), 0)
            wanted = 0 if one.gone else one.applied
            if one.lost is None and has != wanted:
                found.append(
                    f"I9: {one.network} {one.person.id} ({one.way}) made {wanted} applications, {has} are kept"
                )
        return found

    def end(self) -> None:
        self.score.tally += self._tally
        self.score.people += self.crowd.ways()
        self.score.apologies += sum(one.apologies for one in self.crowd.everybody)


def _asked(emulator: object) -> int:
    """How often the bot has asked this network for news."""
    return emulator.updates.asked if hasattr(emulator, "updates") else len(emulator.longpoll.asked)  # type: ignore


@asynccontextmanager
async def besieged(folder: Path, dice: random.Random, score: Score, *, each: int) -> AsyncIterator[Siege]:
    """A fresh town with enough codes for everybody, and somebody in each network who was not disturbed."""
    flows = folder / "flows"
    shutil.copytree(FLOWS, flows)
    offer = flows / "test_drive.yaml"
    offer.write_text(offer.read_text().replace("stock: 100\n", "stock: 5000\n"))
    path = folder / "leads.db"
    env = {"FLOWS_DIR": str(flows)} | AT_FULL_SPEED
    async with Town.open(folder, f"sqlite+aiosqlite:///{path}", env) as town:
        siege = Siege(town, path, dice, score, each=each)
        await siege.learns()
        yield siege


async def kills(number: int, seed: int, *, each: int = 5, folder: Path, say: bool = False) -> Score:
    """``number`` kills, in as many towns as it takes."""
    score, dice, began = Score(), random.Random(seed), time.monotonic()
    while (left := number - score.total) > 0:
        home = folder / f"town{score.total}"
        home.mkdir(parents=True)
        async with besieged(home, dice, score, each=each) as siege:
            until = score.total + min(left, TOWN)
            while score.total < until and not score.violations:
                await siege.round(min(ROUND, until - score.total))
                await siege.judge()
                if say:
                    print(f"{score.total} kills, {time.monotonic() - began:.0f} s, "
                          f"{len(score.violations)} violations", flush=True)  # fmt: skip
            siege.end()
        if score.violations:
            break
        shutil.rmtree(home)
    score.seconds = time.monotonic() - began
    score.cpu = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return score


def table(score: Score) -> str:
    """For people and for docs/reliability.md."""
    tally, starts, exits = score.tally, sorted(score.starts), sorted(score.exits)
    rate = score.total / max(score.seconds, 0.001)
    lines = {
        "kills": f"{score.total}: " + ", ".join(f"{number} {name}" for name, number in score.kills.most_common()),
        "at the points": ", ".join(f"{name} {number}" for name, number in score.points.most_common()),
        "in busy moments": ", ".join(f"{name} {number}" for name, number in score.busy.most_common()),
        "people": f"{score.people.total()}: " + ", ".join(f"{n} {name}" for name, n in score.people.most_common()),
        "events": tally.events,
        "leads, applications": f"{tally.leads}, {tally.applications}",
        "messages, edits": f"{tally.messages}, {tally.edits}",
        "unknown outcomes": tally.unknown,
        "repeats on Telegram": tally.repeats,
        "repeats that VK knew": tally.recognised,
        "doubles on VK": tally.doubles,
        "events parked": f"{tally.parked}, {score.apologies} apologies",
        "start, s": f"median {starts[len(starts) // 2]:.2f}, most {starts[-1]:.2f}",
        "SIGTERM to exit, s": f"median {exits[len(exits) // 2]:.2f}, most {exits[-1]:.2f}",
        "took": f"{score.seconds:.0f} s, {score.cpu:.0f} s of one core, {rate:.2f} kills/s",
        "violations": len(score.violations),
    }
    return "\n".join(f"{name:22} {value}" for name, value in lines.items())


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kills", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--each", type=int, default=5, help="people at a time in each network")
    asked.add_argument("--keep", type=Path, help="where towns are built; one with violations stays there")
    given = asked.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # connections of the dead break
    folder = given.keep or Path(tempfile.mkdtemp(prefix="kills-"))
    score = asyncio.run(kills(given.kills, given.seed, each=given.each, folder=folder, say=True))
    print(table(score))
    for sentence in score.violations[:50]:
        print(f"  {sentence}")
    if score.violations:
        print(f"The town stands in {folder}.")
    return bool(score.violations)


if __name__ == "__main__":
    sys.exit(main())

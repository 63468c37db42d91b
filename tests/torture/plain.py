"""The same story told to a plain aiogram bot, to a careful one, and to leadbot: how many messages get no answer?

``python -m tests.torture.plain --kills 60 --seed 1``: one emulator of Telegram, the same dice for people and kills.
Nobody repeats a message; after the last kill each bot runs undisturbed until it has nothing more to say.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handlers.serving import SORRY
from tests.bot_process import BotProcess, nursery, settings_for
from tests.emulators.telegram import TelegramEmulator
from tests.torture.kills import AT_FULL_SPEED, LATEST, TERMS
from tests.torture.plain_bots import LOST_ITS_PLACE, TALK
from tests.town import GREETING, WALK

Talk = Sequence[tuple[str, str]]
OURS: Talk = (("/start test_drive__flyer__november", GREETING), *WALK)
QUIET = 4.0  # seconds without a new message after the last kill: it has nothing more to say
BOTS = {
    "aiogram, default": (TALK, "tests.torture.plain_bots:main", {"PLAIN": "default"}),
    "aiogram, one by one, SQLite": (TALK, "tests.torture.plain_bots:main", {"PLAIN": "careful"}),
    "leadbot": (OURS, "bot.cli:main", AT_FULL_SPEED),
}


@dataclass
class Told:
    """What became of what people said. ``astray``: answered, but the bot no longer knew where they stood.
    ``sorry``: answered by an apology that asks to say it again. ``twice``: answers that came more than once."""

    said: int = 0
    unanswered: int = 0
    astray: int = 0
    sorry: int = 0
    twice: int = 0
    finished: int = 0
    kills: Counter[str] = field(default_factory=Counter)


class Visitor:
    """Goes through the talk once; stays where an answer does not come."""

    def __init__(self, person: Any, talk: Talk) -> None:
        self.person, self.talk = person, talk
        self.at = 0
        self.astray = self.sorry = 0

    async def walks(self) -> None:
        for said, answer in self.talk:
            self.at += 1
            await self.person.says(said)
            while True:
                seen = await self.person.sees_one_of(answer, LOST_ITS_PLACE, SORRY, timeout=3600)
                self.sorry += SORRY in seen.text
                if SORRY not in seen.text:
                    break
                await self.person.says(said)
            if LOST_ITS_PLACE in seen.text:
                self.astray += 1
                return

    @property
    def finished(self) -> bool:
        return self.at == len(self.talk) and not self.astray


async def tell(name: str, kills: int, seed: int, *, each: int, folder: Path) -> Told:
    """So many people at a time; a new one comes for each who has finished, or waited for three lives in vain."""
    talk, program, more = BOTS[name]
    dice, told = random.Random(seed), Told()
    async with TelegramEmulator() as telegram:
        networks = {"telegram": (telegram, telegram.group(), telegram.person("Ольга"))}
        env = settings_for(networks, f"sqlite+aiosqlite:///{folder / 'leads.db'}") | more
        env["PLAIN_DATABASE"] = str(folder / "plain.db")
        async with nursery(env, folder / "bot.log", program=program) as bot:
            visitors: list[tuple[Visitor, asyncio.Task[None], int]] = []
            for life in range(kills):
                waiting = [one for one in visitors if not one[1].done() and life - one[2] < 3]
                for _ in range(each - len(waiting)):
                    visitor = Visitor(telegram.person("Анна"), talk)
                    visitors.append((visitor, asyncio.create_task(visitor.walks()), life))
                await _listens(bot, telegram)
                await asyncio.sleep(dice.uniform(0, LATEST))
                way = "SIGTERM" if dice.random() < TERMS else "SIGKILL"
                told.kills[way] += 1
                bot.signal(getattr(signal, way))
                await bot.ends()
            await _listens(bot, telegram)
            await _is_still(telegram)
            await bot.stop()
            for visitor, task, _ in visitors:
                told.said += visitor.at + visitor.sorry
                told.unanswered += not task.done()
                told.astray += visitor.astray
                told.sorry += visitor.sorry
                told.finished += task.done() and visitor.finished
                texts = Counter(seen.text.removeprefix("↻ Повтор: ") for seen in visitor.person.screen)
                told.twice += sum(n - 1 for text, n in texts.items() if SORRY not in text)
                task.cancel()
    return told


async def _listens(bot: BotProcess, telegram: TelegramEmulator) -> None:
    asked = telegram.updates.asked
    await bot.start()
    async with asyncio.timeout(60):
        while telegram.updates.asked == asked:
            await asyncio.sleep(0.005)


async def _is_still(telegram: TelegramEmulator) -> None:
    """Nothing said for a while, on either side."""
    size, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET:
        if (now := len(telegram.ledger.entries) + len(telegram.ledger.acts)) != size:
            size, since = now, time.monotonic()
        await asyncio.sleep(0.1)


def table(results: dict[str, Told]) -> str:
    """For people and for docs/reliability.md."""
    lines = ["| bot | messages | no answer | lost its place | asked to repeat | answers twice | dialogs finished |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, told in results.items():
        share = told.unanswered / max(told.said, 1)
        lines.append(
            f"| {name} | {told.said} | {told.unanswered} ({share:.1%}) | {told.astray} | {told.sorry} | {told.twice} "
            f"| {told.finished} |"
        )
    return "\n".join(lines)


async def _all(kills: int, seed: int, each: int) -> dict[str, Told]:
    results = {}
    for name in BOTS:
        with tempfile.TemporaryDirectory(prefix="plain-") as folder:
            results[name] = await tell(name, kills, seed, each=each, folder=Path(folder))
            print(f"{name}: {dict(results[name].kills)}", flush=True)
    return results


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kills", type=int, default=60)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--each", type=int, default=20, help="people at a time")
    given = asked.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # connections of the dead break
    print(table(asyncio.run(_all(given.kills, given.seed, given.each))))


if __name__ == "__main__":
    main()

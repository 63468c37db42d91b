"""The bot was away: fifty thousand updates wait at Telegram, most of them old, some of people who wrote just now.

``python -m bench.backlog --updates 50000``: how long until all are taken, whether everybody is answered in order, when
the living are answered, and whether the network ever had to say 429 (the strict emulator of ``tests/emulators``).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from bench import machine
from bench.load import bot
from bench.rates import settings
from bench.subjects import SUBJECTS, published
from tests.emulators.ledger import Accepted
from tests.emulators.telegram import TelegramEmulator

OUTAGE = timedelta(hours=6)
LATELY = timedelta(minutes=3)
WORDS = ("/start", "Здравствуйте, вы работаете?", "Алло", "Хочу записаться", "Ответьте, пожалуйста")
GOAL = 300.0  # seconds until everything is taken
OUT_OF_ORDER = """
    WITH sent AS (
        SELECT first_tried_at AS at, lag(first_tried_at) OVER (PARTITION BY channel, "to" ORDER BY id) AS before
        FROM outbox WHERE status = 'sent' AND role NOT IN ('card', 'alarm', 'note')
    )
    SELECT count(*) FROM sent WHERE at < before
"""


@dataclass(frozen=True, slots=True)
class Told:
    """Seconds are from the first getUpdates. ``overtaken``: of the old messages sent before the last living person had
    an answer, counted from the moment the last update was taken."""

    updates: int
    taken: float
    living: Sequence[float]
    unanswered: int
    overtaken: int
    sent: int
    rate: float
    left: int
    refused: int
    out_of_order: int

    def __str__(self) -> str:
        lines = [
            f"{self.updates} updates taken in {self.taken:.1f} s, {self.updates / self.taken:.0f} a second "
            f"(goal: {GOAL:.0f} s)",
            f"  {len(self.living)} living people answered, {self.unanswered} not; seconds from the first getUpdates: "
            + (f"median {median(self.living):.1f}, last {max(self.living):.1f}" if self.living else "-"),
            f"  old messages that left after all was taken and before the last living one: {self.overtaken}",
            f"  {self.sent} messages sent, {self.rate:.1f} a second of 30 allowed, {self.left} still due at the end",
            f"  429: {self.refused}; messages of one person out of order: {self.out_of_order}",
        ]
        return "\n".join(lines)


async def measure(*, updates: int, living: int, seconds: float) -> Told:
    """``seconds``: for sending, after everything was taken. Each old person wrote five times, each living one twice."""
    with tempfile.TemporaryDirectory(prefix="leadbot-backlog-") as made:
        folder = Path(made)
        shutil.copy(await published(folder), folder / "leads.db")
        async with TelegramEmulator() as telegram:
            telegram.rates.as_telegram()
            group = telegram.group()
            fresh = await _fill(telegram, updates, living)
            async with bot(SUBJECTS[0], telegram.url, folder, settings=settings("telegram", telegram, group)):
                await telegram.ready(60)
                began, start = time.perf_counter(), _now(telegram)
                while telegram.updates.queue:
                    await asyncio.sleep(0.1)
                taken, all_taken = time.perf_counter() - began, _now(telegram)
                await _enough(telegram, folder, fresh, seconds)
            ended = _now(telegram)
            return _told(telegram, folder, updates, taken, fresh, start, all_taken, ended)


def _now(telegram: TelegramEmulator) -> datetime:
    return datetime.fromtimestamp(telegram.world.now()).astimezone()


async def _fill(telegram: TelegramEmulator, updates: int, living: int) -> set[str]:
    """Old words spread over the outage, each person's in their order; then the living, within the last minutes."""
    telegram.updates.allowed = ["message", "callback_query", "my_chat_member"]
    old = updates - 2 * living
    people = [telegram.person("Борис") for _ in range(max(1, old // len(WORDS)))]
    telegram.forward(-OUTAGE)
    step = (OUTAGE - LATELY) / max(1, old)
    for number in range(old):
        await people[number % len(people)].says(WORDS[number // len(people) % len(WORDS)])
        telegram.forward(step)
    fresh = [telegram.person("Анна") for _ in range(living)]
    for words in WORDS[:2]:
        for one in fresh:
            await one.says(words)
    telegram.forward(LATELY)
    return {str(one.id) for one in fresh}


async def _enough(telegram: TelegramEmulator, folder: Path, fresh: set[str], seconds: float) -> None:
    """Until everything is sent, or the time is over and the living are answered."""
    until = time.perf_counter() + seconds
    while _left(folder) and (time.perf_counter() < until or fresh - {one.to for one in telegram.ledger.entries}):
        await asyncio.sleep(1)
        if time.perf_counter() > until + 600:
            return


def _left(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder / 'leads.db'}?mode=ro", uri=True) as db:
        found = db.execute("SELECT count(*) FROM outbox WHERE channel = 'telegram' AND status IN ('due', 'sending')")
        return int(found.fetchone()[0])


def _told(
    telegram: TelegramEmulator,
    folder: Path,
    updates: int,
    taken: float,
    fresh: set[str],
    start: datetime,
    all_taken: datetime,
    ended: datetime,
) -> Told:
    entries = telegram.ledger.entries
    first: dict[str, Accepted] = {}
    for one in entries:
        if one.to in fresh:
            first.setdefault(one.to, one)
    answered = [(one.at - start).total_seconds() for one in first.values()]
    last_living = max((one.at for one in first.values()), default=ended)
    overtaken = sum(one.to not in fresh and all_taken < one.at < last_living for one in entries)
    span = (ended - entries[0].at).total_seconds() if entries else 1.0
    with sqlite3.connect(folder / "leads.db") as db:
        out_of_order = int(db.execute(OUT_OF_ORDER).fetchone()[0])
    return Told(updates, taken, answered, len(fresh - first.keys()), overtaken, len(entries), len(entries) / span,
                _left(folder), telegram.rates.refused, out_of_order)  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--updates", type=int, default=50_000)
    arguments.add_argument("--living", type=int, default=100, help="people who wrote in the last minutes")
    arguments.add_argument("--seconds", type=float, default=120.0, help="how long sending is watched after that")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {machine.cores()[1]})
    print(asyncio.run(measure(updates=given.updates, living=given.living, seconds=given.seconds)))


if __name__ == "__main__":
    main()

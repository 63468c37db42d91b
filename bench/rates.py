"""Many messages are due at once: do they leave as fast as the network allows, and do answers overtake them?

``python -m bench.rates --network telegram --seconds 60``: leadbot with its own ceilings on, the strict emulators of
``tests/emulators`` with theirs. Some people are in the middle of a dialog meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import machine
from bench.dialog import OWN_PHONE, TALK, phone_of
from bench.load import bot
from bench.subjects import SUBJECTS, published
from storage.database import Database
from storage.outbox import promise
from storage.tables import Identity
from tests.emulators.ledger import Accepted
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.vk import VkEmulator

ALLOWED = {"telegram": 30.0, "vk": 20.0}  # messages a second; VK: calls
GROUP_ALLOWED = 20  # messages a minute into one group of Telegram
REMINDER = "Ваши ответы на месте, можно продолжить."
GOAL = 0.95


@dataclass(frozen=True, slots=True)
class Told:
    """``rate``: messages accepted a second while there was something due; ``calls``: of VK's methods. ``in_group``:
    into the managers' group in its first minute, None when it was not tried. ``waits``: seconds that people in dialogs
    waited for an answer."""

    network: str
    promised: int
    rate: float
    calls: float | None
    in_group: int | None
    refused: int
    waits: Sequence[float]

    def __str__(self) -> str:
        allowed = ALLOWED[self.network]
        lines = [
            f"{self.network}: {self.promised} due at once left at {self.rate:.2f} a second, "
            f"{self.rate / allowed:.1%} of {allowed:.0f} (goal: {GOAL:.0%}); refused for being too many: {self.refused}"
        ]
        if self.calls is not None:
            lines.append(f"  in {self.calls:.2f} calls a second (the ceiling is of calls: one execute has up to 25)")
        if self.in_group is not None:
            lines.append(f"  into the managers' group: {self.in_group} in its first minute of {GROUP_ALLOWED} allowed")
        if len(self.waits) > 1:
            lines.append(f"  answers to {len(self.waits)} living acts meanwhile: p50 {median(self.waits):.3f} s, "
                         f"p99 {quantiles(self.waits, n=100)[98]:.3f} s")  # fmt: skip
        return "\n".join(lines)


class CountingVk(VkEmulator):
    """``too_many``: calls refused by error 6; ``at``: when each call came, on the ledger's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.too_many = 0
        self.at: list[datetime] = []

    def respond(self, name: str, given: dict[str, str]) -> dict[str, Any]:
        self.at.append(datetime.now(UTC))
        answer = super().respond(name, given)
        self.too_many += answer.get("error", {}).get("error_code") == 6
        return answer


def settings(network: str, emulator: Any, group: Any) -> dict[str, str]:
    """Of a leadbot in this emulator, with the ceilings that it has by itself."""
    name = network.upper()
    chat = str(getattr(group, "id", None) or group.peer)
    rates = {"TELEGRAM_RATE": "30", "TELEGRAM_GROUP_RATE": "20", "VK_RATE": "20"}
    more = {"VK_GROUP_ID": str(emulator.group_id)} if network == "vk" else {}
    return rates | more | {f"{name}_TOKEN": emulator.token, f"{name}_MANAGERS_CHAT": chat}


async def measure(network: str, *, seconds: float, living: int) -> Told:
    """So many messages that the network needs ``seconds`` for them."""
    subject = next(one for one in SUBJECTS if one.ours and one.network == network)
    emulator: Any = TelegramEmulator() if network == "telegram" else CountingVk()
    with tempfile.TemporaryDirectory(prefix="leadbot-rates-") as made:
        folder = Path(made)
        shutil.copy(await published(folder), folder / "leads.db")
        async with emulator:
            group = emulator.group()
            _limit(network, emulator)
            people = [_ready(network, emulator, number) for number in range(int(ALLOWED[network] * seconds))]
            in_group = GROUP_ALLOWED * 2 if network == "telegram" and seconds >= 60 else 0
            await _promise(folder / "leads.db", network, people, group=group, in_group=in_group)
            async with bot(subject, emulator.url, folder, settings=settings(network, emulator, group)):
                await emulator.ready(60)
                waits: list[float] = []
                talking = [asyncio.create_task(_talk(network, emulator, waits)) for _ in range(living)]
                await _sent(emulator, len(people), within=6 * seconds + 60)
                for one in talking:
                    one.cancel()
                await asyncio.gather(*talking, return_exceptions=True)
        reminders = [one for one in emulator.ledger.entries if one.text == REMINDER]
        into_group = [one for one in emulator.ledger.entries if one.to == str(group.id)]
    return Told(
        network,
        len(people),
        _rate([one.at for one in emulator.ledger.entries], reminders),
        _rate(emulator.at, reminders) if network == "vk" else None,
        _first_minute(into_group) if in_group else None,
        int(emulator.rates.refused if network == "telegram" else emulator.too_many),
        waits,
    )


def _limit(network: str, emulator: Any) -> None:
    if network == "telegram":
        emulator.rates.as_telegram()
    else:
        emulator.calls_per_second = int(ALLOWED["vk"])


def _ready(network: str, emulator: Any, number: int) -> Any:
    """Somebody who has written once, so that the bot may."""
    person = emulator.person("Анна", id=(6_000_000_000 if network == "telegram" else 900_000) + number)
    if network == "telegram":
        person.chat.started = True
    else:
        person.dialogue.allowed = True
    return person


async def _promise(path: Path, network: str, people: Sequence[Any], *, group: Any, in_group: int) -> None:
    """As a pulse does at which a thousand silences fall due."""
    database = Database(f"sqlite+aiosqlite:///{path}")
    now = datetime.now(UTC)
    touch = {"flow": None, "source": "direct", "campaign": "", "at": now.isoformat()}
    async with database.write() as db:
        rows = [Identity(channel=network, external_id=str(one.id), pseudonym=f"{one.id:064}", first_touch=touch,
                         last_touch=touch, created_at=now, seen_at=now) for one in people]  # fmt: skip
        db.add_all(rows)
        await db.flush()
        for row in rows:
            promise(db, now=now, channel=network, to=row.external_id, role="follow_up", text=REMINDER, priority=1,
                    unsolicited=True, identity_id=row.id)  # fmt: skip
        for number in range(in_group):
            promise(db, now=now, channel=network, to=str(group.id), role="alarm", text=f"Сообщение {number}")
    await database.close()


async def _talk(network: str, emulator: Any, waits: list[float]) -> None:
    """Dialogs one after the other, with a second or two to think before each act."""
    while True:
        person = emulator.person("Анна")
        for exchange in TALK:
            await asyncio.sleep(random.uniform(1, 2))
            began = time.perf_counter()
            if exchange.says == "/start":
                await person.opens()
            elif exchange.presses:
                await person.taps(exchange.says)
            else:
                await person.says(phone_of(person.id) if exchange.says is OWN_PHONE else exchange.says)
            await person.sees(exchange.answer, timeout=60)
            waits.append(time.perf_counter() - began)


async def _sent(emulator: Any, number: int, *, within: float) -> None:
    async with asyncio.timeout(within):
        while sum(one.text == REMINDER for one in emulator.ledger.entries) < number:
            await asyncio.sleep(0.5)


def _rate(moments: Sequence[datetime], reminders: Sequence[Accepted]) -> float:
    """How many of the moments a second, from the first reminder to the last."""
    first, last = reminders[0].at, reminders[-1].at
    return (sum(first <= one <= last for one in moments) - 1) / (last - first).total_seconds()


def _first_minute(entries: Sequence[Accepted]) -> int:
    return sum((one.at - entries[0].at).total_seconds() < 60 for one in entries)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--network", choices=["telegram", "vk"], action="append")
    arguments.add_argument("--seconds", type=float, default=60.0, help="that the network needs for what is due")
    arguments.add_argument("--living", type=int, default=4, help="people in the middle of a dialog")
    given = arguments.parse_args()
    os.sched_setaffinity(0, {machine.cores()[1]})
    for network in given.network or ["telegram", "vk"]:
        with contextlib.suppress(KeyboardInterrupt):
            print(asyncio.run(measure(network, seconds=given.seconds, living=given.living)), flush=True)


if __name__ == "__main__":
    main()

"""kill -9 and SIGTERM of the real process, in both networks at once, at named points: nothing lost, nothing twice.

G1–G3: every question is answered, one lead, one card, one code each; VK shows nothing twice, Telegram repeats at most
once per unknown outcome. People wait for the bot as people do: whoever gets no answer does not say it again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database import Database
from storage.tables import Lead, Outbox, PromoCode
from tests.bot_process import BotProcess, settings_for
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.vk import VkEmulator

POINTS = (
    "event fetched",
    "before commit of events",
    "after commit of events",
    "before ack",
    "before sending commit",
    "after sending commit",
    "answer read",
    "before sent commit",
    "after sent commit",
    "request written",
)


class Town:
    """Both networks, with a managers' group in each, and one bot."""

    def __init__(self, telegram, vk, folder: Path, url: str) -> None:
        self.networks = {}
        for name, emulator in (("telegram", telegram), ("vk", vk)):
            self.networks[name] = (emulator, emulator.group(), emulator.person("Ольга"))
        self.bot = BotProcess(settings_for(self.networks, url), folder / "bot.log")
        self.database = Database(url)

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, url: str):
        async with TelegramEmulator() as telegram, VkEmulator() as vk:
            town = cls(telegram, vk, folder, url)
            try:
                yield town
            finally:
                if town.bot.running:
                    await town.bot.kill()
                await town.database.close()

    async def count(self, *where: object, what: object = Lead) -> int:
        async with self.database.read() as db:
            return int(await db.scalar(select(func.count()).select_from(what).where(*where)) or 0)  # type: ignore


async def walks(person, *, channel: str) -> None:
    """One whole dialog, to the code."""
    await person.opens("test_drive__flyer__november")
    await person.sees("Здравствуйте", timeout=40)
    for said, answer in (
        ("записаться", "Согласие на обработку"),
        ("согласен", "Какой автомобиль"),
        ("седан", "Когда вам удобно"),
        ("на этой неделе", "Сколько лет вы за рулём"),
        ("7", "в зачёт нового"),
        ("нет", "Как к вам обращаться"),
        ("Анна", "по какому номеру"),
        ("8 900 123-45-67", "Всё верно?"),
        ("да", "Ваш промокод"),
    ):
        await person.says(said)
        await person.sees(answer, timeout=40)


def twice(person) -> Counter[str]:
    """Messages that this person sees more than once."""
    return Counter({text: n - 1 for text, n in Counter(seen.text for seen in person.screen).items() if n > 1})


@pytest.mark.timeout(150)
@pytest.mark.parametrize("point", POINTS)
async def test_G1_G3_killed_at_a_named_point_nothing_is_lost_and_nothing_said_twice(point, tmp_path, empty_sqlite_url):
    async with Town.open(tmp_path, empty_sqlite_url) as town:
        await town.bot.start(crash_at=f"{point}:7")
        people = {name: network[0].person("Анна") for name, network in town.networks.items()}
        dialogs = [asyncio.create_task(walks(person, channel=name)) for name, person in people.items()]
        assert await town.bot.ends(within=60) == -9, f"{point} was never passed: {town.bot.log.read_text()[-2000:]}"
        await town.bot.start()
        await asyncio.gather(*dialogs)
        for _, group, _ in town.networks.values():
            await group.sees("Новая заявка", timeout=20)
        await asyncio.sleep(0.5)

        assert await town.count() == 2 == await town.count(Lead.applications == 1)
        assert await town.count(PromoCode.issued_at.is_not(None), what=PromoCode) == 2
        assert not twice(people["vk"]), "VK knows repeats by their random_id"
        unknown = await town.count(Outbox.channel == "telegram", Outbox.attempt > 1, what=Outbox)
        repeated = sum(twice(people["telegram"]).values())
        assert repeated <= unknown <= 1
        for name, (_, group, _) in town.networks.items():
            cards = [seen for seen in group.screen if "Новая заявка" in seen.text]
            # the other network's card too: both chats get every lead
            assert len(cards) == 2, (name, [seen.text for seen in cards])
        assert await town.bot.stop() < 10


async def test_O2_sigterm_in_the_middle_of_a_crowd_ends_in_time_and_loses_nothing(tmp_path, empty_sqlite_url):
    async with Town.open(tmp_path, empty_sqlite_url) as town:
        await town.bot.start()
        people = [network[0].person(f"Анна {i}") for network in town.networks.values() for i in range(10)]
        dialogs = [asyncio.create_task(walks(person, channel="")) for person in people]
        async with asyncio.timeout(40):
            while await town.count() < 5:
                await asyncio.sleep(0.05)
        assert await town.bot.stop() < 10
        await town.bot.start()
        await asyncio.gather(*dialogs)
        assert await town.count(Lead.applications == 1) == 20 == await town.count()
        assert not any(twice(person) for person in people)

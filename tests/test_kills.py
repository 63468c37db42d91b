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

from bot.acts import REPEAT
from storage.database import Database
from storage.tables import Lead, Outbox, PromoCode
from tests.bot_process import BotProcess, nursery, settings_for
from tests.emulators.telegram import TelegramEmulator
from tests.emulators.vk import VkEmulator

POINTS = (
    "event fetched",
    "before commit of events",
    "after commit of events",
    "before ack",
    "before sending commit",
    "after sending commit",
    "request begins",
    "answer read",
    "before sent commit",
    "after sent commit",
)


class Town:
    """Both networks, with a managers' group in each, and one bot."""

    def __init__(self, networks, bot: BotProcess, url: str) -> None:
        self.networks, self.bot, self.database = networks, bot, Database(url)

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, url: str, env: dict[str, str] | None = None):
        async with TelegramEmulator() as telegram, VkEmulator() as vk:
            emulators = {"telegram": telegram, "vk": vk}
            networks = {name: (one, one.group(), one.person("Ольга")) for name, one in emulators.items()}
            async with nursery(settings_for(networks, url) | (env or {}), folder / "bot.log") as bot:
                town = cls(networks, bot, url)
                yield town
                await town.database.close()

    async def count(self, *where: object, what: object = Lead) -> int:
        async with self.database.read() as db:
            return int(await db.scalar(select(func.count()).select_from(what).where(*where)) or 0)  # type: ignore


async def walks(person, network, *, patience: float = 40) -> None:
    """One whole dialog, to the code. ``patience``: seconds for one answer."""
    await network.ready(60)
    await person.opens("test_drive__flyer__november")
    await person.sees("Здравствуйте", timeout=patience)
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
        await person.sees(answer, timeout=patience)


def twice(person) -> Counter[str]:
    """Messages that this person sees more than once."""
    return Counter({text: n - 1 for text, n in Counter(seen.text for seen in person.screen).items() if n > 1})


@pytest.mark.timeout(150)
@pytest.mark.parametrize("points", [POINTS[::2], POINTS[1::2]], ids=["even", "odd"])
async def test_G1_G3_killed_at_named_points_nothing_is_lost_and_nothing_said_twice(points, tmp_path, empty_sqlite_url):
    """Five kills in a row: each start is the recovery from the last, and new people come while old ones go on."""
    async with Town.open(tmp_path, empty_sqlite_url) as town:
        everybody: dict[str, list] = {"telegram": [], "vk": []}
        dialogs = []
        for number, point in enumerate(points):
            await town.bot.start(crash_at=f"{point}:{5 + number}")
            for name, (network, _, _) in town.networks.items():
                person = network.person(f"Анна {number}")
                everybody[name].append(person)
                dialogs.append(asyncio.create_task(walks(person, network)))
            assert await town.bot.ends(within=60) == -9, f"{point}: {town.bot.log.read_text()[-2000:]}"
        await town.bot.start()
        await asyncio.gather(*dialogs)
        people = len(dialogs)
        await settled(town)

        assert await town.count() == people == await town.count(Lead.applications == 1)
        assert await town.count(PromoCode.issued_at.is_not(None), what=PromoCode) == people
        assert not any(twice(person) for person in everybody["vk"]), "VK knows repeats by their random_id"
        thrice = (Outbox.channel == "telegram", Outbox.act == "say", Outbox.attempt > 2)
        uncertain = await town.count(Outbox.channel == "telegram", Outbox.attempt > 1, what=Outbox)
        repeated = sum(sum(twice(person).values()) for person in everybody["telegram"])
        assert repeated <= uncertain <= len(points) * 2 and not await town.count(*thrice, what=Outbox)
        for name, (_, group, _) in town.networks.items():
            cards = Counter(seen.text.partition(" · ")[0].removeprefix(REPEAT) for seen in group.screen)
            assert len(cards) == people, (name, cards)  # every chat gets every lead, the other network's too
            assert name == "telegram" or set(cards.values()) == {1}
        assert await town.bot.stop() < 10


async def settled(town: Town) -> None:
    """Until nothing is on its way."""
    async with asyncio.timeout(20):
        while await town.count(Outbox.status.in_(("due", "sending")), what=Outbox):
            await asyncio.sleep(0.1)


@pytest.mark.timeout(120)
async def test_O2_sigterm_in_the_middle_of_a_crowd_ends_in_time_and_loses_nothing(tmp_path, empty_sqlite_url):
    async with Town.open(tmp_path, empty_sqlite_url) as town:
        await town.bot.start()
        networks = [network for network, _, _ in town.networks.values()]
        people = [(network.person(f"Анна {number}"), network) for network in networks for number in range(5)]
        dialogs = [asyncio.create_task(walks(person, network)) for person, network in people]
        await asyncio.gather(*(network.ready(60) for network in networks))
        async with asyncio.timeout(60):
            while await town.count() < 3:
                await asyncio.sleep(0.05)
        assert await town.bot.stop() < 10
        await town.bot.start()
        await asyncio.gather(*dialogs)
        assert await town.count(Lead.applications == 1) == 10 == await town.count()
        assert not any(twice(person) for person, _ in people)

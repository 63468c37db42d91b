"""Telling a story in a town: who is in it, where trouble may begin, and what everybody had seen in the end."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.library import Published
from bot.publishing import publish
from handlers.work import Desk
from tests import meridian
from tests.checker import Tally, check, count
from tests.emulators.ledger import SqliteWitness
from tests.evidence import gather
from tests.invariants import broken
from tests.screens import CODE, MARK
from tests.sim.disk import Dead, Disk
from tests.sim.town import Town, compiled_once

PATIENCE = 4 * 3600.0  # seconds that people wait for an answer before they would give up
CLOCK = re.compile(r"\b\d?\d:\d\d\b")
NUMBERED = re.compile(r"№\d+")

FLOW = """
flow: test_drive
title: Тест-драйв
words: [прокатиться]
consent:
  personal_data: consents/personal_data.md
  advertising: consents/advertising.md
offers:
  spring: {title: Скидка 15 %, stock: STOCK, valid: 14 days, conditions: Для новых клиентов}
steps:
  - id: hello
    say: |
      Здравствуйте! Подарим скидку за заявку. Политика: {{ policy }}
    choices:
      - label: Записаться
      - label: Задать вопрос
        do: call_person
  - id: agree
    consent: personal_data
    refused: bye
  - id: car
    ask: |
      Какой автомобиль?
    purpose: подготовить автомобиль
    card: Автомобиль
    choices:
      - label: Седан
        score: 20
        reason: знает, чего хочет
      - label: Кроссовер
  - id: name
    ask: |
      Как вас зовут?
    answer: name
    purpose: обращаться к вам
  - id: phone
    ask: |
      {{ name }}, ваш телефон?
    answer: phone
    purpose: позвонить вам
  - id: done
    application: spring
    say: |
      Готово! Ваш промокод: {{ code }}
  - id: news
    consent: advertising
  - id: bye
    say: |
      До встречи!
    go: end
silence:
  - after: 20 min
    kind: service
    say: |
      Продолжим с того же места?
  - after: 1 day
    kind: service
    say: |
      Ваши ответы на месте.
  - after: 2 days
    mark: cold
"""


def files(*, stock: int = 50, edit: Callable[[str], str] = lambda text: text) -> dict[str, bytes]:
    """The tests' own set, with a shorter test drive: stories are played thousands of times."""
    flow = edit(FLOW.replace("STOCK", str(stock)))
    return {name: raw for name, raw in meridian.files().items() if "test_drive.stories" not in name} | {
        "test_drive.yaml": flow.encode()
    }


class Telling:
    """One run of one story. ``begin`` is where trouble may start; people wait as long as ``PATIENCE``."""

    def __init__(self, town: Town, story: Story, begin: Callable[[], None]) -> None:
        self.town, self.files, self._begin = town, story.files, begin
        name = story.network
        self.network: Any = getattr(town, name)
        self.desk, self.olga = town.desks[name], town.olga[name]
        self.people: list[Any] = []
        self.witness = SqliteWitness(str(town.folder / "leads.db"))
        for network in (town.telegram, town.vk):
            network.ledger.witness = self.witness
        for who in (*town.desks.values(), *town.olga.values()):
            who.patience = PATIENCE
        town.telegram.world.chats[town.olga["telegram"].id].started = True
        town.vk.world.dialogue(town.olga["vk"].id).allowed = True

    def person(self, name: str) -> Any:
        somebody = self.network.person(name)
        somebody.patience = PATIENCE
        self.people.append(somebody)
        return somebody

    def begins(self) -> None:
        """What went before was as it should be; from here on anything may go wrong."""
        self._begin()

    async def after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def stops_and_starts(self) -> None:
        """SIGTERM and a new start; if the process dies over it, its supervisor starts it."""
        if self.town.house is not None:
            with contextlib.suppress(Dead, Exception):
                await self.town.stop()
            await self.town.kill()
        await self.town.rise()

    async def publishes(self, edit: Callable[[str], str]) -> None:
        """``leadbot publish`` in a process of its own, at a moment when nobody writes."""
        text = edit(self.files["test_drive.yaml"].decode())
        while self.town.house is None:
            await asyncio.sleep(1)
        database, edited = self.town.house.database, {**self.files, "test_drive.yaml": text.encode()}
        with self.town.nothing_fails():
            await publish(database, edited, by="Ирина", now=self.town.clock.now())
            await self.town.house.library.refresh()

    # ------------------------------------------------------------ dialogs

    async def greets(self, anna: Any) -> None:
        await anna.opens("test_drive__flyer__november")
        await anna.sees("Здравствуйте")

    async def agrees(self, anna: Any) -> None:
        await self.greets(anna)
        await anna.taps("Записаться")
        await anna.sees("Согласие на обработку")
        await anna.taps("Согласен")
        await anna.sees("Какой автомобиль")

    async def names_herself(self, anna: Any) -> None:
        await self.agrees(anna)
        await anna.says("седан")
        await anna.sees("Как вас зовут")
        await anna.says("Анна")
        await anna.sees("ваш телефон")

    async def applies(self, anna: Any) -> Any:
        """To the code and the question about news; the card on this network's desk."""
        await self.names_herself(anna)
        await anna.says("8 900 123-45-67")
        await anna.sees("Всё верно")
        await anna.taps("Всё верно")
        await anna.sees("Ваш промокод")
        await anna.sees("Согласие на рекламные")
        return await self.desk.sees("Новая заявка")

    # ------------------------------------------------------------ the end

    async def settled(self) -> None:
        """Until the bot owes nobody anything and nobody waits to be heard."""
        base = sqlite3.connect(self.town.folder / "leads.db", isolation_level=None)
        try:
            async with asyncio.timeout(6 * 3600):
                while self.town.house is None or self._busy(base):
                    await asyncio.sleep(1)
        finally:
            base.close()

    def _busy(self, base: sqlite3.Connection) -> bool:
        owed = base.execute(
            "SELECT count(*) FROM outbox WHERE status = 'sending' OR (status = 'due' AND due_at <= ?)",
            (str(self.town.clock.now().replace(tzinfo=None)),),
        ).fetchone()[0]
        heard = {row[0] for row in base.execute("SELECT event_id FROM served_event")}
        unheard = [one for one in (*self.town.telegram.ledger.acts, *self.town.vk.ledger.acts) if one.key not in heard]
        late = {*self.town.telegram.ledger.forgotten, *self.town.vk.ledger.forgotten}
        return bool(owed) or any(one.key not in late for one in unheard)

    def screens(self) -> dict[str, list[str]]:
        """What everybody had seen in the end, made alike: codes, clocks."""
        shown = {f"person {number}": one for number, one in enumerate(self.people)}
        shown |= {f"desk of {name}": one for name, one in self.town.desks.items()}
        return {name: [alike(seen.text) for seen in one.screen] for name, one in shown.items()}


def alike(text: str) -> str:
    return CLOCK.sub("ЧЧ:ММ", CODE.sub("CODE", text))


def unmarked(text: str) -> str:
    return MARK.sub("", text).strip()


# ---------------------------------------------------------------- stories


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    network: str
    tell: Callable[[Telling], Awaitable[None]]
    files: dict[str, bytes]


STORIES: dict[str, Story] = {}


Tell = Callable[[Telling], Awaitable[None]]


def story(network: str, **flow: Any) -> Callable[[Tell], Tell]:
    """Put a story into the book. ``flow`` goes to ``files``."""

    def keep(tell: Tell) -> Tell:
        STORIES[tell.__name__] = Story(tell.__name__, network, tell, files(**flow))
        return tell

    return keep


async def judged(town: Town) -> tuple[list[str], Tally]:
    """What should not be, when all has ended; and how much there was to judge. The bot no longer runs."""
    database = Disk().open(town.path)
    library = Published(database, compile=compiled_once)
    await library.refresh()
    desks = [(name, str(desk.id)) for name, desk in town.desks.items()]
    now, ledgers = town.clock.now(), [town.telegram.ledger, town.vk.ledger]
    evidence = await gather(database, ledgers, now=now, desks=desks)
    rows = await broken(database, now=now, desks=[Desk(*desk) for desk in desks], flows=library.at, quiet=True)
    await database.close()
    return [*check(evidence), *rows, *town.faults_of_ours], count(evidence)

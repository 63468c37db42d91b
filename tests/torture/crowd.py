"""People who come all the time, each in their own way, and managers who press buttons.

They wait for the bot as people do: whoever gets no answer does not say it again. Only an apology makes them repeat
themselves, as it asks them to.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from handlers.privacy import NOTHING_TO_WITHDRAW, STOPPED, WITHDRAWN
from handlers.serving import SORRY
from tests.screens import misread
from tests.town import GREETING, WALK, Town

TAG = "test_drive__flyer__november"
ADVERTISING = "Согласие на рекламные сообщения"
THANKS = "Спасибо, что выбрали нас"
HINTS = {"Какой автомобиль": "Выберите, пожалуйста", "Сколько лет вы за рулём": "Напишите число"}
WAYS = {"honest": 45, "hasty": 15, "babbling": 15, "again": 10, "stopping": 5, "withdrawing": 7, "leaving": 3}
"""In how many of a hundred cases somebody is like this."""
PRESSED = ("Беру", "Дозвонились", "Сделка ✅", "Отменить", "Назад")
"""What the managers press: nothing that makes the bot write to a prospect."""


@dataclass
class Somebody:
    """``apologies``: how often the bot had to say sorry to them. ``gone``: their data were erased. ``lost``: what they
    waited for in vain."""

    person: Any
    emulator: Any
    network: str
    way: str
    dice: random.Random
    patience: float
    apologies: int = 0
    applied: int = 0
    gone: bool = False
    lost: str | None = None
    waits_for: tuple[str, ...] = ()
    _followed: set[int | None] = field(default_factory=set)

    async def lives(self) -> None:
        """From the link to the end of their story."""
        try:
            await self.emulator.ready(60)
            await getattr(self, f"_{self.way}")()
        except AssertionError as unseen:
            self.lost = str(unseen)
        except asyncio.CancelledError:
            self.lost = f"waits in vain for one of {self.waits_for}"

    # ------------------------------------------------------------ ways

    async def _honest(self) -> None:
        await self._opens()
        await self._walks()

    async def _hasty(self) -> None:
        """Taps twice."""
        await self._does(lambda: self.person.opens(TAG), GREETING)
        await self._does(lambda: self._taps_twice("Записаться"), "Согласие на обработку")
        await self._does(lambda: self._taps_twice("Согласен"), "Какой автомобиль")
        await self._does(lambda: self._taps_twice("Седан"), "Когда вам удобно")
        await self._walks(start=3)

    async def _babbling(self) -> None:
        await self._opens()
        await self._walks(babbles=True)

    async def _again(self) -> None:
        """Applies a second time."""
        await self._honest()
        await self._does(lambda: self.person.opens(TAG), "Ваша заявка уже у нас")
        await self._does(lambda: self.person.taps("Ещё одна заявка"), GREETING)
        await self._says("записаться", "Какой автомобиль")
        for said, answer in WALK[2:]:
            found = await self._says(said, answer, "Ваша заявка")
            if "Ваша заявка" in found:
                break
        self.applied += 1

    async def _stopping(self) -> None:
        await self._honest()
        await self._says("стоп", STOPPED[:30])

    async def _withdrawing(self) -> None:
        """In the middle, or when all is done."""
        await self._opens()
        await self._walks(end=self.dice.choice((1, 4, 8, None)))
        self.gone = True
        await self._says("отзываю согласие", WITHDRAWN[:20], NOTHING_TO_WITHDRAW[:20])

    async def _leaving(self) -> None:
        """Applies, and then does not want to hear of us any more."""
        await self._opens()
        await self._walks()
        await self.person.blocks()

    # ------------------------------------------------------------ steps

    async def _opens(self) -> None:
        await self._does(lambda: self.person.opens(TAG), GREETING)

    async def _walks(self, *, start: int = 0, end: int | None = None, babbles: bool = False) -> None:
        for said, answer in WALK[start:end]:
            await self._says(said, answer)
            if babbles and answer in HINTS:
                await self._says("абракадабра", HINTS[answer])
        if end is None:
            self.applied += 1
            await self._does(None, ADVERTISING)
            await self._says("согласен", THANKS)

    async def _taps_twice(self, label: str) -> None:
        await self.person.taps(label)
        await self.person.taps(label)

    async def _says(self, text: str, *answers: str) -> str:
        await asyncio.sleep(self.dice.random() * 0.15)
        return await self._does(lambda: self.person.says(text), *answers)

    async def _does(self, act: Callable[[], Awaitable[object]] | None, *answers: str) -> str:
        """Act, and wait for the answer; after an apology once more."""
        self.waits_for = answers
        if act is not None:
            await act()
        while True:
            seen = await self.person.sees_one_of(*answers, SORRY, timeout=self.patience)
            if SORRY not in seen.text:
                return str(seen.text)
            if self._is_a_copy(seen.id):
                continue
            self.apologies += 1
            if act is not None:
                await act()

    def _is_a_copy(self, message_id: str) -> bool:
        """An apology marked as a repeat of one they have followed already."""
        row = next(one.row for one in self.emulator.ledger.to(self.person.id) if one.message_id == message_id)
        known = row in self._followed
        self._followed.add(row)
        return known


@dataclass
class Crowd:
    """So many people at a time in each network; another follows whoever has finished, while the doors are open."""

    town: Town
    dice: random.Random
    each: int = 5
    patience: float = 3600.0
    everybody: list[Somebody] = field(default_factory=list)
    _inside: set[asyncio.Task[None]] = field(default_factory=set)
    _open: bool = False

    def open(self) -> None:
        """Let people in."""
        self._open = True
        for name in self.town.networks:
            for _ in range(self.each):
                self.comes(name)

    async def close(self, *, quiet: float = 40.0) -> None:
        """Nobody new; wait until all have finished. Who still waits when the bot, in peace, has said nothing to anybody
        for ``quiet`` seconds waits in vain."""
        self._open = False
        said, since = -1, time.monotonic()
        while self._inside and time.monotonic() - since < quiet:
            await asyncio.wait(set(self._inside), timeout=1)
            if (now := sum(len(one.ledger.entries) for one in self.town.emulators)) != said:
                said, since = now, time.monotonic()
        for task in set(self._inside):
            task.cancel()
        if self._inside:
            await asyncio.wait(set(self._inside))

    def comes(self, network: str, way: str | None = None) -> Somebody:
        """One more."""
        chosen = way or self.dice.choices([*WAYS], [*WAYS.values()])[0]
        emulator = self.town.networks[network][0]
        one = Somebody(
            emulator.person("Анна"), emulator, network, chosen, random.Random(self.dice.random()), self.patience
        )
        self.everybody.append(one)
        task = asyncio.create_task(one.lives())
        self._inside.add(task)
        task.add_done_callback(lambda done: self._left(done, network))
        return one

    def _left(self, task: asyncio.Task[None], network: str) -> None:
        self._inside.discard(task)
        if self._open:
            self.comes(network)

    async def comes_alone(self, network: str, way: str) -> Somebody:
        """One person and nobody else, from beginning to end."""
        one = self.comes(network, way)
        await self.close()
        return one

    # ------------------------------------------------------------ afterwards

    def complaints(self, model: dict[str, list[str]], marked: Callable[[Somebody], int]) -> list[str]:
        """Who waited in vain, and which honest person saw something else than ``model`` (by network), which somebody
        saw whom nothing disturbed. ``marked``: how many unmarked repeats somebody may have seen."""
        found = [f"G1: {one.network} {one.person.id}, {one.way}: {one.lost}" for one in self.everybody if one.lost]
        for one in self.everybody:
            if one.way == "honest" and one.lost is None:
                screen = [seen.text for seen in one.person.screen if SORRY not in seen.text]
                wrong = misread([alike(text) for text in screen], model[one.network], repeats=marked(one))
                found += [f"G2: {one.network} {one.person.id}: {sentence}" for sentence in wrong]
        return found

    def ways(self) -> Counter[str]:
        return Counter(one.way for one in self.everybody)


def alike(text: str) -> str:
    """The greeting counts what is left of the offer."""
    before, left, after = text.partition("Остаётся ")
    return before + left + after.lstrip("0123456789").partition("\n")[2] if left else text


async def presses(town: Town, network: str, dice: random.Random) -> None:
    """Olga takes or closes a lead; now and then she presses twice."""
    _, group, olga = town.networks[network]
    cards = [one for one in group.screen[-60:] if any(label in PRESSED for row in one.buttons for label in row)]
    if not cards:
        return
    card = dice.choice(cards)
    label = dice.choice([label for row in card.buttons for label in row if label in PRESSED])
    for _ in range(dice.choice((1, 1, 1, 2))):
        await group.taps_as(olga, label, card)

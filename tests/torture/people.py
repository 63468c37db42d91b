"""People of a simulated town. Each has dice of their own, so that what one does never depends on another's luck."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

MINUTE, HOUR = 60.0, 3600.0
CHARACTERS = ("honest", "honest", "silent", "double", "withdrawing", "spamming", "curious", "blocking")
NONSENSE = (
    "🙂", "???", "ааа", "цена", "привет", "{{ name }}", "'; DROP TABLE lead; --", "<b>", "@all", "\u0000\ud83d",
    "12345678901234567890", "а\u0301" * 50, "/help", "назад", "нет", "да", "+7", "http://t.me/spam",
)  # fmt: skip
LAST_WORDS = ("стоп", "отзываю согласие", "удалите мои данные", "мои данные", "отпишите")
NAMES = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Захар", "Инна", "Кирилл", "Лев", "Майя")


class Somebody:
    """A prospect. ``who`` is the emulator's person; ``character`` one of CHARACTERS."""

    def __init__(self, who: Any, number: int, dice: random.Random, *, until: float) -> None:
        self.who, self.dice, self.until = who, dice, until
        self.character = CHARACTERS[number % len(CHARACTERS)]
        self.name = NAMES[number % len(NAMES)]
        self.phone = f"8 9{number % 100:02} {dice.randrange(100, 1000)}-45-67"
        self.blocked = False

    async def live(self) -> None:
        """Comes, talks, goes, comes back; until the faults are over."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self.dice.uniform(0, 0.5 * self.until))
        while loop.time() < self.until:
            with contextlib.suppress(AssertionError):  # the button is gone: people shrug
                await self._visit()
            await asyncio.sleep(self.dice.uniform(3 * HOUR, 30 * HOUR))

    async def _visit(self) -> None:
        await self._come()
        for _ in range(self.dice.randrange(4, 12)):
            await asyncio.sleep(1 + self.dice.expovariate(1 / 20))
            if self.character == "silent" and self.dice.random() < 0.15:
                return
            await self._act()

    async def _come(self) -> None:
        if self.blocked:
            self.blocked = False
            await self.who.unblocks()
        if not self.who.screen or self.dice.random() < 0.3:
            await self.who.opens(self.dice.choice(("test_drive__vk_ads__x", "test_drive", "", "nobody__knows__this")))
        else:
            await self._answer()

    async def _act(self) -> None:
        odd = self.dice.random()
        if self.character == "spamming" and odd < 0.4:
            return await self._spam()
        if self.character == "withdrawing" and odd < 0.12:
            return await self.who.says(self.dice.choice(LAST_WORDS))  # type: ignore[no-any-return]
        if self.character == "curious" and odd < 0.15:
            return await self.who.says(self.dice.choice(("менеджер", "помощь", "заново", "продолжить", "мои данные")))  # type: ignore[no-any-return]
        if self.character == "blocking" and odd < 0.08:
            self.blocked = True
            return await self.who.blocks()  # type: ignore[no-any-return]
        if not self.blocked:
            await self._answer()
        return None

    async def _spam(self) -> None:
        for _ in range(self.dice.randrange(2, 6)):
            if self.dice.random() < 0.2:
                await self.who.sends(self.dice.choice(("photo", "sticker", "voice", "document")))
            else:
                await self.who.says(self.dice.choice(NONSENSE))

    async def _answer(self) -> None:
        """What the last message asks for."""
        screen = self.who.screen
        if not screen:
            return await self.who.says("здравствуйте")  # type: ignore[no-any-return]
        last = screen[-1]
        labels = [label for row in last.buttons for label in row if "📱" not in label]
        if labels:
            label = labels[0] if self.dice.random() < 0.75 else self.dice.choice(labels)
            return await self._choose(label, last)
        text = last.text
        said = self.name if "зовут" in text else self._number() if "телефон" in text else self.dice.choice(("да", "ок"))
        return await self.who.says(said)  # type: ignore[no-any-return]

    async def _choose(self, label: str, message: Any) -> None:
        if self.dice.random() < 0.3:
            return await self.who.says(label)  # type: ignore[no-any-return]
        await self.who.taps(label, message)
        if self.character == "double":
            await self.who.taps(label, message)
        return None

    def _number(self) -> str:
        return self.phone if self.dice.random() < 0.8 else self.phone[:9]


class Manager:
    """Looks into the managers' chat now and then and presses something there, or answers somebody."""

    def __init__(self, who: Any, desk: Callable[[], Any], dice: random.Random, *, until: float) -> None:
        self.who, self.desk, self.dice, self.until = who, desk, dice, until

    async def work(self) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < self.until:
            await asyncio.sleep(60 + self.dice.expovariate(1 / (40 * MINUTE)))
            try:
                await self._look()
            except AssertionError:
                continue  # somebody was faster

    async def _look(self) -> None:
        desk = self.desk()
        cards = [seen for seen in desk.screen[-12:] if seen.buttons or "заявка" in seen.text]
        if not cards:
            return
        card = self.dice.choice(cards)
        labels = [label for row in card.buttons for label in row]
        if labels and self.dice.random() < 0.8:
            await desk.taps_as(self.who, self.dice.choice(labels), card)
            if self.dice.random() < 0.2:
                await desk.taps_as(self.who, labels[0], card)
        else:
            await desk.replies_as(self.who, card, "Здравствуйте! Когда вам позвонить?")

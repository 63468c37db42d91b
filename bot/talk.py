"""``leadbot talk``: the dialog in the terminal, on a stage. Numbers press buttons; ``+20m``, ``+1d`` turn the clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from bot.stage import Shown, Stage

HELP = (
    "Пишите как клиент; число нажимает кнопку. +20m, +2h, +1d — перевести часы; "
    "!текст — менеджер отвечает на карточку; "
    "!!Беру — нажимает кнопку карточки; пустая строка — выход."
)
_SPAN = re.compile(r"^\+(\d{1,4})([mhd])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Terminal:
    """Prints what is new on both screens, and does what is typed."""

    def __init__(self, stage: Stage, show: Callable[[str], None]) -> None:
        self._stage, self._show = stage, show
        self._seen: dict[tuple[str, str], str] = {}

    async def does(self, line: str) -> None:
        """One line of input. Mistakes are told, not raised."""
        try:
            await self._does(line)
        except LookupError as wrong:
            self._show(f"  ({wrong.args[0]})")
        self.show_news()

    async def _does(self, line: str) -> None:
        stage = self._stage
        if span := _SPAN.match(line):
            return await stage.forward(timedelta(**{_UNITS[span[2]]: int(span[1])}))
        if line.startswith("!!"):
            return await stage.manager_taps(line[2:].strip())
        if line.startswith("!"):
            cards = [shown for shown in stage.managers if shown.author == "bot"]
            if not cards:
                raise LookupError("в чате менеджеров пока пусто")
            return await stage.manager_replies(cards[-1].id, line[1:].strip())
        buttons = self._buttons()
        if line.isdigit() and 0 < int(line) <= len(buttons):
            return await stage.taps(buttons[int(line) - 1])
        return await stage.says(line)

    def _buttons(self) -> list[str]:
        said = [shown for shown in self._stage.prospect if shown.author == "bot"]
        newest = said[-1] if said else None
        return [button.key for row in newest.buttons for button in row] if newest else []

    def show_news(self) -> None:
        for side, screen in (("бот", self._stage.prospect), ("чат менеджеров", self._stage.managers)):
            for shown in screen:
                if shown.author == "bot" and self._seen.get((side, shown.id)) != shown.text:
                    self._seen[side, shown.id] = shown.text
                    self._show(self._line(side, shown))
        for alert in self._stage.alerts:
            self._show(f"  ({alert})")
        self._stage.alerts.clear()

    def _line(self, side: str, shown: Shown) -> str:
        text = shown.text.replace("\n", "\n    ")
        numbered = [button.label for row in shown.buttons for button in row]
        buttons = "  ".join(f"[{number}] {label}" for number, label in enumerate(numbered, 1))
        edited = " (изменено)" if shown.edited else ""
        return f"\n  {side}{edited}, {self._stage.clock.now():%d.%m %H:%M} UTC\n    {text}" + (
            f"\n    {buttons}" if buttons else ""
        )

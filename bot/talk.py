"""``leadbot talk``: the dialog in the terminal, on a stage. Numbers press buttons; ``+20m``, ``+1d`` turn the clock."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.screens import Shown
from bot.stage import Stage

HELP = (
    "Пишите как клиент; число нажимает кнопку. Несколько строк подряд бот прочтёт вместе. "
    "=текст — исправить последнее сообщение. +20m, +2h, +1d — перевести часы; "
    "!текст — менеджер отвечает на карточку; "
    "!!Беру — нажимает кнопку карточки; пустая строка — выход."
)
WAITING = "  (бот ждёт продолжения)"
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
            if not line.startswith("="):
                await (self._writes(line) if self._is_words(line) else self._acts(line))
            else:
                await self._stage.edits(self._last(), line[1:].strip())
        except LookupError as wrong:
            self._show(f"  ({wrong.args[0]})")
        self.show_news()

    async def patience(self) -> timedelta | None:
        """How long to wait for more words before they are read; None: the bot waits for none."""
        return await self._stage.patience()

    async def pauses(self) -> None:
        """Nothing more was written."""
        await self._stage.pauses()
        self.show_news()

    async def _writes(self, line: str) -> None:
        await self._stage.writes(line)
        if await self._stage.next_reading() is not None:
            self._show(WAITING)

    def _is_words(self, line: str) -> bool:
        number = line.isdigit() and 0 < int(line) <= len(self._buttons())
        return not (number or line.startswith("!") or _SPAN.match(line))

    def _last(self) -> str:
        said = [shown.text for shown in self._stage.prospect if shown.author == "prospect"]
        return said[-1] if said else ""

    async def _acts(self, line: str) -> None:
        """Whatever is no word of theirs: what they have written is read before it."""
        stage = self._stage
        buttons = self._buttons()
        await stage.pauses()
        if span := _SPAN.match(line):
            return await stage.forward(timedelta(**{_UNITS[span[2]]: int(span[1])}))
        if line.startswith("!!"):
            return await stage.manager_taps(line[2:].strip())
        if line.startswith("!"):
            cards = [shown for shown in stage.managers if shown.author == "bot"]
            if not cards:
                raise LookupError("в чате менеджеров пока пусто")
            return await stage.manager_replies(cards[-1].id, line[1:].strip())
        return await stage.taps(buttons[int(line) - 1])

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
        here = self._stage.clock.now().astimezone(self._stage.app.library.live.business.zone)
        return f"\n  {side}{edited}, {here:%d.%m %H:%M}\n    {text}" + (f"\n    {buttons}" if buttons else "")


async def converse(terminal: Terminal, ask: Callable[[], Awaitable[str]], *, bursts: bool) -> None:
    """Line after line, until an empty one. ``bursts``: somebody types, and lines within the pause are read together."""
    asked: asyncio.Future[str] | None = None
    while True:
        asked = asked or asyncio.ensure_future(ask())
        patience = await terminal.patience()
        if patience is not None and not (bursts and await _comes(asked, patience)):
            await terminal.pauses()
        elif line := await asked:
            asked = None
            await terminal.does(line)
        else:
            return await terminal.pauses()


async def _comes(asked: asyncio.Future[str], patience: timedelta) -> bool:
    done, _ = await asyncio.wait({asked}, timeout=patience.total_seconds())
    return bool(done)

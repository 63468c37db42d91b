"""The workshop's clock: what time it is on the stage, and buttons to turn it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.pages.bubbles import Words, box
from bot.stage import Stage

WAITING = "бот ждёт продолжения"
MOST_HOPS = 20  # an event may only move itself, or happen unseen
Playing = Callable[[Callable[[Stage], Awaitable[None]]], Awaitable[None]]


def turning(label: str, act: Callable[[], Awaitable[None]], *, css: str = "") -> Words:
    """A button after which something happens by itself: both screens follow what comes."""

    async def pressed() -> None:
        await act()

    button = Words(label, tag="button", css=f"turn {css}", type="button")
    return button.on("click", pressed, js_handler="() => { leadbot.watch(); emit() }")


class TimeBar:
    """``play``: does one thing on the stage, then draws."""

    def __init__(self, play: Playing) -> None:
        self._play = play
        with box("time"):
            Words("сейчас:", tag="span", css="now-label")
            self._now = Words("…", css="now")
            self._waiting = Words(WAITING, css="waiting hidden")
            turning("+20 минут", lambda: self._turn(timedelta(minutes=20)))
            turning("+1 день", lambda: self._turn(timedelta(days=1)))
            self._next = turning("до следующего сообщения", self._turn_to_next)

    async def show(self, stage: Stage, zone: ZoneInfo) -> None:
        self._now.text = clock_text(stage.clock.now().astimezone(zone))
        waits = await stage.next_reading() is not None
        self._waiting.classes(remove="hidden") if waits else self._waiting.classes(add="hidden")
        self._next.props["disabled"] = await stage.next_due() is None
        self._next.update()

    async def _turn(self, span: timedelta) -> None:
        await self._play(lambda stage: stage.forward(span))

    async def _turn_to_next(self) -> None:
        async def to_next(stage: Stage) -> None:
            """Until somebody sees something: what fell into quiet hours only moves to the morning, and a human's time
            ends in silence."""
            before = _screens(stage)
            for _ in range(MOST_HOPS):
                due = await stage.next_due()
                if due is None or _screens(stage) != before:
                    return
                await stage.forward(max(due - stage.clock.now(), timedelta()))

        await self._play(to_next)


def _screens(stage: Stage) -> tuple[list[str], list[str]]:
    """What both sides see, to tell whether anything happened."""
    return [shown.text for shown in stage.prospect], [shown.text for shown in stage.managers]


def clock_text(here: datetime) -> str:
    """«сб 21 ноября 12:40»."""
    return format_datetime(here, "EEE d MMMM HH:mm", locale="ru").replace(",", "")

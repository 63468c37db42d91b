"""Admins look after the flows from the chat: how the folder stands, what is wrong in which line, publishing."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.flow_desk import LONGEST, FlowDesk
from bot.library import Published
from bot.publishing import publish, read_folder
from bot.stage import Shown, StageChannel
from handlers.inbound import Heard, Inbound, Press, Text
from storage.database import Database
from tests.flow_folder import FILES, FLOW

BOSS, GUEST, GROUP = "1", "99", "-100500"


class Bot:
    """The bot with one admin, over a folder of flows that are published."""

    def __init__(self, database: Database, clock: HandClock, folder: Path) -> None:
        self.database, self.folder, self.clock = database, folder, clock
        self.channel = StageChannel("telegram", clock)
        self.channel.screens |= {BOSS: [], GUEST: [], GROUP: []}
        self.library = Published(database)
        self.delivery = Delivery(database, {"telegram": self.channel}, clock)
        self.desk = FlowDesk(database, clock, folder, refresh=self.refresh, wake=self.delivery.wake)
        self.app = App(
            database=database, library=self.library, channels={"telegram": self.channel}, clock=clock,
            delivery=self.delivery, admins=frozenset({("telegram", BOSS)}), ask=self.desk.take,
        )  # fmt: skip
        self._numbers = itertools.count(1)

    async def refresh(self) -> None:
        await self.library.refresh()

    async def open(self) -> Bot:
        await publish(self.database, read_folder(self.folder), by="test", now=self.clock.now())
        await self.refresh()
        await self.app.start()
        return self

    async def hears(self, *heard: Heard, sender: str = BOSS, chat: str = "") -> None:
        batch = [
            Inbound(
                channel="telegram", event_id=f"e{next(self._numbers)}", sender=sender, chat=chat or sender,
                at=self.clock.now(), heard=one, first_name="Борис", full_name="Борис",
            )
            for one in heard
        ]  # fmt: skip
        await self.app.receive(batch)
        await self.desk.settle()
        await self.delivery.drain()

    async def taps(self, label: str, *, sender: str = BOSS, chat: str = "") -> None:
        key = next(button.key for row in self.screen[-1].buttons for button in row if button.label == label)
        await self.hears(Press(key, "q", self.screen[-1].id), sender=sender, chat=chat)

    @property
    def screen(self) -> list[Shown]:
        return self.channel.screens[BOSS]

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.screen[-1].buttons for button in row]

    def edits(self, old: str, new: str, *, path: str = "tour.yaml") -> None:
        text = (self.folder / path).read_text("utf-8")
        assert old in text
        (self.folder / path).write_text(text.replace(old, new), "utf-8")


@pytest.fixture
async def bot(sqlite: Database, clock: HandClock, tmp_path: Path) -> AsyncIterator[Bot]:
    folder = tmp_path / "flows"
    for path, text in FILES.items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(text, "utf-8")
    running = await Bot(sqlite, clock, folder).open()
    yield running
    await running.desk.close()


async def test_a_folder_that_is_live_has_nothing_to_publish(bot: Bot) -> None:
    await bot.hears(Text("/flows"))
    assert bot.screen[-1].text == "Сценарии в порядке. Работает версия 1, в папке то же самое."
    assert bot.labels == []


async def test_a_change_is_published_by_a_button(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"))
    assert bot.screen[-1].text.startswith("Сценарии в порядке, в папке есть изменения.")
    await bot.taps("Опубликовать")
    assert bot.screen[-1].text.startswith("Опубликовано, версия 2.")
    assert "Куда поедем?" in bot.library.live.flows["tour"].by_id["where"].text
    await bot.hears(Text("/flows"))
    assert "Работает версия 2" in bot.screen[-1].text


async def test_A1_mistakes_are_listed_with_their_lines_and_the_live_version_stays(bot: Bot) -> None:
    bot.edits("refused: bye", "refused: by")
    await bot.hears(Text("/flows"))
    text = bot.screen[-1].text
    assert text.startswith("Публиковать пока нельзя, ошибок: ")
    line = FLOW.split("\n").index("    refused: bye") + 1
    assert "Работает прежняя версия 1." in text
    assert f"• tour.yaml:{line}:14: шага «by» в этом сценарии нет. Возможно, вы имели в виду «bye»." in text
    assert bot.labels == ["Проверить ещё раз"]
    bot.edits("refused: by\n", "refused: bye\n")
    await bot.taps("Проверить ещё раз")
    assert "в папке то же самое" in bot.screen[-1].text
    assert bot.library.live.version == 1


async def test_a_hundred_mistakes_fit_one_message_and_the_rest_is_counted(bot: Bot) -> None:
    steps = "".join(f"  - id: s{number}\n    say: |\n      Слово\n    go: nowhere{number}\n" for number in range(100))
    bot.edits("silence:\n", f"{steps}silence:\n")
    await bot.hears(Text("/flows"))
    text = bot.screen[-1].text
    assert LONGEST - 400 < len(text) < LONGEST + 200
    told = text.count("\n• ")
    errors = int(text.partition("ошибок: ")[2].partition(".")[0])
    assert told > 10 and errors >= 100 and f"… и ещё {errors - told}." in text


async def test_what_was_not_looked_at_is_not_published(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"))
    bot.edits("Куда поедем?", "Куда летим?")
    await bot.taps("Опубликовать")
    assert bot.screen[-1].text.startswith("Файлы с тех пор изменились")
    assert bot.library.live.version == 1
    await bot.taps("Опубликовать")
    assert "Куда летим?" in bot.library.live.flows["tour"].by_id["where"].text


async def test_a_second_press_publishes_nothing_new(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"))
    asks = bot.screen[-1]
    key = asks.buttons[0][0].key
    await bot.hears(Press(key, "q1", asks.id), Press(key, "q2", asks.id))
    await bot.hears(Press(key, "q3", asks.id))
    assert bot.library.live.version == 2
    assert [shown.text[:12] for shown in bot.screen] == ["Сценарии в п", "Опубликовано", "Сценарии в п"]


async def test_who_is_no_admin_learns_nothing_and_publishes_nothing(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"), sender=GUEST)
    assert not any("версия" in shown.text for shown in bot.channel.screens[GUEST])
    await bot.hears(Text("/flows"))
    await bot.taps("Опубликовать", sender=GUEST)
    await bot.taps("Опубликовать", sender=GUEST, chat=GROUP)
    await bot.hears(Text("/flows"), chat=GROUP)
    assert bot.library.live.version == 1
    assert bot.channel.screens[GROUP] == []


async def test_a_folder_that_is_gone_is_told(bot: Bot) -> None:
    bot.folder.rename(bot.folder.parent / "elsewhere")
    await bot.hears(Text("/flows"))
    assert "FLOWS_DIR" in bot.screen[-1].text


async def test_stories_with_a_mistake_are_told_and_keep_nothing_from_going_live(bot: Bot) -> None:
    (bot.folder / "tour.stories.yaml").write_text("stories:\n  - story: Анна\n    talk:\n      - shouts: а\n", "utf-8")
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"))
    assert "tour.stories.yaml:4:9" in bot.screen[-1].text
    await bot.taps("Опубликовать")
    assert bot.library.live.version == 2

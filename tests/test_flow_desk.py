"""Admins look after the flows from the chat: how the folder stands, what is wrong in which line, publishing."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.flow_answers import LONGEST
from bot.flow_desk import FlowDesk
from bot.library import Published
from bot.publishing import publish, read_folder
from bot.screens import Shown, StageChannel
from handlers.inbound import Heard, Inbound, Press, Start, Text
from storage.database import Database
from storage.tables import FlowVersion
from tests.flow_folder import FILES, FLOW

BOSS, GUEST, GROUP = "1", "99", "-100500"
FILES_BYTES = {path: text.encode() for path, text in FILES.items()}


class Bot:
    """The bot with one admin, over a folder of flows that are published."""

    def __init__(self, database: Database, clock: HandClock, folder: Path) -> None:
        self.database, self.folder, self.clock = database, folder, clock
        self.channel = StageChannel("telegram", clock)
        self.channel.screens |= {BOSS: [], GUEST: [], GROUP: []}
        self.library = Published(database)
        self.delivery = Delivery(database, {"telegram": self.channel}, clock)
        self.desk = FlowDesk(
            database, clock, folder, library=self.library, refresh=self.refresh, wake=self.delivery.wake
        )
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

    async def publishes(self) -> None:
        """``/flows`` and the two presses."""
        await self.hears(Text("/flows"))
        await self.taps("Опубликовать")
        await self.taps("Да, опубликовать")

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
    assert bot.screen[-1].text.startswith("Опубликовать папку вместо версии 1? Что изменится:")
    assert bot.library.live.version == 1
    await bot.taps("Да, опубликовать")
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
    bot.edits("Куда летим?", "Куда плывём?")
    await bot.taps("Да, опубликовать")
    assert bot.screen[-1].text.startswith("Файлы с тех пор изменились")
    bot.edits("Куда плывём?", "Куда летим?")
    await bot.publishes()
    assert "Куда летим?" in bot.library.live.flows["tour"].by_id["where"].text


async def test_a_second_press_publishes_nothing_new(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"))
    await bot.taps("Опубликовать")
    asks = bot.screen[-1]
    key = asks.buttons[0][0].key
    await bot.hears(Press(key, "q1", asks.id), Press(key, "q2", asks.id))
    await bot.hears(Press(key, "q3", asks.id))
    assert bot.library.live.version == 2
    begins = ["Сценарии в п", "Опубликовать", "Опубликовано", "Сценарии в п"]
    assert [shown.text[:12] for shown in bot.screen] == begins


async def test_who_is_no_admin_learns_nothing_and_publishes_nothing(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"), sender=GUEST)
    assert not any("версия" in shown.text for shown in bot.channel.screens[GUEST])
    await bot.hears(Text("/flows"))
    await bot.taps("Опубликовать")
    await bot.taps("Да, опубликовать", sender=GUEST)
    await bot.taps("Да, опубликовать", sender=GUEST, chat=GROUP)
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
    await bot.publishes()
    assert bot.library.live.version == 2


# ---------------------------------------------------------------- what would change, and back


async def test_an_admin_sees_what_changes_and_for_whom_before_publishing(bot: Bot) -> None:
    await bot.hears(Start("tour"), sender=GUEST)
    agreed = bot.channel.screens[GUEST][-1].buttons[0][0].key
    await bot.hears(Press(agreed, "q"), sender=GUEST)
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.hears(Text("/flows"))
    assert bot.labels == ["Что изменится", "Опубликовать", "Проверить ещё раз"]
    await bot.taps("Что изменится")
    told = bot.screen[-1].text
    assert told.startswith("Что изменится, если опубликовать папку вместо версии 1:\n\ntour: шаги")
    assert "Сейчас внутри:" in told and "1 человек — tour, «where» (версия 1)" in told
    assert bot.labels == ["Опубликовать", "Проверить ещё раз"]
    await bot.taps("Опубликовать")
    assert told.partition("\n\n")[2] in bot.screen[-1].text
    await bot.taps("Ничего не менять")
    assert "Сейчас работает версия 1" in bot.screen[-1].text
    assert bot.library.live.version == 1


async def test_a_long_list_of_changes_is_cut_and_the_rest_is_counted(bot: Bot) -> None:
    steps = "".join(f"  - id: s{number}\n    say: |\n      Слово номер {number}\n" for number in range(200))
    bot.edits("silence:\n", f"{steps}silence:\n")
    await bot.hears(Text("/flows"))
    await bot.taps("Что изменится")
    text = bot.screen[-1].text
    assert len(text) < LONGEST + 100
    assert re.search(r"… и ещё \d+\. Весь список покажет leadbot diff\.$", text)


async def test_the_former_set_comes_back_by_two_presses(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.publishes()
    await bot.hears(Text("/flows"))
    assert bot.labels == ["Вернуть прежнее"]
    await bot.taps("Вернуть прежнее")
    assert bot.screen[-1].text.startswith("Вернуть версию 1 вместо версии 2? Что изменится:\n\ntour: шаги")
    assert bot.labels == ["Да, вернуть версию 1", "Ничего не менять"]
    await bot.taps("Да, вернуть версию 1")
    assert bot.screen[-1].text.startswith("Вернули версию 1, теперь она под номером 3.")
    assert "Куда хотите?" in bot.library.live.flows["tour"].by_id["where"].text


async def test_a_folder_with_mistakes_or_none_at_all_does_not_bar_the_way_back(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.publishes()
    bot.edits("refused: bye", "refused: by")
    await bot.hears(Text("/flows"))
    assert bot.labels == ["Проверить ещё раз", "Вернуть прежнее"]
    bot.folder.rename(bot.folder.parent / "elsewhere")
    await bot.taps("Вернуть прежнее")
    await bot.taps("Да, вернуть версию 1")
    assert bot.library.live.version == 3


@pytest.mark.parametrize("old", ["Что изменится", "Опубликовать", "Вернуть прежнее"])
async def test_buttons_of_an_older_day_are_refused_kindly(bot: Bot, old: str) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.publishes()
    bot.edits("Куда поедем?", "Куда летим?")
    await bot.hears(Text("/flows"))
    key = next(button.key for row in bot.screen[-1].buttons for button in row if button.label == old)
    await publish(bot.database, FILES_BYTES, by="Ольга", now=bot.clock.now())
    for act in (key, key.replace("publish", "sure").replace("former", "back") + ".1"):
        await bot.hears(Press(act, "q", bot.screen[-1].id))
        assert bot.screen[-1].text.startswith("С тех пор опубликовали другую версию. Посмотрите, как сейчас:")
        assert "Сейчас работает версия 3" in bot.screen[-1].text
    await bot.refresh()
    assert bot.library.live.version == 3


async def test_a_set_that_this_program_cannot_read_does_not_come_back(bot: Bot) -> None:
    bot.edits("Куда хотите?", "Куда поедем?")
    await bot.publishes()
    async with bot.database.write() as db:
        (await db.get_one(FlowVersion, 1)).files = {"tour.yaml": "flow: tour\nsong: 1\n"}
    await bot.hears(Text("/flows"))
    await bot.taps("Вернуть прежнее")
    assert bot.screen[-1].text == "Версию 1 эта программа уже не читает."

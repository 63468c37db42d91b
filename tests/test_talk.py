"""``leadbot talk`` and whatever else plays on a stage: words that wait for more, and messages that are edited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.recording import record
from bot.rehearsal import rehearse
from bot.stage import Stage
from bot.talk import WAITING, Terminal, converse
from dialogs.reading import load
from dialogs.stories import Act
from tests.test_pauses import ASKED, FILES, PHONE, flow_set


class Desk:
    """Anna's terminal, at the question about her dreams."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.lines = stage, list[str]()
        self.terminal = Terminal(stage, self.lines.append)

    @property
    def screen(self) -> str:
        return "\n".join(self.lines)

    async def types(self, *lines: str, slowly: bool = False, bursts: bool = True) -> None:
        """Her lines, then the empty one; ``slowly``: each after the pause of the flow."""
        coming = iter([*lines, ""])

        async def ask() -> str:
            await asyncio.sleep(1.2 if slowly else 0)
            return next(coming)

        await converse(self.terminal, ask, bursts=bursts)


@pytest.fixture
async def anna() -> AsyncIterator[Desk]:
    files = {
        **FILES,
        "tour.yaml": str(FILES["tour.yaml"]).replace("answer: text\n", "answer: text\n    pause: 1 second\n"),
    }
    stage = await Stage.open(flow_set(files), flow="tour")
    await stage.opens()
    for label in ("Согласен", "В горы"):
        await stage.taps(label)
    for words in ("7", "Анна"):
        await stage.says(words)
    assert ASKED in stage.prospect[-1].text
    yield Desk(stage)
    await stage.close()


async def test_lines_within_the_pause_are_read_together(anna: Desk) -> None:
    await anna.types("хочу в Сочи", "в июле, вдвоём")
    assert WAITING in anna.screen
    assert anna.screen.count(PHONE) == 1
    assert anna.stage.acts[-1] == Act("says", ("хочу в Сочи", "в июле, вдвоём"))


async def test_after_a_real_pause_the_bot_answers_by_itself(anna: Desk) -> None:
    await anna.types("хочу в Сочи", slowly=True)
    assert PHONE in anna.screen
    assert anna.stage.acts[-1] == Act("says", ("хочу в Сочи",))


async def test_lines_from_a_file_are_answered_one_by_one(anna: Desk) -> None:
    await anna.types("хочу в Сочи", "8 900 123-45-67", bursts=False)
    assert anna.stage.acts[-2:] == [Act("says", ("хочу в Сочи",)), Act("says", ("8 900 123-45-67",))]


@pytest.mark.parametrize("line", ["+20m", "!!Беру", "!Добрый день"])
async def test_any_other_act_comes_after_the_words(anna: Desk, line: str) -> None:
    await anna.terminal.does("хочу в Сочи")
    assert PHONE not in anna.screen
    await anna.terminal.does(line)
    assert anna.screen.index(WAITING) < anna.screen.index(PHONE)
    assert await anna.stage.next_reading() is None


async def test_a_message_that_is_not_read_yet_is_read_as_it_was_edited(anna: Desk) -> None:
    await anna.types("хочу в Сочи", "в июле", "=в августе")
    assert anna.stage.acts[-1] == Act("says", ("хочу в Сочи", "в августе"))
    assert anna.screen.count(PHONE) == 1


async def test_an_answer_is_edited_and_the_talk_is_a_story_that_passes(anna: Desk, tmp_path: Path) -> None:
    await anna.types("хочу в Сочи")
    await anna.terminal.does("=хочу в Анапу")
    assert "Исправить «хочу в Сочи» на «хочу в Анапу»?" in anna.screen
    await anna.stage.taps("Исправить")
    files = {path: text.encode() if isinstance(text, str) else text for path, text in FILES.items()}
    found = load(files, version=1).flow_set
    assert found is not None
    path = await record(found, files, tmp_path, anna.stage, name="Анна передумала")
    assert "- edits: [хочу в Сочи, хочу в Анапу]" in path.read_text("utf-8")
    shown: list[str] = []
    report = await rehearse(found, {path.name: path.read_bytes()}, show=shown.append)
    assert (report.passed, report.failed) == (1, 0), "\n".join(shown)


async def test_what_was_not_said_is_not_edited(anna: Desk) -> None:
    with pytest.raises(LookupError, match="не писал «море»"):
        await anna.stage.edits("море", "горы")


async def test_nobody_edits_on_the_web() -> None:
    stage = await Stage.open(flow_set(), flow="tour", channel="web")
    try:
        await stage.opens()
        await stage.says("привет")
        with pytest.raises(LookupError, match="Telegram и ВКонтакте"):
            await stage.edits("привет", "здравствуйте")
    finally:
        await stage.close()


async def test_the_terminals_clock_is_the_companys_own(anna: Desk) -> None:
    await anna.types("море")
    here = anna.stage.clock.now().astimezone(anna.stage.app.library.live.business.zone)
    assert f"бот, {here:%d.%m %H:%M}\n" in anna.screen and "UTC" not in anna.screen

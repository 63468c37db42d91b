"""The workshop beside an author's editor: what is played, what is told, and what happens to the talk held so far."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from bot.clock import HandClock
from bot.files import KeptFiles
from bot.library import OneSet
from bot.pages.author import Mark
from bot.pages.edited import Edited
from bot.pages.flow_files import DRAFT, serve_draft
from bot.publishing import read_folder
from bot.recording import CannotRecord, record
from bot.rehearsal import hold_again
from bot.stage import Stage
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from dialogs.stories import Act
from storage.database import Database
from tests.flow_folder import FILES, FLOW
from tests.pictures import png

STORIES = "stories:\n- story: Анна здоровается\n  talk:\n  - opens\n  - sees: Подберём тур\n"


def live_set() -> FlowSet:
    found = load(FILES, version=7).flow_set
    assert found is not None
    return found


class Author:
    """A folder on the disk, and the workshop that looks into it."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        self.folder, self.live = folder, live_set()
        for path, text in FILES.items():
            self.saves(path, text)
        self.edited = Edited(folder, OneSet(self.live), clock)
        self.told = 0
        self.leave = self.edited.watch(self._hear)

    def _hear(self) -> None:
        self.told += 1

    def saves(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(exist_ok=True)
        (self.folder / path).write_text(text, "utf-8")

    async def looks(self) -> list[str]:
        """What the workshop says is wrong, after a look."""
        await self.edited.look()
        return [f"{one.file}:{one.line} {one.name}" for one in (*self.edited.problems, *self.edited.stories)]


@pytest.fixture
def author(tmp_path: Path, clock: HandClock) -> Author:
    (tmp_path / "flows").mkdir()
    return Author(tmp_path / "flows", clock)


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


async def test_a_draft_is_played_while_it_is_sound_and_the_last_sound_one_while_it_is_not(author: Author) -> None:
    assert author.edited.flow_set is author.live
    assert await author.looks() == []
    sound = author.edited.flow_set
    assert sound is not author.live and sound.flows["tour"].title == "Туры" and author.told == 1

    author.saves("tour.yaml", FLOW.replace("answer: phone", "answer: phon"))
    assert await author.looks() == [f"tour.yaml:{line_of(FLOW, 'answer: phone')} unknown-word"]
    assert author.edited.flow_set is sound and not author.edited.sound and author.told == 2

    author.saves("tour.yaml", FLOW.replace("title: Туры", "title: Путешествия"))
    assert await author.looks() == []
    assert author.edited.flow_set.flows["tour"].title == "Путешествия" and author.told == 3


async def test_the_workshop_shows_a_picture_that_nobody_has_published(author: Author, sqlite: Database) -> None:
    (author.folder / "sea.png").write_bytes(png(30, 20))
    author.saves("tour.yaml", FLOW.replace("      Куда хотите?\n", "      Куда хотите?\n    picture: sea.png\n"))
    assert await author.looks() == []
    outer = FastAPI()
    serve_draft(outer, author.edited, KeptFiles(sqlite))
    async with AsyncClient(transport=ASGITransport(outer), base_url="http://workshop") as browser:
        shown = await browser.get(f"{DRAFT}{sha256(png(30, 20)).hexdigest()}")
        assert (shown.status_code, shown.content) == (200, png(30, 20))
        assert (await browser.get(f"{DRAFT}{'0' * 64}")).status_code == 404


async def test_pictures_of_the_draft_are_those_of_what_is_played(author: Author) -> None:
    sea = FLOW.replace("      Куда хотите?\n", "      Куда хотите?\n    picture: sea.png\n")
    (author.folder / "sea.png").write_bytes(png(30, 20))
    author.saves("tour.yaml", sea)
    assert await author.looks() == []
    digest = sha256(png(30, 20)).hexdigest()
    assert author.edited.media(digest) == ("png", png(30, 20))
    (author.folder / "sea.png").unlink()  # now the draft is no more sound, and the former one is played on
    assert await author.looks() != []
    assert author.edited.media(digest) == ("png", png(30, 20))
    (author.folder / "sea.png").write_bytes(png(40, 20))
    assert await author.looks() == []
    assert author.edited.media(digest) is None and author.edited.media(sha256(png(40, 20)).hexdigest()) is not None


async def test_nothing_is_told_twice_and_nobody_is_told_who_has_left(author: Author) -> None:
    await author.looks()
    await author.looks()
    assert author.told == 1
    author.leave()
    author.saves("tour.yaml", FLOW + "x")
    assert await author.looks() == [] and author.told == 1  # no page is open: the folder is not read at all


async def test_a_saved_story_changes_nothing_for_the_talk_and_its_mistake_nothing_for_the_flows(author: Author) -> None:
    await author.looks()
    sound = author.edited.flow_set
    author.saves("tour.stories.yaml", STORIES)
    assert await author.looks() == [] and author.edited.flow_set is sound
    author.saves("tour.stories.yaml", STORIES.replace("sees:", "seees:"))
    assert await author.looks() == ["tour.stories.yaml:5 unknown-act"]
    assert author.edited.sound and author.edited.flow_set is sound and author.told == 3


async def test_without_a_folder_the_published_set_is_played_and_the_page_says_why(
    tmp_path: Path, clock: HandClock
) -> None:
    live = live_set()
    edited = Edited(tmp_path / "nowhere", OneSet(live), clock)
    told: list[str] = []
    edited.watch(lambda: told.append(edited.note))
    await edited.look()
    await edited.look()
    assert edited.flow_set is live and told == [
        f"Папки {tmp_path / 'nowhere'} нет: здесь играет опубликованный сценарий."
    ]


@pytest.mark.parametrize(
    ("path", "old", "new", "text", "kind"),
    [
        ("tour.yaml", "", "", "Ошибок нет", "good"),
        ("tour.yaml", "answer: phone", "answer: phon", "Ошибки: 1", "bad"),
        ("tour.yaml", "Спасибо, ", "", "Предупреждения: 1", "warn"),
        ("tour.stories.yaml", "sees:", "seees:", "Ошибки в историях: 1", "warn"),
    ],
)
async def test_the_mark_counts_what_is_wrong(
    author: Author, path: str, old: str, new: str, text: str, kind: str
) -> None:
    files = {**FILES, "tour.stories.yaml": STORIES}
    author.saves(path, files[path].replace(old, new, 1))
    await author.looks()
    assert Mark.of(author.edited) == Mark(text, kind), author.edited.problems


# ---------------------------------------------------------------- the talk so far


async def held_so_far(flow_set: FlowSet, *acts: Act) -> tuple[Act | None, str, str]:
    """Which act could not be done on this set, where the talk came to, and the bot's last words."""
    stage = await Stage.open(flow_set, flow="tour")
    try:
        stuck = await hold_again(stage, acts)
        assert stage.step is not None
        return stuck, str(stage.step[1][1]), stage.prospect[-1].text
    finally:
        await stage.close()


ANNA = (Act("opens"), Act("taps", ("Согласен",)), Act("taps", ("К морю",)), Act("says", ("10",)))


@pytest.mark.parametrize(
    ("old", "new", "stuck", "step", "sees"),
    [
        ("Как к вам обращаться?", "Как вас зовут?", None, "name", "Как вас зовут?"),
        ("label: К морю", "label: На пляж", ANNA[2], "where", "Куда хотите?"),
        ("На сколько ночей?", "Сколько ночей?", None, "name", "Как к вам обращаться?"),
    ],
)
async def test_the_talk_is_held_again_on_the_changed_flow_as_far_as_it_goes(
    old: str, new: str, stuck: Act | None, step: str, sees: str
) -> None:
    changed = load({**FILES, "tour.yaml": FLOW.replace(old, new, 1)}).flow_set
    assert changed is not None
    assert await held_so_far(changed, *ANNA) == (stuck, step, sees)


# ---------------------------------------------------------------- the only file that is written


async def test_S7_a_story_is_written_into_the_folder_alone_and_over_nobodys_words(
    author: Author, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("чужое", "utf-8")
    stories = author.folder / "tour.stories.yaml"
    stories.symlink_to(outside)
    stage = await Stage.open(author.live, flow="tour")
    try:
        await stage.opens()
        files = read_folder(author.folder)
        with pytest.raises(CannotRecord, match="ссылка или не файл"):
            await record(author.live, files, author.folder, stage, name="Анна")
        assert outside.read_text("utf-8") == "чужое"

        os.unlink(stories)
        author.saves("tour.stories.yaml", STORIES)
        files = read_folder(author.folder)
        author.saves("tour.stories.yaml", STORIES + "# моё\n")
        with pytest.raises(CannotRecord, match="только что изменился"):
            await record(author.live, files, author.folder, stage, name="Анна пишет")
        assert stories.read_text("utf-8").endswith("# моё\n")
    finally:
        await stage.close()

"""A conversation held on a stage becomes a story that passes, whatever stands in the file already."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.publishing import read_folder
from bot.recording import CannotRecord, record
from bot.rehearsal import rehearse
from bot.stage import Stage
from dialogs.reading import load, read_page
from dialogs.stories import Act, Story, parse
from dialogs.story_text import WIDEST, appended, written
from tests.flow_folder import FILES

EVENING = datetime(2026, 11, 25, 16, 41, 27, tzinfo=UTC)
COMMENT = "# Разговоры отдела продаж.\n\n"
FIRST = "stories:\n- story: Пётр здоровается # важно\n  talk:\n  - opens\n  - sees: Подберём тур\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    return tmp_path


async def anna_talks(folder: Path, name: str = "Анна: едет к морю") -> str:
    """She goes all the way to the code; a manager answers; the story as it was written."""
    files = read_folder(folder)
    flow_set = load(files).flow_set
    assert flow_set is not None
    stage = await Stage.open(flow_set, flow="tour", start=EVENING)
    try:
        await stage.opens("tour__flyer")
        await stage.taps("Согласен")
        await stage.forward(timedelta(minutes=19, seconds=30))
        await stage.forward(timedelta(minutes=30))
        await stage.says("к морю")
        await stage.sends("sticker")
        await stage.says("10")
        await stage.says("Анна")
        await stage.shares_phone()
        await stage.manager_taps("Беру")
        await stage.manager_replies(stage.managers[0].id, "- Здравствуйте, Анна!")
        await stage.says('Жду: "море" # и горы')
        path = await record(flow_set, files, folder, stage, name=name)
    finally:
        await stage.close()
    return path.read_text("utf-8")


async def replayed(folder: Path) -> tuple[int, int, str]:
    files = read_folder(folder)
    flow_set = load(files).flow_set
    assert flow_set is not None
    shown: list[str] = []
    report = await rehearse(flow_set, files, show=shown.append)
    return report.passed, report.failed, "\n".join(shown)


async def test_the_story_passes_and_holds_to_what_was_shown(folder: Path) -> None:
    text = await anna_talks(folder)
    passed, failed, shown = await replayed(folder)
    assert (passed, failed) == (1, 0), shown
    assert 'starts: "2026-11-25 19:41"' in text
    assert "- opens: tour__flyer" in text
    assert "- waits: 20 min" in text and "- waits: 30 min" in text
    assert "- sees: Куда хотите?" in text
    assert "- manager taps: Беру" in text
    assert "managers see" in text
    assert max(map(len, text.splitlines())) <= WIDEST


async def test_a_promo_code_is_another_one_each_time_and_is_not_held_to(folder: Path) -> None:
    text = await anna_talks(folder)
    assert "Код" not in text


@pytest.mark.parametrize(("met", "greeting"), [("calm", "Добрый день"), ("warm", "Очень рады вам")])
async def test_the_variant_that_was_shown_is_shown_again(folder: Path, met: str, greeting: str) -> None:
    """Whichever the person of the replay would draw."""
    said = '    say:\n      - if: greeting == "calm"\n        text: |\n          Добрый день! {{ policy }}\n'
    said += "      - text: |\n          Очень рады вам. {{ policy }}\n"
    text = re.sub(r"    say: \|\n(      .*\n)+", said, FILES["tour.yaml"], count=1)
    weights = {"calm": 1000, "warm": 1} if met == "calm" else {"calm": 1, "warm": 1000}
    (folder / "tour.yaml").write_text(text.replace("steps:\n", _variants(weights) + "steps:\n", 1), "utf-8")
    story = await anna_talks(folder)
    assert f"    variants: {{greeting: {met}}}\n" in story and greeting in story
    others = {one: weights[other] for one, other in (("calm", "warm"), ("warm", "calm"))}
    (folder / "tour.yaml").write_text(text.replace("steps:\n", _variants(others) + "steps:\n", 1), "utf-8")
    passed, failed, shown = await replayed(folder)
    assert (passed, failed) == (1, 0), shown


def _variants(weights: dict[str, int]) -> str:
    return f"variants:\n  greeting: {{calm: {weights['calm']}, warm: {weights['warm']}}}\n"


async def test_what_the_author_wrote_stays_as_it_was(folder: Path) -> None:
    (folder / "tour.stories.yaml").write_text(COMMENT + FIRST, "utf-8")
    text = await anna_talks(folder)
    assert text.startswith(COMMENT + FIRST + '\n- story: "Анна: едет к морю"\n')
    await anna_talks(folder, "Она же ещё раз")
    passed, failed, shown = await replayed(folder)
    assert (passed, failed) == (3, 0), shown


async def test_a_changed_text_makes_the_story_fail(folder: Path) -> None:
    await anna_talks(folder)
    (folder / "tour.yaml").write_text(FILES["tour.yaml"].replace("На сколько ночей?", "Сколько ночей?"), "utf-8")
    _, failed, shown = await replayed(folder)
    assert failed == 1 and "ожидалось: «На сколько ночей?»" in shown


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ('stories:\n  - story: "Анна: едет к морю"\n    talk:\n      - opens\n', "уже есть"),
        ("stories: [{story: Пётр, talk: [opens]}]\n", "должен быть записан строками"),
        ("stories:\n  - story: [\n", "Сначала исправьте"),
    ],
)
async def test_a_file_that_cannot_be_added_to_is_left_alone(folder: Path, file: str, why: str) -> None:
    (folder / "tour.stories.yaml").write_text(file, "utf-8")
    with pytest.raises(CannotRecord, match=why):
        await anna_talks(folder)
    assert (folder / "tour.stories.yaml").read_text("utf-8") == file


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"]), min_size=1).map(
    str.strip
)


@given(st.lists(words.filter(bool), min_size=1, max_size=4), words.filter(bool))
def test_whatever_people_say_is_read_back_as_they_said_it(texts: list[str], name: str) -> None:
    acts = (Act("opens"), Act("says", (texts[0],)), Act("sees", tuple(texts)), Act("waits", span=timedelta(hours=36)))
    story = Story(name, "tour", "vk", acts, "tour.stories.yaml", 0, EVENING.replace(tzinfo=None, second=0))
    text = appended("", None, story)
    (found,), problems = parse({"tour.stories.yaml": text})
    assert not problems and found.name == name and found.starts == story.starts
    assert [(act.verb, act.texts, act.span) for act in found.acts] == [(act.verb, act.texts, act.span) for act in acts]
    page = read_page("tour.stories.yaml", text, [])
    again = appended(text, page, Story(f"{name} 2", "tour", "web", acts, "tour.stories.yaml", 0))
    assert again.startswith(text) and len(parse({"tour.stories.yaml": again})[0]) == 2
    assert written(story) in again

"""What a new set changes, told before it goes live; how people inside are carried over; and the way back (A3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.difference import NO_CHANGES, NOTHING_PUBLISHED, UNREADABLE, difference
from bot.library import Published
from bot.publishing import check, publish
from bot.rollback import roll_back
from dialogs.changes import compare_flows, fate
from dialogs.media import media
from storage.tables import Answer, FlowVersion, LeadEvent
from tests.pictures import png
from tests.test_walking import PARTS, STEPS, changed, script, without

from . import meridian
from .person_play import Play

FILES = meridian.files()
CHANGES = (
    ("Какой автомобиль хотите попробовать?", "Какая машина вам нравится?"),
    ("  - id: car\n", "  - id: model\n    renamed_from: [car]\n"),
    ("value: crossover\n", "value: suv\n        renamed_from: [crossover]\n"),
    ("label: Кроссовер", "label: Внедорожник"),
    ("  - id: trade_in\n", "  - id: swap\n"),
    ("go: trade_in\n", "go: swap\n"),
    (
        "silence:\n",
        "questions:\n  - id: price\n    words: [сколько стоит]\n    answer: |\n      Бесплатно.\n\nsilence:\n",
    ),
)


def edited(*changes: tuple[str, str]) -> dict[str, bytes]:
    text = FILES["test_drive.yaml"].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {**FILES, "test_drive.yaml": text.encode()}


async def goes_live(play: Play, files: dict[str, bytes]) -> int:
    version = await publish(play.database, files, by="Ирина", now=play.clock.now())
    await play.app.library.refresh()
    return version


async def begin(database, clock) -> Play:
    play = await Play.begin(database, clock)
    play.app.library = Published(database)
    await goes_live(play, FILES)
    return play


async def told(play: Play, files: dict[str, bytes]) -> list[str]:
    checked = check(files)
    assert checked.flow_set is not None, checked.problems
    return list((await difference(play.database, checked.flow_set)).lines())


async def test_A3_the_difference_says_how_many_stand_where_and_what_will_happen_to_them(database, clock):
    play = await begin(database, clock)
    anna, boris, vera = play.person("Анна", "50177"), play.person("Борис", "50288"), play.person("Вера", "90111", "vk")
    for one in (anna, boris, vera):
        await one.agrees()
    for said in ("Кроссовер", "на этой неделе", "12"):
        await vera.says(said)
    await boris.says("Кроссовер")
    assert await told(play, FILES) == [NO_CHANGES, "Внутри 3 человека: для них на их шаге ничего не меняется"]
    assert await told(play, edited(*CHANGES)) == [
        "test_drive: частые вопросы, шаги",
        "  − «trade_in»: шага больше нет",
        "  ~ «car» теперь «model»: вопрос, кнопка «Кроссовер» теперь «Внедорожник»",
        "  ~ «experience»: куда вести",
        "  + «swap»: новый шаг (если это прежний «trade_in» под новым именем, допишите renamed_from: [trade_in])",
        "Сейчас внутри:",
        "  1 человек — test_drive, «car» (версия 1): ответит на тот же вопрос и пойдёт дальше с «model»"
        " по новой версии",
        "  1 человек — test_drive, «trade_in» (версия 1): договорит по своей версии и перейдёт в новую на «name»",
        "Ещё 1 человек: для него на его шаге ничего не меняется",
    ]


async def test_nothing_published_is_said_so(sqlite):
    flow_set = check(FILES).flow_set
    assert flow_set is not None
    assert list((await difference(sqlite, flow_set)).lines()) == [NOTHING_PUBLISHED]


async def test_a_newest_set_that_this_program_cannot_read_is_not_called_unpublished(database, clock):
    play = await begin(database, clock)
    anna = play.person("Анна", "50177")
    await anna.agrees()
    async with database.write() as db:
        await db.execute(update(FlowVersion).values(files={"business.yaml": "company: из будущего"}))
    lines = await told(play, FILES)
    assert lines[0] == UNREADABLE and NOTHING_PUBLISHED not in lines
    assert any("1 человек" in line for line in lines[1:])


async def test_A3_answers_of_a_renamed_step_are_the_leads_under_the_new_name(database, clock):
    play = await begin(database, clock)
    anna = play.person("Анна", "50177")
    await anna.agrees()
    await anna.says("Кроссовер")
    await goes_live(play, edited(*CHANGES))
    await anna.says("на этой неделе")
    await anna.says("сколько стоит?")
    assert anna.screen[-2].text == "Бесплатно."
    async with database.read() as db:
        answers = {one.step: one.shown for one in await db.scalars(select(Answer))}
        asked = list(await db.scalars(select(LeadEvent).where(LeadEvent.what == "asked")))
    assert answers == {"model": "Кроссовер", "visit": "На этой неделе"}
    assert [one.detail for one in asked] == [{"question": "price", "flow": "test_drive"}]


async def test_a_former_set_goes_live_again_and_people_go_on(database, clock):
    play = await begin(database, clock)
    anna = play.person("Анна", "50177")
    await goes_live(play, edited(CHANGES[0]))
    await anna.agrees()
    assert "Какая машина" in anna.last.text
    assert await roll_back(database, None, by="Ирина", now=clock.now()) == (1, 3)
    await play.app.library.refresh()
    await anna.says("Кроссовер")
    assert "Когда вам удобно" in anna.last.text
    assert play.app.library.live.flows["test_drive"].by_id["car"].ask == "Какой автомобиль хотите попробовать?\n"
    assert await roll_back(database, 2, by="Ирина", now=clock.now()) == (2, 4)


async def test_a_set_comes_back_with_its_pictures(sqlite, clock):
    shows = edited(("  - id: car\n", "  - id: car\n    picture: hello.png\n"))
    await publish(sqlite, {**shows, "hello.png": png()}, by="Ирина", now=clock.now())
    await publish(sqlite, FILES, by="Ирина", now=clock.now())
    await roll_back(sqlite, None, by="Ирина", now=clock.now())
    library = Published(sqlite)
    await library.refresh()
    kept = library.live.media["hello.png"]
    assert (kept.kind, kept.digest) == ("png", media("hello.png", png()).digest)


@pytest.mark.parametrize(
    ("version", "says"), [(7, "Версии 7 нет; последняя — 1."), (1, "и так опубликована"), (None, "прежней нет")]
)
async def test_there_is_not_always_a_way_back(sqlite, clock, version, says):
    await publish(sqlite, FILES, by="Ирина", now=clock.now())
    with pytest.raises(LookupError, match=says):
        await roll_back(sqlite, version, by="Ирина", now=clock.now())


async def test_there_is_no_way_back_to_nothing(sqlite, clock):
    with pytest.raises(LookupError, match="Ещё ничего не опубликовано"):
        await roll_back(sqlite, None, by="Ирина", now=clock.now())


# ---------------------------------------------------------------- the comparison


def test_steps_of_parts_buttons_and_order_are_compared_too():
    old = script(1).flow
    pie = {"label": "Пирог", "value": "pie", "renamed_from": ["pizza"]}
    steps = changed("what", without("sticks"), choices=[pie, {"label": "Суп", "value": "soup"}])
    address = changed("street", PARTS["address"], ask="Какая улица?", optional=True)
    new = script(2, steps=[*steps[:2], steps[3], steps[2], *steps[4:]], parts={**PARTS, "address": address}).flow
    change = compare_flows(old, new)
    assert [str(one) for one in change.steps] == [
        "− «sticks»: шага больше нет",
        "~ «what»: новая кнопка «Суп», кнопка «Пиццу» теперь «Пирог», кнопки «Суши» больше нет",
        "~ «street»: вопрос, можно ли пропустить",
    ]
    assert change.what == ("порядок шагов",)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("name", "ответят на свой вопрос и пойдут дальше по новой версии"),
        ("what", "ответят на тот же вопрос и пойдут дальше с «dish» по новой версии"),
        ("lift", "договорят по своей версии и перейдут в новую на «noted» или «floor»"),
        ("thanks", "договорят по своей версии"),
    ],
)
def test_A3_the_four_fates(step: str, says: str):
    steps = changed("what", without("thanks"), id="dish", renamed_from=["what"])
    new = script(2, steps=steps, parts={**PARTS, "door": without("lift", steps=PARTS["door"])})
    assert fate(script(1, steps=STEPS).flow, new, step, people=3) == says
    assert fate(None, new, "thanks", people=5) == "вернутся на «hello» и пойдут с первого вопроса без ответа"
    assert fate(script(1).flow, None, step, people=22) == "сценария больше нет; договорят по своей версии"


@pytest.mark.parametrize(
    ("people", "says"), [(1, "договорит по своей"), (21, "договорит"), (2, "договорят"), (11, "договорят")]
)
def test_what_becomes_of_one_is_told_of_one(people: int, says: str):
    new = script(2, steps=without("thanks"))
    assert fate(script(1).flow, new, "thanks", people=people).startswith(says)


def renamed(*changes: tuple[str, str]) -> list[str]:
    """What is told of the steps of the test drive."""
    old, new = check(FILES).flow_set, check(edited(*changes)).flow_set
    assert old is not None
    assert new is not None
    return [str(one) for one in compare_flows(old.flows["test_drive"], new.flows["test_drive"]).steps]


ASKED = "Когда вам удобно приехать?"


def test_a_step_under_a_new_name_is_guessed_by_its_question_or_its_place():
    ways = ("  - id: visit\n", "  - id: day\n")
    hint = "(если это прежний «visit» под новым именем, допишите renamed_from: [visit])"
    assert renamed(ways) == ["− «visit»: шага больше нет", f"+ «day»: новый шаг {hint}"]
    assert ASKED in FILES["test_drive.yaml"].decode()
    assert renamed(ways, (ASKED, "Когда приедете?")) == ["− «visit»: шага больше нет", f"+ «day»: новый шаг {hint}"]


def test_a_step_that_is_really_new_is_no_former_one():
    added = "  - id: colour\n    ask: |\n      Какого цвета?\n    purpose: подобрать\n    choices: [{label: Белый}]\n"
    assert renamed(("  - id: visit\n", f"{added}  - id: visit\n")) == ["+ «colour»: новый шаг"]


def test_a_button_with_another_value_is_still_that_button():
    hint = "(если она значит то же, допишите renamed_from: [crossover])"
    assert renamed(("value: crossover\n", "value: suv\n")) == [f"~ «car»: у кнопки «Кроссовер» другое value {hint}"]
    assert renamed(("value: crossover\n", "value: suv\n        renamed_from: [crossover]\n")) == [
        "~ «car»: у кнопки «Кроссовер» другое value"
    ]


# ---------------------------------------------------------------- translations

ENGLISH = """\
translation: test_drive
language: en
confirmed: [not-translated]
title: Test drive
offers:
  spring:
    title: A gift
steps:
  car:
    ask: Which car would you like to try?
    choices: {crossover: Crossover}
  name:
    ask: What is your name?
"""


def translated(text: str, *changes: tuple[str, str]) -> dict[str, bytes]:
    return {**edited(*changes), "test_drive.en.yaml": text.encode()}


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        (FILES, translated(ENGLISH), "test_drive: новый перевод на английский"),
        (
            translated(ENGLISH),
            FILES,
            "test_drive: перевода на английский больше нет, бот будет говорить по-русски",
        ),
        (
            translated(ENGLISH),
            translated(ENGLISH.replace("What is your name?", "How may we address you?")),
            "test_drive, перевод на английский: шаг «name»",
        ),
        (
            translated(ENGLISH),
            translated(ENGLISH.replace("Test drive", "A drive").replace("Crossover", "SUV").replace("name?", "n.?")),
            "test_drive, перевод на английский: название, шаги «car», «name»",
        ),
        (
            translated(ENGLISH),
            translated(ENGLISH.replace("  name:\n    ask: What is your name?\n", "")),
            "test_drive, перевод на английский: шаг «name»",
        ),
        (translated(ENGLISH), translated(ENGLISH.replace("language: en", "language: en  # done")), NO_CHANGES),
    ],
    ids=["added", "removed", "a text", "title, label and text", "no longer translated", "nothing"],
)
async def test_a_translation_that_changed_is_told_in_a_line(sqlite, clock, was, now, says):
    await publish(sqlite, was, by="Ирина", now=clock.now())
    checked = check(now)
    assert checked.flow_set is not None, checked.problems
    assert list((await difference(sqlite, checked.flow_set)).lines()) == [says]


async def test_a_step_that_is_renamed_or_rewritten_in_russian_leaves_its_translation_as_it_was(sqlite, clock):
    await publish(sqlite, translated(ENGLISH), by="Ирина", now=clock.now())
    now = translated(ENGLISH.replace("  car:", "  model:"), *CHANGES[:2])
    checked = check(now)
    assert checked.flow_set is not None, checked.problems
    assert list((await difference(sqlite, checked.flow_set)).lines()) == [
        "test_drive: шаги",
        "  ~ «car» теперь «model»: вопрос",
    ]


async def test_a_step_that_is_renamed_and_translated_anew_is_told_by_its_new_name(sqlite, clock):
    await publish(sqlite, translated(ENGLISH), by="Ирина", now=clock.now())
    anew = ENGLISH.replace("  car:", "  model:").replace("would you like to try?", "would you try?")
    checked = check(translated(anew, *CHANGES[:2]))
    assert checked.flow_set is not None, checked.problems
    told = list((await difference(sqlite, checked.flow_set)).lines())
    assert told[-1] == "test_drive, перевод на английский: шаг «model»"


async def test_an_english_consent_that_is_new_is_told_with_the_translation(sqlite, clock):
    await publish(sqlite, translated(ENGLISH), by="Ирина", now=clock.now())
    shipped = Path(__file__).parents[1] / "dialogs" / "flows" / "consents" / "tours.en.md"
    checked = check({**translated(ENGLISH), "consents/personal_data.en.md": shipped.read_bytes()})
    assert checked.flow_set is not None, checked.problems
    told = list((await difference(sqlite, checked.flow_set)).lines())
    assert told == ["test_drive, перевод на английский: тексты согласий"]

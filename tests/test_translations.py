"""Somebody who reads English meets a Russian business."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.proof import proof
from bot.publishing import compiled
from bot.rehearsal import Player, beginning
from bot.stage import Stage
from dialogs import phrases
from dialogs.catalogue import CYRILLIC
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from dialogs.stories import parse
from tests.flow_folder import FILES

ENGLISH = """\
translation: tour
language: en
confirmed: [not-translated]
offers:
  sea:
    title: 5 % off the sea
steps:
  hello:
    say: |
      Hello! We will find you a tour. Codes left: {{ offers.sea.left }}.
      Your data: {{ policy }}
  where:
    ask: Where would you like to go?
    choices:
      sea: To the sea
      hills: To the hills
  name:
    ask: What is your name?
silence: [Shall we go on?]
"""
TRANSLATED = {**FILES, "tour.yaml": FILES["tour.yaml"].replace("    choices:", "    card: Куда\n    choices:", 1)}
TRANSLATED["tour.en.yaml"] = ENGLISH


def the_set() -> FlowSet:
    found = load(TRANSLATED)
    assert found.flow_set is not None and not found.problems, [str(one) for one in found.problems]
    return found.flow_set


def test_texts_fall_back_to_russian_one_by_one_and_the_logic_stays() -> None:
    russian, english = the_set().script("tour"), the_set().script("tour", "en")
    assert english.flow.by_id["where"].ask == "Where would you like to go?"
    assert english.flow.by_id["nights"].ask == russian.flow.by_id["nights"].ask
    assert [one.meaning for one in english.flow.by_id["where"].choices] == ["sea", "hills"]
    assert english.flow.by_id["nights"].go == russian.flow.by_id["nights"].go
    assert (english.flow.silence[0].say, english.flow.silence[1].say) == (
        "Shall we go on?",
        russian.flow.silence[1].say,
    )
    assert english.flow.offers["sea"].title == "5 % off the sea" and english.flow.offers["sea"].stock == 10
    assert english.russian == russian.flow and the_set().script("tour", "de") == russian


def test_a_choice_without_a_value_is_still_what_conditions_look_at() -> None:
    bare = FILES["tour.yaml"].replace("        value: hills\n", "")
    found = load({**FILES, "tour.yaml": bare, "tour.en.yaml": ENGLISH.replace("hills:", "В горы:")}).flow_set
    assert found is not None
    hills = found.script("tour", "en").flow.by_id["where"].choices[1]
    assert (hills.label, hills.meaning, hills.words) == ("To the hills", "В горы", ("В горы",))


def test_a_published_version_keeps_its_translations() -> None:
    assert compiled(TRANSLATED, version=3).script("tour", "en").flow.by_id["name"].ask == "What is your name?"


@pytest.mark.parametrize("typed", ["To the hills", "hills", "в горы"])
async def test_anna_asks_for_english_answers_in_either_language_and_managers_read_russian(typed: str) -> None:
    stage = await Stage.open(the_set(), flow="tour")
    try:
        await stage.opens()
        await stage.taps("Согласен")
        assert stage.prospect[-1].text == "Куда хотите?"
        await stage.says("English")
        assert stage.prospect[-1].text == "Where would you like to go?"
        await stage.says(typed)
        assert "На сколько ночей?" in stage.prospect[-1].text
        await stage.says("7")
        assert stage.prospect[-1].text == "What is your name?"
        await stage.says("по-русски")
        assert stage.prospect[-1].text == "Как к вам обращаться?"
        await stage.says("Анна")
        await stage.says("8 900 123-45-67")
        if any(one.label == phrases.RIGHT for row in stage.prospect[-1].buttons for one in row):
            await stage.taps(phrases.RIGHT)
        card = "\n".join(one.text for one in stage.managers)
        assert "В горы" in card and "hills" not in card
    finally:
        await stage.close()


async def test_what_an_answer_is_called_on_the_card_is_russian_too() -> None:
    nights = "  nights:\n    ask: For how many nights?\n"
    found = load({**TRANSLATED, "tour.en.yaml": ENGLISH.replace("  name:\n", f"{nights}  name:\n", 1)})
    assert found.flow_set is not None
    stage = await Stage.open(found.flow_set, flow="tour", language="en")
    try:
        await stage.opens()
        await stage.taps("I agree")
        await stage.says("hills")
        assert stage.prospect[-1].text == "For how many nights?"
        for words in ("7", "Anna", "8 900 123-45-67", "yes"):
            await stage.says(words)
        card = "\n".join(one.text for one in stage.managers)
        assert "На сколько ночей: 7" in card and "nights" not in card
    finally:
        await stage.close()


SHIPPED = Path(__file__).parents[1] / "dialogs" / "flows"
OWN_NAMES = ("Автоцентр «Меридиан»", "ООО «Меридиан Авто»", "Анна", "Казань", "170100, Тверь, Речная набережная, 18")


async def test_whoever_reads_english_sees_no_russian_but_names() -> None:
    files = {str(path.relative_to(SHIPPED)): path.read_bytes() for path in SHIPPED.rglob("*") if path.is_file()}
    found = load(files)
    assert found.flow_set is not None
    story = next(one for one in parse(files)[0] if one.language == "en")
    start = beginning(found.flow_set, story.starts)
    stage = await Stage.open(found.flow_set, flow=story.flow, channel=story.channel, start=start, language="en")
    try:
        player = Player(stage)
        for act in story.acts:
            if act.text == "my data":
                break  # what is kept is kept in Russian
            await player.does(act)
        said = [one for one in stage.prospect if one.author == "bot"]
        read = [one.text for one in said] + [button.label for one in said for row in one.buttons for button in row]
        for text in read:
            for name in OWN_NAMES:
                text = text.replace(name, "")
            assert not CYRILLIC.search(text), text
        assert len(read) > 40
    finally:
        await stage.close()


CONSENT = "I give consent to everything that the Russian text says."
BILINGUAL = {**TRANSLATED, "consents/data.en.md": CONSENT}


async def test_the_consent_that_was_read_is_the_one_recorded_and_holds_in_both_languages() -> None:
    found = load(BILINGUAL).flow_set
    assert found is not None
    stage = await Stage.open(found, flow="tour", language="en")
    try:
        await stage.opens()
        assert stage.prospect[-1].text == CONSENT
        await stage.taps("I agree")
        assert "Where would you like to go?" in stage.prospect[-1].text
        printed = await proof(stage.app.database, "telegram:1001")
        assert CONSENT in printed and found.consents["consents/data.en.md"].digest in printed
        await stage.says("по-русски")
        await stage.says("заново")
        assert stage.prospect[-1].text == "Куда хотите?", "they have agreed already"
    finally:
        await stage.close()


async def test_without_an_english_consent_the_russian_one_is_shown_and_check_says_so() -> None:
    unconfirmed = {**TRANSLATED, "tour.en.yaml": ENGLISH.replace("confirmed: [not-translated]\n", "")}
    told = [str(one) for one in load(unconfirmed).problems]
    assert "consents/data.en.md" in told[0] and len(told) == 1
    stage = await Stage.open(the_set(), flow="tour", language="en")
    try:
        await stage.opens()
        assert stage.prospect[-1].text == the_set().consents["consents/data.md"].text
        assert [button.label for row in stage.prospect[-1].buttons for button in row] == ["I agree", "I do not agree"]
    finally:
        await stage.close()

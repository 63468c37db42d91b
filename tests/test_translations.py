"""Somebody who reads English meets a Russian business."""

from __future__ import annotations

import pytest

from bot.publishing import compiled
from bot.stage import Stage
from dialogs import phrases
from dialogs.flow import FlowSet
from dialogs.reading import load
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

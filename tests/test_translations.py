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
from dialogs.flow import Flow
from dialogs.flow_set import FlowSet
from dialogs.former import Kept
from dialogs.reading import load
from dialogs.retelling import retold
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


def test_answers_that_hang_on_what_was_said_are_translated_in_their_order() -> None:
    costs = """\
questions:
  - id: price
    words: [цена]
    answer:
      - if: where == "sea"
        text: |
          К морю — от 40 000 ₽.
      - text: |
          От 30 000 ₽.
silence:
"""
    asked = {**TRANSLATED, "tour.yaml": TRANSLATED["tour.yaml"].replace("silence:\n", costs, 1)}
    english = ENGLISH + "questions:\n  price:\n    - From 40,000 ₽ to the sea.\n"
    wrong = load({**asked, "tour.en.yaml": english})
    assert [(one.name, one.message) for one in wrong.problems] == []
    found = load({**asked, "tour.en.yaml": english + "    - From 30,000 ₽.\n"}).flow_set
    assert found is not None
    answer = found.script("tour", "en").flow.questions[0].answer
    assert isinstance(answer, tuple)
    assert [(one.condition, one.text) for one in answer] == [
        ('where == "sea"', "From 40,000 ₽ to the sea."),
        (None, "From 30,000 ₽."),
    ]
    many = load({**asked, "tour.en.yaml": english + "    - One.\n    - Two.\n"})
    assert [(one.name, one.message) for one in many.problems] == [("unknown-place", "по-русски здесь текстов: 2")]


def test_a_choice_without_a_value_is_still_what_conditions_look_at() -> None:
    bare = FILES["tour.yaml"].replace("        value: hills\n", "")
    found = load({**FILES, "tour.yaml": bare, "tour.en.yaml": ENGLISH.replace("hills:", "В горы:")}).flow_set
    assert found is not None
    hills = found.script("tour", "en").flow.by_id["where"].choices[1]
    assert (hills.label, hills.meaning, hills.words) == ("To the hills", "В горы", ("В горы",))


def test_a_name_may_stay_in_russian_if_the_author_says_so() -> None:
    named = ENGLISH.replace("What is your name?", "What is your name? Mine is Анна.")
    (told,) = load({**TRANSLATED, "tour.en.yaml": named}).problems
    assert told.name == "left-in-russian" and "«Анна»" in told.message
    seen = named.replace("[not-translated]", "[not-translated, left-in-russian]")
    assert load({**TRANSLATED, "tour.en.yaml": seen}).problems == ()


def test_other_languages_may_be_written_in_russian_letters() -> None:
    bulgarian = ENGLISH.replace("language: en", "language: bg").replace("What is your name?", "Как се казвате?")
    assert load({**TRANSLATED, "tour.bg.yaml": bulgarian, "tour.en.yaml": ENGLISH}).problems == ()


def test_a_russian_question_that_an_english_hint_makes_too_long_is_told_at_the_hint() -> None:
    asked = FILES["tour.yaml"].replace(
        "    answer: {type: number", "    hint: Напишите число.\n    answer: {type: number"
    )
    long = ENGLISH + "  nights:\n    hint: |\n      " + "Write a number. " * 260 + "\n"
    english = long.replace("silence: [Shall we go on?]\n", "")
    (told,) = load({**FILES, "tour.yaml": asked, "tour.en.yaml": english}).problems
    place = english[: english.index("    hint:")].count("\n") + 1
    assert (told.name, told.file, told.line, told.column) == ("text-too-long", "tour.en.yaml", place, 5)


def test_an_english_title_has_to_fit_a_button_of_the_menu() -> None:
    menu = FILES["business.yaml"].replace("start: tour", "start:\n  say: Здравствуйте!\n  flows: [tour]")
    long = ENGLISH.replace("offers:", "title: Tours to the warm sea and to the highest hills\noffers:", 1)
    (told,) = load({**TRANSLATED, "business.yaml": menu, "tour.en.yaml": long}).problems
    assert (told.name, told.file, told.line, told.column) == ("label-too-long", "tour.en.yaml", 4, 8)


def test_a_published_version_keeps_its_translations() -> None:
    assert compiled(TRANSLATED, version=3).script("tour", "en").flow.by_id["name"].ask == "What is your name?"


@pytest.mark.parametrize(("language", "title"), [("en", "Tours"), ("de", "Туры"), ("ru", "Туры"), ("", "Туры")])
async def test_the_menu_names_flows_in_the_language_of_the_persons_app(language: str, title: str) -> None:
    menu = FILES["business.yaml"].replace("start: tour", "start:\n  say: Здравствуйте!\n  flows: [tour]")
    english = ENGLISH.replace("offers:", "title: Tours\noffers:", 1)
    found = load({**TRANSLATED, "business.yaml": menu, "tour.en.yaml": english}).flow_set
    assert found is not None
    stage = await Stage.open(found, flow="tour", language=language)
    try:
        await stage.opens("")
        assert [one.label for row in stage.prospect[-1].buttons for one in row] == [title]
        await stage.taps(title)
        assert ("Hello!" if language == "en" else "Здравствуйте!") in stage.prospect[-2].text
    finally:
        await stage.close()


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


@pytest.mark.parametrize(
    ("kept", "shown", "language", "told"),
    [
        (Kept("where", "choice", "hills"), "В горы", "en", "Куда: To the hills"),
        (Kept("where", "choice", "hills"), "В горы", "", "Куда?: В горы"),
        (Kept("where", "choice", "moon"), "На Луну", "en", "Куда: На Луну"),
        (Kept("where", "text", "Псков"), "Псков", "en", "Куда?: Псков"),
        (Kept("gone", "choice", "hills"), "В горы", "en", "Куда?: В горы"),
        (Kept("name", "name", "да"), "да", "en", "Name: да"),
    ],
)
def test_what_is_kept_is_told_in_their_language_as_far_as_the_flow_knows_it(
    kept: Kept, shown: str, language: str, told: str
) -> None:
    assert retold(the_set().script("tour", language).flow, kept, "Куда?", shown, language) == told


def test_a_city_is_told_as_it_was_named_without_the_managers_hours() -> None:
    steps = [{"id": "town", "ask": "В каком вы городе?", "answer": "city"}]
    flow = Flow.model_validate({"flow": "tour", "title": "Туры", "consent": {"personal_data": "pd.md"}, "steps": steps})
    told = retold(flow, Kept("town", "city", "Омск"), "Город", "Омск, там на 3 часа больше", "en")
    assert told.endswith(": Омск")


async def test_L10_maya_reads_her_data_in_english_and_the_manager_in_russian() -> None:
    stage = await Stage.open(the_set(), flow="tour", language="en")
    try:
        await stage.opens()
        for said in ("I agree", "To the hills", "7", "Мая", "8 900 123-45-67", "yes"):
            await stage.says(said)
        assert "Куда: В горы" in "\n".join(one.text for one in stage.managers)
        await stage.says("my data")
        told = stage.prospect[-1].text
        assert "Куда: To the hills (purpose: подобрать тур)" in told, "what is not translated is Russian"
        assert "Name: Мая (purpose: обращаться к вам)" in told and "Name: Мая\n" in told, "she is no month"
    finally:
        await stage.close()


CONSENT = """\
Consent
I give consent to the operator ИП Волнова, address: Псков, Речная, 1, to process my data.
Purposes: to find a tour and to contact me. List of data: name, phone number.
Actions: collection, storage, use, deletion. Recipients: nobody else.
Term: one year. How to withdraw: write “withdraw my consent”."""
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

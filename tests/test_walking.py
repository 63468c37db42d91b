"""Going through a flow: parts and their return, a review, answers changed, side questions, new names for old steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dialogs import phrases
from dialogs.business import Business
from dialogs.conversation import Conversation, Known
from dialogs.effects import Apply, Asked, Forget, PassOn, RecordConsent, Remember, Rename, Say
from dialogs.engine import advance
from dialogs.events import Back, Event, Read, Resumed, Said, Started, Tapped
from dialogs.flow import Flow
from dialogs.flow_set import ConsentText, FlowSet, Script
from tests.test_engine import BUSINESS

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
Steps = Sequence[Mapping[str, Any]]

STEPS: Steps = [
    {"id": "hello", "say": "Здравствуйте!"},
    {"id": "agree", "consent": "personal_data", "refused": "bye"},
    {"id": "name", "ask": "Как вас зовут?", "answer": "name"},
    {
        "id": "what",
        "ask": "Что привезти?",
        "card": "Что привезти",
        "choices": [{"label": "Пиццу", "value": "pizza"}, {"label": "Суши", "value": "sushi", "go": "sticks"}],
        "go": "where",
    },
    {"id": "sticks", "ask": "Сколько палочек?", "answer": {"type": "number", "from": 0, "to": 20}, "card": "Палочки"},
    {"id": "where", "part": "address"},
    {"id": "office", "ask": "А счёт — туда же?", "choices": [{"label": "Да", "go": "note"}, {"label": "Нет"}]},
    {"id": "bill", "part": "address"},
    {"id": "note", "ask": "Что-нибудь ещё?", "answer": "text", "optional": True, "card": "Пожелание"},
    {"id": "check", "review": True},
    {"id": "done", "application": True, "say": "Спасибо! Едем."},
    {"id": "thanks", "ask": "Как вам сервис?", "answer": "text", "go": "end"},
    {"id": "bye", "say": "До встречи.", "go": "end"},
]  # fmt: skip
PARTS: Mapping[str, Steps] = {
    "address": [
        {"id": "street", "ask": "Улица и дом?", "answer": "text", "card": "Улица"},
        {"id": "flat", "part": "door"},
        {"id": "noted", "say": "Записал адрес."},
    ],
    "door": [
        {
            "id": "lift",
            "ask": "Есть лифт?",
            "choices": [{"label": "Есть", "value": "lift", "go": "return"}, {"label": "Нет", "value": "stairs"}],
        },
        {"id": "floor", "ask": "Какой этаж?", "answer": {"type": "number", "from": 1, "to": 40}, "card": "Этаж"},
    ],
}
QUESTIONS = [
    {"words": ["сколько стоит доставка", "цена доставки", "доставка"], "answer": "Доставка бесплатна, {{ name }}."},
    {"id": "hours", "words": ["до скольки работаете", "часы работы"], "answer": "До полуночи."},
]


def script(
    version: int = 1,
    *,
    steps: Steps = STEPS,
    parts: Mapping[str, Steps] = PARTS,
    questions: Sequence[Mapping[str, Any]] = QUESTIONS,
    business: Business = BUSINESS,
) -> Script:
    flow = Flow.model_validate(
        {
            "flow": "food",
            "title": "Еда",
            "consent": {"personal_data": "pd.md"},
            "steps": list(steps),
            "parts": {name: list(part) for name, part in parts.items()},
            "questions": list(questions),
        }
    )
    text = ConsentText("pd.md", "Согласие", "v1")
    return FlowSet(version, {"food": flow}, business, {"pd.md": text}).script("food")


def without(*ids: str, steps: Steps = STEPS) -> list[Mapping[str, Any]]:
    return [step for step in steps if step["id"] not in ids]


def changed(which: str, steps: Steps = STEPS, **values: Any) -> list[Mapping[str, Any]]:
    return [{**step, **values} if step["id"] == which else step for step in steps]


class Boris:
    """One hungry person before the engine; what it decides survives storage each time."""

    def __init__(self, flow: Script | None = None) -> None:
        self.script = flow or script()
        self.newest: Script | None = None
        self.at = Conversation("food", self.script.version)
        self.known = Known("telegram", {}, "Борис")
        self.effects: tuple[object, ...] = ()

    def does(self, event: Event) -> list[str]:
        turn = advance(self.script, self.at, event, now=NOW, known=self.known, newest=self.newest)
        self.at = Conversation.load(json.loads(json.dumps(turn.conversation.dump())))
        assert self.at == turn.conversation, "the state survives storage"
        self.effects = turn.effects
        for effect in turn.effects:
            if isinstance(effect, RecordConsent) and effect.given:
                self.known = self.known._replace(consents={effect.purpose: effect.digest})
        if self.newest and self.at.version == self.newest.version:
            self.script = self.newest
        return [effect.text for effect in turn.effects if isinstance(effect, Say)]

    def says(self, *words: str) -> list[str]:
        said: list[str] = []
        for word in words:
            said = self.does(Said(word))
            said = self.does(Read()) if self.at.held else said
        return said

    def starts(self, *words: str) -> list[str]:
        self.does(Started())
        return self.says("согласен", "Борис", *words)

    def taps(self, label: str) -> list[str]:
        return self.does(Tapped(self.buttons()[label]))

    def buttons(self) -> dict[str, str]:
        said = [effect for effect in self.effects if isinstance(effect, Say)]
        return {button.label: button.key for button in said[-1].buttons}


ORDER = ("пиццу", "Мира, 5", "есть", "да", "пропустить")
"""What brings Boris from the name to the review, the short way."""


# ---------------------------------------------------------------- parts


def test_a_part_comes_back_to_the_step_after_the_one_that_called_it():
    boris = Boris()
    assert boris.starts("пиццу") == ["Улица и дом?"]
    assert boris.says("Мира, 5") == ["Есть лифт?"]
    assert boris.at.calls == ("where", "flat")
    assert boris.says("нет") == ["Какой этаж?"]
    assert boris.says("3") == ["Записал адрес.", "А счёт — туда же?"]
    assert boris.at.calls == ()
    assert boris.says("нет") == ["Улица и дом?"]
    assert boris.says("Лесная, 1", "есть") == ["Записал адрес.", "Что-нибудь ещё?"], (
        "from the second caller it goes on behind that one"
    )
    assert (boris.at.answers["street"], boris.at.path[-1]) == ("Лесная, 1", "bill/flat/lift")


def test_back_goes_through_parts_question_by_question():
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "нет", "3", "нет", "Лесная, 1")
    walk = ["Улица и дом?", "А счёт — туда же?", "Какой этаж?", "Есть лифт?", "Улица и дом?", "Что привезти?"]
    assert [boris.does(Back())[-1] for _ in walk] == walk
    assert boris.says("пиццу", "Мира, 6", "есть") == ["Записал адрес.", "А счёт — туда же?"]


def test_end_inside_a_part_ends_the_dialog():
    parts = {**PARTS, "address": [{"id": "street", "ask": "Улица?", "choices": [{"label": "Передумал", "go": "end"}]}]}
    boris = Boris(script(parts=parts))
    boris.starts("пиццу", "передумал")
    assert boris.at.step is None and not boris.at.applied


def test_whose_caller_vanished_comes_to_the_safe_step_with_a_kind_sentence_and_is_asked_nothing_anew():
    boris = Boris()
    boris.starts("пиццу", "Мира, 5")
    boris.newest = script(2, steps=changed("what", without("where"), go="office"))
    boris.says("нет")
    assert boris.at.version == 2
    assert boris.says("3") == ["Записал адрес.", f"{phrases.MOVED}\n\nА счёт — туда же?"], (
        "the first question without an answer"
    )
    assert boris.at.answers == {"name": "Борис", "what": "pizza", "street": "Мира, 5", "lift": "stairs", "floor": 3}


def test_steps_left_counts_the_questions_of_parts():
    steps = [{"id": "hello", "ask": "Осталось {{ steps_left }}", "choices": [{"label": "Да"}]}, *STEPS[1:]]
    boris = Boris(script(steps=steps))
    assert boris.does(Started()) == ["Осталось 11"], "street, lift and floor are asked twice"


# ---------------------------------------------------------------- review


def test_a_review_shows_the_answers_as_people_read_them():
    boris = Boris()
    assert boris.starts(*ORDER) == [
        "Проверьте, пожалуйста:\n— Имя: Борис\n— Что привезти: Пиццу\n— Улица: Мира, 5\n— Есть лифт? Есть\n"
        "— А счёт — туда же? Да\n\nВсё верно?"
    ]
    assert list(boris.buttons()) == ["Всё верно", "Исправить"]
    assert boris.taps("Всё верно") == ["Спасибо! Едем.", "Как вам сервис?"]


def test_an_answer_changed_at_the_review_comes_back_to_it():
    boris = Boris()
    boris.starts(*ORDER)
    assert boris.taps("Исправить") == ["Что исправить?"]
    assert list(boris.buttons()) == ["Имя", "Что привезти", "Улица", "Есть лифт?", "А счёт — туда же?", "Всё верно"]
    assert boris.taps("Улица") == ["Сейчас записано: Мира, 5\n\nУлица и дом?"]
    assert boris.at.calls == ("where",)
    [said] = boris.says("Мира, 7")
    assert "— Улица: Мира, 7" in said and said.endswith("Всё верно?")
    assert boris.at.path == ("name", "what", "where/street", "where/flat/lift", "office", "note")
    assert boris.says("да, верно") == ["Спасибо! Едем.", "Как вам сервис?"]


def test_another_branch_is_gone_through_first_and_the_old_one_is_forgotten():
    boris = Boris()
    boris.starts(*ORDER)
    assert boris.says("исправить что привезти")[0].startswith("Сейчас записано: Пиццу")
    assert boris.says("суши") == ["Сколько палочек?"]
    assert "— Палочки: 2" in boris.says("2")[0]
    boris.says("исправить: что привезти")
    assert "Палочки" not in boris.says("пиццу")[0]
    assert "sticks" not in boris.at.answers and Forget("sticks") in boris.effects


def test_texts_of_a_new_branch_are_said_and_old_ones_are_not_repeated():
    steps = [
        *STEPS[:4],
        {"id": "sticks", "say": "Палочки положим."},
        {"id": "soon", "say": "Теперь адрес."},
        *STEPS[5:],
    ]
    for one in steps:
        if one["id"] == "what":
            steps[steps.index(one)] = {**one, "go": "soon"}
    boris = Boris(script(steps=steps))
    boris.starts(*ORDER)
    boris.says("исправить что привезти")
    said = boris.says("суши")
    assert said[0] == "Палочки положим." and said[-1].startswith("Проверьте") and len(said) == 2


PRICE = {
    "id": "price",
    "say": [{"if": 'what == "sushi" and sticks == 2', "text": "С двумя палочками — 900 ₽."}, {"if": 'what == "sushi"',
        "text": "Суши — 800 ₽."}, {"text": "Пицца — 600 ₽."}],
}  # fmt: skip


def test_what_an_answer_has_changed_is_said_again_and_nothing_else():
    steps = [
        one
        for step in STEPS
        for one in ([{"id": "sum", "say": "Считаю."}, PRICE, step] if step["id"] == "check" else [step])
    ]
    boris = Boris(script(steps=steps))
    assert "Пицца — 600 ₽." in boris.starts(*ORDER)
    boris.says("исправить улицу")
    assert len(boris.says("Мира, 7")) == 1, "the price is as it was"
    boris.says("исправить что привезти")
    assert boris.says("суши") == ["Сколько палочек?"]  # the correction goes on over this question
    said = boris.says("2")
    assert said[0] == "С двумя палочками — 900 ₽." and said[1].startswith("Проверьте") and len(said) == 2
    boris.says("исправить палочки")
    assert boris.says("1")[0] == "Суши — 800 ₽."
    assert boris.at.formerly == {} and boris.at.amending is None


def test_names_that_change_amid_a_correction_change_no_text():
    """Boris corrects his street; meanwhile «what» is called «dish» and pizza pie. The price is as it was."""

    def priced(steps: Steps) -> Steps:
        return [one for step in steps for one in ([PRICE, step] if step["id"] == "check" else [step])]

    boris = Boris(script(steps=priced(STEPS)))
    boris.starts("суши", "2", *ORDER[1:])
    boris.says("исправить улицу")
    what = next(step for step in STEPS if step["id"] == "what")
    roll = {"label": "Роллы", "value": "roll", "renamed_from": ["sushi"], "go": "sticks"}
    dish = {**what, "id": "dish", "renamed_from": ["what"], "choices": [what["choices"][0], roll]}
    renamed = [dish if step is what else step for step in STEPS]
    price = {**PRICE, "say": [{"if": 'dish == "roll"', "text": "Роллы — 800 ₽."}, {"text": "Пицца — 600 ₽."}]}
    boris.newest = script(2, steps=[price if one["id"] == "price" else one for one in priced(renamed)])
    said = boris.says("Мира, 7")
    assert boris.at.version == 2 and boris.at.answers["dish"] == "roll"
    assert len(said) == 1 and "Мира, 7" in said[0], "the price is no news"


@pytest.mark.parametrize("leave", ["оставить как есть", "tap", "back"])
def test_an_answer_may_be_left_as_it_is(leave: str):
    boris = Boris()
    boris.starts(*ORDER)
    before = boris.at
    boris.says("исправить имя")
    said = boris.taps(phrases.KEEP) if leave == "tap" else boris.does(Back()) if leave == "back" else boris.says(leave)
    assert said[0].startswith("Проверьте")
    assert replace(boris.at, tapped=None, tapped_at=None) == before


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("исправить имя", "Как вас зовут?"),
        ("Хочу изменить имя", "Как вас зовут?"),
        ("поменяйте, пожалуйста, мое имя", "Как вас зовут?"),
        ("исправить", "Что исправить?"),
        ("нет, не так", "Что исправить?"),
        ("имя", "Как вас зовут?"),
        ("изменить улицу", "Улица и дом?"),
        ("всё верно", "Как вам сервис?"),
        ("да", "Как вам сервис?"),
        ("Ок", "Как вам сервис?"),
        ("хм", "Всё верно?"),
    ],
)
def test_words_at_a_review(words: str, asked: str):
    boris = Boris()
    boris.starts(*ORDER)
    assert boris.says(words)[-1].endswith(asked)


def test_an_answer_is_changed_at_any_question_and_the_waiting_one_comes_again():
    boris = Boris()
    boris.starts("пиццу", "Мира, 5")
    assert boris.says("исправить имя") == ["Сейчас записано: Борис\n\nКак вас зовут?"]
    assert boris.says("Пётр") == ["Записал.\n\nЕсть лифт?"]
    assert boris.at.calls == ("where", "flat") and boris.at.answers["name"] == "Пётр"
    assert any(isinstance(one, Remember) and one.value == "Пётр" for one in boris.effects)
    assert boris.says("исправить крышу") != ["Что исправить?"], "nothing is called so"
    assert boris.says("есть")[-1] == "А счёт — туда же?"


def test_words_about_correcting_are_an_answer_where_they_name_none():
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "есть", "да")
    boris.says("Исправить звонок у двери")
    assert boris.at.answers["note"] == "Исправить звонок у двери"


@pytest.mark.parametrize(
    "said", ["Поменять", "Заменить имя", "Хочу поменять имя", "Сменить улицу", "Изменить имя", "поправить имя"]
)
def test_at_a_question_that_takes_any_words_changing_something_is_what_they_came_for(said: str):
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "есть", "да")
    boris.says(said)
    assert boris.at.answers["note"] == said


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("исправить имя", "Как вас зовут?"),
        ("Хочу исправить имя", "Как вас зовут?"),
        ("изменить ответ", "Что исправить?"),
        ("поменять мой ответ про имя", "Как вас зовут?"),
        ("исправить", "Что исправить?"),
    ],
)
def test_and_there_an_answer_is_corrected_by_saying_so(said: str, asked: str):
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "есть", "да")
    assert boris.says(said)[-1].endswith(asked)
    assert "note" not in boris.at.answers and boris.at.held == ()


@pytest.mark.parametrize("noun", ["Замена", "Замена имени", "Смена улицы", "исправление", "Похудела и поправилась"])
def test_a_noun_is_an_answer_and_no_wish_to_correct(noun: str):
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "есть", "да")
    boris.says(noun)
    assert boris.at.answers["note"] == noun


def test_a_long_review_is_mended_a_page_at_a_time():
    many = [{"id": f"q{n}", "ask": f"Вопрос {n}?", "answer": "text", "card": f"Ответ {n}"} for n in range(12)]
    boris = Boris(script(steps=[*STEPS[:3], *many, *STEPS[-4:]]))
    boris.starts(*map(str, range(12)))
    boris.taps("Исправить")
    assert list(boris.buttons()) == ["Имя", "Ответ 0", "Ответ 1", "Ответ 2", "Ответ 3", phrases.MORE]
    boris.taps(phrases.MORE)
    boris.taps(phrases.MORE)
    assert list(boris.buttons()) == ["Ответ 9", "Ответ 10", "Ответ 11", "Всё верно"]
    assert boris.taps("Ответ 10") == ["Сейчас записано: 10\n\nВопрос 10?"]
    assert boris.says("десять")[0].startswith("Проверьте")


def test_nothing_is_corrected_after_the_application():
    boris = Boris()
    boris.starts(*ORDER, "да")
    boris.says("исправить имя")
    assert boris.at.answers["thanks"] == "исправить имя" and boris.at.answers["name"] == "Борис"
    boris.says("исправить имя")
    assert isinstance(boris.effects[0], PassOn)


def test_back_from_a_review_opens_the_last_question():
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "есть", "да", "Без лука")
    assert boris.does(Back()) == ["Что-нибудь ещё?"]
    assert boris.says("С луком")[0].startswith("Проверьте")


# ---------------------------------------------------------------- side questions


@pytest.mark.parametrize("words", ["Сколько стоит доставка?", "доставка", "а доставка сколько стоит", "цена доставке"])
def test_a_side_question_is_answered_and_the_waiting_one_comes_again(words: str):
    boris = Boris()
    boris.starts()
    assert boris.says(words) == ["Доставка бесплатна, Борис.", "Что привезти?"]
    assert Asked("сколько стоит доставка") in boris.effects
    assert (boris.at.step, boris.at.tries) == ("what", 0)


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ("доставка", True),  # an answer in words wins
        ("сколько стоит доставка?", False),  # plainly a question
        ("до скольки работаете?", False),
        ("А можно потише?", True),  # a question, but none of ours
    ],
)
def test_at_a_question_for_words_only_a_plain_question_is_one(words: str, taken: bool):
    boris = Boris()
    boris.starts("пиццу", "Мира, 5", "есть", "да")
    boris.says(words)
    assert (boris.at.step == "check") == taken


def test_the_answer_may_hang_on_what_was_said_and_no_answer_is_no_side_question():
    costs = [
        {"if": 'what == "sushi"', "text": "Суши — от 600 ₽, {{ name }}."},
        {"if": 'what == "pizza"', "text": "Пицца — от 700 ₽."},
    ]
    asked = {"words": ["сколько стоит", "цена"], "answer": costs}
    boris = Boris(script(questions=[asked]))
    seen: list[tuple[str, tuple[str | int, ...]]] = []
    boris.script = replace(boris.script, watch=lambda flow, place: seen.append((flow, place)))
    boris.starts()
    assert boris.says("сколько стоит?") != ["Что привезти?"] and boris.at.tries == 1  # read as an answer: none fits yet
    boris.says("пиццу")
    assert boris.says("сколько стоит?") == ["Пицца — от 700 ₽.", "Улица и дом?"]
    assert Asked("сколько стоит") in boris.effects and ("food", ("questions", 0, "answer", 1)) in seen
    otherwise = Boris(script(questions=[{**asked, "answer": [*costs, {"text": "Смотря что."}]}]))
    otherwise.starts()
    assert otherwise.says("цена") == ["Смотря что.", "Что привезти?"]


def test_a_button_wins_over_a_side_question():
    questions = [{"words": ["пицца"], "answer": "Пиццы у нас круглые."}]
    boris = Boris(script(questions=questions))
    assert boris.starts("пицца") == ["Улица и дом?"]


def test_side_questions_at_a_consent_at_a_review_at_a_check_and_after_the_application():
    boris = Boris()
    boris.does(Started())
    assert boris.says("доставка") == ["Доставка бесплатна.", "Согласие"]
    boris.says("согласен", "Борис", *ORDER)
    said = boris.says("доставка")
    assert said[0] == "Доставка бесплатна, Борис." and said[1].startswith("Проверьте")
    boris.says("да", "отлично")
    assert boris.says("до скольки вы работаете?") == ["До полуночи."] and boris.effects[0] == Asked("hours")
    boris.says("У вас горчица закончилась")
    assert boris.effects[0] == PassOn("У вас горчица закончилась")


def test_the_flows_own_answer_comes_before_the_businesss():
    own = BUSINESS.model_copy(
        update={
            "questions": Business.model_validate(
                BUSINESS.model_dump() | {"questions": [{"words": ["доставка"], "answer": "Общая."},
                                                       {"words": ["парковка"], "answer": "Есть."}]}
            ).questions
        }
    )  # fmt: skip
    boris = Boris(script(business=own))
    boris.starts()
    assert boris.says("парковка")[0] == "Есть."
    assert boris.says("доставка")[0].startswith("Доставка бесплатна")


# ---------------------------------------------------------------- new names


def test_who_stands_on_a_renamed_step_and_answered_others_is_carried_over():
    boris = Boris()
    boris.starts("пиццу")
    pie = {"label": "Пицца", "value": "pie", "renamed_from": ["pizza"]}
    steps = changed("what", id="dish", renamed_from=["what"], choices=[pie, {"label": "Суши"}], go="to")
    steps = changed("where", steps, id="to", renamed_from=["where"])
    address = changed("street", PARTS["address"], id="house", renamed_from=["street"])
    boris.newest = script(2, steps=steps, parts={**PARTS, "address": address})
    assert boris.says("Мира, 5") == ["Есть лифт?"]
    assert boris.at.version == 2
    assert boris.at.answers == {"name": "Борис", "dish": "pie", "house": "Мира, 5"}
    assert boris.at.calls == ("to", "flat") and boris.at.path == ("name", "dish", "to/house")
    renames = {one for one in boris.effects if isinstance(one, Rename)}
    assert renames == {Rename("what", "dish"), Rename("street", "house")}
    assert boris.says("есть") == ["Записал адрес.", "А счёт — туда же?"]


def test_a_question_already_answered_is_not_asked_again_in_another_order():
    boris = Boris()
    boris.starts()
    order = [*STEPS[:2], STEPS[3], STEPS[5], STEPS[2], *STEPS[6:]]
    boris.newest = script(2, steps=order)
    assert boris.says("пиццу", "Мира, 5", "есть") == ["Записал адрес.", "А счёт — туда же?"], "the name is known"


def test_whose_version_cannot_be_read_is_brought_to_the_safe_step_past_all_answers():
    boris = Boris(script(2, steps=without("office", "bill")))
    boris.known = boris.known._replace(consents={"personal_data": "v1"})
    boris.at = Conversation("food", 2, step="hello", answers={"name": "Борис"}, path=("name",))
    assert boris.does(Resumed(moved=True)) == [f"{phrases.MOVED}\n\nЧто привезти?"]


def test_an_application_is_not_made_again_by_whoever_is_brought_elsewhere():
    steps = [*STEPS[:-2], {"id": "gift", "part": "address"}, *STEPS[-2:]]
    boris = Boris(script(steps=steps))
    boris.starts(*ORDER, "да")
    boris.newest = script(2, steps=without("gift", steps=steps))
    boris.says("Мира, 5", "есть")
    assert boris.at.applied and not any(isinstance(one, Apply) for one in boris.effects)


def test_a_question_taken_back_after_an_edit_is_not_passed_as_known():
    """Asked in a circle, it is among the questions behind them still: it is brought along, but has no answer."""
    more = [{"label": "Ещё блюдо", "go": "dish"}, {"label": "Это всё", "value": "all"}]
    circle = [
        *STEPS[:3],
        {"id": "dish", "ask": "Что ещё?", "answer": "text"},
        {"id": "more", "ask": "Ещё?", "choices": more},
    ]
    boris = Boris(script(steps=[*circle, *STEPS[8:]]))
    boris.starts("суп", "ещё блюдо", "сок", "ещё блюдо")
    boris.newest = script(2, steps=[*circle, *STEPS[8:]])
    assert boris.does(Back()) == ["Ещё?"] and boris.at.version == 2
    assert boris.does(Back()) == ["Что ещё?"]
    assert boris.says("компот") == ["Ещё?"]


def test_two_names_of_one_kind_are_told_apart_by_their_questions():
    boris = Boris(script(steps=[*STEPS[:3], {"id": "guest", "ask": "А гостя?", "answer": "name"}, *STEPS[9:]]))
    boris.starts("Глеб")
    boris.does(Tapped(boris.buttons()[phrases.MEND]))
    assert list(boris.buttons()) == ["Как вас зовут?", "А гостя?", phrases.RIGHT]


def test_a_question_that_was_moved_further_on_amid_a_correction_is_not_asked_anew():
    dish = {"id": "dish", "ask": "Что привезти?", "choices": [{"label": "Пиццу"}, {"label": "Суши"}], "card": "Блюдо"}
    when = {"id": "when", "ask": "Когда привезти?", "answer": "text", "card": "Когда"}
    note = {
        "id": "fork",
        "ask": "Приборы нужны?",
        "choices": [{"label": "Нужны"}, {"label": "Свои"}],
        "card": "Приборы",
    }
    boris = Boris(script(steps=[*STEPS[:3], dish, when, note, *STEPS[9:]]))
    boris.starts("пиццу", "к обеду")
    boris.says("исправить блюдо")
    boris.newest = script(2, steps=[*STEPS[:3], dish, note, when, *STEPS[9:]])
    assert boris.says("суши")[-1].endswith("Приборы нужны?") and boris.at.version == 2
    assert boris.at.answers["when"] == "к обеду" and not any(isinstance(one, Forget) for one in boris.effects)
    assert boris.says("свои")[-1].startswith("Проверьте")


def test_amid_a_correction_and_an_edit_the_questions_of_a_new_branch_are_asked_wherever_they_stand():
    rice = {"id": "rice", "ask": "С рисом?", "choices": [{"label": "Да"}, {"label": "Нет"}], "go": "fork"}
    dish = changed("what", choices=[{"label": "Пиццу"}, {"label": "Суши", "go": "rice"}], go="fork")[3]
    fork = {"id": "fork", "ask": "Приборы нужны?", "choices": [{"label": "Нужны"}, {"label": "Свои"}], "go": "check"}
    steps = [*STEPS[:3], dish, fork, rice, *STEPS[9:]]
    boris = Boris(script(steps=steps))
    boris.starts("пиццу")
    boris.says("исправить что привезти")
    boris.newest = script(2, steps=steps)
    assert boris.says("суши")[-1].endswith("С рисом?") and boris.at.version == 2
    assert boris.says("да")[-1].endswith("Приборы нужны?")

"""Never ask what is known: answers from before are offered, confirmed, changed; what does not fit is simply asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import phrases
from dialogs.conversation import Conversation, Known, Value
from dialogs.effects import Remember, Say
from dialogs.engine import advance
from dialogs.events import Back, Event, Odd, Resumed, Said, SharedPhone, Started, Tapped
from dialogs.flow import Flow, Step
from dialogs.flow_set import Script
from dialogs.former import Kept, brought, fitting
from dialogs.terms import term_of
from tests.test_engine import BUSINESS, TOUR, script

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
AGREED = {"personal_data": "pd.md:v1"}

WORKS: list[dict[str, Any]] = [
    {"label": "Замена масла", "value": "oil", "score": 10},
    {"label": "Шиномонтаж", "value": "tyres", "go": "done"},
    {"label": "Позвать мастера", "do": "call_person"},
]
STEPS: list[dict[str, Any]] = [
    {"id": "agree", "consent": "personal_data"},
    {"id": "name", "ask": "Как вас зовут?", "answer": "name"},
    {"id": "work", "ask": "Что сделать, {{ name }}?", "choices": WORKS, "card": "Работы"},
    {"id": "age", "ask": "Сколько лет машине?", "answer": {"type": "number", "from": 0, "to": 30, "unit": "лет"}},
    {"id": "warranty", "ask": "Она на гарантии?", "answer": "yes_no"},
    {"id": "note", "ask": "Что-то ещё?", "answer": "text", "optional": True},
    {"id": "phone", "ask": "Ваш телефон?", "answer": "phone"},
    {"id": "done", "say": "Ждём вас!", "go": "end"},
]
FORMER: dict[str, Value] = {
    "name": "Анна", "work": "oil", "age": 7, "warranty": False, "note": "Стучит слева", "phone": "+79001234567",
}  # fmt: skip


def garage(steps: list[dict[str, Any]] | None = None, version: int = 1) -> Script:
    return script(version, steps=steps or STEPS)


class Anna:
    """She has come again: her consent holds, her answers are known."""

    def __init__(self, former: dict[str, Value] | None = None, steps: list[dict[str, Any]] | None = None) -> None:
        self.script, self.newest = garage(steps), garage(steps)
        self.known = Known("telegram", AGREED, "Аня")
        self.at = Conversation("tour", 1, former=FORMER if former is None else former)
        self.now, self.told = NOW, list[Say]()
        self.kept = dict[str, Remember]()

    def does(self, event: Event) -> list[str]:
        turn = advance(self.script, self.at, event, now=self.now, known=self.known, newest=self.newest)
        self.at = Conversation.load(json.loads(json.dumps(turn.conversation.dump())))
        assert self.at == turn.conversation, "the state survives storage"
        self.script = self.newest if self.at.version == self.newest.version else self.script
        said = [one for one in turn.effects if isinstance(one, Say)]
        self.told += said
        self.kept |= {one.step: one for one in turn.effects if isinstance(one, Remember)}
        return [one.text for one in said]

    def says(self, text: str) -> list[str]:
        return self.does(Said(text))

    def taps(self, label: str) -> list[str]:
        buttons = (button for say in reversed(self.told) for button in say.buttons)
        return self.does(Tapped(next(one.key for one in buttons if one.label == label)))

    def comes_to(self, step: str) -> list[str]:
        """Keeping all that is offered on the way."""
        said = self.does(Started())
        while self.at.step != step:
            self.now += timedelta(minutes=1)
            said = self.taps(phrases.KEEP_FORMER)
        return said


def test_each_answer_is_offered_under_its_question_and_counts_when_it_is_confirmed() -> None:
    anna = Anna()
    (said,) = anna.does(Started())
    assert said == "Как вас зовут?\n\nВ прошлый раз вы ответили: «Анна». Так и оставить?"
    assert [one.label for one in anna.told[-1].buttons] == ["Да, оставить", "Изменить"]
    assert not anna.kept and not anna.at.answers, "nothing counts before she says so"
    said = anna.taps("Да, оставить")[0]
    assert said == "Что сделать, Анна?\n\nВ прошлый раз вы ответили: «Замена масла». Так и оставить?"
    for shown in ("7 лет", "Нет", "Стучит слева", "+7 900 123-45-67"):
        anna.now += timedelta(minutes=1)
        said = anna.taps("Да, оставить")[0]
        assert f"«{shown}»" in said
        assert not anna.told[-1].asks_phone, "no keyboard over the two buttons"
    anna.now += timedelta(minutes=1)
    assert anna.taps("Да, оставить") == ["Ждём вас!"]
    assert anna.at.answers == FORMER and not anna.at.former
    kept = {step: (one.value, one.shown, one.verified) for step, one in anna.kept.items()}
    assert kept["work"] == ("oil", "Замена масла", None) and kept["age"] == (7, "7 лет", None)
    assert kept["phone"] == ("+79001234567", "+7 900 123-45-67", None), "nobody attests it now"


def test_a_kept_choice_leads_where_its_button_does() -> None:
    anna = Anna({"work": "tyres"})
    anna.does(Started())
    anna.says("Анна")
    assert anna.says("оставить") == ["Ждём вас!"]


@pytest.mark.parametrize(
    ("step", "text", "answer"),
    [
        ("name", "да", "Анна"),
        ("name", "Ольга", "Ольга"),
        ("work", "так же", "oil"),
        ("work", "шиномонтаж", "tyres"),
        ("age", "оставьте", 7),
        ("age", "9", 9),
        ("warranty", "оставить", False),
        ("note", "как в прошлый раз", "Стучит слева"),
        ("note", "Скрипит дверь", "Скрипит дверь"),
        ("note", "пропустить", None),
        ("phone", "верно", "+79001234567"),
    ],
)
def test_what_is_typed_at_an_offer_keeps_it_or_is_the_answer(step: str, text: str, answer: Value | None) -> None:
    anna = Anna()
    anna.comes_to(step)
    anna.says(text)
    assert anna.at.answers.get(step) == answer
    assert anna.at.step != step and step not in anna.at.former


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("name", "нет"), ("work", "изменить"), ("age", "не так"), ("phone", "другой"),
        ("warranty", "да"), ("warranty", "нет"),  # to the offer or to the question? It is asked, not guessed
    ],
)  # fmt: skip
def test_no_brings_the_question_itself(step: str, text: str) -> None:
    anna = Anna()
    anna.comes_to(step)
    (said,) = anna.says(text)
    assert said.endswith("?") and "прошлый раз" not in said
    assert anna.at.step == step and not anna.at.pending
    assert step not in anna.at.former, "it is not offered a second time"


def test_change_brings_the_question_with_its_own_buttons() -> None:
    anna = Anna()
    anna.does(Started())
    assert anna.taps("Изменить") == ["Как вас зовут?"]
    assert [one.label for one in anna.told[-1].buttons] == ["Аня"], "the profile's name, as ever"
    anna.taps("Аня")
    anna.taps("Изменить")
    assert [one.label for one in anna.told[-1].buttons] == ["Замена масла", "Шиномонтаж", "Позвать мастера"]


def test_what_is_no_answer_brings_a_hint_and_the_question() -> None:
    anna = Anna()
    anna.comes_to("age")
    (said,) = anna.says("не помню")
    assert "Сколько лет машине?" in said and "прошлый раз" not in said and anna.at.tries == 1


def test_what_does_not_fit_is_asked_and_a_doubt_about_its_new_answer_is_no_offer() -> None:
    anna = Anna({"phone": "+7900"}, [STEPS[0], STEPS[6], STEPS[7]])
    assert anna.does(Started()) == ["Ваш телефон?"]
    assert anna.says("8 900 123-45-67")[0].startswith("Проверьте")
    assert [one.label for one in anna.told[-1].buttons] == [phrases.RIGHT, phrases.MEND]


def test_back_from_an_offer_is_the_former_question_and_on_again_the_offer() -> None:
    anna = Anna()
    anna.comes_to("work")
    assert anna.does(Back()) == ["Как вас зовут?"], "its answer is open again, and asked plainly"
    (said,) = anna.says("Ольга")
    assert said.startswith("Что сделать, Ольга?") and "«Замена масла»" in said
    anna.taps("Да, оставить")
    assert anna.does(Back()) == ["Что сделать, Ольга?"], "kept, and to be answered anew"


def test_back_at_the_first_offer_leads_nowhere_and_offers_again() -> None:
    anna = Anna()
    anna.does(Started())
    said = anna.does(Back())
    assert said[0] == phrases.NOWHERE_BACK and "«Анна»" in said[-1]


def test_what_comes_between_brings_the_offer_again() -> None:
    anna = Anna()
    anna.comes_to("age")
    for event in (Resumed(), Odd("sticker"), Tapped("1.1.name.0"), SharedPhone("+79001112233", True)):
        assert "«7 лет»" in anna.does(event)[-1]
    assert anna.at.offers_former


def test_an_answer_corrected_from_an_offer_brings_back_to_the_offer() -> None:
    anna = Anna()
    anna.comes_to("age")
    anna.says("исправить имя")
    (said,) = anna.says("Ольга")
    assert "Сколько лет машине?" in said and "«7 лет»" in said
    assert anna.taps("Да, оставить") and anna.at.answers["name"] == "Ольга"


def test_the_own_contact_card_answers_an_offered_phone() -> None:
    anna = Anna()
    anna.comes_to("phone")
    anna.does(SharedPhone("+79001112233", True))
    assert anna.kept["phone"].value == "+79001112233" and anna.kept["phone"].verified == "own_contact"


def test_nothing_is_offered_without_a_consent_that_holds() -> None:
    anna = Anna()
    anna.known = anna.known._replace(consents={})
    assert anna.does(Started())[0].startswith("Согласие")
    anna.at = replace(anna.at, step="work")
    anna.says("нет")
    assert not anna.at.pending


def test_a_new_version_offers_by_the_new_names_or_not_at_all() -> None:
    anna = Anna()
    anna.comes_to("work")
    changed = [*STEPS[:3], {**STEPS[3], "id": "car_age", "renamed_from": ["age"]}, {**STEPS[4]}, *STEPS[5:]]
    changed[4] = {**STEPS[4], "answer": {"type": "number", "from": 0, "to": 9}}
    anna.newest = garage(changed, version=2)
    (said,) = anna.taps("Да, оставить")
    assert "«7 лет»" in said and anna.at.step == "car_age"
    (said,) = anna.taps("Да, оставить")
    assert said == "Она на гарантии?", "yes or no is no number"


# ---------------------------------------------------------------- what fits


def step(answer: object, **more: Any) -> Step:
    return Step.model_validate({"id": "one", "ask": "?", "answer": answer, **more})


SEA = [{"label": "Море", "value": "sea"}, {"label": "Горы", "value": 2, "renamed_from": [1]}]


@pytest.mark.parametrize(
    ("asked", "value", "shown"),
    [
        (step("name"), "Анна", "Анна"),
        (step("city"), "Тверь", "Тверь"),
        (step("email"), "anna@mail.ru", "anna@mail.ru"),
        (step("phone"), "+79001234567", "+7 900 123-45-67"),
        (step("phone"), "+7900", None),
        (step("yes_no"), True, "Да"),
        (step("number"), -3, "-3"),
        (step({"type": "number", "from": 1, "to": 5}), 6, None),
        (step({"type": "number", "to": "this_year"}), 2026, "2026"),
        (step({"type": "number", "to": "this_year"}), 2027, None),
        (step("rating"), 5, "5 из 5"),
        (step("rating"), 6, None),
        (step({"type": "date", "from": "today"}), "2026-11-23", "пн 23 ноября"),
        (step({"type": "date", "from": "today"}), "2026-11-22", None),
        (step("time"), "2026-11-24T15:30:00+03:00", "вт 24 ноября, 15:30"),
        (step("time"), "2026-11-23T11:00:00+03:00", None),
        (step("several", choices=SEA), ("sea", 2), "Море, Горы"),
        (step("several", choices=SEA), ("sea", "lakes"), None),
        (step({"type": "several", "to": 1}, choices=SEA), ("sea", 2), None),
        (step(None, choices=SEA), "sea", "Море"),
        (step(None, choices=SEA), "lakes", None),
        (step(None, choices=[{"label": "Человека", "value": "man", "do": "call_person"}]), "man", None),
    ],
)  # fmt: skip
def test_an_answer_fits_while_the_question_would_still_take_it(asked: Step, value: Value, shown: str | None) -> None:
    found = fitting(asked, value, now=NOW, business=BUSINESS)
    assert (found and (found.value, found.shown)) == (shown and (value, shown))


@pytest.mark.parametrize(
    ("kept", "value"),
    [
        (Kept("work", "choice", "oil"), "oil"),
        (Kept("age", "number", "7"), 7),
        (Kept("warranty", "yes_no", "false"), False),
        (Kept("warranty", "yes_no", "true"), True),
        (Kept("phone", "phone", "+79001234567"), "+79001234567"),
        (Kept("trip", "several", '["sea", 2]'), ("sea", 2)),
        (Kept("trip", "several", "[1]"), (2,)),
        (Kept("side", "choice", "1"), 2),
        (Kept("former_side", "choice", "sea"), "sea"),
    ],
)
def test_a_column_of_text_is_read_as_the_question_means_it(kept: Kept, value: Value) -> None:
    assert list(brought(_flow(), [kept]).values()) == [value]


@pytest.mark.parametrize(
    "kept",
    [
        Kept("age", "text", "семь"),  # another kind of answer under the same key
        Kept("age", "note", "семь"),
        Kept("unknown", "text", "?"),
        Kept("picture", "photo", "фото"),
        Kept("call", "call_time", "any"),
        Kept("fork", "choice", "sea"),
        Kept("agree", "choice", "yes"),
    ],
)
def test_what_is_of_another_kind_or_never_offered_is_left(kept: Kept) -> None:
    assert brought(_flow(), [kept]) == {}


def test_the_newest_answer_stands() -> None:
    assert brought(_flow(), [Kept("age", "number", "7"), Kept("age", "number", "8")]) == {"age": 8}


def _flow() -> Flow:
    more: list[dict[str, Any]] = [
        {"id": "trip", "ask": "Куда?", "answer": "several", "choices": SEA},
        {"id": "side", "ask": "Куда?", "choices": SEA, "card": "Куда", "renamed_from": ["former_side"]},
        {"id": "fork", "ask": "Куда?", "choices": SEA},
        {"id": "picture", "ask": "Фото?", "answer": "photo"},
        {"id": "call", "ask": "Когда?", "answer": "call_time"},
    ]
    return Flow.model_validate(TOUR | {"steps": [*STEPS[:-1], *more, STEPS[-1]]})


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Срок: один год.", 365),
        ("Срок действия согласия — 3 года", 1095),
        ("Срок обработки: шесть месяцев", 180),
        ("срок хранения 30 дней", 30),
        ("Срок: пока заявка в работе и ещё один год", None),
        ("Бессрочно", None),
    ],
)
def test_a_term_is_read_where_it_is_told_in_so_many_words(text: str, days: int | None) -> None:
    found = term_of(text)
    assert (found and found.lasts.days) == days


@given(st.text(max_size=30))
def test_whatever_is_typed_at_an_offer_is_kept_changed_answered_or_asked(text: str) -> None:
    anna = Anna()
    anna.comes_to("age")
    anna.says(text)
    answer = anna.at.answers.get("age")
    assert (anna.at.step == "age") == (answer is None), "answered and on, or asked"
    assert answer is None or (isinstance(answer, int) and 0 <= answer <= 30)
    assert anna.at.offers_former == (anna.at.step in anna.at.former), "what was declined is not offered again"

"""Questions that take more than one move, played through the engine: several buttons, a day and its hour, a call."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import phrases
from dialogs.conversation import Conversation, Known
from dialogs.effects import CallPerson, Remember, Say, Turn
from dialogs.engine import advance
from dialogs.events import Back, Event, Odd, Resumed, Said, Started, Tapped
from dialogs.flow import Flow
from dialogs.flow_set import ConsentText, Script
from dialogs.score import score
from dialogs.shown import shown_value
from tests.opening_hours import company

NOW = datetime(2026, 11, 25, 9, 2, tzinfo=UTC)
STEPS = [
    {"id": "agree", "consent": "personal_data", "refused": "bye"},
    {"id": "trade_in", "ask": "Сдаёте свою?", "answer": "yes_no", "card": "Трейд-ин",
        "choices": [{"label": "Ещё думаю", "value": "thinking"}]},
    {"id": "rest", "ask": "Что любите?", "answer": {"type": "several", "to": 2}, "card": "Отдых",
        "choices": [{"label": "Море", "value": "sea", "score": 10, "reason": "любит море"},
            {"label": "Горы", "value": "hills", "score": 5, "reason": "любит горы"}, {"label": "Город", "value": 3},
            {"label": "Спросить", "do": "call_person"}],
        "score": [{"if": '"sea" in rest and not trade_in', "add": 7, "reason": "море без трейд-ина"}]},
    {"id": "born", "ask": "Когда едете?", "answer": {"type": "date", "from": "today", "to": "1 year"}, "card": "Когда"},
    {"id": "visit", "ask": "Когда придёте?", "answer": {"type": "time", "to": "2 weeks"}, "card": "Визит"},
    {"id": "call", "ask": "Когда позвонить?", "answer": "call_time"},
    {"id": "city", "ask": "Ваш город?", "answer": "city"},
    {"id": "mark", "ask": "Как вам?", "answer": "rating", "card": "Оценка"},
    {"id": "bye", "go": "end", "say": "Спасибо! {{ trade_in }}; {{ rest }}; {{ born }}, {{ born | date }}; "
        "{{ visit }}, в {{ visit | time }}; {{ call }}; {{ city }}; {{ mark }}."},
]  # fmt: skip
FLOW = Flow.model_validate(
    {
        "flow": "tour",
        "title": "Туры",
        "consent": {"personal_data": "consents/data.md"},
        "steps": STEPS,
        "questions": [{"words": ["сколько стоит", "цена"], "answer": "Подбор бесплатен."}],
    }
)
SCRIPT = Script(1, FLOW, company(), {"personal_data": ConsentText("consents/data.md", "Согласие", "a1")})


class Anna:
    """Somebody at the keyboard; the clock goes ten seconds a move."""

    def __init__(self, step: str) -> None:
        self.at = Conversation("tour", 1)
        self.now = NOW
        self.said: list[Say] = []
        self.remembered: dict[str, Remember] = {}
        self.does(Started())
        while self.at.step != step:
            self.at = replace(self.at, answers={**self.at.answers, self.at.step or "": "x"})
            self.at = replace(self.at, step=FLOW.following[self.at.step or ""])
        self.does(Resumed())

    def does(self, event: Event) -> Turn:
        self.now += timedelta(seconds=10)
        turn = advance(SCRIPT, self.at, event, now=self.now, known=Known(consents={"personal_data": "a1"}))
        self.at = Conversation.load(json.loads(json.dumps(turn.conversation.dump())))
        assert self.at == turn.conversation
        self.said = [one for one in turn.effects if isinstance(one, Say)]
        self.remembered |= {one.step: one for one in turn.effects if isinstance(one, Remember)}
        return turn

    def says(self, text: str) -> None:
        self.does(Said(text))

    def taps(self, label: str) -> None:
        (key,) = [one.key for one in self.said[-1].buttons if one.label == label]
        assert len(key) <= 64 and key.isascii()
        self.does(Tapped(key))

    @property
    def text(self) -> str:
        return self.said[-1].text

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self.said[-1].buttons]


# ---------------------------------------------------------------- yes and no


def test_yes_no_has_two_buttons_and_then_those_of_the_file() -> None:
    anna = Anna("trade_in")
    assert anna.labels == ["Да", "Нет", "Ещё думаю"]
    anna.taps("Нет")
    assert anna.at.answers["trade_in"] is False and anna.remembered["trade_in"].shown == "Нет"


@pytest.mark.parametrize(
    ("typed", "value"), [("ага", True), ("неа", False), ("👍", True), ("👎", False), ("думаю", "thinking")]
)
def test_yes_no_may_be_typed(typed: str, value: object) -> None:
    anna = Anna("trade_in")
    anna.says(typed)
    assert anna.at.answers["trade_in"] == value


# ---------------------------------------------------------------- several


def test_buttons_are_ticked_one_after_another() -> None:
    anna = Anna("rest")
    assert anna.labels == ["Море", "Горы", "Город", "Спросить"]
    anna.taps("Море")
    assert anna.labels == ["✓ Море", "Горы", "Город", "Спросить", "Готово"]
    assert anna.text == "Отмечено: Море. Можно добавить ещё или нажать «Готово»."
    anna.taps("Город")
    assert anna.text == "Отмечено: Море, Город. Если всё верно, нажмите «Готово»."
    anna.taps("Горы")
    assert anna.text == "Можно выбрать не больше 2 вариантов. Снимите лишнее или нажмите «Готово»."
    anna.taps("✓ Море")
    assert anna.text == "Отмечено: Город. Можно добавить ещё или нажать «Готово»."
    anna.taps("Горы")
    anna.taps("Готово")
    assert anna.at.answers["rest"] == ("hills", 3) and anna.remembered["rest"].shown == "Горы, Город"
    assert anna.at.step == "born" and anna.at.chosen == ()


def test_an_old_message_with_buttons_ticks_the_same_and_never_twice() -> None:
    anna = Anna("rest")
    first = anna.said[-1]
    anna.taps("Море")
    anna.does(Tapped(next(one.key for one in first.buttons if one.label == "Море")))
    assert anna.at.chosen == ("sea",)
    anna.does(Tapped(next(one.key for one in first.buttons if one.label == "Горы")))
    assert anna.at.chosen == ("sea", "hills")


def test_named_at_once_it_is_the_answer_and_beside_ticks_it_is_ticked_too() -> None:
    boris = Anna("rest")
    boris.says("море и горы")
    assert boris.at.answers["rest"] == ("sea", "hills")
    anna = Anna("rest")
    anna.taps("Море")
    anna.says("горы")
    assert anna.at.chosen == ("sea", "hills") and anna.at.step == "rest"
    anna.says("готово")
    assert anna.at.answers["rest"] == ("sea", "hills")


def test_a_word_that_is_no_choice_is_told_and_nobody_is_stuck() -> None:
    anna = Anna("rest")
    anna.says("луна")
    assert anna.text.startswith("Не нашёл «луна» среди вариантов.")
    anna.says("луна")
    assert anna.labels[-1] == phrases.CALL_PERSON
    anna.taps("Спросить")
    assert "Позвал менеджера" in anna.text


@pytest.mark.parametrize("words", ["цена", "Сколько стоит?"])
def test_a_side_question_is_answered_and_the_ticks_stay(words: str) -> None:
    anna = Anna("rest")
    anna.taps("Море")
    anna.says(words)
    assert anna.said[0].text == "Подбор бесплатен."
    assert anna.at.chosen == ("sea",) and anna.labels[0] == "✓ Море" and anna.at.tries == 0


def test_the_name_of_the_button_that_calls_a_person_calls_one() -> None:
    anna = Anna("rest")
    anna.taps("Море")
    assert CallPerson("asked") in anna.does(Said("спросить")).effects
    assert anna.at.chosen == ("sea",)


def test_conditions_and_points_know_what_was_chosen() -> None:
    told = score(FLOW, {"trade_in": False, "rest": ("sea", "hills")})
    assert (told.points, told.reasons) == (22, ("любит море", "любит горы", "море без трейд-ина"))
    assert score(FLOW, {"trade_in": True, "rest": ("hills",)}).points == 5


# ---------------------------------------------------------------- days and hours


def test_a_day_is_shown_back_before_it_counts() -> None:
    anna = Anna("born")
    anna.says("в пятницу")
    assert anna.text == "Пятница, 27 ноября. Верно?" and anna.labels == [phrases.RIGHT, phrases.MEND]
    anna.says("нет, 28-го")
    assert anna.text == "Суббота, 28 ноября. Верно?"
    anna.says("да")
    assert anna.at.answers["born"] == "2026-11-28" and anna.remembered["born"].shown == "сб 28 ноября"


def test_one_of_two_days_is_chosen_by_a_button() -> None:
    anna = Anna("born")
    anna.says("в среду")
    assert anna.labels == ["Сегодня, 25 ноября", "Ср, 2 декабря"]
    anna.taps("Ср, 2 декабря")
    assert anna.at.answers["born"] == "2026-12-02"


def test_whoever_is_at_a_loss_gets_likely_days_and_a_person() -> None:
    anna = Anna("born")
    anna.says("не знаю")
    assert anna.labels == []
    anna.says("ну не знаю")
    days = ["Сегодня, 25 ноября", "Завтра, 26 ноября", "Послезавтра, 27 ноября", "Сб, 28 ноября"]
    assert anna.labels == [*days, phrases.CALL_PERSON]
    anna.taps("Завтра, 26 ноября")
    assert anna.at.answers["born"] == "2026-11-26"


def test_a_button_whose_day_is_over_counts_no_more() -> None:
    anna = Anna("born")
    anna.says("в среду")
    anna.now += timedelta(days=1)
    anna.taps("Сегодня, 25 ноября")
    assert anna.at.step == "born" and anna.text.startswith(phrases.STALE)


def test_a_day_without_an_hour_waits_for_the_hour() -> None:
    anna = Anna("visit")
    anna.says("в пятницу утром")
    assert anna.text == "Пятница, 27 ноября. В какое время?" and anna.labels == ["09:00", "10:00", "11:00"]
    anna.says("давайте в половине одиннадцатого")
    assert anna.text == "Пятница, 27 ноября, 10:30. Верно?"
    anna.says("да")
    assert anna.at.answers["visit"] == "2026-11-27T10:30+03:00" and anna.at.day == ""
    assert anna.remembered["visit"].shown == "пт 27 ноября, 10:30"


def test_the_hour_may_be_a_button_and_the_day_too() -> None:
    anna = Anna("visit")
    anna.says("на выходных")
    anna.taps("Сб, 28 ноября")
    anna.taps("13:00")
    assert anna.at.answers["visit"] == "2026-11-28T13:00+03:00"


def test_whoever_names_closed_hours_again_and_again_is_offered_a_person() -> None:
    anna = Anna("call")
    for _ in range(3):
        anna.says("в воскресенье")
    assert anna.labels[-2:] == ["В любое время", phrases.CALL_PERSON]


def test_stars_are_a_mark() -> None:
    anna = Anna("mark")
    anna.says("⭐⭐⭐⭐")
    assert anna.at.answers["mark"] == 4


def test_when_to_call_is_chosen_from_working_hours() -> None:
    anna = Anna("call")
    assert anna.labels == [
        "Сейчас",
        "Сегодня вечером",
        "Завтра утром",
        "Завтра днём",
        "Завтра вечером",
        "В любое время",
    ]
    anna.taps("Завтра утром")
    assert anna.remembered["call"].shown == "чт 26 ноября, 09:00–12:00"
    assert (anna.remembered["call"].kind, anna.remembered["call"].label) == ("call_time", "Когда звонить")
    boris = Anna("call")
    boris.says("в воскресенье")
    assert boris.text == "В воскресенье, 29 ноября, мы не работаем. Когда вам удобнее?"
    boris.taps("В любое время")
    assert boris.at.answers["call"] == "any" and boris.remembered["call"].shown == "в любое время"


TOKENS = ("yes", "no", "now", "any", "20261127", "202611271530", "202611271700-2000", "99999999", "5", "-", "0" * 17)
PARTS = ("done", "0+", "0-", "3+", "99+", "+", "ok", "fix", *(f"o.{token}" for token in TOKENS))
ENDINGS = st.one_of(st.sampled_from(PARTS), st.text("o.0123456789-+", max_size=20))
SAYINGS = (
    "да",
    "нет",
    "море и горы",
    "в среду",
    "в пятницу утром",
    "15:30",
    "в 22:00",
    "сейчас",
    "твер",
    "5/5",
    "готово",
)
MOVES = st.one_of(
    ENDINGS,
    st.integers(0, 9),
    st.sampled_from([Back(), Resumed(), Odd("photo"), Started()]),
    st.one_of(st.sampled_from(SAYINGS), st.text(max_size=60)).map(Said),
)


@settings(max_examples=150)
@given(st.sampled_from([step["id"] for step in STEPS[1:-1]]), st.lists(MOVES, max_size=12))
def test_whatever_is_pressed_and_said_the_state_survives_and_somebody_answers(
    step: str, moves: list[str | int | Event]
) -> None:
    anna = Anna(step)
    for move in moves:
        if isinstance(move, int):
            buttons = anna.said[-1].buttons if anna.said else ()
            move = Tapped(buttons[move % len(buttons)].key) if buttons else Said("ну")
        elif isinstance(move, str):
            move = Tapped(f"1.1.{anna.at.step}.{move}")
        before = anna.at
        turn = anna.does(move)
        again = advance(SCRIPT, before, move, now=anna.now, known=Known(consents={"personal_data": "a1"}))
        assert again == turn
        assert turn.effects or isinstance(move, Tapped)  # only the second tap of a double tap is left unanswered
        assert all(len(one.key) <= 64 and one.key.isascii() for say in anna.said for one in say.buttons)


# ---------------------------------------------------------------- a city, a mark, the whole way


def test_a_city_is_asked_about_and_shows_managers_its_clock() -> None:
    anna = Anna("city")
    anna.says("Екатеренбург")
    assert anna.text == "Вы про Екатеринбург?"
    anna.says("да")
    assert anna.at.answers["city"] == "Екатеринбург" and anna.remembered["city"].shown == "Екатеринбург, +2 ч"


def test_who_types_the_unusual_place_again_means_it() -> None:
    anna = Anna("city")
    anna.says("Твер")
    anna.says("Твер")
    assert anna.at.answers["city"] == "Твер"


def test_the_whole_way_by_buttons_and_words_reads_well_at_its_end() -> None:
    anna = Anna("trade_in")
    anna.taps("Да")
    anna.says("море, горы")
    anna.says("15 декабря")
    anna.taps(phrases.RIGHT)
    anna.says("завтра в 15:30")
    anna.taps(phrases.RIGHT)
    anna.taps("Сейчас")
    anna.says("Питер")
    assert anna.labels == ["1", "2", "3", "4", "5"]
    anna.says("на четвёрочку")
    assert anna.remembered["mark"].shown == "4 из 5"
    assert anna.text == (
        "Спасибо! Да; Море, Горы; вт 15 декабря, 15.12.2026; чт 26 ноября, 15:30, в 15:30; сейчас; Санкт-Петербург; 4."
    )


def test_an_answer_without_a_clock_shows_its_year() -> None:
    step = FLOW.by_id["visit"]
    assert shown_value(step, "2026-11-27T15:30+03:00") == "пт 27 ноября 2026, 15:30"
    assert shown_value(FLOW.by_id["rest"], ("sea", 3)) == "Море, Город"
    assert shown_value(FLOW.by_id["trade_in"], False) == "Нет"

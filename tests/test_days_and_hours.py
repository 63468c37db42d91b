"""How people write a day, an hour, and when to call them. It is Wednesday, 25 November 2026, 12:02 in Moscow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import call_times, dates, times
from dialogs.answers import read
from dialogs.flow import AnswerSpec
from dialogs.understood import Refusal, Understood, Unsure
from tests.opening_hours import company

OURS = company()
NOW = datetime(2026, 11, 25, 9, 2, tzinfo=UTC)
AHEAD = {"from": "today", "to": "1 year"}
Answer = Understood | Refusal | Unsure


def answer(kind: str, typed: str, now: datetime = NOW, day: str = "", **bounds: object) -> Answer:
    return read(AnswerSpec.model_validate({"type": kind, **bounds}), typed, now=now, business=OURS, day=day)


def value(found: Answer) -> str:
    assert isinstance(found, Understood), found
    return str(found.value)


def asked(found: Answer) -> tuple[str, list[str]]:
    assert isinstance(found, Unsure), found
    return found.question, [one.label for one in found.options]


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("сегодня", "2026-11-25"),
        ("завтра", "2026-11-26"),
        ("Завтра!", "2026-11-26"),
        ("завтро", "2026-11-26"),
        ("давайте завтра", "2026-11-26"),
        ("послезавтра", "2026-11-27"),
        ("после завтра", "2026-11-27"),
        ("в пятницу", "2026-11-27"),
        ("в пятницу утром", "2026-11-27"),
        ("пятница", "2026-11-27"),
        ("пт", "2026-11-27"),
        ("в эту субботу", "2026-11-28"),
        ("в ближайшую суботу", "2026-11-28"),
        ("в понедельник", "2026-11-30"),
        ("в следующий вторник", "2026-12-01"),
        ("15 декабря", "2026-12-15"),
        ("15-го декабря", "2026-12-15"),
        ("15 дек", "2026-12-15"),
        ("пятнадцатого декабря", "2026-12-15"),
        ("двадцать первого декабря", "2026-12-21"),
        ("15 декабря 2026", "2026-12-15"),
        ("15 декабря 26 г.", "2026-12-15"),
        ("15.12", "2026-12-15"),
        ("15/12", "2026-12-15"),
        ("15.12.", "2026-12-15"),
        ("15.12.26", "2026-12-15"),
        ("15/12/26", "2026-12-15"),
        ("15.12.2026", "2026-12-15"),
        ("15-12-2026", "2026-12-15"),
        ("15 12 2026", "2026-12-15"),
        ("2026-12-15", "2026-12-15"),
        ("１５.１２", "2026-12-15"),
        ("15-го", "2026-12-15"),
        ("15 числа", "2026-12-15"),
        ("15", "2026-12-15"),
        ("28", "2026-11-28"),
        ("пятого числа", "2026-12-05"),
        ("1 марта", "2027-03-01"),
        ("через день", "2026-11-26"),
        ("через 3 дня", "2026-11-28"),
        ("через пару дней", "2026-11-27"),
        ("через неделю", "2026-12-02"),
        ("через две недели", "2026-12-09"),
        ("через месяц", "2026-12-25"),
        ("через полгода", "2027-05-25"),
        ("пятница, 27 ноября", "2026-11-27"),
        ("в воскресенье 29.11", "2026-11-29"),
    ],
)
def test_a_day_ahead_in_any_words_is_shown_back(typed: str, day: str) -> None:
    found = answer("date", typed, **AHEAD)
    assert value(found) == day
    assert isinstance(found, Understood) and found.doubt.endswith(". Верно?")


def test_what_is_shown_back_is_the_whole_day() -> None:
    assert answer("date", "в пятницу", **AHEAD) == Understood(
        "2026-11-27", "пт 27 ноября", "Пятница, 27 ноября. Верно?"
    )
    far = answer("date", "1 ноября", **AHEAD)
    assert isinstance(far, Understood) and far.doubt == "Понедельник, 1 ноября 2027. Верно?"


@pytest.mark.parametrize(
    ("typed", "options"),
    [
        ("в среду", ["Сегодня, 25 ноября", "Ср, 2 декабря"]),
        ("в следующую пятницу", ["Послезавтра, 27 ноября", "Пт, 4 декабря"]),
        ("15 или 16 декабря", ["Вт, 15 декабря", "Ср, 16 декабря"]),
        ("в пятницу или субботу", ["Послезавтра, 27 ноября", "Сб, 28 ноября"]),
        ("в пятницу 28 ноября", ["Послезавтра, 27 ноября", "Сб, 28 ноября"]),
        ("на выходных", ["Сб, 28 ноября", "Вс, 29 ноября"]),
        ("на следующей неделе", ["Пн, 30 ноября", "Вт, 1 декабря", "Ср, 2 декабря", "Чт, 3 декабря", "Пт, 4 декабря"]),
        ("в конце месяца", ["Сегодня, 25 ноября", "Послезавтра, 27 ноября", "Вс, 29 ноября", "Пн, 30 ноября"]),
        ("в начале следующего месяца", ["Вт, 1 декабря", "Чт, 3 декабря", "Сб, 5 декабря", "Пн, 7 декабря"]),
        ("в середине декабря", ["Вс, 13 декабря", "Вт, 15 декабря", "Чт, 17 декабря", "Сб, 19 декабря"]),
    ],
)
def test_a_vague_day_is_asked_with_buttons(typed: str, options: list[str]) -> None:
    assert asked(answer("date", typed, **AHEAD))[1] == options


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("вчера", "Нужен день с 25 ноября по 25 ноября 2027."),
        ("через 2 года", "Нужен день с"),
        ("29 февраля", "Нужен день с"),
        ("01.01.2020", "Нужен день с"),
        ("31 февраля", dates.NOT_A_DATE),
        ("32.13", dates.NOT_A_DATE),
        ("не знаю", dates.NOT_A_DATE),
        ("когда-нибудь", dates.NOT_A_DATE),
        ("", dates.NOT_A_DATE),
    ],
)
def test_what_is_no_possible_day_is_refused_with_an_example(typed: str, reason: str) -> None:
    found = answer("date", typed, **AHEAD)
    assert isinstance(found, Refusal) and reason in found.hint
    assert value(answer("date", found.hint.rpartition("Например: ")[2], **AHEAD)) == "2026-12-02"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("12 мая", "2026-05-12"),
        ("12 декабря", "2025-12-12"),
        ("12.05.85", "1985-05-12"),
        ("12 мая 1985 года", "1985-05-12"),
        ("вчера", "2026-11-24"),
        ("позавчера", "2026-11-23"),
        ("2 недели назад", "2026-11-11"),
        ("месяц назад", "2026-10-25"),
        ("в прошлую пятницу", "2026-11-20"),
        ("29 февраля", "2024-02-29"),
    ],
)
def test_a_day_that_must_be_past_is_the_last_such(typed: str, day: str) -> None:
    assert value(answer("date", typed, **{"from": "1930-01-01", "to": "today"})) == day


# ---------------------------------------------------------------- days with an hour


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("завтра в 15:30", "2026-11-26T15:30"),
        ("завтра 15.30", "2026-11-26T15:30"),
        ("завтра в 15-30", "2026-11-26T15:30"),
        ("завтра 15 30", "2026-11-26T15:30"),
        ("завтра в 15ч30", "2026-11-26T15:30"),
        ("завтра в три", "2026-11-26T15:00"),
        ("завтра в 3 часа дня", "2026-11-26T15:00"),
        ("завтра часа в три", "2026-11-26T15:00"),
        ("завтра в час", "2026-11-26T13:00"),
        ("завтра в 9 утра", "2026-11-26T09:00"),
        ("завтра в семь вечера", "2026-11-26T19:00"),
        ("завтра вечером в 8", "2026-11-26T20:00"),
        ("послезавтра в полдень", "2026-11-27T12:00"),
        ("полпятого", "2026-11-25T16:30"),
        ("в половине пятого", "2026-11-25T16:30"),
        ("завтра без пятнадцати пять", "2026-11-26T16:45"),
        ("завтра без четверти семь", "2026-11-26T18:45"),
        ("в пятницу 10:00", "2026-11-27T10:00"),
        ("27 ноября 15.30", "2026-11-27T15:30"),
        ("27.11.2026 15:30", "2026-11-27T15:30"),
        ("1.12 10:00", "2026-12-01T10:00"),
        ("27-го в три", "2026-11-27T15:00"),
        ("в 15", "2026-11-25T15:00"),
        ("15:30", "2026-11-25T15:30"),
        ("в 11", "2026-11-26T11:00"),
        ("через час", "2026-11-25T13:05"),
        ("через полчаса", "2026-11-25T12:35"),
        ("через полтора часа", "2026-11-25T13:35"),
        ("через 2 часа", "2026-11-25T14:05"),
        ("через 40 минут", "2026-11-25T12:45"),
        ("через неделю в 10", "2026-12-02T10:00"),
        ("в среду в 10", "2026-12-02T10:00"),
        ("завтра не могу, давайте послезавтра в 12", "2026-11-27T12:00"),
        ("не завтра, а в пятницу в 10", "2026-11-27T10:00"),
        ("Добрый вечер! В пятницу в 10", "2026-11-27T10:00"),
    ],
)
def test_a_day_and_an_hour_in_any_words(typed: str, moment: str) -> None:
    assert value(answer("time", typed, to="2 weeks")) == f"{moment}+03:00"


def test_the_moment_is_shown_back() -> None:
    assert answer("time", "в пятницу в 15:30") == Understood(
        "2026-11-27T15:30+03:00", "пт 27 ноября, 15:30", "Пятница, 27 ноября, 15:30. Верно?"
    )


def test_a_day_without_its_hour_gets_hours_of_that_day_and_then_the_hour() -> None:
    found = answer("time", "в пятницу утром")
    assert asked(found) == ("Пятница, 27 ноября. В какое время?", ["09:00", "10:00", "11:00"])
    assert isinstance(found, Unsure)
    assert value(answer("time", "в 10", day=found.day)) == "2026-11-27T10:00+03:00"
    assert value(answer("time", "нет, в субботу в 11", day=found.day)) == "2026-11-28T11:00+03:00"
    assert asked(answer("time", "в субботу"))[1] == ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]
    assert asked(answer("time", "вечером"))[0].startswith("Среда, 25 ноября")
    assert asked(answer("time", "утром"))[0].startswith("Четверг, 26 ноября")


@pytest.mark.parametrize("typed", ["не завтра", "кроме пятницы", "завтра я не могу", "Добрый вечер", "добрый день"])
def test_a_day_that_does_not_suit_is_no_day(typed: str) -> None:
    assert isinstance(answer("time", typed, to="2 weeks"), Refusal)


@pytest.mark.parametrize("typed", ["сегодня в 10", "сегодня утром в 9", "25.11 в 11:00"])
def test_a_past_moment_is_refused_kindly(typed: str) -> None:
    found = answer("time", typed)
    assert isinstance(found, Refusal) and found.hint.startswith("Это время уже прошло. Например:")


def test_bounds_hold_for_moments_too() -> None:
    for typed in ("через 3 недели в 10", "15.12 в 10:00", "вчера в 15"):
        found = answer("time", typed, to="2 weeks")
        assert isinstance(found, Refusal) and "Нужен день с 25 ноября по 9 декабря." in found.hint, typed


# ---------------------------------------------------------------- an hour to come, within working hours

OPEN = {"within": "working_hours"}
HOURS = "В какое время вам удобно?"
TIMES = "Какие день и час вам подойдут?"
NEXT = ["Чт 26 ноября, 11:00", "Чт 26 ноября, 15:00", "Пт 27 ноября, 11:00", "Пт 27 ноября, 15:00"]


@pytest.mark.parametrize(
    ("typed", "told", "first"),
    [
        ("в субботу в 17", f"В субботу, 28 ноября, мы работаем с 10:00 до 16:00. {HOURS}", "10:00"),
        ("в субботу в 16", f"В субботу, 28 ноября, мы работаем с 10:00 до 16:00. {HOURS}", "10:00"),
        ("в субботу вечером", f"В субботу, 28 ноября, мы работаем с 10:00 до 16:00. {HOURS}", "10:00"),
        ("сегодня в 22", f"В среду, 25 ноября, мы работаем с 09:00 до 20:00. {HOURS}", "13:00"),
        ("через 10 часов", f"В среду, 25 ноября, мы работаем с 09:00 до 20:00. {HOURS}", "13:00"),
        ("завтра в 6 утра", f"В четверг, 26 ноября, мы работаем с 09:00 до 20:00. {HOURS}", "09:00"),
        ("в воскресенье в 12", f"В воскресенье, 29 ноября, мы не работаем. {TIMES}", "Ср 25 ноября, 15:00"),
        ("в воскресенье", f"В воскресенье, 29 ноября, мы не работаем. {TIMES}", "Ср 25 ноября, 15:00"),
        ("1 января в 12", f"В пятницу, 1 января, мы не работаем. {TIMES}", "Ср 25 ноября, 15:00"),
    ],
)
def test_nobody_is_booked_for_an_hour_when_nobody_is_there(typed: str, told: str, first: str) -> None:
    question, options = asked(answer("time", typed, **OPEN))
    assert (question, options[0]) == (told, first)


def test_the_day_named_before_is_remembered_with_its_hours() -> None:
    found = answer("time", "в субботу в 17", **OPEN)
    assert isinstance(found, Unsure)
    assert value(answer("time", "тогда в 11", day=found.day, **OPEN)) == "2026-11-28T11:00+03:00"


def test_late_in_the_evening_other_days_are_offered() -> None:
    night = NOW + timedelta(hours=10)
    assert asked(answer("time", "сегодня в 23", night, **OPEN)) == (
        f"В среду, 25 ноября, мы работаем с 09:00 до 20:00. {TIMES}", NEXT
    )  # fmt: skip
    assert asked(answer("time", "сегодня", night, **OPEN))[1] == NEXT


def test_of_the_days_that_may_be_meant_only_working_ones_are_offered() -> None:
    assert asked(answer("time", "на выходных"))[1] == ["Сб, 28 ноября", "Вс, 29 ноября"]
    assert asked(answer("time", "на выходных", **OPEN))[1] == ["Сб, 28 ноября"]
    friday = answer("time", "в пятницу или субботу в 15:30", **OPEN)
    assert asked(friday)[1] == ["Послезавтра, 27 ноября, 15:30", "Сб, 28 ноября, 15:30"]


def test_a_button_from_before_the_hours_were_changed_is_not_taken() -> None:
    spec = AnswerSpec.model_validate({"type": "time", **OPEN})
    found = times.redeemed(spec, "202611291200", now=NOW, business=OURS)
    assert isinstance(found, Unsure) and found.question.startswith("В воскресенье, 29 ноября, мы не работаем.")
    found = times.redeemed(spec, "20261129", now=NOW, business=OURS)
    assert isinstance(found, Unsure) and found.question.startswith("В воскресенье, 29 ноября, мы не работаем.")


def test_an_hour_that_the_clocks_leave_out_moves_on() -> None:
    berlin = company("Europe/Berlin")
    spec = AnswerSpec.model_validate({"type": "time"})
    found = read(spec, "28.03.2027 в 02:30", now=NOW, business=berlin)
    assert value(found) == "2027-03-28T03:30+02:00"


# ---------------------------------------------------------------- when to call


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("завтра утром", "2026-11-26T09:00+03:00/12:00"),
        ("завтра днём", "2026-11-26T12:00+03:00/17:00"),
        ("завтра после 15", "2026-11-26T15:00+03:00/20:00"),
        ("завтра после обеда", "2026-11-26T14:00+03:00/18:00"),
        ("завтра до обеда", "2026-11-26T09:00+03:00/13:00"),
        ("завтра", "2026-11-26T09:00+03:00/20:00"),
        ("с 10 до 12", "2026-11-26T10:00+03:00/12:00"),
        ("10-12", "2026-11-26T10:00+03:00/12:00"),
        ("в пятницу с 10 до 12", "2026-11-27T10:00+03:00/12:00"),
        ("с десяти до двенадцати", "2026-11-26T10:00+03:00/12:00"),
        ("до 12", "2026-11-26T09:00+03:00/12:00"),
        ("после 18", "2026-11-25T18:00+03:00/20:00"),
        ("не раньше 11", "2026-11-26T11:00+03:00/20:00"),
        ("сегодня вечером", "2026-11-25T17:00+03:00/20:00"),
        ("вечерком", "2026-11-25T17:00+03:00/20:00"),
        ("утром", "2026-11-26T09:00+03:00/12:00"),
        ("в субботу", "2026-11-28T10:00+03:00/16:00"),
        ("27.11", "2026-11-27T09:00+03:00/20:00"),
        ("в 15", "2026-11-25T15:00+03:00"),
        ("в 11", "2026-11-26T11:00+03:00"),
        ("завтра в 15:30", "2026-11-26T15:30+03:00"),
        ("в три часа дня", "2026-11-25T15:00+03:00"),
        ("через час", "2026-11-25T13:05+03:00"),
        ("сейчас", "now"),
        ("прямо сейчас", "now"),
        ("можно сейчас", "now"),
        ("в любое время", "any"),
        ("любое", "any"),
        ("когда угодно", "any"),
        ("без разницы", "any"),
        ("не важно", "any"),
        ("как вам удобно", "any"),
    ],
)
def test_when_to_call_in_any_words(typed: str, span: str) -> None:
    assert value(answer("call_time", typed)) == span


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("в 22:00", "В среду, 25 ноября, мы работаем с 09:00 до 20:00."),
        ("завтра в 7 утра", "В четверг, 26 ноября, мы работаем с 09:00 до 20:00."),
        ("через 10 часов", "В среду, 25 ноября, мы работаем с 09:00 до 20:00."),
        ("в субботу вечером", "В субботу, 28 ноября, мы работаем с 10:00 до 16:00."),
        ("в воскресенье", "В воскресенье, 29 ноября, мы не работаем."),
        ("1 января", "В пятницу, 1 января, мы не работаем."),
    ],
)
def test_a_call_outside_working_hours_is_said_to_be_so(typed: str, told: str) -> None:
    question, options = asked(answer("call_time", typed))
    assert question == f"{told} Когда вам удобнее?"
    assert options[0] == "Сейчас" and options[-1] == "В любое время"


@pytest.mark.parametrize(
    ("hour", "labels"),
    [
        (8, ["Сегодня утром", "Сегодня днём", "Сегодня вечером", "Завтра утром", "Завтра днём", "В любое время"]),
        (12, ["Сейчас", "Сегодня вечером", "Завтра утром", "Завтра днём", "В любое время"]),
        (21, ["Завтра утром", "Завтра днём", "В понедельник утром", "В понедельник днём", "В понедельник вечером",
            "В любое время"]),
    ],
)  # fmt: skip
def test_a_friday_offers_only_hours_when_somebody_is_at_work(hour: int, labels: list[str]) -> None:
    friday = datetime(2026, 11, 27, hour - 3, 2, tzinfo=UTC)
    assert [one.label for one in call_times.offered(friday, OURS)] == labels


def test_a_day_of_the_week_after_has_its_date_on_the_button() -> None:
    """Open on Mondays alone: «В понедельник утром» would stand there twice."""
    mondays = OURS.model_copy(update={"working_hours": {"mon": OURS.working_hours["mon"]}})
    labels = [one.label for one in call_times.offered(datetime(2026, 11, 28, 9, tzinfo=UTC), mondays)]
    assert labels[:4] == ["В понедельник утром", "В понедельник днём", "В понедельник вечером", "7 декабря утром"]
    assert len(set(labels)) == len(labels)


def test_now_is_offered_only_when_somebody_is_at_work() -> None:
    night = NOW + timedelta(hours=12)
    assert asked(answer("call_time", "сейчас", now=night))[0].startswith("Сейчас мы не работаем.")
    found = call_times.redeemed("now", now=night, business=OURS)
    assert isinstance(found, Unsure) and found.question.startswith("Сейчас мы не работаем.")


# ---------------------------------------------------------------- buttons and anything at all


@settings(max_examples=100)
@given(st.integers(0, 60 * 24 * 400))
def test_every_button_that_is_offered_is_taken_as_it_reads(minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    spec = AnswerSpec.model_validate({"type": "time", "to": "2 weeks"})
    for one in call_times.offered(now, OURS):
        found = call_times.redeemed(one.token, now=now, business=OURS)
        assert isinstance(found, Understood) and found.value == one.value
    for kept in (spec, spec.model_copy(update=OPEN)):
        for one in times.likely_times(kept, now=now, business=OURS):
            found = times.redeemed(kept, one.token, now=now, business=OURS)
            assert isinstance(found, Understood) and found.value == one.value
    for one in dates.likely_days(spec, now, OURS.zone):
        found = dates.redeemed(spec, one.token, now=now, zone=OURS.zone)
        assert isinstance(found, Understood) and found.value == one.value


@settings(max_examples=100)
@given(st.dates(date(2026, 11, 25), date(2027, 11, 25)), st.times())
def test_what_is_shown_reads_back_as_the_same(day: date, clock: object) -> None:
    written = answer("date", day.isoformat(), **AHEAD)
    assert isinstance(written, Understood)
    assert value(answer("date", written.shown, **AHEAD)) == day.isoformat()
    assert value(answer("date", written.doubt.removesuffix(". Верно?"), **AHEAD)) == day.isoformat()
    moment = answer("time", f"{day.isoformat()} {str(clock)[:5]}")
    if isinstance(moment, Understood):
        assert moment.value == f"{day.isoformat()}T{str(clock)[:5]}+03:00"
        assert answer("time", moment.shown) == moment


WORDS = """в на через после до с завтра пятницу пт 15 3 31 12 00 99 . : - / декабря утром час часа дней недели месяца
    конце следующую полпятого без четверти сейчас года 2026 любое первого -го"""
PIECES = st.sampled_from(WORDS.split())
ANYTHING = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=12).map(" ".join))


@settings(max_examples=300)
@given(ANYTHING, st.sampled_from(["date", "time", "call_time"]), st.sampled_from(["", "2026-11-27"]))
def test_reading_a_day_never_fails(typed: str, kind: str, day: str) -> None:
    found = answer(kind, typed, day=day)
    if isinstance(found, Understood):
        assert found.shown and str(found.value).isascii()
    elif isinstance(found, Unsure):
        assert found.question and all(len(one.token) <= 17 and one.token.isascii() for one in found.options)
    else:
        assert found.hint


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["1", "1 ", "15.12 ", "в ", "через ", "пол", "без ", ".", ":", "завтро ", "ы", "5-"])
def test_long_input_is_read_quickly(piece: str) -> None:
    for kind in ("date", "time", "call_time"):
        answer(kind, (piece * 100_000)[:400_000])

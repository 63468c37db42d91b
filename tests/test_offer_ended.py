"""A discount until the last day of the year, and somebody who writes after it: nothing is promised that is not kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.stage import Stage
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from tests.flow_folder import folder

NEW_YEARS_EVE = datetime(2026, 12, 31, 12, tzinfo=UTC)
PROMISE = (
    "Подберём тур. Осталось кодов: {{ offers.sea.left }}.\n",
    "Подберём тур.\n\n      Скидка до {{ offers.sea.until | day }}.\n\n      Кодов: {{ offers.sea.left }}.\n\n",
)
UNTIL = ("valid: 3 days", 'until: "2026-12-31"')


CONSULTATION = (
    ("    stock: 10\n    valid: 3 days\n", '    kind: consultation\n    price: 2 500 ₽\n    until: "2026-12-31"\n'),
    (" Осталось кодов: {{ offers.sea.left }}.", ""),
    ("Код {{ code }} действует до {{ code.until | day }}.", "Консультация за нами."),
    ("Кодов осталось {{ offers.sea.left }}. ", ""),
)


def sound(*changes: tuple[str, str], **more: str) -> FlowSet:
    found = load(folder("tour.yaml", *changes, **more))
    assert found.flow_set is not None, [str(one) for one in found.problems]
    return found.flow_set


@pytest.mark.parametrize(("days", "over"), [(0, False), (11, True)])
async def test_who_comes_after_the_last_day_is_told_the_truth_and_applies_all_the_same(days: int, over: bool) -> None:
    stage = await Stage.open(sound(PROMISE, UNTIL), flow="tour", start=NEW_YEARS_EVE + timedelta(days=days))
    try:
        await stage.opens()
        greeting = "\n".join(one.text for one in stage.prospect)
        assert "Подберём тур" in greeting
        assert [words in greeting for words in ("Скидка до 31 декабря", "Кодов: 10")] == [not over, not over]
        await stage.taps("Согласен")
        for words in ("к морю", "7", "Анна", "8 900 123-45-67"):
            await stage.says(words)
        await stage.taps("Всё верно")
        told = "\n".join(one.text for one in stage.prospect)
        assert ("Предложение, к сожалению, закончилось 31 декабря" in told) == over
        card = "\n".join(one.text for one in stage.managers)
        assert ("кода нет, предложение закончилось" in card) == over and (": код " in card) != over
    finally:
        await stage.close()


@pytest.mark.parametrize(("days", "last"), [(-1, "31 декабря"), (-8, "26 декабря")])
async def test_a_code_of_ones_own_lasts_so_many_days_and_never_beyond_the_offer(days: int, last: str) -> None:
    both = ("valid: 3 days", 'valid: 3 days\n    until: "2026-12-31"')
    stage = await Stage.open(sound(both), flow="tour", start=NEW_YEARS_EVE + timedelta(days=days))
    try:
        await stage.opens()
        await stage.taps("Согласен")
        for words in ("к морю", "7", "Анна", "8 900 123-45-67"):
            await stage.says(words)
        await stage.taps("Всё верно")
        assert f"действует до {last}" in "\n".join(one.text for one in stage.prospect)
    finally:
        await stage.close()


@pytest.mark.parametrize(("hours", "over"), [(8, False), (9, True)])  # 23:00 and midnight in Moscow
async def test_a_free_consultation_ends_with_its_last_day_as_a_code_does(hours: int, over: bool) -> None:
    stage = await Stage.open(sound(*CONSULTATION), flow="tour", start=NEW_YEARS_EVE + timedelta(hours=hours))
    try:
        await stage.opens()
        await stage.taps("Согласен")
        for words in ("к морю", "7", "Анна", "8 900 123-45-67", "да"):
            await stage.says(words)
        told = "\n".join(one.text for one in stage.prospect)
        assert ("Предложение, к сожалению, закончилось 31 декабря" in told, "Консультация за нами" in told) == (
            over,
            not over,
        )
        card = "\n".join(one.text for one in stage.managers)
        assert "🎁 Скидка 5 % на море (2 500 ₽)" in card and ("(2 500 ₽): предложение закончилось" in card) == over
    finally:
        await stage.close()


async def test_john_is_told_in_english_when_it_ended() -> None:
    english = "translation: tour\nlanguage: en\nconfirmed: [not-translated]\n"
    name = "steps:\n  name:\n    ask: What is your name?\n"
    flow_set = sound(UNTIL, **{"tour.en.yaml": english + name})
    stage = await Stage.open(flow_set, flow="tour", start=NEW_YEARS_EVE + timedelta(days=1), language="en")
    try:
        await stage.opens()
        await stage.taps("I agree")
        for words in ("к морю", "7", "John", "8 900 123-45-67", "да"):
            await stage.says(words)
        assert any("Sadly, the offer ended on 31 December;" in one.text for one in stage.prospect)
    finally:
        await stage.close()


@pytest.mark.parametrize(("days", "lead"), [(0, "До 31 декабря дарим скидку. "), (1, "")])
async def test_a_question_beside_the_last_day_is_asked_without_it(days: int, lead: str) -> None:
    asked = ("      На сколько ночей?", "      До {{ offers.sea.until | day }} дарим скидку. На сколько ночей?")
    stage = await Stage.open(sound(UNTIL, asked), flow="tour", start=NEW_YEARS_EVE + timedelta(days=days))
    try:
        await stage.opens()
        await stage.taps("Согласен")
        await stage.says("к морю")
        assert stage.prospect[-1].text == f"{lead}На сколько ночей?"
    finally:
        await stage.close()


async def test_who_asks_about_an_offer_that_is_over_is_answered() -> None:
    question = "questions:\n  - words: [скидка]\n    answer: |\n      Скидка до {{ offers.sea.until | day }}.\n"
    flow_set = sound(UNTIL, ("silence:\n", f"{question}silence:\n"))
    stage = await Stage.open(flow_set, flow="tour", start=NEW_YEARS_EVE + timedelta(days=1))
    try:
        await stage.opens()
        await stage.taps("Согласен")
        await stage.says("какая скидка?")
        assert [one.text for one in stage.prospect[-2:]] == ["Это предложение уже закончилось.", "Куда хотите?"]
    finally:
        await stage.close()

"""What is right is told nothing: a wrong warning teaches people not to read them. And when files are judged anew."""

from __future__ import annotations

import time

import pytest

from bench.authors import folder as many
from dialogs.reading import load
from tests.flow_folder import BUSINESS, DATA, FILES, folder, problems, the_one, told

FAREWELL = "Хорошего дня!"
# whoever has applied does not come to the farewell of those who refused
APART = ("    consent: advertising\n", "    consent: advertising\n    go: end\n")


@pytest.mark.parametrize(
    "text",
    [
        "Осталось ответить на несколько вопросов.",
        "Остался один вопрос.",
        "Осталось две минуты — и всё готово.",
        "До заявки — {{ steps_left | count('вопрос', 'вопроса', 'вопросов') }}.",
        "Кодов осталось {{ offers.sea.left }}.",
        "Сегодня работаем до шести.",
        "Последние новости — на сайте.",
        "В последние дни пишут много, ответим до вечера.",
        "За последние 3 года мы отправили к морю тысячи людей.",
        "Понимаем. Без согласия мы ничего не записываем. Можно просто позвонить.",
        "Если передумаете, напишите сюда.",
        "Не хотите таких сообщений — напишите «стоп».",
        "Позвоните в ТИЦ, МФЦ или ГИБДД!",
    ],
)
def test_D25_ordinary_words_are_let_be(text: str) -> None:
    assert told(load(folder("tour.yaml", APART, (FAREWELL, text)))) == []


@pytest.mark.parametrize(
    "labels",
    [
        ("Узнать цену", "Записаться"),
        ("Да", "Да, конечно"),
        ("Один", "Двое"),
        ("До 1 млн", "До 2 млн"),
        ("1–2 человека", "3–4 человека"),
        ("На этой неделе", "На следующей неделе"),
        ("Москва", "Московская область"),
        ("Хочу скидку", "Хочу консультацию"),
        ("👍", "👎"),
        ("Утром", "Вечером"),
    ],
)
def test_buttons_that_people_tell_apart_are_let_be(labels: tuple[str, str]) -> None:
    changes = (("label: К морю", f"label: {labels[0]}"), ("label: В горы", f"label: {labels[1]}"))
    assert told(load(folder("tour.yaml", *changes))) == []


@pytest.mark.parametrize(
    "text", ["До встречи!", "Ждём вас; приезжайте.", "Цена — 9 900 ₽", '"Цена: 9 900 ₽, с ужином"']
)
def test_a_short_text_may_stand_beside_its_key(text: str) -> None:
    assert told(load(folder("tour.yaml", (f"    say: |\n      {FAREWELL}", f"    say: {text}")))) == []


# ---------------------------------------------------------------- confirming


def test_warnings_of_consent_texts_are_confirmed_in_business() -> None:
    data = DATA.replace("подобрать тур", "присылать рекламу")
    files = {**FILES, "consents/data.md": data}
    assert the_one(list(load(files).problems), "consent-two-things").level == "warning"
    assert told(load({**files, "business.yaml": f"{BUSINESS}confirmed: [consent-two-things]\n"})) == []


def test_an_error_is_not_confirmed_and_says_so() -> None:
    found = problems(
        "tour.yaml", ("refused: bye", "refused: bay"), ("silence:", "confirmed: [jump-to-nowhere]\nsilence:")
    )
    assert [one.name for one in found] == ["jump-to-nowhere", "confirmed-in-vain"]
    assert "её не подтвердить" in found[1].message


def test_a_confirmation_is_needed_until_the_text_is_mended() -> None:
    """Mended and still confirmed, it is told: else nobody would hear of the next one."""
    shout, confirmed = (FAREWELL, "СКОРЕЕ ПРИЕЗЖАЙТЕ"), ("silence:", "confirmed: [shouting]\nsilence:")
    assert [one.name for one in problems("tour.yaml", shout)] == ["shouting"]
    assert told(load(folder("tour.yaml", shout, confirmed))) == []
    assert [one.name for one in problems("tour.yaml", confirmed)] == ["confirmed-in-vain"]


def test_a_misspelt_confirmation_is_told_with_the_right_name() -> None:
    changes = ((FAREWELL, "СКОРЕЕ ПРИЕЗЖАЙТЕ"), ("silence:", "confirmed: [shoutin]\nsilence:"))
    assert the_one(problems("tour.yaml", *changes), "confirmed-in-vain").fix == "Возможно, вы имели в виду «shouting»."


# ---------------------------------------------------------------- what is remembered (issue 5: 6 s, then 1 s)


def test_a_file_is_judged_anew_when_it_or_the_business_changed() -> None:
    assert told(load(FILES)) == []
    assert [one.name for one in problems("tour.yaml", (FAREWELL, "Ждём!!!"))] == ["shouting"]
    assert told(load(FILES)) == []
    alone = BUSINESS.replace("  vk: [tour]\n", "")
    label = folder("tour.yaml", ("label: В горы", "label: " + "а" * 50))
    assert [one.name for one in load(label).problems] == ["label-too-long"]
    assert told(load({**label, "business.yaml": alone})) == []


def test_A25_two_thousand_steps_that_did_not_change_are_checked_in_a_second() -> None:
    files = many(100)
    first = load(files)
    assert not first.errors and first.flow_set is not None
    assert sum(len(flow.steps) for flow in first.flow_set.flows.values()) == 2_000
    began = time.process_time()
    again = load(files)
    assert time.process_time() - began < 1
    assert again.problems == first.problems and again.flow_set == first.flow_set

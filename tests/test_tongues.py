"""What the bot says by itself is known in English: no Russian sentence is left for somebody who reads English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest

from dialogs import (
    call_times,
    cities,
    dates,
    emails,
    names,
    offering,
    phrases,
    several,
    things,
    times,
    typed_phones,
    yes_no,
)
from dialogs.catalogue import CYRILLIC
from dialogs.texts import SPOKEN, render
from dialogs.tongues import PAIRS, in_language, value_in_language
from handlers import elsewhere, followups, my_data, opening, privacy, prospect, serving

SPEAKING = (
    call_times, cities, dates, elsewhere, emails, followups, my_data, names, offering, opening, phrases, privacy,
    prospect, several, serving, things, times, typed_phones, yes_no,
)  # fmt: skip
FOR_MANAGERS = {
    "phrases.CORRECTED", "privacy.ERASED_CARD", "privacy.ERASE_BY_HAND", "cities.CITIES",
}  # fmt: skip
PARTS = {  # put together with more words, and tried with them below
    "my_data.NOTHING", "my_data.PURPOSES", "my_data.ACTS", "my_data.KINDS", "phrases.SOON",
}  # fmt: skip


def sentences(module: ModuleType) -> Iterator[tuple[str, str]]:
    name = module.__name__.rpartition(".")[2]
    for key, value in vars(module).items():
        if not key.isupper() or key.startswith("_") or f"{name}.{key}" in FOR_MANAGERS | PARTS:
            continue
        values = value.values() if isinstance(value, dict) else [value]
        yield from ((key, one) for one in values if isinstance(one, str) and CYRILLIC.search(one))


SENTENCES = [
    pytest.param(text, id=f"{module.__name__}.{key}") for module in SPEAKING for key, text in sentences(module)
]


@pytest.mark.parametrize("text", SENTENCES)
def test_every_phrase_has_its_english(text: str) -> None:
    """If this fails, add the sentence to dialogs/phrases_english.py, with «{}» for each gap."""
    filled = re.sub(r"\{\w*\}", "7", text)
    assert not CYRILLIC.search(in_language(filled, "en")), in_language(filled, "en")
    assert in_language(filled, "ru") == in_language(filled, "") == filled


MADE = [
    ("Менеджер ответит в течение 15 минут.", "A manager will reply within 15 minutes."),
    (
        "Сейчас мы не работаем, менеджер ответит завтра после 09:00.",
        "We are closed now; a manager will reply tomorrow after 09:00.",
    ),
    ("Передал менеджеру. Менеджер ответит сегодня.", "I have passed it on to the manager. A manager will reply today."),
    (
        "Нужен день с 27 ноября по 30 декабря 2027. Например: 3 декабря",
        "The day must be from 27 November to 30 December 2027. For example: 3 December",
    ),
    ("Пятница, 27 ноября, 15:30. Верно?", "Friday, 27 November, 15:30. Is that right?"),
    ("В субботу, 28 ноября, мы не работаем. Когда вам удобнее?",
     "On Saturday, 28 November, we are closed. When does it suit you?"),
    ("В понедельник вечером", "On Monday in the evening"),
    ("Сегодня утром", "Today in the morning"),
    ("Какого числа? Напишите, например: 15 мая.", "On which date? Write, for example: 15 May."),
    ("Нужно число от 1 до 60. Пример: 7", "The number must be from 1 to 60. Example: 7"),
    ("Кажется, в номере лишние цифры. Проверьте, пожалуйста. Пример: +7 900 123-45-67",
     "There seem to be too many digits. Please check. Example: +7 900 123-45-67"),
    ("Не нашёл «пляж» среди вариантов. Выберите, пожалуйста, один вариант или несколько — кнопками или словами.",
     "I did not find “пляж” among the options. Please choose one option or several, with buttons or in words."),
    ("В прошлый раз вы ответили: «пт 27 ноября, 15:30–18:00». Так и оставить?",
     "Last time you answered: “Fri 27 November, 15:30–18:00”. Shall we keep that?"),
    ("Отмечено: Sea. Нужно отметить не меньше 2 вариантов.", "Ticked: Sea. Please tick at least 2 options."),
    ("Согласие на рекламные сообщения: не дано 26.11.2026 12:00",
     "Consent to advertising messages: not given 26.11.2026 12:00"),
]  # fmt: skip


@pytest.mark.parametrize(("russian", "said"), MADE)
def test_sentences_with_values_are_said_whole(russian: str, said: str) -> None:
    assert in_language(russian, "en") == said


@pytest.mark.parametrize("text", ["Добрый день, Анна!", "Турция или Сочи", "Сначала завтра, потом море"])
def test_words_of_authors_and_people_stay(text: str) -> None:
    assert in_language(text, "en") == text


@pytest.mark.parametrize(("value", "said"), [("Да", "Yes"), ("пн 1 мая", "Mon 1 May"), ("менеджер", "manager")])
def test_a_value_alone(value: str, said: str) -> None:
    assert (value_in_language(value, "en"), value_in_language(value, "")) == (said, value)


def test_pairs_have_the_same_gaps_and_stand_once() -> None:
    assert len({russian for russian, _ in PAIRS}) == len(PAIRS)
    for russian, said in PAIRS:
        assert russian.count("{}") == said.count("{}"), russian
        assert CYRILLIC.search(russian) and not CYRILLIC.search(said), said
        assert russian[:1].islower() or not russian[:1].isalpha() or russian[:2] == "вК", russian


@pytest.mark.parametrize(
    ("template", "russian", "english"),
    [
        ("On {{ out | day }}", "On 10 июня", "On 10 June"),
        ("Until {{ out | date }}", "Until 10.06.2027", "Until 10 Jun 2027"),
        ("For {{ price | money }}", "For 25 000 ₽", "For 25,000 ₽"),
        ("{{ nights | count('night', 'nights') }}", "21 nights", "21 nights"),
        ("Вылет {{ out | day }}", "Вылет 10 июня", "Вылет 10 июня"),
    ],
)
def test_filters_speak_the_language_of_the_text(template: str, russian: str, english: str) -> None:
    values = {"out": "2027-06-10", "price": 25000, "nights": 21}
    plain = render(template, values).replace("\u00a0", " ")
    assert plain == russian
    assert render(template, {**values, SPOKEN: "en"}).replace("\u00a0", " ") == english

"""A small sound folder of flows; each test breaks one thing in it."""

from __future__ import annotations

from dialogs.problems import Problem
from dialogs.reading import Loaded, load

FLOW = """\
flow: tour
title: Туры
words: [тур]
consent:
  personal_data: consents/data.md
  advertising: consents/news.md
offers:
  sea:
    title: Скидка 5 % на море
    stock: 10
    valid: 3 days
    conditions: На туры от семи ночей
steps:
  - id: hello
    say: |
      Здравствуйте! Подберём тур. Осталось кодов: {{ offers.sea.left }}.
      Ваши данные: {{ policy }}
  - id: agree
    consent: personal_data
    refused: bye
  - id: where
    ask: |
      Куда хотите?
    purpose: подобрать тур
    choices:
      - label: К морю
        value: sea
        score: 10
        reason: знает, чего хочет
      - label: В горы
        value: hills
        go: nights
  - id: nights
    ask: |
      На сколько ночей?
    answer: {type: number, from: 1, to: 30}
    purpose: подобрать тур
    go:
      - if: nights >= 7 and where == "sea"
        go: name
      - go: name
  - id: name
    ask: |
      Как к вам обращаться?
    answer: name
    purpose: обращаться к вам
  - id: phone
    ask: |
      {{ name }}, какой у вас телефон?
    answer: phone
    purpose: позвонить вам
  - id: done
    application: sea
    say: |
      Спасибо, {{ name }}! Код {{ code }} действует до {{ code.until | day }}.
  - id: news
    consent: advertising
  - id: bye
    say: |
      Хорошего дня!
silence:
  - after: 20 min
    say: |
      Продолжим?
  - after: 1 day
    kind: advertising
    say: |
      Кодов осталось {{ offers.sea.left }}. Не нужно? Напишите: стоп.
  - after: 2 days
    mark: cold
"""

BUSINESS = """\
company: Бюро «Волна»
operator:
  name: ИП Волнова
  address: Псков, Речная, 1
  withdraw: напишите «отзываю согласие»
policy: https://volna.example/privacy
working_hours:
  mon: "09:00-18:00"
published:
  telegram: [tour]
  vk: [tour]
start: tour
safe_step: {flow: tour, step: hello}
reasons:
  lost: [Дорого]
  junk: [Спам]
"""

DATA = """\
Даю согласие оператору ИП Волнова, адрес: Псков, Речная, 1, на обработку данных.
Цели: подобрать тур и связаться со мной. Перечень данных: имя, телефон.
Действия: сбор, хранение, использование, удаление. Получатели: никому не передаются.
Срок: один год. Как отозвать: напишите «отзываю согласие».
"""
NEWS = DATA.replace("подобрать тур и связаться со мной", "присылать рекламу")

FILES: dict[str, str] = {
    "tour.yaml": FLOW,
    "business.yaml": BUSINESS,
    "consents/data.md": DATA,
    "consents/news.md": NEWS,
}


def folder(path: str = "tour.yaml", *changes: tuple[str, str], **more: str) -> dict[str, str | bytes]:
    """The sound folder with each ``old`` of one file replaced by ``new``; an ``old`` that is not there fails."""
    text = FILES[path]
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return {**FILES, path: text, **more}


def problems(path: str = "tour.yaml", *changes: tuple[str, str]) -> list[Problem]:
    return list(load(folder(path, *changes)).problems)


def told(loaded: Loaded) -> list[str]:
    return [str(one) for one in loaded.problems]


def the_one(found: list[Problem], name: str) -> Problem:
    """The only problem of this name; the failure shows all there are."""
    named = [one for one in found if one.name == name]
    assert len(named) == 1, "\n".join(map(str, found)) or "no problem at all"
    return named[0]

"""The new kinds of answers on the stage: what people see in both networks, what the card and «мои данные» tell."""

from __future__ import annotations

import pytest

from bot.rehearsal import rehearse
from dialogs.reading import load
from tests.docs_reading import company

FLOW = """\
flow: repair
title: Ремонт
consent:
  personal_data: consents/personal_data.md
steps:
  - id: hello
    say: |
      Здравствуйте! Починим вашу кофемашину. Ваши данные: {{ policy }}
  - id: parts
    ask: |
      Запчасти есть?
    answer: yes_no
    card: Свои запчасти
    purpose: посчитать ремонт
  - id: agree
    consent: personal_data
    refused: bye
  - id: wishes
    ask: |
      Что ещё сделать?
    answer: several
    card: Заодно
    purpose: взять с собой всё нужное
    choices:
      - label: Почистить
        value: cleaning
      - label: Настроить помол
        value: grinder
    go:
      - if: '"grinder" in wishes and not parts'
        go: grinder
      - go: visit
  - id: grinder
    say: |
      Жернова привезём с собой.
  - id: visit
    ask: |
      Когда вас ждать?
    answer: {type: time, to: 2 weeks}
    card: Визит
    purpose: записать вас
  - id: city
    ask: |
      Из какого вы города?
    answer: city
    purpose: выбрать мастерскую
  - id: name
    ask: |
      Как к вам обращаться?
    answer: name
    purpose: обращаться к вам по имени
  - id: phone
    ask: |
      По какому номеру позвонить?
    answer: phone
    purpose: перезвонить вам
  - id: call
    ask: |
      Когда позвонить?
    answer: call_time
    purpose: позвонить вовремя
  - id: done
    application: true
    say: |
      Спасибо! Ждём вас {{ visit | day }} в {{ visit | time }}.
    go: end
  - id: bye
    say: |
      Понимаем. До свидания!
"""

STORIES = """\
stories:
  - story: Анна отвечает кнопками
    channel: CHANNEL
    starts: "2026-11-25 12:00"
    talk:
      - opens: repair
      - taps: Нет
      - taps: Согласен
      - taps: Почистить
      - sees: "Отмечено: Почистить"
      - taps: Настроить помол
      - waits: 10 min
      - taps: Готово
      - sees: [Жернова привезём, Когда вас ждать]
      - says: в пятницу
      - sees: Пятница, 27 ноября. В какое время?
      - taps: "15:00"
      - says: Екатеренбург
      - sees: Вы про Екатеринбург?
      - taps: Всё верно
      - says: Анна
      - says: 8 900 123-45-67
      - taps: Всё верно
      - taps: Завтра утром
      - sees: Ждём вас 27 ноября в 15:00.
      - managers see:
          - "— Свои запчасти: Нет"
          - "— Заодно: Почистить, Настроить помол"
          - "— Визит: пт 27 ноября, 15:00"
          - "— Город: Екатеринбург, +2 ч"
          - "— Когда звонить: чт 26 ноября, 09:00–12:00"
      - says: мои данные
      - sees:
          - "Свои запчасти: Нет"
          - "Заодно: Почистить, Настроить помол"
          - "Визит: пт 27 ноября, 15:00"
  - story: Борис отвечает словами и поправляется
    channel: CHANNEL
    starts: "2026-11-25 12:00"
    talk:
      - opens: repair
      - says: ага
      - taps: Согласен
      - says: почистить
      - does not see: Жернова
      - says: завтра в 10
      - sees: Четверг, 26 ноября, 10:00. Верно?
      - says: нет, послезавтра в 11:30
      - sees: Пятница, 27 ноября, 11:30. Верно?
      - says: верно
      - says: назад
      - sees: Когда вас ждать?
      - says: в субботу в полдень
      - taps: Всё верно
      - says: Питер
      - says: Борис
      - says: 8 900 123-45-67
      - taps: Всё верно
      - says: ночью
      - sees: Когда вам удобнее?
      - says: в любое время
      - managers see: ["— Свои запчасти: Да", "— Визит: сб 28 ноября, 12:00", "— Когда звонить: в любое время"]
"""


@pytest.mark.parametrize("channel", ["telegram", "vk", "web"])
async def test_people_answer_in_their_own_way(channel: str) -> None:
    loaded = load({**company("repair"), "repair.yaml": FLOW})
    assert loaded.flow_set is not None and not loaded.problems, "\n".join(map(str, loaded.problems))
    shown: list[str] = []
    stories = {"repair.stories.yaml": STORIES.replace("CHANNEL", channel).encode()}
    report = await rehearse(loaded.flow_set, stories, show=shown.append)
    assert (report.passed, report.failed) == (2, 0), "\n".join(shown)

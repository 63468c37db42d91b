"""What the stories of a flow visit, and what a story that fails says: both files, both lines."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.rehearsal import Report, rehearse
from dialogs.coverage import Coverage, coverage
from dialogs.flow_set import FlowSet
from dialogs.places import Atlas, places, told
from dialogs.reading import load, read
from tests.flow_folder import FILES

ANNA = """\
stories:
  - story: Анна едет к морю
    talk:
      - opens
      - taps: Согласен
      - taps: К морю
      - waits: 20 min
      - sees: Продолжим?
      - says: "10"
      - says: Анна
      - says: 8 900 123-45-67
      - taps: Всё верно
      - sees: Спасибо, Анна
"""
BORIS = """\
  - story: Борис не согласен
    talk:
      - opens
      - taps: Не согласен
      - sees: Хорошего дня
"""


def tour() -> FlowSet:
    flow_set = load(FILES).flow_set
    assert flow_set is not None
    return flow_set


async def rehearsed(stories: str) -> tuple[Report, str]:
    shown: list[str] = []
    files = {path: text.encode() for path, text in {**FILES, "tour.stories.yaml": stories}.items()}
    report = await rehearse(tour(), files, show=shown.append)
    return report, "\n".join(shown)


async def covered(stories: str) -> Coverage:
    report, shown = await rehearsed(stories)
    assert report.failed == 0, shown
    return coverage(tour().flows["tour"], report.visited)


async def test_what_no_story_visits_is_named_with_its_line() -> None:
    found = await covered(ANNA)
    lines = found.lines(Atlas.of(FILES))
    assert lines == [
        "tour: истории проходят 64 % (11 из 17). Не пройдено:",
        "  tour.yaml:20: шаг «agree», отказ от согласия",
        "  tour.yaml:30: шаг «where», кнопка «В горы»",
        "  tour.yaml:41: шаг «nights», ветка «иначе»",
        "  tour.yaml:58: шаг «bye»",
        "  tour.yaml:65: 2-е правило молчания",
        "  tour.yaml:69: 3-е правило молчания",
    ]


async def test_stories_are_counted_together() -> None:
    both = await covered(ANNA + BORIS)
    assert ("steps", "agree", "refused") not in both.missed
    assert ("steps", "bye") not in both.missed
    assert both.percent == 76


async def test_all_of_a_flow_is_100_percent_and_one_less_is_not() -> None:
    flow = tour().flows["tour"]
    everything = {("tour", place) for place in places(flow)}
    assert coverage(flow, everything).lines(Atlas.of(FILES)) == ["tour: истории проходят 100 % (17 из 17)."]
    assert coverage(flow, everything - {("tour", ("steps", "hello"))}).percent == 94
    assert coverage(flow, {("other", place) for place in places(flow)}).percent == 0


def test_every_place_has_a_name_of_its_own_and_a_line_of_its_own() -> None:
    flow, atlas = tour().flows["tour"], Atlas.of(FILES)
    every = list(places(flow))
    assert len({told(flow, one) for one in every}) == len({atlas.line(flow, one) for one in every}) == len(every)


SALON = """\
flow: salon
title: Салон красоты
words: [салон]
consent:
  personal_data: consents/data.md
variants:
  greeting: {short: 1, warm: 1}
steps:
  - id: hello
    say:
      - if: greeting == "short"
        text: |
          Здравствуйте! Ваши данные: {{ policy }}
      - text: |
          Здравствуйте! Рады вам. Ваши данные: {{ policy }}
  - id: agree
    consent: personal_data
  - id: visit
    ask:
      - if: returning
        text: |
          Снова к нам? Когда?
      - text: |
          Когда вас ждать?
    answer: date
    hint:
      - if: hour >= 18
        text: |
          Напишите день, например: завтра.
      - text: |
          Напишите день, например: в пятницу.
    purpose: записать вас
    silence:
      - after: 1 h
        say:
          - if: greeting == "warm"
            text: |
              Мы вас ждём.
          - text: |
              Продолжим?
  - id: phone
    part: contacts
  - id: done
    application: true
    say: |
      Ждём вас!
parts:
  contacts:
    - id: name
      ask: |
        Как вас зовут?
      answer: name
      purpose: обращаться к вам
    - id: number
      ask: |
        Какой у вас телефон?
      answer: phone
      purpose: позвонить вам
dates:
  - of: visit
    before: 1 day
    say:
      - if: greeting == "warm"
        text: |
          Завтра ждём вас с чаем.
      - text: |
          Завтра ждём вас.
questions:
  - words: [цена]
    answer:
      - if: channel == "vk"
        text: |
          Во ВКонтакте есть прайс.
      - text: |
          Стрижка — 900 ₽.
  - words: [адрес]
    answer: |
      Мира, 5.
"""
DINA = """\
stories:
  - story: Дина записывается
    starts: "2026-11-23 12:00"
    variants: {greeting: warm}
    talk:
      - opens: salon
      - taps: Согласен
      - says: не знаю
      - sees: в пятницу
      - says: какая цена?
      - sees: [900 ₽, Когда вас ждать]
      - waits: 1 h
      - sees: Мы вас ждём
      - says: в пятницу
      - taps: Всё верно
      - says: Дина
      - says: 8 900 123-45-67
      - taps: Всё верно
      - sees: Ждём вас!
"""
MEETS_THE_DAY = "      - waits: 4 days\n      - sees: с чаем\n"


async def salon(stories: str) -> tuple[Coverage, Atlas]:
    files = {**FILES, "salon.yaml": SALON, "salon.stories.yaml": stories}
    loaded, shown = load(files), list[str]()
    assert loaded.flow_set is not None, loaded.problems
    report = await rehearse(loaded.flow_set, {path: text.encode() for path, text in files.items()}, show=shown.append)
    assert report.failed == 0, shown
    return coverage(loaded.flow_set.flows["salon"], report.visited), Atlas.of(files)


async def test_texts_variants_parts_and_dates_are_places_too() -> None:
    found, atlas = await salon(DINA)
    assert [line.partition(": ")[2] for line in found.lines(atlas)[1:]] == [
        'шаг «hello», текст «greeting == "short"»',
        "шаг «visit», текст «returning»",
        "шаг «visit», подсказка «hour >= 18»",
        "шаг «visit», 1-е правило молчания, текст «иначе»",
        "1-е напоминание о дате",
        '1-е напоминание о дате, текст «greeting == "warm"»',
        "1-е напоминание о дате, текст «иначе»",
        'частый вопрос «цена», ответ «channel == "vk"»',
        "вариант «short» («greeting»)",
    ]
    lines = SALON.split("\n")
    for line in found.lines(atlas)[1:]:
        number = int(line.split(":")[1])
        assert 0 < number <= len(lines) and lines[number - 1].strip(), line
    later, _ = await salon(DINA + MEETS_THE_DAY)
    assert set(found.missed) - set(later.missed) == {("dates", 0), ("dates", 0, "say", 0)}


async def test_a_part_is_not_returned_from_before_it_is_gone_through() -> None:
    asked_only = DINA.partition("      - says: Дина")[0]
    found, atlas = await salon(asked_only)
    assert ("steps", "phone", "part") in found.missed
    line = SALON.split("\n").index("    part: contacts") + 1
    assert f"  salon.yaml:{line}: шаг «phone», возврат из части «contacts»" in found.lines(atlas)
    assert ("steps", "phone", "part") not in (await salon(DINA))[0].missed


def test_a_part_that_never_comes_back_has_no_return_to_visit() -> None:
    text = SALON.replace("      purpose: позвонить вам\n", "      purpose: позвонить вам\n      go: thanks\n")
    thanks = "    - id: thanks\n      application: true\n      say: |\n        Спасибо!\n      go: end\n"
    flow = next(one for one, _ in read({**FILES, "salon.yaml": text.replace("dates:\n", f"{thanks}dates:\n")})[0].flows)
    assert ("steps", "thanks") in places(flow)
    assert ("steps", "phone", "part") not in places(flow)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("sees: Куда поедете?", ["ожидалось: «Куда поедете?»", "показано: ещё 1 и", "«Куда хотите?»"]),
        ("sees nothing", ["ожидалось: ничего", "«Куда хотите?»"]),
        ("does not see: хотите", ["не ожидалось: «хотите»", "показано: «Куда хотите?»"]),
        ("managers see: Анна", ["ожидалось: «Анна»", "показано: ничего"]),
        ("taps: На луну", ["нет кнопки «На луну»", "К морю, В горы"]),
    ],
)
async def test_a_failure_shows_what_was_expected_what_came_and_both_places(act: str, says: list[str]) -> None:
    story = f"stories:\n  - story: Вера\n    talk:\n      - opens\n      - taps: Согласен\n      - {act}\n"
    report, shown = await rehearsed(story)
    assert (report.passed, report.failed) == (0, 1)
    assert "tour.stories.yaml:6:9: " in shown
    assert "tour.yaml:21: здесь сценарий, шаг «where»" in shown
    assert all(one in shown for one in says), shown


def test_the_command_fails_for_what_is_not_visited_only_when_asked(tmp_path) -> None:
    for path, text in {**FILES, "tour.stories.yaml": ANNA}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    run = CliRunner().invoke
    plain, asked = run(app, ["test", str(tmp_path)]), run(app, ["test", str(tmp_path), "--cover"])
    assert (plain.exit_code, asked.exit_code) == (0, 1)
    assert "шаг «bye»" in asked.output and "шаг «bye»" not in plain.output

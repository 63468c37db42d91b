"""What the stories of a flow visit, and what a story that fails says: both files, both lines."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.rehearsal import Report, rehearse
from dialogs.coverage import Coverage, coverage
from dialogs.flow import FlowSet
from dialogs.places import Atlas, places, told
from dialogs.reading import load
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

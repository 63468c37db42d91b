"""Silence rules of a step: they hold while the person stands there, instead of the flow's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import HandClock
from dialogs.flow_set import FlowSet
from dialogs.graph import mermaid
from dialogs.reading import load
from storage.database import Database
from storage.tables import Lead
from tests.flow_folder import folder, problems, the_one
from tests.person_play import Play

OWN = """\
    purpose: позвонить вам
    silence:
      - after: 5 min
        say: |
          {{ name }}, номер нужен только для звонка.
      - after: 2 h
        mark: cold
"""


def sound(*changes: tuple[str, str]) -> FlowSet:
    found = load(folder("tour.yaml", *changes))
    assert found.flow_set is not None, "\n".join(map(str, found.problems))
    return found.flow_set


@pytest.fixture
async def play(database: Database, clock: HandClock) -> Play:
    quiet = ("    purpose: подобрать тур\n    go:", "    purpose: подобрать тур\n    silence: []\n    go:")
    return await Play.begin(database, clock, sound(("    purpose: позвонить вам\n", OWN), quiet))


async def test_the_steps_own_rules_hold_there_and_the_flows_elsewhere(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await anna.opens("tour__flyer")
    await play.forward(timedelta(minutes=21))
    assert "Продолжим?" in anna.last.text  # at the consent the flow's own
    await anna.taps("Согласен")
    await anna.taps("К морю")
    said = len(anna.screen)
    await play.forward(timedelta(hours=7))
    assert len(anna.screen) == said  # «silence: []»: nobody is hurried at this question
    for words in ("7", "Анна"):
        await anna.says(words)
    await play.forward(timedelta(minutes=6))
    assert anna.last.text == "Анна, номер нужен только для звонка."
    await anna.taps("Продолжить")
    assert "какой у вас телефон" in anna.last.text
    said = len(anna.screen)
    await play.forward(timedelta(minutes=4))
    assert len(anna.screen) == said  # her silence counts from her last word
    await anna.says("8 900 123-45-67")
    await anna.taps("Всё верно")
    said = len(anna.screen)
    await play.forward(timedelta(days=3))
    assert len(anna.screen) == said  # she has applied


async def test_the_last_rule_of_the_step_leaves_the_lead_cold(play: Play) -> None:
    anna = play.person("Анна", "50177")
    await anna.opens("tour__flyer")
    await anna.taps("Согласен")
    for words in ("К морю", "7", "Анна"):
        await anna.says(words)
    await play.forward(timedelta(hours=3))
    async with play.database.read() as db:
        assert await db.scalar(select(Lead.status)) == "cold"
    assert [text for text in anna.heard() if "только для звонка" in text] == ["Анна, номер нужен только для звонка."]


WRONG = [
    ("after: 2 h", "after: 5 min", "silence-order"),
    ("        mark: cold\n", "", "empty-rule"),
    ("        say: |\n          {{", "        mark: cold\n        say: |\n          {{", "mark-not-last"),
    ("{{ name }}, номер нужен только для звонка", "Скидка {{ offers.sea.title }}", "advertising-as-service"),
    ("{{ name }}, номер", "{{ phone }}, номер", "name-too-early"),
    ("{{ name }}, номер", "{{ nmae }}, номер", "template"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "name"), WRONG)
def test_they_are_checked_as_the_flows_are(old: str, new: str, name: str) -> None:
    found = problems("tour.yaml", ("    purpose: позвонить вам\n", OWN.replace(old, new)))
    line = the_one([one for one in found if one.level == "error"], name).line
    assert 51 <= line <= 60


def test_where_nobody_is_asked_nobody_is_silent() -> None:
    found = problems(
        "tour.yaml",
        ("      Хорошего дня!\n", "      Хорошего дня!\n    silence:\n      - {after: 1 day, mark: cold}\n"),
    )
    assert the_one(found, "silence-without-question").fix == "Перенесите silence к вопросу или уберите."


def test_the_drawing_shows_them_apart() -> None:
    drawn = mermaid(sound(("    purpose: позвонить вам\n", OWN)).flows["tour"])
    assert (
        'subgraph silence_phone["если замолчал на шаге phone"]' in drawn
        and "silence_phone_0 --> silence_phone_1" in drawn
    )

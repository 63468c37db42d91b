"""Stories on the stage: who is known, who meets which variant, what managers read, what the table holds."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.exports import export_leads
from bot.library import OneSet
from bot.rehearsal import rehearse
from bot.stage import Stage
from dialogs.flow_set import FlowSet
from dialogs.reading import load
from dialogs.variants import with_variants
from handlers.day_text import day_text
from handlers.work import Work
from storage.tables import Lead, LeadEvent
from tests.flow_folder import FILES, folder

FLOW = FILES["tour.yaml"]
HELLO = """\
    say:
      - if: returning
        text: |
          Здравствуйте! Снова рады вам. {{ policy }}
      - if: greeting == "warm"
        text: |
          Здравствуйте! Тепло ли вам? {{ policy }}
      - text: |
          Здравствуйте! {{ policy }}
"""
RULES = """\
variants:
  greeting: {short: 50, warm: 50}
worth:
  - add: 20000
  - if: nights >= 7
    add: 30000
tags:
  - if: nights >= 14
    tag: Долгий отдых
  - if: source == "vk_ads"
    tag: Реклама ВК
hand_over:
  - if: nights >= 14
silence:
"""
MONDAY = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Moscow"))


def tour(**more: str) -> FlowSet:
    head, _, rest = FLOW.partition("    say: |\n      Здравствуйте!")
    text = head + HELLO + rest[rest.index("  - id: agree") :].replace("silence:\n", RULES)
    business = FILES["business.yaml"] + "bands: {hot: 60, warm: 10}\n"
    loaded = load({**folder(), "tour.yaml": text, "business.yaml": business, **more})
    assert loaded.flow_set is not None and not loaded.problems, [str(one) for one in loaded.problems]
    return loaded.flow_set


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    raised = await Stage.open(with_variants(tour(), "tour", {"greeting": "warm"}), flow="tour", start=MONDAY)
    yield raised
    await raised.close()


def heard(stage: Stage) -> list[str]:
    return [one.text for one in stage.prospect if one.author == "bot"]


async def applies(stage: Stage, nights: str, *, tag: str = "tour__vk_ads__spring") -> None:
    await stage.opens(tag)
    for words in ("Согласен", "К морю"):
        if any(button.label == words for row in stage.prospect[-1].buttons for button in row):
            await stage.taps(words)
    await stage.says(nights)
    await stage.says("Анна")
    await stage.says("8 900 123-45-67")
    await stage.taps("Всё верно")


async def table(stage: Stage, path: Path) -> dict[str, str]:
    await export_leads(stage.app.database, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file, delimiter=";")
    return row


async def test_managers_read_what_the_lead_is_worth_and_the_table_has_it_too(stage: Stage, tmp_path: Path) -> None:
    await applies(stage, "10")
    card = stage.managers[-1].text
    assert "⭐ 10 из 100, тёплый: знает, чего хочет" in card
    assert "💰 ≈ 50 000 ₽" in card.replace("\xa0", " ") and "🏷 Реклама ВК" in card
    assert "greeting" not in card and "warm" not in card
    row = await table(stage, tmp_path / "leads.csv")
    assert (row["Сумма"], row["Метки"], row["Варианты"]) == ("50000", "Реклама ВК", "greeting: warm")
    async with stage.app.database.read() as db:
        today = await day_text(Work(db, stage.clock.now(), stage.app.library, (), frozenset()))
    assert "Заявок на сумму: ≈ 50 000 ₽" in today.replace("\xa0", " ")


async def test_a_hot_application_goes_to_a_person_at_once_and_the_bot_is_silent(stage: Stage) -> None:
    await applies(stage, "21")
    assert heard(stage)[-1].startswith("Спасибо, Анна! Код"), "no question after it"
    (card,) = stage.managers
    assert "Передан вам по правилу сценария, бот молчит: ждёт ответа с 12:00" in card.text
    assert "Долгий отдых" in card.text
    said = len(heard(stage))
    await stage.says("А виза нужна?")
    assert len(heard(stage)) == said
    assert any("А виза нужна?" in one.text for one in stage.managers)
    await stage.manager_replies(card.id, "Нет, не нужна.")
    assert "Передан вам" not in card.text and "Нет, не нужна." in heard(stage)[-1]


async def test_whoever_applied_before_is_known_again_and_not_sooner(stage: Stage) -> None:
    await applies(stage, "5")
    assert heard(stage)[0].startswith("Здравствуйте! Тепло ли вам?")
    await stage.says("не согласен")  # to advertising
    await stage.says("заново")
    assert [text for text in heard(stage) if "Снова рады вам" in text] == [heard(stage)[-2]]


async def test_the_one_who_never_applied_is_no_old_acquaintance(stage: Stage) -> None:
    await stage.opens()
    await stage.taps("Согласен")
    await stage.says("заново")
    assert not any("Снова рады" in text for text in heard(stage))


async def test_in_a_later_run_the_variant_is_the_same_though_the_weights_are_others() -> None:
    even, tilted = tour(), tour()
    stage = await Stage.open(with_variants(even, "tour", {"greeting": "warm"}), flow="tour", start=MONDAY)
    await stage.opens()
    weights = {"greeting": {"short": 1000, "warm": 1}}
    flow = tilted.flows["tour"].model_copy(update={"variants": weights})
    stage.app.library = OneSet(FlowSet(0, {"tour": flow}, tilted.business, tilted.consents))
    await stage.taps("Согласен")
    await stage.says("заново")
    warm = [text for text in heard(stage) if text.startswith("Здравствуйте! Тепло ли вам?")]
    assert len(warm) == 2 and heard(stage)[-2] == warm[1]
    await stage.close()


async def test_a_lead_without_its_person_keeps_its_variant_and_its_worth(stage: Stage) -> None:
    await applies(stage, "5")
    await stage.says("не согласен")
    await stage.says("удалите мои данные")
    await stage.taps("Да, удалить всё")
    async with stage.app.database.read() as db:
        (event,) = await db.scalars(select(LeadEvent).where(LeadEvent.what == "variants"))
        assert event.detail == {"greeting": "warm"}, "no word of theirs: it stays for the statistics"
        (lead,) = await db.scalars(select(Lead))
        assert lead.contact_id is None and lead.worth == 20000


async def test_in_vk_at_night_the_person_hears_what_is_for_them() -> None:
    night = "      - if: not open_now and channel == 'vk'\n        text: Ночью в ВК тоже спасибо!\n"
    chosen = f"    say:\n{night}      - text: |\n          Хорошего"
    files = {"tour.yaml": FLOW.replace("    say: |\n      Хорошего", chosen)}
    loaded = load(folder() | files)
    assert loaded.flow_set is not None, [str(one) for one in loaded.problems]
    for channel, start, said in (
        ("vk", MONDAY.replace(hour=23), "Ночью в ВК тоже спасибо!"),
        ("vk", MONDAY, "Хорошего дня!"),
        ("telegram", MONDAY.replace(hour=23), "Хорошего дня!"),
    ):
        stage = await Stage.open(loaded.flow_set, flow="tour", channel=channel, start=start)
        await stage.opens()
        await stage.taps("Не согласен")
        assert heard(stage)[-1] == said
        await stage.close()


async def test_a_story_may_say_which_variant_its_person_meets() -> None:
    story = "stories:\n" + "".join(
        f"  - story: {name}\n    variants: {{greeting: {name}}}\n    talk:\n      - opens\n      - {sees}: Тепло ли\n"
        for name, sees in (("warm", "sees"), ("short", "does not see"), ("worm", "sees"))
    )
    shown: list[str] = []
    report = await rehearse(tour(), {"tour.stories.yaml": story.encode()}, show=shown.append)
    assert (report.passed, report.failed) == (2, 1)
    assert "tour.stories.yaml:12: в сценарии нет варианта «worm» для «greeting»" in shown[-1]

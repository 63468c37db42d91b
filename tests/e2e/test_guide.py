"""The owner of a repair shop, who has never seen YAML, does what the first chapter of docs/flows.ru.md says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.docs_reading import ROOT, Block, blocks, merged
from tests.e2e.driving import Chat, Leadbot, Visit

pytestmark = pytest.mark.e2e

LEARN = "Освоить за десять минут"


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """The folder as it was fetched."""
    return Path(shutil.copytree(ROOT / "dialogs" / "flows", tmp_path / "flows"))


def examples() -> list[Block]:
    return [one for one in blocks(ROOT / "docs" / "flows.ru.md") if one.chapter == LEARN and one.language != "sh"]


def told(page: Page, mark: str) -> None:
    expect(page.locator(".mark")).to_have_text(re.compile(mark))


def test_an_own_flow_runs_in_the_workshop_word_by_word_from_the_guide(
    own_leadbot: Callable[..., Leadbot], laptop: Visit, flows: Path
) -> None:
    page = laptop.open(f"{own_leadbot(FLOWS_DIR=str(flows)).url}/")
    client, managers = Chat(page, ".client-side"), Chat(page, ".managers-side")
    client.sees("Здравствуйте")
    whole, *lessons, stories = [one.text for one in examples() if one.language == "yaml"]

    flow = flows / "repair.yaml"
    flow.write_text(whole, "utf-8")
    told(page, "Предупреждения: 1")  # nobody can come to it yet
    page.get_by_label("Сценарий").select_option(label="Ремонт кофемашин")
    client.taps("Согласен")
    client.says("Анна")
    client.says("8 900 123-45-67")
    client.taps("Всё верно")
    client.sees("Заявка у нас")
    managers.sees("Анна")

    business = flows / "business.yaml"
    (published,) = [one.text for one in examples() if one.text.startswith("published:")]
    text = re.sub(r"^published:\n(?:  .+\n)+", published, business.read_text("utf-8"), flags=re.M)
    business.write_text(
        text.replace("  flows: [test_drive, courses]", "  flows: [test_drive, courses, repair]"), "utf-8"
    )
    told(page, "Ошибок нет")

    for lesson in lessons:
        whole = merged(whole, lesson)
    flow.write_text(whole, "utf-8")
    (flows / "repair.stories.yaml").write_text(stories, "utf-8")
    expect(page.locator(".graph")).to_contain_text("В какой день вам удобно?")
    told(page, "Ошибок нет")
    page.get_by_role("button", name="начать заново").click()
    expect(page.locator(".client-side .chat")).not_to_contain_text("Заявка у нас")  # or the old button is tapped
    client.taps("Согласен")
    client.says("а сколько стоит?")
    client.sees("от 1 500 ₽")
    client.says("лужа под ней")
    client.sees("Сколько лет")
    page.get_by_role("button", name="Проверить истории").click()
    expect(page.locator(".stories-sum")).to_have_text("Все истории сошлись: 1", timeout=60_000)

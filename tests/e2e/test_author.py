"""An author beside the workshop: the graph follows the talk, a mistake is told as it is saved, stories are proved."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.driving import ROOT, Chat, Leadbot, Visit

pytestmark = pytest.mark.e2e


@pytest.fixture
def flows(tmp_path: Path) -> Path:
    """A folder of the author's own, as it began."""
    return Path(shutil.copytree(ROOT / "tests" / "flows", tmp_path / "flows"))


def lit(page: Page) -> Locator:
    return page.locator(".graph .lit")


def mark(page: Page, text: str) -> None:
    expect(page.locator(".mark")).to_have_text(re.compile(text))


def test_an_author_sees_the_talk_on_the_graph_mends_a_mistake_and_proves_the_stories(
    own_leadbot: Callable[..., Leadbot], laptop: Visit, flows: Path
) -> None:
    page = laptop.open(f"{own_leadbot(FLOWS_DIR=str(flows)).url}/")
    client = Chat(page, ".client-side")
    client.sees("Здравствуйте")
    expect(lit(page)).to_contain_text("hello")
    client.taps("Записаться")
    client.taps("Согласен")
    client.sees("Какой автомобиль")
    expect(lit(page)).to_contain_text("car")
    expect(lit(page)).to_be_in_viewport(ratio=1)
    expect(page.locator(".graph .passed")).not_to_have_count(0)

    flow = flows / "test_drive.yaml"
    text = flow.read_text("utf-8")
    line = text[: text.index("answer: phone")].count("\n") + 1
    flow.write_text(text.replace("answer: phone", "answer: phon", 1), "utf-8")
    mark(page, "Ошибки: 1")
    problem = page.locator(".problem")
    expect(problem).to_contain_text(f"test_drive.yaml:{line}")
    expect(problem).to_contain_text("Возможно, вы имели в виду «phone»")
    client.taps("Кроссовер")  # the last sound flow goes on
    expect(lit(page)).to_contain_text("visit")

    flow.write_text(text.replace("Когда вам удобно приехать?", "В какой день вас ждать?"), "utf-8")
    mark(page, "Ошибок нет")
    expect(problem).to_have_count(0)
    client.sees("В какой день вас ждать?")  # the talk was held again on the new flow
    client.sees_no("Когда вам удобно приехать?")
    expect(lit(page)).to_contain_text("В какой день вас ждать?")

    page.get_by_role("button", name="Сохранить как историю").click()
    page.get_by_label("Название истории").fill("Вера выбирает кроссовер")
    page.get_by_role("button", name="Сохранить", exact=True).click()
    expect(page.get_by_text("записана в test_drive.stories.yaml, действий: 4")).to_be_visible()
    assert "Вера выбирает кроссовер" in (flows / "test_drive.stories.yaml").read_text("utf-8")

    flow.write_text(text, "utf-8")
    client.sees("Когда вам удобно приехать?")
    page.get_by_role("button", name="Проверить истории").click()
    failed = page.locator(".told-story.failed")  # Vera's own: she was asked in other words
    expect(failed).to_contain_text("✗ Вера выбирает кроссовер", timeout=60_000)
    expect(failed).to_contain_text("ожидалось: «В какой день вас ждать?»")
    expect(page.locator(".told-story.passed")).not_to_have_count(0)
    expect(page.locator(".stories-sum")).to_have_text(re.compile(r"^Сошлись \d+ из \d+$"))


def test_on_a_phone_the_graph_is_the_third_tab(leadbot: Leadbot, phone: Visit) -> None:
    page = phone.open(f"{leadbot.url}/")
    Chat(page, ".client-side").sees("Здравствуйте")
    expect(page.locator(".author-side")).to_be_hidden()
    page.get_by_role("button", name="Сценарий", exact=True).click()
    expect(page.locator(".client-side")).to_be_hidden()
    expect(lit(page)).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

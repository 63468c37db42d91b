"""In the workshop as in the networks: several messages are one answer, and one that was sent can be edited."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.driving import ROOT, Chat, Leadbot, Visit
from tests.test_pauses import FILES

pytestmark = pytest.mark.e2e


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    flows = tmp_path / "flows"
    for path, text in FILES.items():
        (flows / path).parent.mkdir(exist_ok=True, parents=True)
        (flows / path).write_text(str(text), "utf-8")
    return flows


def test_anna_writes_in_two_messages_and_edits_what_she_said(
    own_leadbot: Callable[..., Leadbot], laptop: Visit, folder: Path
) -> None:
    page = laptop.open(f"{own_leadbot(FLOWS_DIR=str(folder)).url}/")
    client, waiting = Chat(page, ".client-side"), page.get_by_text("бот ждёт продолжения")
    client.taps("Согласен")
    client.taps("В горы")
    client.sees("На сколько ночей?")
    client.says("7")
    client.sees("Как к вам обращаться?")
    client.says("Анна")
    client.sees("о чём мечтаете")
    expect(waiting).to_be_hidden()
    client.says("хочу в Сочи")
    expect(waiting).to_be_visible()
    client.says("в июле, вдвоём")
    client.sees("какой у вас телефон")  # by itself, when the pause is over
    expect(waiting).to_be_hidden()
    page.locator(".client-side .message.prospect").filter(has_text="Анна").locator(".reply").click()
    expect(page.locator(".client-side .answering")).to_contain_text("Было: Анна")
    client.says("Мария")
    client.sees("Исправить «Анна» на «Мария»?")
    client.taps("Исправить")
    client.sees("Мария, какой у вас телефон")
    page.get_by_role("button", name="Сайт", exact=True).click()
    client.sees("Здравствуйте")
    client.says("привет")
    client.sees("привет")
    expect(page.locator(".client-side .message.prospect .reply")).to_have_count(0)


def test_a_flow_that_is_closed_to_telegram_opens_where_it_may(
    own_leadbot: Callable[..., Leadbot], laptop: Visit
) -> None:
    page = laptop.open(f"{own_leadbot(FLOWS_DIR=str(ROOT / 'dialogs' / 'flows')).url}/")
    Chat(page, ".client-side").sees("Здравствуйте")
    page.get_by_label("Сценарий").first.select_option(label="КАСКО и ОСАГО")
    expect(page.get_by_role("button", name="ВКонтакте")).to_have_class("segment vk chosen")

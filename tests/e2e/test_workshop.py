"""The newcomer's first minutes: a client on the left, a manager on the right, and a clock to turn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.driving import Chat, Leadbot, Visit, apply_for_test_drive

pytestmark = pytest.mark.e2e


def test_S7_a_newcomer_gets_the_first_lead_takes_it_answers_and_turns_the_clock(
    leadbot: Leadbot, laptop: Visit
) -> None:
    page = laptop.open(f"{leadbot.url}/")
    expect(page.get_by_text("Вы — клиент слева и менеджер справа")).to_be_visible()
    client, managers = Chat(page, ".client-side"), Chat(page, ".managers-side")
    apply_for_test_drive(client, name="Понарошка")
    client.reads("Ваш промокод")  # and is not buried under what is asked next

    card = managers.sees("+7 900 123-45-67")
    expect(card).to_contain_text("Понарошка")
    expect(card).to_contain_text("Кроссовер")
    managers.taps("Беру")
    managers.sees("взял")
    managers.replies("+7 900 123-45-67", "Добрый день! Ждём вас в четверг.")
    client.sees("Ждём вас в четверг")
    client.says("Спасибо, приеду!")
    managers.sees("Спасибо, приеду!")

    before = page.locator(".now").inner_text()
    page.get_by_role("button", name="+1 день").click()
    expect(page.locator(".now")).not_to_have_text(before)

    desk = laptop.open(f"{leadbot.url}/desk")  # S7: no real lead came of it
    expect(desk.locator(".empty, .thread").first).to_be_attached()
    expect(desk.get_by_text("Понарошка")).to_have_count(0)


def test_silence_brings_what_the_flow_says_when_the_clock_is_turned(leadbot: Leadbot, laptop: Visit) -> None:
    page = laptop.open(f"{leadbot.url}/")
    client = Chat(page, ".client-side")
    client.sees("Здравствуйте")
    client.taps("Записаться")
    client.taps("Согласен")
    client.sees("Какой автомобиль")
    said = page.locator(".client-side .message.bot")
    page.get_by_role("button", name="до следующего сообщения").click()  # at night too: on to the morning
    client.reads("Продолжим?")
    page.get_by_role("button", name="начать заново").click()
    expect(said).to_have_count(1)


def test_every_channel_has_its_own_look_and_only_telegram_shares_the_phone(leadbot: Leadbot, laptop: Visit) -> None:
    page = laptop.open(f"{leadbot.url}/")
    client = Chat(page, ".client-side")
    client.sees("Здравствуйте")
    backdrops = set()
    for title, theme, shares in (("Telegram", "telegram", True), ("ВКонтакте", "vk", False), ("Сайт", "web", False)):
        page.get_by_role("button", name=title, exact=True).click()
        screen = page.locator(f".client-side .theme-{theme}")
        expect(screen).to_be_visible()
        backdrops.add(screen.evaluate("e => getComputedStyle(e).background"))
        client.sees("Здравствуйте")
        if theme != "web":
            _go_to_the_phone(client)
            expect(page.locator(".share-phone")).to_be_visible(visible=shares)
    assert len(backdrops) == 3


def _go_to_the_phone(client: Chat) -> None:
    client.taps("Записаться")
    client.taps("Согласен")
    client.taps("Седан")
    client.taps("На этой неделе")
    client.sees("Сколько лет")
    client.says("12")
    client.taps("Нет")
    client.sees("Как к вам обращаться")
    client.says("Анна")
    client.sees("по какому номеру")


def test_on_a_phone_the_two_sides_are_tabs(leadbot: Leadbot, phone: Visit) -> None:
    page = phone.open(f"{leadbot.url}/")
    Chat(page, ".client-side").sees("Здравствуйте")
    expect(page.locator(".managers-side")).to_be_hidden()
    page.get_by_role("button", name="Менеджеры").click()
    expect(page.locator(".managers-side")).to_be_visible()
    expect(page.locator(".client-side")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

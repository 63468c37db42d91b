"""The web channel in a browser: a visitor on a phone, a manager at the desk, and everything that may come between."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import Chat, Leadbot, Visit, apply_for_test_drive

pytestmark = pytest.mark.e2e

EVIL = '"><img src=x onerror=alert(1)><script>alert(2)</script><b>{{7*7}}</b>'


def test_a_lead_from_a_phone_reaches_the_desk_and_the_answer_comes_back(
    leadbot: Leadbot, phone: Visit, laptop: Visit
) -> None:
    visitor_page = phone.open(f"{leadbot.url}/chat/test_drive?start=vk_ads__spring")
    desk_page = laptop.open(f"{leadbot.url}/desk")
    desk_page.wait_for_function("window.socket?.connected")  # what is typed before is not heard yet
    desk_page.get_by_label("Вас зовут").fill("Ольга")
    desk_page.get_by_label("Вас зовут").blur()
    anna, desk = Chat(visitor_page), Chat(desk_page)
    apply_for_test_drive(anna)

    card = desk.sees("+7 900 123-45-67")
    expect(card).to_contain_text("vk_ads")
    desk.taps("Беру")
    desk.reads("+7 900 123-45-67")
    expect(desk_page.locator(".q-notification")).to_be_visible()
    desk.sees("Ольга")
    desk.replies("+7 900 123-45-67", "Анна, ждём вас в четверг в 18:00.")
    anna.sees("ждём вас в четверг")
    anna.says("Спасибо, буду!")
    thread = desk_page.locator(".thread.card").filter(has_text="+7 900 123-45-67")
    expect(thread).to_contain_text("Спасибо, буду!")
    desk.says("Коллеги, эта моя")
    desk.sees("Коллеги, эта моя")
    anna.sees_no("эта моя")
    assert visitor_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_manager_who_is_quicker_than_the_page_has_signed(leadbot: Leadbot, laptop: Visit) -> None:
    """The page asks the browser for the name of last time as soon as it listens."""
    page = laptop.open(f"{leadbot.url}/desk")
    page.get_by_label("Вас зовут").fill("Ольга")
    page.get_by_label("Вас зовут").blur()
    page.wait_for_function("window.socket?.connected")
    page.wait_for_timeout(500)
    expect(page.get_by_label("Вас зовут")).to_have_value("Ольга")
    page.reload()
    expect(page.get_by_label("Вас зовут")).to_have_value("Ольга")


def test_a_reload_shows_the_conversation_again_and_does_not_begin_it_anew(leadbot: Leadbot, phone: Visit) -> None:
    page = phone.open(f"{leadbot.url}/chat/courses")
    boris = Chat(page)
    boris.sees("Здравствуйте")
    boris.says("стою на месте")
    expect(page.locator(".message.bot")).to_have_count(2)
    page.reload()
    boris.sees("стою на месте")
    page.wait_for_timeout(800)
    expect(page.locator(".message.bot")).to_have_count(2)
    second_tab = phone.open(f"{leadbot.url}/chat/courses")
    Chat(second_tab).sees("стою на месте")
    boris.says("а теперь?")
    Chat(second_tab).sees("а теперь?")


def test_a_phone_gets_the_keyboard_for_what_is_asked(leadbot: Leadbot, phone: Visit) -> None:
    page = phone.open(f"{leadbot.url}/chat/test_drive")
    chat = Chat(page)
    expect(chat.field).to_have_attribute("inputmode", "text")
    chat.sees("Здравствуйте")
    chat.taps("Записаться")
    chat.taps("Согласен")
    chat.taps("Седан")
    chat.taps("На этой неделе")
    chat.sees("Сколько лет")
    chat.says("12")
    chat.taps("Нет")
    chat.sees("Как к вам обращаться")
    chat.says("Анна")
    expect(chat.field).to_have_attribute("inputmode", "tel")


def test_P28_S3_what_a_visitor_writes_is_text_on_both_sides(leadbot: Leadbot, phone: Visit, laptop: Visit) -> None:
    vera = Chat(phone.open(f"{leadbot.url}/chat/test_drive"))
    desk_page = laptop.open(f"{leadbot.url}/desk")
    vera.sees("Здравствуйте")
    vera.says(EVIL)
    vera.sees(EVIL)
    vera.taps("Задать вопрос")
    Chat(desk_page).sees("Сайт")
    vera.says(f"вопрос {EVIL}")
    Chat(desk_page).sees("onerror=alert(1)")
    for page in (vera.page, desk_page):
        assert page.locator(".text img, .text b, .text script, .quote img").count() == 0
        said = re.sub(r"\d\d:\d\d", "", page.locator(".chat").inner_text())  # the clock may say so
        assert "{{7*7}}" in said and "49" not in said


def test_P9_an_old_button_stays_pressable_and_breaks_nothing(leadbot: Leadbot, phone: Visit) -> None:
    page = phone.open(f"{leadbot.url}/chat/test_drive")
    chat = Chat(page)
    chat.sees("Здравствуйте")
    chat.taps("Записаться")
    chat.taps("Согласен")
    chat.sees("Какой автомобиль")
    before = page.locator(".message.bot").count()
    page.locator(".key").filter(has_text="Подробнее о скидке").first.click()
    expect(page.locator(".message.bot")).not_to_have_count(before)
    chat.reads("Какой автомобиль")
    chat.taps("Седан")
    chat.sees("Когда вам удобно")


def test_S4_a_flow_that_is_not_published_says_so(leadbot: Leadbot, phone: Visit) -> None:
    page = phone.open(f"{leadbot.url}/chat/nobody_knows", quiet=True)
    expect(page.get_by_text("Такой страницы нет")).to_be_visible()


def test_private_pages_ask_for_the_password_and_the_chat_does_not(
    own_leadbot: Callable[..., Leadbot], laptop: Visit
) -> None:
    leadbot = own_leadbot(WEB_PASSWORD="horse-42")
    page = laptop.open(f"{leadbot.url}/desk", quiet=True)
    _enter(page, "horse-43")
    expect(page.get_by_text("Пароль не подошёл")).to_be_visible()
    _enter(page, "horse-42")
    expect(page).to_have_url(f"{leadbot.url}/desk")
    expect(page.get_by_text("Заявок пока нет")).to_be_visible()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_text("Вход для своих")).to_be_visible()
    _enter(page, "horse-42")
    expect(page.get_by_role("button", name="Выйти")).to_be_visible()
    cookies = {cookie["name"]: cookie for cookie in laptop.context.cookies()}
    assert cookies["leadbot_session"]["httpOnly"] is True
    laptop.context.clear_cookies()
    Chat(laptop.open(f"{leadbot.url}/chat/courses")).sees("Здравствуйте")


def _enter(page: Page, password: str) -> None:
    page.get_by_label("Пароль").fill(password)
    page.get_by_role("button", name="Войти").click()


def test_I1_a_crash_of_the_bot_loses_neither_the_conversation_nor_the_next_words(
    own_leadbot: Callable[..., Leadbot], phone: Visit
) -> None:
    leadbot = own_leadbot()
    page = phone.open(f"{leadbot.url}/chat/test_drive", quiet=True)
    chat = Chat(page)
    chat.sees("Здравствуйте")
    chat.taps("Записаться")
    chat.sees("только с вашего согласия")
    leadbot.stop(signal.SIGKILL)
    expect(page.locator("#popup")).to_have_attribute("aria-hidden", "false")
    chat.says("согласен")
    expect(chat.field).to_have_value("согласен")
    leadbot.start()
    expect(page.locator("#popup")).to_have_attribute("aria-hidden", "true", timeout=40_000)
    chat.sees("только с вашего согласия")
    expect(chat.field).to_have_value("согласен")
    chat.field.press("Enter")
    chat.sees("Какой автомобиль")

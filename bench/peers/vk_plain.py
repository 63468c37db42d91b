"""The dialog in vk_api: the loop of its guide, one message after the other, the text alone decides. Nothing is kept."""

from __future__ import annotations

import os
import re

import requests
import vk_api
from requests.adapters import HTTPAdapter
from vk_api.bot_longpoll import VkBotEventType, VkBotLongPoll
from vk_api.keyboard import VkKeyboard, VkKeyboardColor
from vk_api.utils import get_random_id

from bench import dialog

PHONE = re.compile(r"[\d +()-]{10,}")


class ToTheBench(HTTPAdapter):
    """vk_api writes VK's address into its code; the bench's network is elsewhere."""

    def send(self, request, *args, **kwargs):  # type: ignore[no-untyped-def]
        request.url = os.environ["API_URL"] + request.url.removeprefix("https://api.vk.ru").removeprefix(
            "https://api.vk.com"
        )
        return super().send(request, *args, **kwargs)


def keyboard(*labels: str) -> str:
    made = VkKeyboard(one_time=True)
    for number, label in enumerate(labels):
        if number:
            made.add_line()
        made.add_button(label, color=VkKeyboardColor.PRIMARY)
    return str(made.get_keyboard())


def answer(text: str, name: str) -> tuple[str, str | None]:
    """What is said to a text, and the buttons under it."""
    if text in ("Начать", "/start"):
        return dialog.CONSENT, keyboard(dialog.AGREE, dialog.REFUSE)
    if text == dialog.AGREE:
        return dialog.NAME, None
    if text == dialog.REFUSE:
        return dialog.SORRY, None
    if text in dialog.CARS:
        return dialog.VISIT, keyboard(*dialog.VISITS)
    if text in dialog.VISITS or text == dialog.WRONG:
        return dialog.PHONE.format(name=name), None
    if PHONE.search(text):
        return dialog.CHECK.format(phone=text), keyboard(dialog.RIGHT, dialog.WRONG)
    if text == dialog.RIGHT:
        return dialog.DONE.format(name=name, code="SPRING-15"), None
    return dialog.CAR, keyboard(*dialog.CARS)


def main() -> None:
    session = vk_api.VkApi(token=os.environ["TOKEN"], session=to_the_bench())
    session.RPS_DELAY = 0  # its own pause of 1/20 s between calls: no ceilings here, as for everybody
    vk = session.get_api()
    for event in VkBotLongPoll(session, int(os.environ["GROUP_ID"])).listen():
        if event.type != VkBotEventType.MESSAGE_NEW or not event.from_user:
            continue
        text, buttons = answer(event.message.text, "Анна")
        vk.messages.send(
            user_id=event.message.from_id,
            random_id=get_random_id(),
            message=text,
            **({"keyboard": buttons} if buttons else {}),
        )


def to_the_bench() -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:52.0) Gecko/20100101 Firefox/52.0"
    for address in ("https://api.vk.ru", "https://api.vk.com"):
        session.mount(address, ToTheBench())
    return session


if __name__ == "__main__":
    main()

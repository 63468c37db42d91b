"""Telegram's answers of any kind, on a real socket: what each says about a message, and that nothing of it is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.channels import Halted, Moved, Outcome, Outgoing, Refused, Sent, TryLater, Unknown, Unreachable
from bot.channels.telegram import Telegram
from dialogs.effects import Button
from handlers.inbound import Notice

TOKEN = "42:AAcanary-token"


class Answering:
    """Takes any call and gives one answer to all."""

    def __init__(self) -> None:
        self.status, self.body = 200, ""
        self.calls: list[tuple[str, Any]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.calls.append((request.match_info["method"], await request.json()))
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@pytest.fixture
async def server() -> AsyncIterator[tuple[Answering, Telegram]]:
    answering = Answering()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", answering.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    channel = Telegram(TOKEN, api_url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield answering, channel
    await channel.close()
    await runner.cleanup()


def say(text: str = "Здравствуйте!", **more: Any) -> Outgoing:
    return Outgoing(id=1, to="7", text=text, **more)


def no(code: int, description: str, **parameters: Any) -> str:
    told = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
    return json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (200, '{"ok":true,"result":{"message_id":5,"what":"nobody knows"}}', Sent("5")),
        (200, '{"ok":true,"result":{"message_id":5,"text":"\\ud83d"}}', Sent("5")),  # half a pair: the patient way
        (200, '{"ok":true,"result":{"message_id":5,"n":%s}}' % ("7" * 5000), Sent("5")),
        (200, '{"ok":true,"result":true}', Unknown("an answer that does not decode")),
        (200, '{"ok":true,"result":{}}', Unknown("an answer that does not decode")),
        (200, '{"ok":true,"result":{"message_id":"x"}}', Unknown("an answer that does not decode")),
        (200, '{"ok":true}', Unknown("an answer that does not decode")),
        (200, '{"ok":true,"result":', Unknown("an answer that does not decode")),
        (200, "[]", Unknown("an answer that does not decode")),
        (200, "", Unknown("an answer that does not decode")),
        (200, "[" * 5000, Unknown("an answer that does not decode")),
        (502, "<html>Bad Gateway</html>", Unknown("an answer that does not decode")),
        (500, no(500, "Internal Server Error"), Unknown("TelegramServerError")),
        (429, no(429, "Too Many Requests: retry after 9", retry_after=9), TryLater(9.0)),
        (400, no(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100), Moved("-100")),
        (403, no(403, "Forbidden: bot was blocked by the user"), Unreachable("bot was blocked by the user")),
        (400, no(400, "Bad Request: chat not found"), Refused("chat not found")),
        (401, no(401, "Unauthorized"), Halted("unauthorized: the token was revoked or is wrong")),
        (200, no(400, "Bad Request: odd"), Unknown("TelegramAPIError")),  # a refusal that says it is fine
    ],
)  # fmt: skip
async def test_M13_N3_N12_every_answer_has_one_meaning(
    server: tuple[Answering, Telegram], status: int, body: str, means: Outcome
) -> None:
    answering, channel = server
    answering.status, answering.body = status, body
    assert await channel.send(say()) == means


async def test_what_goes_over_the_wire(server: tuple[Answering, Telegram]) -> None:
    answering, channel = server
    answering.body = '{"ok":true,"result":{"message_id":5}}'
    buttons = ((Button("Да", "1.1.a.yes"), Button("Сайт", url="https://example.org")),)
    await channel.send(say('"}\u2028\\', buttons=buttons, reply_to="3"))
    await channel.send(say("Карточка", act="edit", message_id="5"))
    await channel.send(say("Телефон?", asks_phone=True))
    await channel.send(say("Спасибо", drops_keyboard=True))
    await channel.notify(Notice("telegram", "q1", "7", "7"))
    quiet = {"link_preview_options": {"is_disabled": True}}
    inline = [[{"text": "Да", "callback_data": "1.1.a.yes"}, {"text": "Сайт", "url": "https://example.org"}]]
    phone = [[{"text": "📱 Отправить мой номер", "request_contact": True}]]
    assert answering.calls == [
        ("sendMessage", {"chat_id": 7, "text": '"}\u2028\\', **quiet, "reply_markup": {"inline_keyboard": inline},
                         "reply_parameters": {"message_id": 3, "allow_sending_without_reply": True}}),
        ("editMessageText", {"chat_id": 7, "message_id": 5, "text": "Карточка", **quiet}),
        ("sendMessage", {"chat_id": 7, "text": "Телефон?", **quiet, "reply_markup": {
            "keyboard": phone, "resize_keyboard": True, "one_time_keyboard": True}}),
        ("sendMessage", {"chat_id": 7, "text": "Спасибо", **quiet, "reply_markup": {"remove_keyboard": True}}),
        ("answerCallbackQuery", {"callback_query_id": "q1"}),
    ]  # fmt: skip


async def test_P27_a_label_with_half_a_letter_costs_nothing(server: tuple[Answering, Telegram]) -> None:
    answering, channel = server
    answering.body = '{"ok":true,"result":{"message_id":5}}'
    assert await channel.send(say(buttons=((Button("\ud83d", "k"),),))) == Sent("5")

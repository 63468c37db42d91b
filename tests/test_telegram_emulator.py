"""The emulated Bot API is as strict as the real one: by the real aiogram client, or by bare HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from tests.emulators.telegram import Fault, TelegramEmulator
from tests.emulators.telegram_attachments import ATTACHMENTS
from tests.emulators.telegram_methods import NOT_MODIFIED, TOO_OLD
from tests.pictures import PDF, png


@pytest.fixture
async def network() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as telegram:
        yield telegram


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def bot(network: TelegramEmulator) -> AsyncIterator[Bot]:
    opened = Bot(network.token, session=AiohttpSession(api=TelegramAPIServer.from_base(network.url)))
    yield opened
    await opened.session.close()


class Caller:
    """Bare HTTP, JSON bodies."""

    def __init__(self, network: TelegramEmulator, http: aiohttp.ClientSession) -> None:
        self.network, self.http = network, http

    def url(self, method: str) -> str:
        return f"{self.network.url}/bot{self.network.token}/{method}"

    async def __call__(self, method: str, **given: Any) -> Any:
        async with self.http.post(self.url(method), json=given) as answer:
            body = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body


@pytest.fixture
def call(network: TelegramEmulator, http: aiohttp.ClientSession) -> Caller:
    return Caller(network, http)


def inline(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Да", **button}]]}


# ---------------------------------------------------------------- getUpdates


async def test_an_offset_confirms_and_nothing_else_does(network, call):
    anna = network.person("Анна")
    for text in ("раз", "два", "три"):
        await anna.says(text)
    first = (await call("getUpdates"))["result"]
    assert [one["message"]["text"] for one in first] == ["раз", "два", "три"]
    assert (await call("getUpdates", offset=0, limit=1))["result"] == first[:1]
    assert (await call("getUpdates", offset=first[2]["update_id"] + 50))["result"] == first  # too far to be believed
    assert (await call("getUpdates", offset=first[1]["update_id"]))["result"] == first[1:]
    assert (await call("getUpdates"))["result"] == first[1:]
    assert (await call("getUpdates", offset=-1))["result"] == first[2:]
    assert (await call("getUpdates"))["result"] == first[2:]
    assert (await call("getUpdates", offset=first[2]["update_id"] + 1))["result"] == []


async def test_a_long_poll_wakes_at_once_and_ends_empty_in_its_time(network, call):
    waiting = asyncio.create_task(call("getUpdates", timeout=20))
    await network.ready()
    begun = time.monotonic()
    await network.person("Анна").says("раз")
    assert len((await waiting)["result"]) == 1
    assert time.monotonic() - begun < 1
    network.updates.queue.clear()
    begun = time.monotonic()
    assert (await call("getUpdates", timeout=1))["result"] == []
    assert 0.9 < time.monotonic() - begun < 3


async def test_of_two_pollers_the_older_gets_409(network, call):
    older = asyncio.create_task(call("getUpdates", timeout=20))
    await network.ready()
    newer = asyncio.create_task(call("getUpdates", timeout=20))
    ended = await older
    assert ended["description"].startswith("Conflict: terminated by other getUpdates request; make sure")
    await network.person("Анна").says("раз")
    assert len((await newer)["result"]) == 1


async def test_a_webhook_forbids_polling(network, call):
    waiting = asyncio.create_task(call("getUpdates", timeout=20))
    await network.ready()
    assert (await call("setWebhook", url="http://x"))["description"].startswith("Bad Request: bad webhook: An HTTPS")
    assert (await call("setWebhook", url="https://x.example"))["description"] == "Webhook was set"
    assert (await waiting)["description"] == "Conflict: terminated by setWebhook request"
    assert (await call("getUpdates"))["error_code"] == 409
    assert (await call("getWebhookInfo"))["result"]["url"] == "https://x.example"
    assert (await call("deleteWebhook"))["description"] == "Webhook was deleted"
    assert (await call("deleteWebhook"))["description"] == "Webhook is already deleted"


async def test_what_waits_too_long_is_gone_presses_first(network, call, bot):
    anna = network.person("Анна")
    await anna.opens()
    keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Да", callback_data="k")]])
    await bot.send_message(anna.id, "Да?", reply_markup=keys)
    query = await anna.taps("Да")
    assert [list(one)[1] for one in (await call("getUpdates"))["result"]] == ["message", "callback_query"]
    network.forward(timedelta(seconds=151))
    assert [list(one)[1] for one in (await call("getUpdates"))["result"]] == ["message"]
    assert (await call("answerCallbackQuery", callback_query_id=query.id))["description"].endswith(TOO_OLD)
    network.forward(timedelta(hours=24))
    assert (await call("getUpdates"))["result"] == []


async def test_only_the_kinds_that_were_asked_for_are_made(network, call):
    anna = network.person("Анна")
    await call("getUpdates", allowed_updates=["my_chat_member"])
    await anna.says("раз")
    await anna.blocks()
    (only,) = (await call("getUpdates"))["result"]
    assert only["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    await call("getUpdates", allowed_updates=[])
    await anna.opens()
    kinds = [list(one)[1] for one in (await call("getUpdates"))["result"]]
    assert kinds == ["my_chat_member", "my_chat_member", "message"]


async def test_privacy_mode_hides_the_talk_of_a_group(network, call):
    network.world.privacy = True
    olga, desk = network.person("Ольга"), network.group()
    card = (await call("sendMessage", chat_id=desk.id, text="Карточка"))["result"]
    await desk.writes_as(olga, "что на обед?")
    await desk.writes_as(olga, "/today")
    await desk.replies_as(olga, desk.screen[0], "звоню")
    heard = [one["message"] for one in (await call("getUpdates"))["result"]]
    assert [one["text"] for one in heard] == ["/today", "звоню"]
    assert heard[1]["reply_to_message"]["message_id"] == card["message_id"]
    assert (await call("getMe"))["result"]["can_read_all_group_messages"] is False


async def test_everything_people_do_is_an_update_that_aiogram_understands(network, bot):
    anna, desk = network.person("Анна", "Петрова"), network.group(kind="group")
    await anna.opens("kasko__vk")
    for what in (*ATTACHMENTS, "album", "forward"):
        await anna.sends(what)
    await anna.shares_phone()
    await anna.edits(await anna.says("раз"), "два")
    await anna.forges("k", message_id=3)
    await anna.blocks()
    await anna.unblocks()
    await desk.writes_as(anna, "x")
    await desk.writes_anonymously("x")
    await desk.writes_as_bot("x")
    await desk.sends_as(anna, "photo")
    await desk.kicks_the_bot(anna)
    await desk.adds_the_bot(anna)
    await desk.becomes_supergroup(anna)
    updates = await bot.get_updates()
    assert len(updates) == len(ATTACHMENTS) + 4 + 1 + 3 + 1 + 2 + 4 + 2 + 2
    assert all(one.event_type != "unknown" for one in updates)


# ---------------------------------------------------------------- what is refused

LONG = "я" * 33  # 66 bytes
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("no chat", "sendMessage", {"text": "x"}, "chat_id is empty"),
    ("unknown chat", "sendMessage", {"chat_id": 5, "text": "x"}, "chat not found"),
    ("a name", "sendMessage", {"chat_id": "@anna", "text": "x"}, "chat not found"),
    ("no text", "sendMessage", {}, "message text is empty"),
    ("blank", "sendMessage", {"text": " \n "}, "text must be non-empty"),
    ("too long", "sendMessage", {"text": "я" * 4097}, "message is too long"),
    ("far too long", "sendMessage", {"text": "я" * 17_000}, "text is too long"),
    ("no JSON", "sendMessage", {"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    ("a list", "sendMessage", {"text": "x", "reply_markup": [1]}, "object expected as reply markup"),
    ("text button", "sendMessage", {"text": "x", "reply_markup": inline()},
     "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ("long key", "sendMessage", {"text": "x", "reply_markup": inline(callback_data=LONG)}, "BUTTON_DATA_INVALID"),
    ("empty key", "sendMessage", {"text": "x", "reply_markup": inline(callback_data="")}, "BUTTON_DATA_INVALID"),
    ("two acts", "sendMessage", {"text": "x", "reply_markup": inline(callback_data="k", url="https://x.example")},
     "can't parse inline keyboard button: exactly one action is allowed"),
    ("no thread", "sendMessage", {"text": "x", "message_thread_id": 7}, "message thread not found"),
    ("no such reply", "sendMessage", {"text": "x", "reply_parameters": {"message_id": 99}},
     "message to be replied not found"),
    ("formatting", "sendMessage", {"text": "<b>", "parse_mode": "HTML"},
     "can't parse entities: this emulator takes plain text only"),
    ("edit nothing", "editMessageText", {"text": "x", "message_id": 99}, "message to edit not found"),
    ("edit another's", "editMessageText", {"text": "x", "message_id": 1}, "message can't be edited"),
    ("edit nothing new", "editMessageText", {"text": "Привет", "message_id": 2}, NOT_MODIFIED),
    ("edit to a reply keyboard", "editMessageText",
     {"text": "y", "message_id": 2, "reply_markup": {"keyboard": [["x"]]}}, "inline keyboard expected"),
    ("delete nothing", "deleteMessage", {"message_id": 99}, "message to delete not found"),
    ("no such press", "answerCallbackQuery", {"callback_query_id": "1"}, TOO_OLD),
    ("long toast", "answerCallbackQuery", {"callback_query_id": "1", "text": "я" * 201}, "MESSAGE_TOO_LONG"),
    ("copy nothing", "copyMessage", {"from_chat_id": 5, "message_id": 1}, "message to copy not found"),
    ("leave a person", "leaveChat", {}, "chat member status can't be changed in private chats"),
    ("odd action", "sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "given", "why"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
async def test_what_is_refused_and_in_which_words(network, call, method, given, why):
    anna = network.person("Анна")
    await anna.opens()
    await call("sendMessage", chat_id=anna.id, text="Привет")
    chat = {} if why == "chat_id is empty" else {"chat_id": anna.id}
    answer = await call(method, **{**chat, **given})
    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: {why}"}
    assert len(network.ledger.entries) == 1


async def test_who_cannot_be_written_to(network, call):
    anna, boris, desk = network.person("Анна"), network.person("Борис"), network.group()
    await desk.writes_as(boris, "я тут")
    await anna.opens()
    await anna.blocks()

    async def why(chat: int) -> str:
        return str((await call("sendMessage", chat_id=chat, text="x"))["description"])

    assert await why(anna.id) == "Forbidden: bot was blocked by the user"
    await anna.opens()  # «Запустить» unblocks
    assert (await call("sendMessage", chat_id=anna.id, text="x"))["ok"]
    anna.deactivates()
    assert await why(anna.id) == "Forbidden: user is deactivated"
    assert await why(boris.id) == "Forbidden: bot can't initiate conversation with a user"
    desk.chat.muted = True
    assert await why(desk.id) == "Bad Request: not enough rights to send text messages to the chat"
    assert (await call("leaveChat", chat_id=desk.id))["result"] is True
    assert await why(desk.id) == "Forbidden: bot is not a member of the supergroup chat"
    old = network.group(kind="group")
    new = await old.becomes_supergroup(boris)
    moved = await call("sendMessage", chat_id=old.id, text="x")
    assert moved["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert moved["parameters"] == {"migrate_to_chat_id": new.id}


async def test_a_phone_is_asked_for_in_private_only(network, call):
    keyboard = {"keyboard": [[{"text": "Номер", "request_contact": True}]], "one_time_keyboard": True}
    refused = await call("sendMessage", chat_id=network.group().id, text="x", reply_markup=keyboard)
    assert refused["description"] == "Bad Request: phone number can be requested in private chats only"
    anna = network.person("Анна")
    await anna.opens()
    await call("sendMessage", chat_id=anna.id, text="Номер?", reply_markup=keyboard)
    assert anna.screen[0].asks_phone
    await anna.taps("Номер")
    assert anna.reply_buttons == []


async def test_keyboards_are_cut_in_silence(network, call):
    row = [{"text": str(number), "callback_data": "k"} for number in range(15)]
    sent = await call("sendMessage", chat_id=network.group().id, text="x", reply_markup={"inline_keyboard": [row] * 40})
    rows = sent["result"]["reply_markup"]["inline_keyboard"]
    assert (len(rows), len(rows[0])) == (25, 12)


async def test_tokens_paths_and_methods(network, http, call):
    async def get(path: str) -> tuple[int, str]:
        async with http.get(network.url + path) as answer:
            return answer.status, (await answer.json()).get("description", "")

    assert await get(f"/bot{network.token}/GETME") == (200, "")
    assert await get(f"/bot{network.token}/getMoon") == (404, "Not Found: method not found")
    assert await get("/somewhere") == (404, "Not Found")
    assert await get("/bot1:other/getMe") == (401, "Unauthorized")
    assert await get("/botnonsense/getMe") == (401, "Unauthorized: invalid token specified")
    network.revoked = True
    assert (await call("getMe"))["description"] == "Unauthorized"


async def test_query_form_json_and_multipart_say_the_same(network, http, call, bot):
    chat = network.group().id
    keys = json.dumps(inline(callback_data="k"))
    async with http.get(call.url("sendMessage"), params={"chat_id": chat, "text": "а", "reply_markup": keys}) as answer:
        shown = [(await answer.json())["result"]]
    async with http.post(call.url("sendMessage"), data={"chat_id": chat, "text": "б", "reply_markup": keys}) as answer:
        shown.append((await answer.json())["result"])
    shown.append((await call("sendMessage", chat_id=chat, text="в", reply_markup=inline(callback_data="k")))["result"])
    form = aiohttp.FormData({"chat_id": str(chat), "text": "г", "reply_markup": keys})
    form.add_field("file", b"x", filename="x.txt")
    async with http.post(call.url("sendMessage"), data=form) as answer:
        shown.append((await answer.json())["result"])
    assert [one["text"] for one in shown] == ["а", "б", "в", "г"]
    assert {json.dumps(one["reply_markup"]) for one in shown} == {keys}
    async with http.post(call.url("sendMessage"), data=b"{", headers={"Content-Type": "application/json"}) as answer:
        assert answer.status == 400
    with pytest.raises(Exception, match="method not found"):
        await bot.send_video(chat, BufferedInputFile(b"x", "x.mp4"))


async def test_a_file_is_given_once_and_then_called_by_its_name(network, bot):
    anna = network.person("Анна")
    await anna.opens()
    shown = await bot.send_photo(anna.id, BufferedInputFile(png(), "kasko.png"))
    assert shown.photo and shown.photo[-1].width > shown.photo[0].width
    again = await bot.send_photo(anna.id, shown.photo[-1].file_id)
    assert again.photo == shown.photo and network.methods.uploads.given == ["kasko.png"]
    papers = await bot.send_document(anna.id, BufferedInputFile(PDF, "Правила.pdf"))
    assert papers.document and papers.document.file_name == "Правила.pdf"
    with pytest.raises(Exception, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(anna.id, BufferedInputFile(b"<html>", "kasko.png"))
    with pytest.raises(Exception, match="wrong file identifier"):
        await bot.send_photo(anna.id, papers.document.file_id)
    with pytest.raises(Exception, match="Too Large"):
        await bot.send_photo(anna.id, BufferedInputFile(png(more=11_000_000), "kasko.png"))


# ---------------------------------------------------------------- what is taken


async def test_an_edit_without_a_keyboard_takes_it_away_and_a_delete_takes_all(network, call):
    desk = network.group()
    sent = (await call("sendMessage", chat_id=desk.id, text="Карточка", reply_markup=inline(callback_data="k")))[
        "result"
    ]
    where = {"chat_id": desk.id, "message_id": sent["message_id"]}
    assert (await call("editMessageReplyMarkup", **where, reply_markup=inline(callback_data="n")))["ok"]
    edited = (await call("editMessageText", **where, text="Взята"))["result"]
    assert (edited["text"], edited.get("reply_markup"), "edit_date" in edited) == ("Взята", None, True)
    assert (await desk.shows("Взята")).buttons == []
    with pytest.raises(AssertionError, match="Взята"):
        desk.tap(1, "Да", None)
    assert (await call("deleteMessage", **where))["result"] is True
    assert desk.screen == []
    old = (await call("sendMessage", chat_id=desk.id, text="x"))["result"]
    network.forward(timedelta(hours=49))
    refused = await call("deleteMessage", chat_id=desk.id, message_id=old["message_id"])
    assert refused["description"] == "Bad Request: message can't be deleted for everyone"
    methods = [one.method for one in network.ledger.to(desk.id)]
    assert methods == ["sendMessage", "editMessageReplyMarkup", "editMessageText", "deleteMessage", "sendMessage"]


async def test_the_ledger_knows_what_was_taken_although_nobody_heard_of_it(network, call):
    chat = network.group().id
    for fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER):
        network.faults.next("sendMessage", fault)
        with pytest.raises(aiohttp.ClientError):
            await call("sendMessage", chat_id=chat, text=fault.name)
    assert [one.text for one in network.ledger.to(chat)] == ["RESET_AFTER"]


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.GARBAGE])
async def test_what_befalls_an_answer_befalls_a_refusal(network, http, call, fault):
    network.faults.next("sendMessage", fault)
    with pytest.raises((aiohttp.ClientError, json.JSONDecodeError)):
        async with http.post(call.url("sendMessage"), json={"chat_id": -1, "text": "x"}) as answer:
            assert answer.status == 400
            json.loads(await answer.text())
    assert network.ledger.entries == []


async def test_rates_are_held_on_the_networks_own_clock(network, http, call):
    network.rates.as_telegram()
    anna, desk = network.person("Анна"), network.group()
    await anna.opens()
    for number in range(5):  # a short burst passes
        assert (await call("sendMessage", chat_id=anna.id, text=str(number)))["ok"]
    async with http.post(call.url("sendMessage"), json={"chat_id": anna.id, "text": "x"}) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "5"
        assert (await answer.json())["parameters"] == {"retry_after": 5}
    for number in range(20):
        assert (await call("sendMessage", chat_id=desk.id, text=str(number)))["ok"]
    assert (await call("sendMessage", chat_id=desk.id, text="x"))["parameters"] == {"retry_after": 60}
    network.forward(timedelta(seconds=61))
    assert (await call("sendMessage", chat_id=desk.id, text="x"))["ok"]
    many = [network.person(f"П{number}") for number in range(31)]
    for one in many:
        await one.opens()
    taken = [(await call("sendMessage", chat_id=one.id, text="x"))["ok"] for one in many]
    assert taken.count(False) >= 1
    assert network.rates.refused >= 3


async def test_the_screens_wait_and_complain(network, call):
    anna = network.person("Анна")
    await anna.opens()
    waiting = asyncio.create_task(anna.sees("второе"))
    await call("sendMessage", chat_id=anna.id, text="первое")
    await call("sendMessage", chat_id=anna.id, text="второе")
    assert (await waiting).id == "3"
    with pytest.raises(AssertionError, match="первое"):
        await anna.sees("первое", timeout=0.05)  # it came before what was seen already
    await anna.sees_nothing(0.05)
    late = asyncio.create_task(anna.sees_nothing(0.2))
    await asyncio.sleep(0)
    await call("sendMessage", chat_id=anna.id, text="третье")
    with pytest.raises(AssertionError, match="третье"):
        await late


async def test_chats_can_be_asked_about(network, bot):
    olga, desk = network.person("Ольга"), network.group("Заявки")
    assert (await bot.get_chat(desk.id)).title == "Заявки"
    assert (await bot.get_chat_member(desk.id, bot.id)).status == "member"
    desk.chat.bot = "administrator"
    assert (await bot.get_chat_member(desk.id, bot.id)).status == "administrator"
    assert (await bot.get_chat_member(desk.id, olga.id)).user.first_name == "Ольга"
    await olga.opens()
    note = await bot.send_message(olga.id, "заметка")
    assert (await bot.copy_message(desk.id, olga.id, note.message_id)).message_id == 1
    assert (await bot.forward_message(desk.id, olga.id, note.message_id)).text == "заметка"
    assert await bot.send_chat_action(olga.id, "typing")

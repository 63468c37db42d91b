"""Telegram's channel on the wire: the real aiogram client against the emulated Bot API."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.channels import Halted, Moved, Outcome, Outgoing, Refused, Sent, TryLater, Unknown, Unreachable
from bot.channels.telegram import Telegram
from dialogs.effects import Button
from handlers.inbound import (
    AlbumPart,
    Attachment,
    Elsewhere,
    Notice,
    PhoneCard,
    Press,
    Reachable,
    Start,
    Text,
    Undecodable,
)
from tests.emulators.telegram import SERVER_ERROR, UNAUTHORIZED, BotApiError, Fault, TelegramEmulator, too_many
from tests.emulators.telegram_people import Person
from tests.vk_inbox import Inbox


@pytest.fixture
async def network() -> AsyncIterator[TelegramEmulator]:
    async with TelegramEmulator() as telegram:
        yield telegram


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def channel_to(network: TelegramEmulator, **more: Any) -> Telegram:
    return Telegram(network.token, **{"api_url": network.url, "first_wait": 0.01, "long_poll_seconds": 5, **more})


@pytest.fixture
async def channel(network: TelegramEmulator) -> AsyncIterator[Telegram]:
    """One that only sends."""
    opened = channel_to(network, deadline=2)
    yield opened
    await opened.close()


@asynccontextmanager
async def listening(network: TelegramEmulator, inbox: Inbox, **more: Any) -> AsyncIterator[Telegram]:
    """The channel on the wire; left, it is gone as a killed process is."""
    opened = channel_to(network, report=inbox.report, **more)
    task = asyncio.create_task(opened.listen(inbox.receive))
    try:
        yield opened
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await opened.close()


def asked(network: TelegramEmulator, method: str = "getUpdates") -> list[dict[str, Any]]:
    return [given for name, given in network.calls if name == method]


def say(to: object, text: str = "Здравствуйте!", **more: Any) -> Outgoing:
    return Outgoing(**{"id": 1, "to": str(to), "text": text, **more})


# ---------------------------------------------------------------- receiving


async def test_anna_is_heard_whatever_she_does(network, inbox):
    async with listening(network, inbox) as channel:
        anna = network.person("Анна", "Петрова")
        await anna.opens("kasko__vk_ads__spring")
        await anna.says("Хочу скидку")
        await inbox.gets(Text)
        await channel.send(say(anna.id, "Ваш телефон?", asks_phone=True))
        await anna.taps("📱 Отправить мой номер")
        await anna.shares_phone("+79007654321", own=False)
        await anna.shares_phone(forwarded=True)
        await anna.sends("sticker")
        await anna.sends("album")
        await anna.blocks()
        await inbox.gets(Reachable)
        assert [one.heard for one in inbox.events if type(one.heard) is not Elsewhere] == [
            Start("kasko__vk_ads__spring"),
            Text("Хочу скидку"),
            PhoneCard(anna.phone, own=True),
            PhoneCard("+79007654321", own=False),
            PhoneCard(anna.phone, own=False),
            Attachment("sticker"),
            Attachment("photo"),
            AlbumPart(Attachment("photo")),
            AlbumPart(Attachment("photo")),
            Reachable(False),
        ]
        assert [int(one.event_id) for one in inbox.events] == sorted(int(one.event_id) for one in inbox.events)
        assert {one.full_name for one in inbox.events} == {"Анна Петрова"}


async def test_I1_nothing_is_acknowledged_before_it_is_taken(network, inbox):
    inbox.refuses = 3
    anna = network.person("Анна")
    await anna.says("раз")
    await anna.says("два")
    async with listening(network, inbox):
        await inbox.until(lambda: len(inbox.refused) == 3)
        assert len(network.updates.queue) == 2
        assert len(asked(network)) == 1  # while the database does not work nothing else is asked for
        await inbox.gets(Text, 2)
        await _until(lambda: not network.updates.queue)
    assert inbox.refused == [[one.event_id for one in inbox.events]] * 3
    calls = asked(network)
    assert "offset" not in calls[0]
    assert int(calls[1]["offset"]) == int(inbox.events[-1].event_id) + 1


async def test_I1_what_was_taken_but_not_acknowledged_comes_again_after_a_restart(network, inbox):
    anna = network.person("Анна")
    network.faults.nth("getUpdates", 2, Fault.RESET_BEFORE)  # the acknowledgement is lost, then the process dies
    await anna.says("раз")
    async with listening(network, inbox, first_wait=30):
        await inbox.gets(Text)
    async with listening(network, inbox):
        await inbox.gets(Text, 2)
    first, again = inbox.of(Text)
    assert first.event_id == again.event_id
    assert "offset" not in asked(network)[-1] or len(asked(network)) > 2


async def test_N14_N15_each_start_asks_for_its_own_kinds_and_throws_nothing_away(network, inbox):
    network.methods.webhook = "https://somebody.example/hook"
    network.updates.allowed = ["poll"]
    network.updates.push({"message": {"chat": {"id": 5, "type": "private"}, "from": {"id": 5}, "date": 5, "text": "x"}})
    async with listening(network, inbox):
        await inbox.gets(Text)
    assert network.updates.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert network.methods.webhook == ""
    assert asked(network, "deleteWebhook") == [{}]


async def test_P53_a_poison_update_does_not_hold_up_the_next_one(network, inbox):
    anna = network.person("Анна")
    await anna.says("до")
    broken = {"chat": {"id": anna.id, "type": "private"}, "from": {"id": anna.id}, "date": "never", "text": "яд"}
    network.updates.push({"message": broken})
    await anna.says("после")
    async with listening(network, inbox):
        await inbox.gets(Text, 2, timeout=2)
    assert [one.heard for one in inbox.of(Text, Undecodable)] == [Text("до"), Undecodable("TypeError"), Text("после")]
    assert inbox.of(Undecodable)[0].sender == str(anna.id)


async def test_N5_an_answer_that_never_decodes_costs_one_update_and_no_more(network, inbox):
    anna = network.person("Анна")
    await anna.says("до")
    broken = '{"update_id": %d, "message": {"text": "яд"' % network.updates.next_id  # noqa: UP031
    network.updates.push_text(broken)
    await anna.says("после")
    async with listening(network, inbox, first_wait=0.1):
        await inbox.gets(Text, 2, timeout=3)
        await _until(lambda: not network.updates.queue)
        await anna.says("дальше")
        await inbox.gets(Text, 3)
    assert [type(one.heard).__name__ for one in inbox.events] == ["Text", "Undecodable", "Text", "Text"]
    assert broken.encode() in inbox.of(Undecodable)[0].raw
    assert asked(network)[-1]["limit"] == 100


async def test_P27_a_number_of_five_thousand_digits_spoils_nothing(network, inbox):
    anna = network.person("Анна")
    network.updates.push_text('{"update_id": 900000001, "message": {"date": %s}}' % ("7" * 5000))
    await anna.says("после")
    async with listening(network, inbox):
        await inbox.gets(Text, timeout=2)
    assert [one.heard for one in inbox.events] == [Undecodable("KeyError"), Text("после")]


async def test_N3_a_cut_answer_is_asked_for_again(network, inbox):
    for fault in (Fault.GARBAGE, Fault.SERVER_ERROR_HTML, Fault.RESET_AFTER, SERVER_ERROR, too_many(1)):
        network.faults.next("getUpdates", fault)
    anna = network.person("Анна")
    await anna.says("раз")
    async with listening(network, inbox):
        await inbox.gets(Text)
        await asyncio.sleep(0.1)
    assert [one.heard for one in inbox.events] == [Text("раз")]


async def test_after_a_quiet_week_numbers_may_start_lower(network, inbox):
    anna = network.person("Анна")
    async with listening(network, inbox):
        await anna.says("раз")
        await inbox.gets(Text)
        await _until(lambda: not network.updates.queue)
        network.updates.next_id = 1_000_007
        await anna.says("два")
        await inbox.gets(Text, 2)
        await anna.says("три")
        await inbox.gets(Text, 3)
        await _until(lambda: not network.updates.queue)
    assert [one.heard for one in inbox.events] == [Text("раз"), Text("два"), Text("три")]


async def test_N1_a_second_poller_is_reported_once_and_does_not_end_the_first(network, inbox):
    async with listening(network, inbox, first_wait=0.001) as channel:
        await network.ready()
        for _ in range(3):
            seen = network.updates.asked
            other = asyncio.create_task(_poll(network))  # another program with our token
            await _until(lambda seen=seen: network.updates.asked > seen + 1)
            await other
        await _until(lambda: channel.trouble == "conflict")
        anna = network.person("Анна")
        await anna.says("слышите?")
        await inbox.gets(Text)
        await _until(lambda: channel.trouble is None)
    assert [kind for kind, _ in inbox.reports] == ["conflict:telegram"]


async def _poll(network: TelegramEmulator) -> None:
    with_conflict = await _call(network, "getUpdates", timeout=3)
    assert with_conflict["error_code"] == 409


async def _call(network: TelegramEmulator, method: str, **given: Any) -> Any:
    import aiohttp

    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{network.url}/bot{network.token}/{method}", json=given) as answer,
    ):
        return await answer.json()


async def test_N1_a_webhook_set_by_somebody_is_reported_and_taken_away(network, inbox):
    async with listening(network, inbox):
        await network.ready()
        await _call(network, "setWebhook", url="https://somebody.example/hook")
        await inbox.until(lambda: inbox.reports)
        anna = network.person("Анна")
        await anna.says("слышите?")
        await inbox.gets(Text)
    assert inbox.reports[0][0] == "conflict:telegram"
    assert "токен" in inbox.reports[0][1]


async def test_N11_a_revoked_token_is_reported_once_and_not_hammered(network, inbox):
    network.revoked = True
    async with listening(network, inbox) as channel:
        await inbox.until(lambda: inbox.reports)
        assert channel.trouble == "unauthorized"
        await asyncio.sleep(0.5)
        assert len(network.calls) <= 2  # waits are scaled a hundredfold down here: 30 s are 0.3 s
        assert isinstance(await channel.send(say(1)), Halted)
        network.revoked = False
        await network.ready()
        await _until(lambda: channel.trouble is None)
    assert [kind for kind, _ in inbox.reports] == ["unauthorized:telegram"]


async def test_N13_a_network_that_is_gone_is_reported_and_waited_for(network, inbox):
    async with listening(network, inbox) as channel:
        await network.ready()
        port = network.port
        await network.stop()
        await inbox.until(lambda: inbox.reports)
        assert channel.trouble == "unreachable"
        assert isinstance(await channel.send(say(1)), TryLater)
        await network.start(port)
        anna = network.person("Анна")
        await anna.says("есть связь")
        await inbox.gets(Text)
        assert channel.trouble is None
    assert [kind for kind, _ in inbox.reports] == ["unreachable:telegram"]


async def test_the_menu_of_commands_is_set_at_the_start_and_is_not_needed(network, inbox):
    network.faults.next("setMyCommands", Fault.SERVER_ERROR_HTML)
    async with listening(network, inbox):
        await network.ready()
        await network.person("Анна").says("раз")
        await inbox.gets(Text)
    async with listening(network, inbox):
        await _until(lambda: network.world.commands)
    names = [one["command"] for one in network.world.commands["all_private_chats"]]
    assert names == ["start", "help", "stop", "mydata"]


# ---------------------------------------------------------------- sending

Setup = Callable[[TelegramEmulator, Person], Any]


def refusing(code: int, description: str) -> Setup:
    return lambda network, anna: network.faults.next("sendMessage", BotApiError(code, description))


OUTCOMES: list[tuple[str, Setup, Outcome]] = [
    ("taken", lambda network, anna: None, Sent("2")),
    ("P19 blocked", lambda network, anna: anna.blocks(), Unreachable("bot was blocked by the user")),
    ("P20 deactivated", lambda network, anna: anna.deactivates(), Unreachable("user is deactivated", for_good=True)),
    (
        "never started",
        refusing(403, "Forbidden: bot can't initiate conversation with a user"),
        Unreachable("bot can't initiate conversation with a user"),
    ),
    (
        "a bot",
        refusing(403, "Forbidden: the bot can't send messages to the bot"),
        Unreachable("the bot can't send messages to the bot", for_good=True),
    ),
    ("429", lambda network, anna: network.faults.next("sendMessage", too_many(17)), TryLater(17.0)),
    ("N12 no such chat", refusing(400, "Bad Request: chat not found"), Refused("chat not found")),
    ("N12 too long", refusing(400, "Bad Request: message is too long"), Refused("message is too long")),
    ("413", refusing(413, "Request Entity Too Large"), Refused("refused")),
    ("N11 401", lambda network, anna: network.faults.next("sendMessage", UNAUTHORIZED), Halted("")),
    ("N11 404", refusing(404, "Not Found"), Halted("")),
    ("M13 500", lambda network, anna: network.faults.next("sendMessage", SERVER_ERROR), Unknown("RestartingTelegram")),
    ("M13 502", lambda network, anna: network.faults.next("sendMessage", Fault.SERVER_ERROR_HTML), Unknown("")),
    ("M13 reset before", lambda network, anna: network.faults.next("sendMessage", Fault.RESET_BEFORE), Unknown("")),
    ("M13 reset after", lambda network, anna: network.faults.next("sendMessage", Fault.RESET_AFTER), Unknown("")),
    ("M13 undecodable success", lambda network, anna: network.faults.next("sendMessage", Fault.GARBAGE), Unknown("")),
    (
        "deleted at once by another",
        refusing(500, "Internal Server Error: sent message was immediately deleted and can't be returned"),
        Sent("0"),
    ),
]


@pytest.mark.parametrize(("prepare", "expected"), [one[1:] for one in OUTCOMES], ids=[one[0] for one in OUTCOMES])
async def test_how_a_send_ends(network, channel, prepare, expected):
    anna = network.person("Анна")
    await anna.opens()
    if asyncio.iscoroutine(waiting := prepare(network, anna)):
        await waiting
    got = await channel.send(say(anna.id))
    assert type(got) is type(expected)
    if isinstance(expected, Sent | TryLater | Unreachable | Refused):
        assert got == expected
    taken = isinstance(expected, Sent) and expected.message_id != "0"
    assert len(anna.screen) == taken or isinstance(expected, Unknown)


async def test_M13_what_was_taken_without_an_answer_is_on_screen_once_until_it_is_repeated(network, channel):
    anna = network.person("Анна")
    await anna.opens()
    network.faults.next("sendMessage", Fault.RESET_AFTER)
    assert isinstance(await channel.send(say(anna.id, "Заявка принята")), Unknown)
    await channel.send(say(anna.id, "Заявка принята", attempt=2))
    assert [one.text for one in anna.screen] == ["Заявка принята", "↻ Повтор: Заявка принята"]
    assert [one.method for one in network.ledger.to(anna.id)] == ["sendMessage"] * 2
    await channel.send(say(anna.id, "↻ Повтор: неясно, дошло ли с первого раза.\n\nЛид №7", attempt=2))
    assert anna.screen[-1].text.count("Повтор") == 1, "a card has been marked already, in more words"


async def test_N13_the_deadline_holds_and_what_never_left_is_not_unknown(network):
    network.faults.slow_for = 30
    network.faults.next("sendMessage", Fault.SLOW)
    anna = network.person("Анна")
    await anna.opens()
    hasty = channel_to(network, deadline=0.4)
    begun = time.monotonic()
    assert isinstance(await hasty.send(say(anna.id)), Unknown)
    assert time.monotonic() - begun < 2
    await hasty.close()
    with nobody_answers() as address:
        filtered = channel_to(network, api_url=address, deadline=0.6)
        assert await filtered.send(say(anna.id)) == TryLater(5.0, everybody=True)
        await filtered.close()


@contextmanager
def nobody_answers() -> Iterator[str]:
    """An address whose queue is full: a connection never comes about, as behind a filter."""
    with socket.socket() as deaf, ExitStack() as queue:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(4):
            caller = queue.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(deaf.getsockname())
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}"


async def test_N13_a_dead_proxy_is_not_unknown_either(network):
    anna = network.person("Анна")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening
        for scheme in ("socks5", "http"):
            through = channel_to(network, proxy=f"{scheme}://127.0.0.1:{nobody.getsockname()[1]}")
            assert await through.send(say(anna.id)) == TryLater(5.0, everybody=True)
            await through.close()


async def test_the_managers_group_kicks_the_bot_or_becomes_a_supergroup(network, channel):
    olga, desk = network.person("Ольга"), network.group("Заявки", kind="group")
    new = await desk.becomes_supergroup(olga)
    assert await channel.send(say(desk.id)) == Moved(str(new.id))
    assert isinstance(await channel.send(say(new.id)), Sent)
    await new.kicks_the_bot(olga)
    assert await channel.send(say(new.id)) == Refused("bot was kicked from the supergroup chat")
    lost = network.group("Другие")
    lost.chat.deleted = True
    assert await channel.send(say(lost.id)) == Refused("the group chat was deleted")


async def test_M14_a_card_is_edited_in_place(network, channel):
    desk = network.group()
    take = ((Button("Беру", "#7.take"),),)
    sent = await channel.send(say(desk.id, "Анна", buttons=take))
    assert isinstance(sent, Sent)
    edit = say(desk.id, "Анна, взяла Ольга", act="edit", message_id=sent.message_id, buttons=take, attempt=2)
    assert await channel.send(edit) == sent
    assert await channel.send(edit) == sent  # not modified: done
    assert [(one.text, one.buttons, one.edited) for one in desk.screen] == [("Анна, взяла Ольга", [["Беру"]], True)]
    desk.chat.messages[1].deleted = True
    gone = await channel.send(edit)
    assert gone == Refused("message to edit not found", edit_gone=True)
    phone = network.person("Анна")
    await phone.opens()
    asked_for = await channel.send(say(phone.id, "Телефон?", asks_phone=True))
    kept = await channel.send(say(phone.id, "!", act="edit", message_id=asked_for.message_id))
    assert kept == Refused("message can't be edited", edit_gone=True)
    assert await channel.send(say(desk.id, act="edit")) == Refused("an edit of no message", edit_gone=True)


async def test_buttons_are_inline_and_links_lead_out(network, channel):
    anna = network.person("Анна")
    await anna.opens()
    rows = (
        (Button("Да", "1.1.ends.yes"), Button("Нет", "1.1.ends.no")),
        (Button("Условия", url="https://romashka.example"),),
    )
    await channel.send(say(anna.id, "Продолжим?", buttons=rows))
    seen = await anna.sees("Продолжим?")
    assert seen.buttons == [["Да", "Нет"], ["Условия"]]
    wire = anna.chat.messages[int(seen.id)].wire
    assert wire["reply_markup"]["inline_keyboard"][0][0] == {"text": "Да", "callback_data": "1.1.ends.yes"}
    assert wire["reply_markup"]["inline_keyboard"][1][0]["url"] == "https://romashka.example"
    assert wire["link_preview_options"] == {"is_disabled": True}


async def test_the_phone_button_comes_and_goes(network, channel):
    anna = network.person("Анна")
    await anna.opens()
    rows = ((Button("Пропустить", "1.1.phone.skip"), Button("Условия", url="https://romashka.example")),)
    await channel.send(say(anna.id, "Телефон?", asks_phone=True, buttons=rows))
    seen = await anna.sees("Телефон?")
    assert seen.asks_phone
    assert seen.buttons == [["📱 Отправить мой номер"], ["Пропустить"]]
    assert seen.text == "Телефон?\nУсловия: https://romashka.example"
    assert anna.chat.keyboard["resize_keyboard"] is True
    assert anna.chat.keyboard["one_time_keyboard"] is True
    await channel.send(say(anna.id, "Спасибо", drops_keyboard=True))
    assert anna.reply_buttons == []
    await channel.send(say(anna.id, "Дальше?", drops_keyboard=True, buttons=((Button("Да", "k"),),)))
    assert (await anna.sees("Дальше?")).buttons == [["Да"]]


async def test_a_reply_hangs_under_its_message_and_goes_out_without_it_too(network, channel):
    desk = network.group()
    first = await channel.send(say(desk.id, "Карточка"))
    await channel.send(say(desk.id, "Клиент пишет", reply_to=first.message_id))
    assert (await desk.sees("Клиент пишет")).reply_to == first.message_id
    await channel.send(say(desk.id, "И ещё", reply_to="999"))
    assert (await desk.sees("И ещё")).reply_to is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>Анна</b> &lt; *_[x](tg://user?id=1)", "<b>Анна</b> &lt; *_[x](tg://user?id=1)"),
        ("{{7*7}} ${x} %s {0}", "{{7*7}} ${x} %s {0}"),
        ("А\ud800Б", "А\ufffdБ"),
        ("я" * 5000, "я" * 4095 + "…"),
        ("😀" * 3000, "😀" * 2047 + "…"),
    ],
    ids=["P28 markup", "P30 templates", "P27 lone surrogate", "too long", "too long in pairs"],
)
async def test_texts_arrive_as_they_are(network, channel, text, shown):
    anna = network.person("Анна")
    await anna.opens()
    assert isinstance(await channel.send(say(anna.id, text)), Sent)
    assert anna.screen[-1].text == shown


@pytest.mark.parametrize("to", ["", "anna", "@anna", "5.5", "²"])
async def test_N12_an_address_that_is_none_is_refused_here(network, channel, to):
    assert isinstance(await channel.send(say(to)), Refused)
    assert not network.calls


# ---------------------------------------------------------------- presses


async def test_P7_P10_spinners_end_once_with_a_short_line_and_their_failures_are_nobodys_business(network, inbox):
    async with listening(network, inbox) as channel:
        anna = network.person("Анна")
        await anna.opens()
        await inbox.gets(Start)
        await channel.send(say(anna.id, "Продолжим?", buttons=((Button("Да", "1.1.a.yes"),),)))
        await anna.taps("Да")
        await anna.taps("Да")
        first, second = [one.heard for one in await inbox.gets(Press, 2)]
        assert len(anna.spinning) == 2
        notice = Notice("telegram", first.query, str(anna.id), str(anna.id), "Кнопка устарела. " * 20)
        await channel.notify(notice)
        await channel.notify(Notice("telegram", second.query, str(anna.id), str(anna.id)))
        assert anna.spinning == []
        (alert,) = anna.alerts
        assert len(alert) == 200
        await channel.notify(notice)  # answered twice: refused by Telegram, ignored here
        await anna.taps("Да")
        third = (await inbox.gets(Press, 3))[2].heard
        network.forward(timedelta(minutes=5))
        await channel.notify(Notice("telegram", third.query, "1", "1", "поздно"))
        network.revoked = True
        await channel.notify(notice)
        assert len(anna.alerts) == 1


# ---------------------------------------------------------------- secrets


async def test_I11_the_token_and_what_people_write_are_in_no_log_and_no_error(network, inbox, caplog):
    caplog.set_level(logging.DEBUG)
    faults = (Fault.RESET_BEFORE, Fault.GARBAGE, Fault.SERVER_ERROR_HTML, SERVER_ERROR, UNAUTHORIZED, too_many(1))
    inbox.refuses = 1
    anna = network.person("Канарейкина", phone="+79005550001")
    async with listening(network, inbox) as channel:
        await anna.says("канарейка поёт")
        for fault in faults:
            network.faults.next("sendMessage", fault)
            await channel.send(say(anna.id, "секретный ответ"))
        network.updates.push_text('{"update_id": 900000002, "message": {"text": "канарейка"')
        for fault in faults[:-2]:
            network.faults.next("getUpdates", fault)
        await anna.shares_phone()
        await inbox.gets(PhoneCard)
        await network.stop()
        await inbox.until(lambda: any(kind == "unreachable:telegram" for kind, _ in inbox.reports))
    with nobody_answers() as address:  # aiohttp names the whole address, token and all, when it gives up
        deaf = channel_to(network, api_url=address, deadline=0.6)
        await deaf.send(say(anna.id, "секретный ответ"))
        with pytest.raises(ConnectionError) as failed:
            await deaf.username()
        await deaf.close()
    written = caplog.text + "".join(traceback.format_exception(failed.value)) + repr(inbox.reports)
    assert "getting updates" in written  # something was written at all
    for secret in (network.token, network.token.split(":")[1], "анарейк", "9005550001", "секретный"):
        assert secret not in written


async def test_the_bot_knows_its_name_and_number(network, channel):
    assert await channel.username() == "romashka_bot"
    assert await channel.username() == "romashka_bot"
    assert len(asked(network, "getMe")) == 1
    assert channel.bot_id == 424242


async def _until(holds: Callable[[], Any], timeout: float = 5) -> None:
    async with asyncio.timeout(timeout):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("what", "answers"),
    [
        (None, True),
        (too_many(3), True),
        (UNAUTHORIZED, True),
        (SERVER_ERROR, False),
        (Fault.RESET_BEFORE, False),
        (Fault.SERVER_ERROR_HTML, False),
        (Fault.GARBAGE, False),
    ],
)
async def test_N6_whether_telegram_is_there(
    network: TelegramEmulator, channel: Telegram, what: object, answers: bool
) -> None:
    """A refusal is an answer; half a one, or none, is not."""
    if what is not None:
        network.faults.next("getMe", what)
    assert await channel.answers() is answers

"""What prospects, their devices and their networks do to a bot (THREATS, P): through the network's own door."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from dialogs import phrases
from storage.tables import (
    Answer,
    Conversation,
    FollowUp,
    Identity,
    Lead,
    Outbox,
    ParkedEvent,
)
from tests import flow_folder
from tests.emulators.telegram import BotApiError
from tests.house import House

MESSENGERS = ("telegram", "vk")
EVERYWHERE = ("telegram", "vk", "web")
WHERE, NIGHTS, NAME = "Куда хотите", "На сколько ночей", "Как к вам обращаться"


def short(*changes: tuple[str, str]) -> dict[str, bytes]:
    """The small flow «tour», published everywhere, with changes to it."""
    files = flow_folder.folder("tour.yaml", *changes)
    files["business.yaml"] = flow_folder.BUSINESS.replace("  vk: [tour]", "  vk: [tour]\n  web: [tour]")
    return {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}


async def count(house: House, what: Any, *where: Any) -> int:
    async with house.database.read() as db:
        return int(await db.scalar(select(func.count()).select_from(what).where(*where)) or 0)


async def one(house: House, query: Any) -> Any:
    async with house.database.read() as db:
        return await db.scalar(query)


async def state(house: House) -> dict[str, Any]:
    return (await one(house, select(Conversation.state))).get("answers", {})


async def agrees(anna: Any) -> Any:
    """From the link to the first question; that question's message."""
    await anna.opens("tour__flyer__may")
    await anna.sees("Даю согласие")
    await anna.taps("Согласен")
    return await anna.sees(WHERE)


async def until(holds: Any, timeout: float = 5) -> None:
    async with asyncio.timeout(timeout):
        while not await holds():
            await asyncio.sleep(0.02)


# ---------------------------------------------------------------- buttons


@pytest.mark.parametrize("channel", EVERYWHERE)
async def test_P7_P8_P9_a_button_counts_once_for_the_first_device_and_only_at_its_question(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna = house.person("Анна")
        where = await agrees(anna)
        await anna.taps("К морю", where)  # her phone
        await anna.taps("К морю", where)  # her finger trembles
        await anna.taps("В горы", where)  # her tablet, in the same moment
        await anna.sees(NIGHTS)
        again = await anna.sees(NIGHTS)
        assert again.text.startswith(phrases.STALE), "the second device gets the present question"
        assert await state(house) == {"where": "sea"}
        await anna.sees_nothing(0.1)

        await anna.says("заново")
        fresh = await anna.sees(WHERE)
        clock.forward(timedelta(minutes=1))
        await anna.taps("В горы", where)  # the button of the former run, pressable for ever
        assert (await anna.sees(WHERE)).text.startswith(phrases.STALE)
        assert await state(house) == {}
        await anna.taps("В горы", fresh)
        await anna.sees(NIGHTS)
        assert await state(house) == {"where": "hills"}
        if channel == "telegram":
            await until(lambda: _none(anna.spinning))
            assert anna.alerts == [], "no words end a spinner"


async def _none(things: Any) -> bool:
    return not things


async def test_P10_P11_P12_presses_come_late_without_their_message_and_forged(sqlite_url, clock):
    async with House.open("telegram", sqlite_url, clock, short()) as house:
        anna, network = house.person("Анна"), house.network
        where = await agrees(anna)
        key = _key(anna, "К морю")

        await until(lambda: _none(anna.spinning))  # of the consent's button: an answer may come before it ends
        late = BotApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        network.faults.next("answerCallbackQuery", late)
        before = _calls(network, "answerCallbackQuery")
        await anna.forges(key, message_id=int(where.id))  # the message is too old for Telegram to show (P11)
        await anna.sees(NIGHTS)
        assert await state(house) == {"where": "sea"}
        await asyncio.sleep(0.1)
        assert _calls(network, "answerCallbackQuery") - before == 1, "the refusal is not tried again (P10)"

        bare = {"id": "77", "from": network.world.users[anna.id], "data": key, "chat_instance": "1"}
        clock.forward(timedelta(minutes=1))  # no double tap
        network.updates.push({"callback_query": bare})  # no message at all
        assert (await anna.sees(NIGHTS)).text.startswith(phrases.STALE)

        boris = house.person("Борис")
        await boris.opens()
        await boris.sees("Даю согласие")
        for data in (key, "#1.won", "!team.remove.1", "!menu.nothing", "1.1.where.999", "🙂" * 16, '{"a":{"b":[]}}'):
            await boris.forges(data)
        await boris.says("менеджер")
        await boris.sees("Позвал менеджера")
        assert await state(house) == {"where": "sea"} and await one(house, select(Lead.status)) == "new"
        assert await count(house, Lead) == 1 and await count(house, ParkedEvent) == 0
        await anna.says("7")
        await anna.sees(NAME)


def _calls(network: Any, name: str) -> int:
    return sum(called == name for called, _ in network.calls)


def _key(person: Any, label: str) -> str:
    for message in reversed(person.chat.messages.values()):
        for row in message.wire.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if button["text"] == label:
                    return str(button["callback_data"])
    raise AssertionError(label)


async def test_P12_a_forged_payload_is_a_key_to_nothing(sqlite_url, clock):
    async with House.open("vk", sqlite_url, clock, short()) as house:
        anna, boris = house.person("Анна"), house.person("Борис")
        await agrees(anna)
        await boris.opens()
        await boris.sees("Даю согласие")
        forged = ["[" * 2000, '{"k":{"k":{"k":1}}}', '{"k":"#1.won"}', '{"k":"1.1.where.0"}', '{"k":null}', "null",
                  '{"k":"' + "z" * 1_000_000 + '"}', '{"command":["start"]}', '{"k":"\\u0000\\ud800"}']  # fmt: skip
        for payload in forged:
            await boris.forges(payload, "Кнопка")
        await boris.says("менеджер")
        await boris.sees("Позвал менеджера", timeout=10)
        assert await one(house, select(Lead.status)) == "new" and await count(house, Lead) == 1
        assert await count(house, ParkedEvent) == 0
        assert await one(house, select(Conversation.step).order_by(Conversation.id)) == "where"


# ---------------------------------------------------------------- bursts


@pytest.mark.parametrize("channel", MESSENGERS)
async def test_P14_P15_P16_a_burst_is_one_message_and_a_start_repeated_is_one_start(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna = house.person("Анна")
        await agrees(anna)
        for number in range(20):  # a forward of many, in one second: the first answers, the rest were not asked for
            await anna.says("к морю" if number == 0 else f"чужие слова {number}")
        await anna.sees(NIGHTS)
        await anna.sees_nothing(0.2)
        assert await state(house) == {"where": "sea"}
        for said in ("семь", "и ещё", "кое-что"):
            await anna.says(said)
        await anna.sees(NAME)
        await anna.sees_nothing(0.2)
        for part in ("Меня зовут", "Анна", "Снегирёва"):
            await anna.says(part)
        await anna.sees("Анна Снегирёва, какой у вас телефон")
        for _ in range(50):
            await anna.opens("tour__flyer__may")
        await anna.sees("Продолжим с того же места или начнём заново?")
        await anna.sees_nothing(0.3)
        assert await count(house, Lead) == 1


# ---------------------------------------------------------------- people who are away


@pytest.mark.parametrize("channel", MESSENGERS)
async def test_P19_P20_whoever_blocks_us_or_is_gone_is_left_alone_and_their_lead_stays(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna, boris = house.person("Анна"), house.person("Борис")
        await agrees(anna)
        await anna.blocks()
        await until(lambda: count(house, Identity, Identity.reachable.is_(False)))
        assert await count(house, FollowUp, FollowUp.status == "planned") == 0
        assert await one(house, select(Lead.status)) == "new"
        await house.forward(timedelta(hours=3))
        await anna.says("к морю")  # she is back: her answer counts, and nothing else is poured out
        await anna.sees(NIGHTS)
        await anna.sees_nothing(0.2)
        assert await count(house, Identity, Identity.reachable.is_(False)) == 0
        assert not any("Продолжим" in seen.text for seen in anna.screen)

        await boris.opens()
        await boris.says("менеджер")
        await boris.sees("Позвал менеджера")
        call = await house.desk.sees("человек")
        gone(house, boris)
        await house.desk.replies_as(house.olga, call, "Борис, здравствуйте!")
        await until(lambda: count(house, Identity, Identity.unreachable_reason.startswith("gone")))
        tries = await one(house, select(func.max(Outbox.attempt)).where(Outbox.identity_id == 2))
        assert tries == 1, "nobody knocks at a door that is gone"
        await house.desk.replies_as(house.olga, call, "Борис, вы здесь?")
        await house.desk.sees("Ответ не отправлен")


def gone(house: House, person: Any) -> None:
    """The account is deleted."""
    if house.name == "telegram":
        person.deactivates()
    else:
        house.network.world.profiles[person.id].deactivated = True


# ---------------------------------------------------------------- those who are no prospects


async def test_P21_P23_groups_nobody_bound_and_those_who_are_no_people_get_no_answer(sqlite_url, clock):
    async with House.open("telegram", sqlite_url, clock, short()) as house:
        network, guest = house.network, house.person("Гость")
        group = network.group("Соседи")
        await group.adds_the_bot(guest)
        for said in ("/start tour", "тур", "стоп", "/invite", "/mydata", "менеджер"):
            await group.writes_as(guest, said)
        for what in ("voice", "document"):
            await group.sends_as(guest, what)
        await group.writes_anonymously("тур")
        await group.writes_as_bot("тур")
        anna = house.person("Анна")
        world = network.world
        world.said(anna.chat, anna.id, text="тур", via_bot={"id": 5, "is_bot": True, "first_name": "x"})
        post = {
            "message_id": 900,
            "date": 1,
            "chat": {"id": -100777, "type": "channel", "title": "Канал"},
            "text": "тур",
        }
        network.updates.push({"channel_post": post})
        network.updates.push({"message": {**post, "sender_chat": post["chat"]}})
        other_bot = {"id": 78, "is_bot": True, "first_name": "Бот"}
        private = {"id": 78, "type": "private", "first_name": "Бот"}
        network.updates.push({"message": {**post, "chat": private, "from": other_bot}})
        world.pressed(group.chat, None, guest.id, "1.1.where.0", shown_id=3)
        await agrees(anna)  # and those after them are served at once
        assert group.screen == [] and house.desk.screen == []
        assert await count(house, Identity) == 1 and await count(house, ParkedEvent) == 0
        said = {str(given.get("chat_id")) for name, given in network.calls if name == "sendMessage"}
        assert said == {str(anna.id)}


async def test_P21_P23_vk_talks_of_others_and_communities_get_no_answer(sqlite_url, clock):
    async with House.open("vk", sqlite_url, clock, short()) as house:
        network, guest, anna = house.network, house.person("Гость"), house.person("Анна")
        talk = network.group(7)
        for said in ("тур", "Начать", "стоп", "менеджер", f"[club{network.group_id}|@club] тур"):
            await talk.writes_as(guest, said)
        network.world.said(talk.id, guest.id, "тур", payload='{"k":"1.1.where.0"}')
        message = {"peer_id": -55, "from_id": -55, "conversation_message_id": 1, "date": 1, "text": "тур"}
        event = {"group_id": network.group_id, "type": "message_new", "v": "5.199", "event_id": "c"}
        network.world.push({**event, "object": {"message": message, "client_info": {}}})
        network.world.sent(guest.id, "Наше собственное слово", random_id=5)
        await agrees(anna)
        assert talk.screen == [] and house.desk.screen == []
        assert await count(house, Identity) == 1 and await count(house, ParkedEvent) == 0


# ---------------------------------------------------------------- what people send


@pytest.mark.parametrize("channel", MESSENGERS)
async def test_P24_P25_anything_odd_gets_a_line_and_the_question_and_is_never_fetched(
    channel, sqlite_url, clock, tmp_path
):
    kinds = ["voice", "sticker", "photo", "video", "document", "audio", "poll", "location"]
    if channel == "telegram":
        kinds += ["video_note", "dice", "animation", "venue", "story", "web_app_data"]
    async with House.open(channel, sqlite_url, clock, short()) as house:
        anna = house.person("Анна")
        await agrees(anna)
        for what in kinds:
            await anna.sends(what)
            seen = await anna.sees(WHERE)
            assert seen.text.startswith(phrases.ODD.get(what, phrases.ODD_OTHER)), what
        if channel == "telegram":
            await anna.sends("album")
            await anna.sees(WHERE)
            await anna.sees_nothing(0.2)
        await anna.sends("document", "к морю")  # words with a file are words
        await anna.sees(NIGHTS)
        called = {one if isinstance(one, str) else one[0] for one in house.network.calls}
        assert not [name for name in called if "file" in name.lower() or "docs" in name or "photos" in name]
        assert await count(house, ParkedEvent) == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("leads.db*"))
    for trace in (b"AgAC-emulated", b"457239017", "план.pdf".encode()):
        assert trace not in kept, "neither the file nor a way to it is kept: only its kind counts"


EVIL = '<b>Анна</b> {{7*7}} {user.__class__} ${x} %s {0} *_[x](tg://user?id=1) &lt; "><i>'


@pytest.mark.parametrize("channel", EVERYWHERE)
async def test_P26_P27_P28_P29_P30_A12_whatever_is_typed_is_kept_and_shown_as_typed(channel, sqlite_url, clock):
    files = short(
        ("    answer: name\n", "    answer: text\n    pause: 0\n"),
        ("      На сколько ночей?", "      На <b>сколько</b> ночей? Море & горы, **[сайт](https://x.example)** &amp;"),
    )
    async with House.open(channel, sqlite_url, clock, files) as house:
        anna, desk = house.person("Анна"), house.desk
        await agrees(anna)
        await anna.says("В ГОРЫ!")
        await anna.sees("На <b>сколько</b> ночей? Море & горы, **[сайт](https://x.example)** &amp;")  # A12
        for nothing in ("   ", "\u200b\u200d\ufeff", "\n" * 300) if channel != "web" else ("🙂",):
            await anna.says(nothing)
            await anna.sees("<b>сколько</b>")
        await anna.says("7")
        await anna.sees(NAME)
        pinging = "[id1|Павел] @all *club1 "
        await anna.says(f"{EVIL} {pinging}\u202eобратно\x00 ‎" + "я" * 3000)
        await anna.sees("какой у вас телефон")
        await anna.says("8 900 123-45-67")
        await anna.taps("Всё верно", await anna.sees("Всё верно?"))
        await anna.sees("Спасибо")
        card = await desk.sees("+7 900 123-45-67")
        assert EVIL.replace("tg:", "tg[:]") in card.text.replace("\u2060", ""), "as typed, but nothing to click on"
        answers = "\n".join(line for line in card.text.splitlines() if "код " not in line)  # a code may hold any digits
        assert "49" not in answers and len(card.text) <= 4096 and "\u202e" not in card.text
        if channel == "vk":
            assert desk.pings == []
        kept = await one(house, select(Answer.value).where(Answer.step == "name"))
        assert kept.startswith(EVIL) and kept.endswith("я" * 100) and "\x00" not in kept
        assert await count(house, ParkedEvent) == 0


async def test_P27_halves_of_letters_and_endless_numbers_on_the_wire(database_url, clock):
    async with House.open("telegram", database_url, clock, short()) as house:
        anna, updates = house.person("Анна"), house.network.updates
        await agrees(anna)
        who = f'"from":{{"id":{anna.id},"is_bot":false,"first_name":"\\ud800\\u0000А"}}'
        head = f'"message_id":70,"date":1795424400,"chat":{{"id":{anna.id},"type":"private"}},{who}'
        updates.push_text(f'{{"update_id":{updates.next_id},"message":{{{head},"text":"\\udc00\\u0000\\ud83d"}}}}')
        await anna.sees(WHERE)
        updates.push_text(f'{{"update_id":{updates.next_id},"message":{{{head},"text":"к морю\\u0000\\ud800"}}}}')
        await anna.sees(NIGHTS)
        updates.push_text(f'{{"update_id":{updates.next_id},"message":{{"message_id":{"9" * 5000}}}}}')
        await anna.says("7")
        await anna.sees(NAME)


# ---------------------------------------------------------------- events


@pytest.mark.parametrize("channel", MESSENGERS)
async def test_P52_P53_P54_long_ids_unknown_kinds_and_repeats_on_the_wire(channel, sqlite_url, clock):
    async with House.open(channel, sqlite_url, clock, short()) as house:
        network = house.network
        anna = network.person("Анна", id=5_000_000_000_777 if channel == "telegram" else 4_294_967_777)
        await agrees(anna)
        poison = [
            {"new_kind_of_2031": {"id": 1}}, {"message": {"message_id": "one"}}, {"message": None},
            {"callback_query": {"id": 5, "data": {"a": 1}}}, {"my_chat_member": {"chat": {"id": 1, "type": "private"}}},
            {"message": {"message_id": 5, "date": 1, "chat": {"id": 2**80, "type": "private"}, "text": "x"}},
        ]  # fmt: skip
        for number, update in enumerate(poison):
            if channel == "telegram":
                network.updates.push(update)
            else:
                kind = next(iter(update)).replace("message", "message_new")
                network.world.push({"type": kind, "event_id": f"p{number}", "object": next(iter(update.values()))})
        if channel == "vk":
            for odd in (None, [], "x", {"type": "message_new"}, {"type": 5, "object": {}, "event_id": "z"}):
                network.world.push(odd)
        await anna.says("к морю")
        await anna.sees(NIGHTS, timeout=2)  # served at once, whatever was before it
        assert await count(house, ParkedEvent) >= 4
        assert {kind for kind, _ in house.reports} == {"parked"}

        if channel == "telegram":
            said = {"message_id": 90, "date": 1795424400, "chat": {"id": anna.id, "type": "private"}, "text": "7",
                    "from": network.world.users[anna.id]}  # fmt: skip
            for _ in range(10):
                network.updates.push({"update_id": 900_500_000, "message": said})
        else:
            network.longpoll.duplicates = True
            await anna.says("7")
        await anna.sees(NAME)
        await anna.sees_nothing(0.2)
        if channel == "vk":
            network.longpoll.replay_from(100)  # after a reconnect everything comes once more
            await anna.says("Анна")
            await anna.sees("какой у вас телефон")
            await anna.sees_nothing(0.3)
        assert await count(house, Identity) == 1 and await one(house, select(Identity.external_id)) == str(anna.id)


async def test_P52_the_same_number_in_two_networks_is_two_people(sqlite_url, clock):
    async with House.open("vk", sqlite_url, clock, short()) as house:
        boris = house.network.person("Борис", id=700_555)
        await agrees(boris)
        await house.stop()
        telegram = House("telegram", sqlite_url, clock, short())
        async with telegram._networks():
            await telegram.start()
            pavel = telegram.network.person("Павел", id=700_555)
            await pavel.says("стоп")
            await pavel.sees("")
            await telegram.stop()
        await house.start()
        stopped = {row.channel: bool(row.stopped_at) for row in await _all(house, Identity)}
        assert stopped == {"telegram": True, "vk": False}
        await boris.says("к морю")
        await boris.sees(NIGHTS)


async def _all(house: House, what: Any) -> list[Any]:
    async with house.database.read() as db:
        return list(await db.scalars(select(what)))


async def test_P57_a_human_in_vks_own_inbox_has_the_word_until_it_is_handed_back(sqlite_url, clock):
    async with House.open("vk", sqlite_url, clock, short()) as house:
        anna = house.person("Анна")
        await agrees(anna)
        house.network.administrator_answers(anna, "Анна, добрый день! Это Пётр, подберу вам тур сам.")
        await until(lambda: count(house, Conversation, Conversation.person_until.is_not(None)))
        await anna.says("к морю")
        await anna.sees_nothing(0.3)
        assert not any(NIGHTS in seen.text for seen in anna.screen)
        await house.desk.sees("к морю")
        await anna.taps("К морю")
        await anna.sees("говорит менеджер")
        await anna.taps("Вернуться к вопросам")
        await anna.sees(WHERE)
        await anna.says("к морю")
        await anna.sees(NIGHTS)

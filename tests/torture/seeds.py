"""What fuzzing begins from: events as the emulators write them, things people say, keys, tags, the shipped flows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from bot.channels.vk_events import KINDS
from bot.publishing import read_folder
from tests.emulators.telegram_attachments import ATTACHMENTS
from tests.emulators.telegram_world import Chat, World
from tests.emulators.vk_world import CHATS, Profile
from tests.emulators.vk_world import World as VkWorld

Json = dict[str, Any]
MOMENT = 1_795_424_400  # 23 November 2026, 9:00 UTC
GROUP = 239
FLOWS = Path(__file__).parents[2] / "dialogs" / "flows"

SAID = (
    "Анна", "меня зовут анна", "Анна Снегирёва", "8 (900) 123-45-67", "+7 900 123 45 67", "+375 29 123-45-67",
    "8 900 123 45 67 доб. 12",
    "9001234567", "89001234567, 89007654321", "anna@mail.ru", "anna собака gmail.con", "аnna@почта.рф", "2020",
    "около пяти", "1,5 млн", "25 тыс",
    "двадцать пять", "стоп", "отпишите меня от рассылки", "отзываю согласие на обработку персональных данных",
    "удалите мои данные",
    "позовите менеджера, пожалуйста", "назад", "заново", "помощь", "продолжить", "какие мои данные у вас есть",
    "да", "нет", "👍", "Кроссовер",
    "на этой неделе", "второй вариант", "не знаю, сколько стоит?", "паспорт 4509 123456",
    "карта 4111 1111 1111 1111", "СНИЛС 112-233-445 95",
    "смотри https://t.me/joinchat/x и www.example.com", "@all [id1|Павел] *club1", "серия 45 09 номер 123456",
    "Согласен", "Не согласен",
    "Здравствуйте! Хочу записаться на пробный урок, это сколько стоит? Мой номер 8 900 123-45-67, Анна",
    "/start", "/help@leadbot", "Пропустить",
)  # fmt: skip
PIECES = (
    "+7", "8 900", "123-45-67", "доб.", "внутр", "или", "и", "@", "собака", "mail.ru", "gmail", ".com", "xn--",
    "меня зовут", "здравствуйте", "пожалуйста",
    "тыс", "млн", "двадцать", "пять", "1 000", "1.000,5", "стоп", "не", "больше", "мне", "мои", "персональные",
    "данные", "согласие", "на", "обработку",
    "отзываю", "менеджера", "живого", "с", "паспорт", "серия", "номер", "рф", "снилс", "4509", "123456",
    "112-233-445", "http://", "www.", "[id1|", "t.me/",
    "да", "нет", "😀", "👍🏽", "\u0301\u0301\u0301", "\n", "  ", "ааааа", "a.a.a.a.", "-", "...", "((((", "{{ name }}",
)  # fmt: skip
TAGS = (
    "", "test_drive", "courses__vk_ads__spring", "test_drive__direct", "TEST_DRIVE__a__b", "a__b__c__d", "__",
    "_", "test_drive__", "__x", "SPRING-0",
    "x" * 64, "dGVzdF9kcml2ZQ==", "test_drive__тег",
)  # fmt: skip
PAYLOADS: tuple[object, ...] = (
    '{"k":"1.1.intent.0"}', '{"k": "!menu.test_drive"}', '{"command":"start"}', '"start"', "[]", "{}", "null",
    '{"k":{"k":"x"}}', '{"button":"1"}', {"k": "1.1.intent.0"},
    {"command": "start"}, {"k": 5}, None, [], 7,
)  # fmt: skip
CONDITIONS = (
    "year >= 2020", 'year >= 2020 and ends == "this_month"', "not (nights < 7)", 'where in ("sea", "hills")',
    "a == true or b != -1.5", "1 < year <= 3",
    "x not in [1, 2]", '"мор" in where', "years > 3 and (a or b and not c)",
)  # fmt: skip
TEMPLATES = (
    "Здравствуйте, {{ name }}!", "Код {{ code }} действует до {{ code.until | day }}.",
    "Осталось {{ offers.sea.left }} {{ offers.sea.left | count('код', 'кода', 'кодов') }}.",
    "{{ name | capitalize }}", "{{ a.b.c | day | upper }}", "{name}", "{{ }}", "{% if x %}да{% endif %}",
    "{# нет #}", "{{ name }} {{ company }}, {{ promise }}",
)  # fmt: skip


@cache
def shipped() -> dict[str, bytes]:
    return read_folder(FLOWS)


# ---------------------------------------------------------------- Telegram


@cache
def telegram_updates() -> tuple[Json, ...]:
    """One update of each kind that a bot hears of, as the emulator's world makes them."""
    world = World({"id": 1, "is_bot": True, "first_name": "Бот", "username": "leadbot"}, lambda: MOMENT)
    anna, olga = 1001, 2_147_483_650
    world.users = {one: {"id": one, "is_bot": False, "first_name": name, "language_code": "ru"}
                   for one, name in ((anna, "Анна"), (olga, "Ольга"))}  # fmt: skip
    private = Chat(anna, "private", {"first_name": "Анна", "last_name": "Снегирёва"})
    desk = Chat(-1_003_000_000_001, "supergroup", {"title": "Заявки"})
    for text in ("/start test_drive__vk_ads__spring", *SAID[:12]):
        world.said(private, anna, text=text)
    for what, thing in ATTACHMENTS.items():
        world.said(private, anna, **{what: thing}, caption="вот")
    world.said(private, anna, photo=ATTACHMENTS["photo"], media_group_id="13000000000000001")
    world.said(private, anna, contact={"phone_number": "79001234567", "first_name": "Анна", "user_id": anna})
    world.said(private, anna, contact={"phone_number": "+79001234567", "first_name": "Анна"}, forward_date=MOMENT)
    card = world.add(desk, {"from": world.bot}, {"text": "Новый лид"})
    world.said(desk, olga, text="Перезвоню", reply_to_message=world.quoted(card))
    world.said(desk, olga, text="/id@leadbot")
    world.edited(private, world.said(private, anna, text="Аня"), "Анна")
    world.pressed(private, world.add(private, {"from": world.bot}, {"text": "Вопрос"}), anna, "1.1.intent.0")
    world.pressed(desk, card, olga, "#1.take")
    world.pressed(private, None, anna, "!restart.test_drive", shown_id=5)
    world.membership(private, anna, "kicked")
    world.membership(desk, olga, "left")
    world.said(desk, olga, migrate_to_chat_id=-1_009_000_000_000)
    world.updates.push({"channel_post": {"message_id": 1, "chat": desk.wire(), "date": MOMENT}})
    world.updates.push({"message": {
        "message_id": 9, "sender_chat": desk.wire(), "chat": desk.wire(), "date": MOMENT, "text": "Да"}})  # fmt: skip
    return tuple(json.loads(one.text) for one in world.updates.queue)


# ---------------------------------------------------------------- VK


@cache
def vk_events() -> tuple[Json, ...]:
    """One long poll event of each kind, as the emulator's world makes them."""
    world = VkWorld(GROUP, lambda: MOMENT)
    world.enabled = {"message_new", "message_reply", "message_event", "message_allow", "message_deny"}
    anna, olga, desk = 1001, 2_147_483_650, CHATS + 1
    world.profiles = {one: Profile(one, name) for one, name in ((anna, "Анна"), (olga, "Ольга"))}
    world.said(anna, anna, "Начать", payload='{"command":"start"}', ref="test_drive__vk_ads__spring")
    for text in SAID[:12]:
        world.said(anna, anna, text)
    world.said(anna, anna, "Записаться", payload='{"k":"1.1.intent.0"}')
    world.said(anna, anna, "Здравствуйте", ref="courses__vk")
    for kind in KINDS:
        world.said(anna, anna, "", attachments=[{"type": kind, kind: {"id": 457239017, "owner_id": anna}}])
    world.said(anna, anna, "", geo={"coordinates": {"latitude": 55.7, "longitude": 37.6}, "type": "point"})
    question = world.sent(anna, "Вопрос", random_id=7)
    world.sent(anna, "Я отвечу сама", admin=olga)
    world.pressed(anna, question, {"k": "1.1.intent.0"})
    card = world.sent(desk, "Новый лид", random_id=8)
    world.said(desk, olga, "Перезвоню", reply=card)
    world.said(desk, olga, f"[club{GROUP}|@leadbot] /id")
    world.said(desk, olga, "", action={"type": "chat_invite_user", "member_id": -GROUP})
    world.pressed(olga, card, {"k": "#1.take"})
    world.deny(anna)
    world.emit("message_typing_state", {"from_id": anna, "state": "typing"})
    world.push({"type": "donut_from_the_future", "object": {"user_id": anna}, "event_id": "d", "group_id": GROUP})
    return tuple(event for _, event in world.events)

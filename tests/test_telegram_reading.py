"""What Telegram sends, in our words: one table of shapes as the Bot API documents them, and a fuzz of all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_reading import Reader
from handlers.inbound import (
    AlbumPart,
    Attachment,
    Edited,
    Elsewhere,
    Heard,
    Inbound,
    PhoneCard,
    Press,
    Reachable,
    Start,
    Text,
    Undecodable,
)

ANNA = {"id": 6_500_500_100, "is_bot": False, "first_name": "Анна", "last_name": "Петрова", "language_code": "ru"}
PRIVATE = {"id": ANNA["id"], "first_name": "Анна", "last_name": "Петрова", "type": "private"}
DESK = {"id": -1_001_234_567_890, "title": "Заявки", "is_forum": True, "type": "supergroup"}
BOT = {"id": 42, "is_bot": True, "first_name": "Ромашка", "username": "romashka_bot"}
CHANNEL = {"id": -1_008_880_001, "title": "Канал", "type": "channel"}
ORIGIN = {"type": "hidden_user", "sender_user_name": "Иван", "date": 1_793_000_000}
QUESTION = {"message_id": 7, "from": BOT, "chat": PRIVATE, "date": 1_793_000_000, "text": "Ваш телефон?"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    head = {"message_id": 9, "from": ANNA, "chat": chat, "date": 1_793_000_000}
    return {"update_id": 900, "message": {**head, **content}}


def press(**parts: Any) -> dict[str, Any]:
    return {"update_id": 900, "callback_query": {"id": "214", "from": ANNA, "chat_instance": "-3", **parts}}


def standing(chat: dict[str, Any], status: str) -> dict[str, Any]:
    members = {"old_chat_member": {"user": BOT, "status": "left"}, "new_chat_member": {"user": BOT, "status": status}}
    return {"update_id": 900, "my_chat_member": {"chat": chat, "from": ANNA, "date": 1_793_000_000, **members}}


def card(**parts: Any) -> dict[str, Any]:
    return {"phone_number": "79001234567", "first_name": "Анна", **parts}


def read(update: Any) -> Inbound:
    reader = Reader()
    reader.username = "romashka_bot"
    return reader.read(update)


CASES: list[tuple[str, dict[str, Any], Heard]] = [
    ("a link with a tag", message(text="/start kasko__vk_ads__spring"), Start("kasko__vk_ads__spring")),
    ("a bare start", message(text="/start"), Start("")),
    ("a start by name", message(text="/start@romashka_bot x"), Start("x")),
    ("words", message(text="Хочу скидку"), Text("Хочу скидку")),
    ("a command", message(text="/invite"), Text("/invite")),
    ("no start at all", message(text="/starting"), Text("/starting")),
    ("an answer to our message", message(text="да", reply_to_message=QUESTION), Text("да", "7")),
    ("the own card", message(contact=card(user_id=ANNA["id"])), PhoneCard("79001234567", own=True)),
    ("P1 another's card", message(contact=card(user_id=500_200)), PhoneCard("79001234567", own=False)),
    ("P1 a card of nobody", message(contact=card()), PhoneCard("79001234567", own=False)),
    (
        "P2 the own card, forwarded",
        message(contact=card(user_id=ANNA["id"]), forward_origin=ORIGIN),
        PhoneCard("79001234567", own=False),
    ),
    ("a forwarded text", message(text="чужое", forward_origin=ORIGIN), Text("чужое")),
    ("P24 photo", message(photo=[{"file_id": "A"}], caption="вот"), Attachment("photo", "вот")),
    ("P24 voice", message(voice={"file_id": "A"}), Attachment("voice")),
    ("P24 animation", message(document={"file_id": "A"}, animation={"file_id": "A"}), Attachment("animation")),
    ("P24 venue", message(location={"latitude": 1}, venue={"title": "Дом"}), Attachment("venue")),
    ("P24 payment", message(successful_payment={"currency": "RUB"}), Attachment("successful_payment")),
    ("P24 mini app", message(web_app_data={"data": "{}"}), Attachment("web_app_data")),
    ("P24 story reply", message(story={"id": 3}), Attachment("story")),
    ("P53 content of tomorrow", message(hologram={"x": 1}), Attachment("unknown")),
    ("a pinned message", message(pinned_message=QUESTION), Elsewhere("service")),
    ("P17 edited", {"update_id": 900, "edited_message": message(text="x")["message"]}, Edited("9", "x")),
    (
        "edited in a group",
        {"update_id": 900, "edited_message": message(DESK, text="x")["message"]},
        Elsewhere("edited"),
    ),
    (
        "an edited command",
        {"update_id": 900, "edited_message": message(text="/start x")["message"]},
        Elsewhere("edited"),
    ),
    (
        "an edited caption",
        {"update_id": 900, "edited_message": message(photo=[{"file_id": "A"}], caption="x")["message"]},
        Elsewhere("edited"),
    ),
    ("a press", press(data="1.1.ends.soon", message=QUESTION), Press("1.1.ends.soon", "214", "7")),
    (
        "P11 on a message too old to see",
        press(data="k", message={"message_id": 3, "chat": PRIVATE, "date": 0}),
        Press("k", "214", None),
    ),
    ("P11 on no message", press(data="k", inline_message_id="AA"), Press("k", "214", None)),
    ("a press without data", press(game_short_name="tetris"), Press("", "214", None)),
    ("P19 blocked", standing(PRIVATE, "kicked"), Reachable(False)),
    ("P19 unblocked", standing(PRIVATE, "member"), Reachable(True)),
    ("P21 added to a group", standing(DESK, "member"), Elsewhere("membership")),
    ("words in a group", message(DESK, text="Беру"), Text("Беру")),
    ("a command in a group", message(DESK, text="/today@Romashka_Bot"), Text("/today")),
    ("to another bot", message(DESK, text="/today@other_bot"), Elsewhere("command of another bot")),
    ("a start in a group", message(DESK, text="/start x"), Text("/start x")),
    ("a reply to a card", message(DESK, text="Звоню", reply_to_message=QUESTION), Text("Звоню", "7")),
    ("a photo for a card", message(DESK, photo=[{}], reply_to_message=QUESTION), Attachment("photo", "", "7")),
    (
        "in a topic everything replies to its first message",
        message(DESK, text="x", is_topic_message=True, reply_to_message={**QUESTION, "forum_topic_created": {}}),
        Text("x"),
    ),
    ("a topic was made", message(DESK, forum_topic_created={"name": "Анна"}), Elsewhere("service")),
    ("somebody joined", message(DESK, new_chat_members=[ANNA]), Elsewhere("service")),
    ("a card in a group", message(DESK, contact=card(user_id=ANNA["id"])), Attachment("contact")),
    ("the group moves away", message(DESK, migrate_to_chat_id=-100), Elsewhere("migrated")),
    ("the group has moved", message(DESK, migrate_from_chat_id=-4567, sender_chat=DESK), Elsewhere("migrated")),
    ("P23 anonymous admin", message(DESK, text="x", sender_chat=DESK), Elsewhere("sender_chat")),
    ("P23 a channel's post", message(DESK, text="x", sender_chat=CHANNEL), Elsewhere("sender_chat")),
    ("P23 a bot", message(DESK, text="x", **{"from": BOT}), Elsewhere("bot")),
    ("P23 by way of a bot", message(text="x", via_bot=BOT), Elsewhere("via_bot")),
    ("P53 a kind of tomorrow", {"update_id": 900, "some_future_update": {"x": 1}}, Elsewhere("some_future_update")),
    ("P53 a variant of tomorrow", message(text="x", forward_origin={"type": "from_the_moon"}), Text("x")),
]


@pytest.mark.parametrize(("update", "heard"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_telegram_sends(update, heard):
    event = read(update)
    assert event.heard == heard
    assert event.event_id == "900"
    assert json.loads(event.raw) == update


def test_who_said_it_and_where_and_when():
    here = read(message(text="Здравствуйте"))
    assert (here.sender, here.chat) == ("6500500100", "6500500100")  # P52: beyond 2^31
    assert (here.first_name, here.full_name) == ("Анна", "Анна Петрова")
    assert here.at == datetime(2026, 10, 26, 7, 33, 20, tzinfo=UTC)
    there = read(press(data="#7.take", message={**QUESTION, "chat": DESK}))
    assert (there.sender, there.chat) == ("6500500100", "-1001234567890")
    assert read(press(data="k")).chat == "6500500100"


UNREADABLE = [
    ("no sender's id", message(**{"from": {"is_bot": False}}, text="x")),
    ("an id of another kind", message({**PRIVATE, "id": "6500500100"}, text="x")),
    ("P27 an id beyond 64 bits", message({**PRIVATE, "id": 2**70}, text="x")),
    ("an id that is a truth", message({**PRIVATE, "id": True}, text="x")),
    ("a text that is a number", message(text=5)),
    ("a moment out of time", message(text="x", date=10**17)),
    ("a message that is a list", {"update_id": 900, "message": [1]}),
    ("nothing but a number", {"update_id": 900}),
    ("a press of nobody", {"update_id": 900, "callback_query": {"id": "1"}}),
]


@pytest.mark.parametrize("update", [case[1] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE])
def test_N5_what_cannot_be_read_is_kept_as_it_came(update):
    event = read(update)
    assert isinstance(event.heard, Undecodable)
    assert event.event_id == "900"
    assert json.loads(event.raw) == update


def test_N5_the_sender_of_an_unreadable_update_can_still_be_answered():
    event = read(message(text=5))
    assert (event.sender, event.chat) == ("6500500100", "6500500100")
    lost = read(press(data=5, message={**QUESTION, "chat": DESK}))
    assert (lost.sender, lost.chat) == ("6500500100", "-1001234567890")


def test_I11_the_error_of_an_unreadable_update_quotes_nothing():
    heard = read(message(text="x", date="+79001234567")).heard
    assert heard == Undecodable("TypeError")


def test_P24_an_album_counts_as_one_also_when_it_is_offered_again():
    reader = Reader()
    parts = [{**message(photo=[{}], media_group_id="13"), "update_id": number} for number in (901, 902, 903)]
    once = [reader.read(part).heard for part in parts]
    assert once == [Attachment("photo"), AlbumPart(Attachment("photo")), AlbumPart(Attachment("photo"))]
    assert [reader.read(part).heard for part in parts] == once
    other = {**message(photo=[{}], media_group_id="14"), "update_id": 904}
    assert reader.read(other).heard == Attachment("photo")


def test_P27_lone_surrogates_and_nul_are_put_right_at_the_door_and_kept_in_the_raw_event():
    event = read(
        json.loads('{"update_id": 900, "message": ' + json.dumps(message(text="А\ud800\x00")["message"]) + "}")
    )
    assert event.heard == Text("А\ufffd")
    assert b"\\ud800" in event.raw and event.raw.decode("ascii")


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}))


@settings(max_examples=300)
@given(case=st.sampled_from(CASES), where=st.lists(st.integers(0, 30), min_size=1, max_size=5), leaf=LEAVES)
def test_P53_no_json_at_all_stops_the_reader(case, where, leaf):
    update = json.loads(json.dumps(case[1]))
    place = update
    for left, step in zip(range(len(where) - 1, -1, -1), where, strict=True):  # walk down, put something else there
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            break
        key = keys[step % len(keys)]
        if not isinstance(place[key], dict | list) or not left:
            place[key] = leaf
            break
        place = place[key]
    assert isinstance(read(update), Inbound)


@pytest.mark.parametrize("update", [None, [], 5, "x", {}, {"message": {}}, {"update_id": None, "message": None}])
def test_P53_not_even_an_update(update):
    assert isinstance(read(update).heard, Undecodable)

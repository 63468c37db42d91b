"""Hearing in VK: what each event becomes, and that none is lost or served from nowhere, whatever Long Poll says."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.vk import Vk
from bot.channels.vk_client import VkRefused
from bot.channels.vk_events import Reader
from bot.channels.vk_gap import missed
from bot.channels.vk_longpoll import Times
from bot.channels.vk_recent import Recent
from bot.channels.vk_rights import VkMisconfigured
from dialogs.effects import Button
from handlers.inbound import (
    Attachment,
    Elsewhere,
    Inbound,
    PersonAnswered,
    Press,
    Reachable,
    Start,
    Text,
    Undecodable,
)
from tests.emulators.faults import Fault
from tests.emulators.vk import VkEmulator
from tests.emulators.vk_errors import VkError
from tests.test_vk_channel import YES_NO, to
from tests.vk_inbox import Inbox, listening


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def channel(vk: VkEmulator, inbox: Inbox) -> AsyncIterator[Vk]:
    async with listening(vk, inbox) as running:
        yield running


def texts(inbox: Inbox) -> list[str]:
    return [one.text for one in inbox.heard(Text)]


# ---------------------------------------------------------------- what events become


@pytest.mark.usefixtures("channel")
async def test_anna_opens_by_a_link_and_writes(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна", "Петрова")
    await anna.opens("courses__vk_ads__spring")
    await anna.says("Хочу скидку")
    await inbox.gets(Text)
    _begin, allowed, opened, said = inbox.events
    assert (allowed.heard, opened.heard) == (Reachable(True), Start("courses__vk_ads__spring"))
    assert said.heard == Text("Хочу скидку") and said.sender == said.chat == str(anna.id)
    assert (said.first_name, said.full_name) == ("Анна", "Анна Петрова")
    assert said.event_id == f"m{anna.id}.2" and abs(said.at - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.usefixtures("channel")
async def test_a_link_tag_starts_once_even_if_vk_repeats_it(vk: VkEmulator, inbox: Inbox) -> None:
    vk.world.repeats_ref = True
    anna = vk.person("Анна")
    await anna.says("Здравствуйте", ref="courses__vk")
    await anna.says("Хочу скидку")
    await anna.says("Вернулась", ref="test_drive__vk")
    await inbox.gets(Start, 2)
    assert inbox.heard(Start) == [Start("courses__vk"), Start("test_drive__vk")]
    assert texts(inbox) == ["Хочу скидку"]


@pytest.mark.usefixtures("channel")
@pytest.mark.parametrize(
    ("what", "caption", "heard"),
    [
        ("sticker", "", Attachment("sticker")),
        ("voice", "", Attachment("voice")),
        ("photo", "вот", Attachment("photo", "вот")),
        ("document", "", Attachment("document")),
        ("location", "", Attachment("location")),
        ("wall", "", Attachment("post")),
        ("something_new", "", Attachment("other")),
        ("link", "смотрите https://example.org", Text("смотрите https://example.org")),
    ],
)
async def test_P24_attachments_by_kind(vk: VkEmulator, inbox: Inbox, what: str, caption: str, heard: Any) -> None:
    await vk.person("Анна").sends(what, caption)
    (one,) = await inbox.gets(type(heard))
    assert one.heard == heard


@pytest.mark.parametrize(
    "payload",
    ["{", "[]", "7", '"k"', '{"k":7}', '{"k":{"k":"1"}}', '{"go":7}', "[" * 5000, json.dumps({"k": "1" * 300})],
)
@pytest.mark.usefixtures("channel")
async def test_P12_a_forged_payload_is_a_text_like_any_other(vk: VkEmulator, inbox: Inbox, payload: str) -> None:
    await vk.person("Анна").forges(payload, "Да")
    (one,) = await inbox.gets(Text)
    assert one.heard == Text("Да") and inbox.heard(Press) == []


@pytest.mark.usefixtures("channel")
async def test_P12_a_forged_press_keeps_only_a_key_and_its_spinner(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    await anna.says("а")
    for payload in (None, 7, {"k": ["1"]}, {"k": "1" * 300}, {"k": "#5.take"}, '{"k":"1.2"}'):
        vk.world.pressed(anna.id, anna.dialogue.messages[0], payload)
    presses = [one.heard for one in await inbox.gets(Press, 6)]
    assert [one.key for one in presses if isinstance(one, Press)] == ["", "", "", "", "#5.take", "1.2"]
    assert all(isinstance(one, Press) and one.query for one in presses)


async def test_P57_a_human_answers_from_the_inbox_and_the_bots_own_words_are_no_event(
    vk: VkEmulator, channel: Vk, inbox: Inbox
) -> None:
    anna = vk.person("Анна")
    await anna.says("Здравствуйте")
    await channel.send(to(anna))
    vk.administrator_answers(anna, "Это Ольга, слушаю вас")
    (one,) = await inbox.gets(PersonAnswered)
    assert one.sender == one.chat == str(anna.id)
    assert [type(each.heard) for each in inbox.events] == [Elsewhere, Reachable, Text, PersonAnswered]


@pytest.mark.usefixtures("channel")
async def test_P19_denied_and_allowed_again(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    await anna.blocks()
    await anna.unblocks()
    await inbox.gets(Reachable, 2)
    assert inbox.heard(Reachable) == [Reachable(False), Reachable(True)]


async def test_managers_talk_reply_and_press_in_their_chat(vk: VkEmulator, channel: Vk, inbox: Inbox) -> None:
    desk, olga = vk.group(), vk.person("Ольга", "Иванова")
    await channel.send(to(desk.peer, "Новый лид", buttons=((Button("Взять", "#5.take"),),)))
    card = await desk.sees("Новый лид")
    await desk.writes_as(olga, f"[club{vk.group_id}|@romashka], /today")
    await desk.replies_as(olga, card, "Здравствуйте, Анна!")
    await desk.taps_as(olga, "Взять")
    (press,) = await inbox.gets(Press)
    assert inbox.heard(Text) == [Text("/today"), Text("Здравствуйте, Анна!", reply_to=card.id)]
    assert isinstance(press.heard, Press) and (press.heard.key, press.heard.message_id) == ("#5.take", card.id)
    assert {(one.chat, one.sender, one.full_name) for one in inbox.of(Text, Press)} == {
        (str(desk.peer), str(olga.id), "Ольга Иванова")
    }


@pytest.mark.usefixtures("channel")
async def test_P23_P53_communities_service_messages_and_unknown_kinds_are_elsewhere(
    vk: VkEmulator, inbox: Inbox
) -> None:
    anna, desk = vk.person("Анна"), vk.group()
    await vk.ready()
    vk.world.said(desk.peer, anna.id, "", action={"type": "chat_invite_user", "member_id": -vk.group_id})
    foreign = {"peer_id": desk.peer, "from_id": -777, "date": 1, "conversation_message_id": 9, "text": "Реклама"}
    vk.world.push({"type": "message_new", "object": {"message": foreign}, "event_id": "f", "group_id": vk.group_id})
    vk.world.push({"type": "donut_from_the_future", "object": {"user_id": anna.id}, "event_id": "d"})
    await anna.says("а дальше всё в порядке")
    await inbox.gets(Text)
    _begin, *kinds = [one.why for one in inbox.heard(Elsewhere)]
    assert kinds == ["chat_invite_user", "another community", "donut_from_the_future"]


BROKEN: list[Any] = [
    {"type": "message_new", "object": {}, "event_id": "a"},
    {"type": "message_new", "object": {"message": {"text": "без ничего"}}, "event_id": "b"},
    {"type": "message_new", "object": {"message": {"peer_id": True, "from_id": "x", "date": None}}, "event_id": "c"},
    {"type": "message_new", "object": {"message": {"peer_id": 1, "from_id": 1, "date": 10**17,
                                                   "conversation_message_id": 1, "text": ""}}, "event_id": "d"},
    {"type": "message_event", "object": {"user_id": 1}, "event_id": "e"},
    {"type": "message_deny", "object": None, "event_id": "f"},
    {"no": "type"},
    [1, 2, 3],
    "text",
    None,
]  # fmt: skip


@pytest.mark.usefixtures("channel")
async def test_N5_P53_what_cannot_be_read_is_handed_over_whole_and_the_next_is_served(
    vk: VkEmulator, inbox: Inbox
) -> None:
    await vk.ready()
    for event in BROKEN:
        vk.world.push(event)
    await vk.person("Анна").says("а я пишу как все")
    await inbox.gets(Text)
    parked = inbox.of(Undecodable)
    assert [json.loads(one.raw) for one in parked] == BROKEN
    assert [one.event_id for one in parked[:6]] == list("abcdef") and len({one.event_id for one in parked}) == 10


def test_P27_odd_letters_are_cleaned_at_the_edge() -> None:
    reader = Reader(200300, Recent(9), lambda: datetime.now(UTC))
    message = {"peer_id": 5, "from_id": 5, "date": 1, "conversation_message_id": 1, "text": "а\0б\ud83d\ude00\ud800в"}
    read = reader.read({"type": "message_new", "object": {"message": message}, "event_id": "x"})
    assert read is not None and read.heard == Text("аб😀\ufffdв")
    assert isinstance(read.raw.decode("ascii"), str)


@pytest.mark.usefixtures("channel")
async def test_names_are_asked_for_once_and_not_waited_for(vk: VkEmulator, inbox: Inbox) -> None:
    vk.faults.next("users.get", VkError(10))
    anna = vk.person("Анна")
    await anna.says("раз")
    (one,) = await inbox.gets(Text)
    assert one.first_name == ""
    await anna.says("два")
    await inbox.gets(Text, 2)
    assert vk.calls.count("users.get") == 1, "a failure is not repeated with every message"


# ---------------------------------------------------------------- the place in the history


async def test_I1_N8_the_place_moves_only_after_the_commit(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox):
        anna = vk.person("Анна")
        await vk.ready()
        saved, inbox.refuses = inbox.cursor, 2
        await anna.says("Здравствуйте")
        await inbox.until(lambda: texts(inbox))
    assert inbox.refused == [inbox.refused[0]] * 2, "the same events were offered again"
    assert saved and inbox.cursor and inbox.cursor.split("@")[0] == str(vk.world.ts) != saved.split("@")[0]


async def test_N8_after_a_restart_it_goes_on_where_it_was(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    async with listening(vk, inbox):
        await anna.says("до")
        await inbox.gets(Text)
    await anna.says("пока бот выключен")
    async with listening(vk, inbox):
        await inbox.gets(Text, 2)
    async with listening(vk, Inbox()) as _stranger:
        await anna.says("после")
    assert texts(inbox) == ["до", "пока бот выключен"]


async def test_N8_a_first_start_has_a_place_to_come_back_to(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox):
        await vk.ready()
    anna = vk.person("Анна")
    await anna.says("пишу, пока бот выключен")
    async with listening(vk, inbox):
        await inbox.gets(Text)


@pytest.mark.usefixtures("channel")
async def test_P54_repeated_events_keep_their_keys(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    await anna.says("раз")
    await inbox.gets(Text)
    vk.longpoll.replay_from(100)
    await anna.says("два")
    await inbox.gets(Text, 3)
    assert len({one.event_id for one in inbox.of(Text)}) == 2


@pytest.mark.usefixtures("channel")
async def test_N9_an_expired_key_keeps_the_place(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    await vk.ready()
    vk.faults.next("groups.getLongPollServer", Fault.SERVER_ERROR_HTML, times=2)
    vk.longpoll.expire_key()
    vk.world.emitted.ring()
    async with asyncio.timeout(5):
        while vk.calls.count("groups.getLongPollServer") < 2:  # it is without a key now
            await asyncio.sleep(0.02)
    await anna.says("Здравствуйте")
    await inbox.gets(Text)
    assert "messages.getHistory" not in vk.calls


async def test_N9_the_key_is_renewed_before_it_goes_bad(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox, times=Times(wait=1, renewal=0.5)):
        await inbox.until(lambda: inbox.events)
        keys = vk.longpoll.keys
        await asyncio.sleep(1.2)
        assert vk.longpoll.keys == keys + 1
        await vk.person("Анна").says("всё слышно")
        await inbox.gets(Text)


@pytest.mark.usefixtures("channel")
async def test_N9_a_server_that_answers_no_more_is_asked_for_anew(vk: VkEmulator, inbox: Inbox) -> None:
    await vk.ready()
    keys = vk.longpoll.keys
    vk.faults.always("a_check", Fault.SERVER_ERROR_HTML)
    vk.world.emitted.ring()
    async with asyncio.timeout(8):
        while vk.longpoll.keys == keys:
            await asyncio.sleep(0.05)
    vk.faults.clear()
    await vk.person("Анна").says("всё слышно")
    await inbox.gets(Text)


async def test_N4_somebody_is_told_when_vk_is_silent_for_long(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox, times=Times(silent=0.3)) as channel:
        await vk.ready()
        assert channel.trouble is None
        port = int(vk.url.rsplit(":", 1)[1])
        await vk.stop()
        await inbox.until(lambda: "silent:vk" in dict(inbox.reports))
        assert channel.trouble
        await vk.start(port)
        await vk.person("Анна").says("всё слышно")
        await inbox.gets(Text)
        assert channel.trouble is None


@pytest.mark.parametrize("failed", [1, 3, 4, 77])
async def test_N8_N9_lost_messages_are_read_from_the_conversations_under_the_same_keys(
    vk: VkEmulator, inbox: Inbox, failed: int
) -> None:
    anna, boris, desk = vk.person("Анна"), vk.person("Борис"), vk.group()
    async with listening(vk, inbox) as channel:
        await anna.says("ещё слышно")
        await inbox.gets(Text)
        await channel.send(to(anna, "Да, слушаю", buttons=YES_NO))
    before = {one.event_id: one for one in inbox.of(Text)}
    await anna.says("никто не слышит")
    await anna.sends("sticker")
    await boris.opens("courses__vk")
    await desk.writes_as(anna, "и в чате")
    vk.administrator_answers(boris, "Это Ольга")
    vk.longpoll.forget_history(failed=failed)
    async with listening(vk, inbox):
        await inbox.gets(PersonAnswered)
        await anna.says("снова слышно")
        await inbox.until(lambda: "снова слышно" in texts(inbox))
    last = {one.event_id: one.heard for one in inbox.events}
    assert [key for key in before if key in last] == list(before), "what was served before comes under its own key"
    assert sorted(one.text for one in last.values() if isinstance(one, Text)) == sorted(
        ["ещё слышно", "никто не слышит", "и в чате", "снова слышно"]
    )
    assert [one for one in last.values() if isinstance(one, Start | Attachment)] in (
        [Start("courses__vk"), Attachment("sticker")], [Attachment("sticker"), Start("courses__vk")],
    )  # fmt: skip
    order = [one.event_id for one in inbox.events if one.chat == str(anna.id) and one.event_id.startswith("m")]
    assert order[-3:] == [f"m{anna.id}.3", f"m{anna.id}.4", f"m{anna.id}.5"], "in the order they were written"


async def test_N8_a_repair_that_breaks_off_begins_again(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    async with listening(vk, inbox):
        await anna.says("раз")
        await inbox.gets(Text)
    await anna.says("два")
    vk.longpoll.forget_history()
    vk.faults.next("messages.getConversations", Fault.RESET_BEFORE)
    vk.faults.next("messages.getHistory", Fault.SERVER_ERROR_HTML)
    inbox.refuses = 1
    async with listening(vk, inbox):
        await inbox.until(lambda: "два" in texts(inbox))


class Kept:
    """What VK kept of conversations, when it was asked: peers to their messages, newest first."""

    def __init__(self, *kept: dict[int, list[Any]]) -> None:
        self.kept, self.asked, self.closed = list(kept), 0, set[int]()

    async def call(self, method: str, *, peer_id: int = 0, offset: int = 0, **_: object) -> Any:
        now = self.kept[min(self.asked, len(self.kept) - 1)]
        if peer_id in self.closed:
            raise VkRefused(917)
        if method == "messages.getHistory":
            return {"items": now[peer_id][offset : offset + 200]}
        self.asked += 1
        order = sorted(now, key=lambda peer: -now[peer][0]["date"])[offset : offset + 200]
        return {"items": [{"conversation": {"peer": {"id": peer}}, "last_message": now[peer][0]} for peer in order]}


def written(peer: int, date: Any, text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    said = {"peer_id": peer, "from_id": peer, "conversation_message_id": number, "date": date, "text": text}
    return said | more


async def repaired(kept: Kept, since: int) -> tuple[list[Inbound], int]:
    """What is read of it, and how many conversations were closed."""
    closed: list[None] = []
    batches = missed(
        kept, Reader(200300, Recent(9), lambda: datetime.now(UTC)), since, closed=lambda: closed.append(None)
    )  # type: ignore[arg-type]
    return [one async for batch in batches for one in batch], len(closed)


async def test_N8_one_conversation_that_is_closed_costs_the_others_nothing() -> None:
    kept = Kept({7: [written(7, 1000, "никто не слышит")], 2000000001: [written(2000000001, 950, "в чате")]})
    kept.closed = {2000000001}  # the community was removed from that chat
    read, closed = await repaired(kept, since=900)
    assert [one.chat for one in read] == ["7"] and closed == 1


async def test_N5_N8_what_cannot_be_read_in_a_gap_is_handed_over_unread() -> None:
    odd = written(7, 1000, "вот", 3, attachments=[{"no": "type"}])
    undated = written(7, "вчера", "вот", 2)
    former = written(7, 890, "вот", 1, attachments=[{"no": "type"}])  # its event came, and was put aside
    read, closed = await repaired(Kept({7: [written(7, 1001, "да", 4), odd, undated, former]}), since=900)
    assert [type(one.heard) for one in read] == [Undecodable, Undecodable, Text] and not closed
    assert len({one.event_id for one in read}) == 3


async def test_N8_a_conversation_that_moves_while_they_are_listed_is_read() -> None:
    """Anna, on the second page, writes once more after the first was read: she is on the first page now."""
    before = {peer: [written(peer, 2000 - peer, "раз")] for peer in range(1, 300)}
    after = before | {250: [written(250, 3000, "два", 2), *before[250]]}
    read, _ = await repaired(Kept(before, after), since=900)
    assert [one.heard.text for one in read if one.chat == "250" and isinstance(one.heard, Text)] == ["раз", "два"]
    assert len(read) == 300


async def test_N9_a_repair_that_is_not_allowed_is_reported_and_lived_with(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox, times=Times(wait=1)):
        anna = vk.person("Анна")
        await vk.ready()
        vk.faults.always("messages.getConversations", VkError(15))
        vk.longpoll.fails.append({"failed": 3})
        await inbox.until(lambda: any(kind == "vk_gap" for kind, _ in inbox.reports))
        await anna.says("жизнь идёт")
        await inbox.gets(Text)


@pytest.mark.parametrize("answer", [{"failed": 1, "ts": 100}, {"failed": 2}, {"failed": 3}, {"failed": "?"}, {}])
@pytest.mark.usefixtures("channel")
async def test_N9_no_hot_loop_whatever_it_answers(vk: VkEmulator, answer: dict[str, Any]) -> None:
    await vk.ready()
    vk.longpoll.fails += [answer] * 1000
    vk.world.emitted.ring()
    await asyncio.sleep(0.5)
    assert 2 <= len(vk.longpoll.asked) < 8 and len(vk.calls) < 30


@pytest.mark.usefixtures("channel")
async def test_N3_whatever_the_network_does_the_events_come(vk: VkEmulator, inbox: Inbox) -> None:
    anna = vk.person("Анна")
    await anna.says("раз")
    await inbox.gets(Text)
    for fault in (Fault.SERVER_ERROR_HTML, Fault.RESET_AFTER, Fault.GARBAGE):
        vk.faults.next("a_check", fault)
    await anna.says("два")
    await inbox.until(lambda: "два" in texts(inbox))
    port = int(vk.url.rsplit(":", 1)[1])
    await vk.stop()
    await asyncio.sleep(0.6)
    await vk.start(port)
    await anna.says("три")
    await inbox.until(lambda: "три" in texts(inbox))


@pytest.mark.usefixtures("channel")
async def test_N11_a_revoked_token_is_reported_and_not_hammered(vk: VkEmulator, inbox: Inbox) -> None:
    await vk.ready()
    vk.revoked = True
    vk.longpoll.expire_key()
    vk.world.emitted.ring()
    vk.longpoll.fails.append({"failed": 2})
    await inbox.until(lambda: [kind for kind, _ in inbox.reports] == ["halted:vk"])
    calls = len(vk.calls)
    await asyncio.sleep(0.5)
    assert len(vk.calls) == calls


async def test_N10_the_self_test_names_what_to_switch_on(vk: VkEmulator, inbox: Inbox) -> None:
    vk.methods.rights.discard("messages")
    vk.faults.next("groups.setLongPollSettings", VkError(15))
    async with listening(vk, inbox):
        await vk.ready()
    said = "\n".join(text for _kind, text in inbox.reports)
    assert "сообщения сообщества" in said and "message_event" in said and "5.199" in said


async def test_N10_the_doctor_is_told_the_same(vk: VkEmulator, channel: Vk) -> None:
    assert str(vk.group_id) in await channel.rights()
    vk.methods.rights.discard("manage")
    with pytest.raises(VkMisconfigured, match="управление сообществом"):
        await channel.rights()


async def test_N11_a_key_of_another_community_is_named(vk: VkEmulator, inbox: Inbox) -> None:
    other = Vk(vk.token, 999, api_url=vk.url, load_cursor=inbox.load_cursor, report=inbox.report)
    task = asyncio.create_task(other.listen(inbox.receive))
    await inbox.until(lambda: any("другому сообществу" in text for _kind, text in inbox.reports))
    task.cancel()
    await other.close()


async def test_it_stops_at_once_in_the_middle_of_a_poll(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox):
        await vk.ready()
        asked = time.monotonic()
    assert time.monotonic() - asked < 1


async def test_two_hundred_people_at_once(vk: VkEmulator, inbox: Inbox) -> None:
    people = [vk.person(f"Имя{n}") for n in range(200)]
    async with listening(vk, inbox) as channel:
        for person in people:
            await person.says("Здравствуйте")
        await inbox.gets(Text, 200)
        sent = await asyncio.gather(*(channel.send(to(person)) for person in people))
    assert len({one.sender for one in inbox.of(Text)}) == 200 == len(sent)
    assert all(len(person.screen) == 1 for person in people)
    assert vk.calls.count("users.get") <= 20
    named: list[Inbound] = inbox.of(Text)
    assert all(one.first_name for one in named)

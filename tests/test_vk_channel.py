"""Saying things in VK: what goes over the wire through the real vk_api, and what each answer means."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.channels import Halted, Outgoing, Refused, Sent, TryLater, Unknown, Unreachable
from bot.channels.vk import Vk
from bot.channels.vk_keyboard import unping
from bot.channels.vk_longpoll import Times
from dialogs.effects import Button
from handlers.inbound import Notice, Press, Text
from tests.emulators.faults import Fault
from tests.emulators.vk import VkEmulator
from tests.emulators.vk_errors import VkError
from tests.emulators.vk_people import Person
from tests.vk_inbox import Inbox, listening

YES_NO = ((Button("Да", "1.1.agree.yes"), Button("Нет", "1.1.agree.no")),)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def channel(vk: VkEmulator, inbox: Inbox) -> AsyncIterator[Vk]:
    async with listening(vk, inbox) as running:
        yield running


@pytest.fixture
async def anna(vk: VkEmulator, channel: Vk) -> Person:
    person = vk.person("Анна", "Петрова")
    await person.opens()
    return person


def to(person: Person | int, text: str = "Здравствуйте!", **more: Any) -> Outgoing:
    return Outgoing(id=17, to=str(person if isinstance(person, int) else person.id), text=text, **more)


# ---------------------------------------------------------------- what is shown


async def test_a_message_with_buttons_is_shown_and_can_be_edited(channel: Vk, anna: Person) -> None:
    sent = await channel.send(to(anna, "Согласны?", buttons=YES_NO))
    shown = await anna.sees("Согласны?")
    assert sent == Sent(shown.id) and shown.buttons == [["Да", "Нет"]]
    edited = await channel.send(to(anna, "Спасибо!", act="edit", message_id=shown.id, buttons=((Button("Ещё", "k"),),)))
    assert edited == sent
    assert [(one.text, one.buttons, one.edited) for one in anna.screen] == [("Спасибо!", [["Ещё"]], True)]


async def test_an_answer_points_to_what_it_answers_also_after_an_edit(channel: Vk, anna: Person) -> None:
    sent = await channel.send(to(anna, "Вот ответ", reply_to="1"))
    assert isinstance(sent, Sent) and (await anna.sees("Вот ответ")).reply_to == "1"
    await channel.send(to(anna, "Вот ответ получше", act="edit", message_id=sent.message_id))
    assert (await anna.shows("получше")).reply_to == "1"


async def test_what_it_answers_may_be_gone_and_the_text_arrives_all_the_same(channel: Vk, anna: Person) -> None:
    assert isinstance(await channel.send(to(anna, "Вот ответ", reply_to="999")), Sent)
    assert (await anna.sees("Вот ответ")).reply_to is None


async def test_long_labels_many_buttons_and_links_fit_the_keyboard(channel: Vk, anna: Person) -> None:
    many = tuple((Button(f"{'Очень длинная надпись ' * 3}{n}", f"1.1.s.{n}"),) for n in range(9))
    site = ((Button("Наш сайт", url="https://example.org/?a=1"),),)
    assert isinstance(await channel.send(to(anna, "Выберите", buttons=many + site)), Sent)
    rows = (await anna.sees("Выберите")).buttons
    assert sum(map(len, rows)) == 10 and len(rows) <= 6
    assert rows[0][0].endswith("…") and len(rows[0][0]) <= 40


async def test_I12_a_name_on_a_button_is_remembered_for_one_turn_of_the_loop(channel: Vk, anna: Person) -> None:
    """Those who are answered together are shown a keyboard that was written once; then nothing knows it any more."""
    hers = ((Button("Вероника Снегирёва", "1.1.name.0"),),)
    said = {101: "Как к вам обращаться?", 102: "Верно?"}
    answers = [channel.post(to(anna, text, buttons=hers)._replace(id=number)) for number, text in said.items()]
    assert len(channel._keyboards) == 1
    for answer in answers:
        assert answer is not None and isinstance(await answer, Sent)
    assert (await anna.sees("Верно?")).buttons == [["Вероника Снегирёва"]]
    assert not channel._keyboards


async def test_a_keyboard_that_vk_refuses_does_not_cost_the_message(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    vk.faults.next("messages.send", VkError(911))
    assert isinstance(await channel.send(to(anna, "Согласны?", buttons=YES_NO)), Sent)
    assert (await anna.sees("Согласны?")).buttons == []


async def test_callback_buttons_only_where_the_application_shows_them(
    vk: VkEmulator, channel: Vk, inbox: Inbox, anna: Person
) -> None:
    boris = vk.person("Борис", callback=False)
    await boris.opens()
    await inbox.until(lambda: len(inbox.events) >= 5)
    for person in (anna, boris):
        await channel.send(to(person, "Согласны?", buttons=YES_NO))
        await person.taps("Да")
    by_anna, by_boris = await inbox.gets(Press, 2)
    assert isinstance(by_anna.heard, Press) and isinstance(by_boris.heard, Press)
    assert by_anna.heard.query and by_anna.heard.message_id == "2"
    assert by_boris.heard == Press("1.1.agree.yes"), "a text button: nothing spins"
    assert by_anna.heard.key == by_boris.heard.key


async def test_a_snackbar_ends_the_spinner_and_failures_are_nobodys_business(
    vk: VkEmulator, channel: Vk, inbox: Inbox, anna: Person
) -> None:
    await channel.send(to(anna, "Согласны?", buttons=YES_NO))
    await anna.taps("Да")
    (pressed,) = await inbox.gets(Press)
    assert isinstance(pressed.heard, Press) and pressed.heard.query
    notice = Notice("vk", pressed.heard.query, pressed.sender, pressed.chat, "Этот вопрос уже позади. " * 9)
    await channel.notify(notice)
    assert len(anna.alerts) == 1 and len(anna.alerts[0]) <= 90
    await channel.notify(notice)  # a second time VK refuses
    vk.faults.next("messages.sendMessageEventAnswer", Fault.RESET_BEFORE)
    await channel.notify(notice._replace(text=""))


@pytest.mark.parametrize(
    "words",
    ["[id1|Павел]", "[club1|Клуб]", "@all скидки", "*club1 (клуб)", "привет,@online", "(@id1)", "*id1", "@все сюда"],
)
async def test_P29_words_of_a_prospect_ping_nobody_in_the_managers_chat(
    vk: VkEmulator, channel: Vk, words: str
) -> None:
    desk = vk.group()
    assert isinstance(await channel.send(to(desk.peer, f"Имя: {words}")), Sent)
    assert (await desk.sees("Имя:")).text.replace("\u2060", "") == f"Имя: {words}"
    assert desk.pings == []


@pytest.mark.parametrize("text", ["anna@mail.ru", "5*3=15", "[нет имени]", "скидка 10 %", "a_b@c.d"])
def test_P29_what_is_no_mention_stays_as_it_is(text: str) -> None:
    assert unping(text) == text


# ---------------------------------------------------------------- what an answer means

HOUR = 3600.0
OUTCOMES: list[tuple[int, Any]] = [
    (1, Unknown), (10, Unknown), (36, Unknown),
    (6, TryLater(1.0, everybody=True)), (9, TryLater(120.0)), (949, TryLater(60.0)),
    (14, Halted), (3300, Halted), (29, Halted), (5, Halted), (27, Halted), (28, Halted), (1117, Halted),
    (7, Halted), (15, Halted), (203, Halted), (17, Halted), (24, Halted), (25, Halted), (912, Halted),
    (3, Refused), (8, Refused), (23, Refused), (100, Refused), (113, Refused), (125, Refused), (104, Refused),
    (18, Unreachable), (37, Unreachable), (3610, Unreachable), (900, Unreachable), (901, Unreachable),
    (902, Unreachable), (950, Unreachable), (985, Unreachable), (987, Unreachable), (988, Unreachable),
    (909, Refused), (910, Refused), (914, Refused), (940, Refused), (943, Refused), (944, Refused),
    (917, Refused), (922, Refused), (927, Refused), (936, Refused), (945, Refused), (1012, Refused), (77777, Refused),
]  # fmt: skip


@pytest.mark.parametrize(("code", "means"), OUTCOMES)
async def test_P19_N2_N10_N11_N12_each_error_has_a_meaning(
    vk: VkEmulator, channel: Vk, anna: Person, code: int, means: Any
) -> None:
    vk.faults.next("messages.send", VkError(code))
    alone = await channel.send(to(anna))
    vk.methods.messages.broken_peers[anna.id] = code
    inside = await channel.send(to(anna))
    assert type(alone) is type(inside) is (means if isinstance(means, type) else type(means))
    if not isinstance(means, type):
        assert alone == means
    assert anna.screen == [] and vk.calls.count("messages.send") == 2, "never repeated by itself"


@pytest.mark.parametrize(
    ("code", "seconds"), [(5, None), (28, None), (14, 600.0), (15, 600.0), (912, 600.0), (29, 3600.0)]
)
async def test_N10_N11_how_long_sending_stops(
    vk: VkEmulator, channel: Vk, anna: Person, code: int, seconds: float | None
) -> None:
    vk.faults.next("messages.send", VkError(code))
    halted = await channel.send(to(anna))
    assert isinstance(halted, Halted) and halted.seconds == seconds


async def test_P20_gone_accounts_are_gone_for_good_and_others_are_not(
    vk: VkEmulator, channel: Vk, anna: Person
) -> None:
    await anna.blocks()
    assert await channel.send(to(anna)) == Unreachable("VK 901")
    await anna.unblocks()
    vk.world.profiles[anna.id].deactivated = True
    assert await channel.send(to(anna)) == Unreachable("VK 18", for_good=True)


async def test_N2_flood_control_waits_longer_each_time(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    vk.faults.next("messages.send", VkError(9), times=7)
    waits = [await channel.send(to(anna)) for _ in range(7)]
    assert [one.seconds for one in waits if isinstance(one, TryLater)] == [120, 240, 480, 960, 1920, 3600, 3600]
    assert isinstance(await channel.send(to(anna)), Sent)
    vk.faults.next("messages.send", VkError(9))
    assert await channel.send(to(anna)) == TryLater(120.0)


@pytest.mark.parametrize("code", [104, 909, 920])
async def test_M14_an_edit_that_cannot_be_made_asks_for_a_new_message(
    vk: VkEmulator, channel: Vk, anna: Person, code: int
) -> None:
    vk.faults.next("messages.edit", VkError(code))
    assert await channel.send(to(anna, act="edit", message_id="2")) == Refused(f"VK {code}", edit_gone=True)


async def test_M14_too_old_and_missing_messages_on_the_wire(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    sent = await channel.send(to(anna, "Карточка"))
    assert isinstance(sent, Sent)
    vk.forward(timedelta(hours=25))
    assert await channel.send(to(anna, act="edit", message_id=sent.message_id)) == Refused("VK 909", edit_gone=True)
    assert await channel.send(to(anna, act="edit", message_id="55")) == Refused("VK 104", edit_gone=True)


# ---------------------------------------------------------------- M13: once


@pytest.mark.parametrize(
    ("fault", "taken"),
    [(Fault.RESET_BEFORE, 0), (Fault.SERVER_ERROR_HTML, 0), (Fault.RESET_AFTER, 1), (Fault.GARBAGE, 1)],
)
async def test_M13_N3_an_unknown_outcome_is_repeated_and_shown_once(
    vk: VkEmulator, channel: Vk, anna: Person, fault: Fault, taken: int
) -> None:
    vk.faults.next("messages.send", fault)
    assert isinstance(await channel.send(to(anna)), Unknown)
    assert len(anna.screen) == taken
    again = await channel.send(to(anna, attempt=2, first_tried_ago=2))
    assert again == Sent(anna.screen[0].id) and len(anna.screen) == 1 == len(vk.ledger.entries)


async def test_M13_after_an_hour_it_is_looked_up_first(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    vk.faults.next("messages.send", Fault.RESET_AFTER)
    assert isinstance(await channel.send(to(anna)), Unknown)
    for _ in range(250):
        await anna.says("ау")
    vk.forward(timedelta(hours=3))
    late = to(anna, attempt=2, first_tried_ago=3 * HOUR)
    assert await channel.send(late) == Sent(anna.screen[0].id)
    assert len(anna.screen) == 1
    await channel.send(late._replace(id=18))
    assert len(anna.screen) == 2, "one that never arrived is sent"


async def test_M13_in_a_busy_chat_it_is_looked_up_at_once(vk: VkEmulator, channel: Vk) -> None:
    desk, olga = vk.group(), vk.person("Ольга")
    vk.faults.next("messages.send", Fault.RESET_AFTER)
    assert isinstance(await channel.send(to(desk.peer, "Карточка")), Unknown)
    for _ in range(150):
        await desk.writes_as(olga, "обсуждаем")
    assert await channel.send(to(desk.peer, "Карточка", attempt=2, first_tried_ago=60)) == Sent(desk.screen[0].id)
    assert len(desk.screen) == 1


async def test_M13_a_late_look_that_fails_sends_nothing(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    vk.faults.next("messages.getHistory", Fault.SERVER_ERROR_HTML)
    assert isinstance(await channel.send(to(anna, attempt=2, first_tried_ago=2 * HOUR)), Unknown)
    assert anna.screen == []


async def test_another_installation_is_not_taken_for_a_repeat(vk: VkEmulator, inbox: Inbox, anna: Person) -> None:
    async with listening(vk, Inbox(), salt="one") as first, listening(vk, Inbox(), salt="two") as second:
        for channel in (first, second, first):
            await channel.send(to(anna))
    assert len(anna.screen) == 2, "each of them once"


async def test_random_ids_are_never_zero_and_fit_their_field(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    for row in (1, 2**31 - 2, 2**31 - 1, 2**31, 2**62):
        assert isinstance(await channel.send(to(anna)._replace(id=row)), Sent)
    assert all(1 <= int(one.key or 0) < 2**31 for one in vk.ledger.entries)


# ---------------------------------------------------------------- the wire


async def test_P52_ids_beyond_32_bits(vk: VkEmulator, channel: Vk, inbox: Inbox) -> None:
    far = vk.person("Далёкий", id=200_000_000_123)
    await far.says("Здравствуйте")
    (said,) = await inbox.gets(Text)
    assert said.sender == said.chat == "200000000123"
    assert isinstance(await channel.send(to(far)), Sent)
    assert (await far.sees("Здравствуйте!")).text


async def test_N4_a_call_that_hangs_ends_by_itself(vk: VkEmulator, inbox: Inbox) -> None:
    async with listening(vk, inbox, times=Times(patience=0.3)) as channel:
        anna = vk.person("Анна")
        await anna.opens()
        vk.faults.slow_for = 1.5
        vk.faults.next("messages.send", Fault.SLOW)
        assert isinstance(await channel.send(to(anna)), Unknown)
        assert await channel.send(to(anna, attempt=2)) == Sent(anna.screen[0].id)


async def test_when_vk_is_not_there_nothing_was_sent(vk: VkEmulator, channel: Vk, anna: Person) -> None:
    await vk.stop()
    assert await channel.send(to(anna)) == TryLater(5.0, everybody=True)


async def test_what_is_no_peer_is_refused(channel: Vk) -> None:
    assert isinstance(await channel.send(to(1)._replace(to="desk")), Refused)


async def test_I11_nothing_personal_and_no_token_in_the_logs(
    vk: VkEmulator, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with listening(vk, inbox) as channel:
        anna = vk.person("Клара-Канарейка")
        await anna.says("мой телефон 89005550011")
        await inbox.gets(Text)
        for code in (5, 6, 14, 100, 901):
            vk.faults.next("messages.send", VkError(code))
            await channel.send(to(anna, "секретный-текст-канарейка"))
        for fault in Fault:
            vk.faults.slow_for = 0.01
            vk.faults.next("messages.send", fault)
            vk.faults.next("a_check", fault)
            await channel.send(to(anna, "секретный-текст-канарейка"))
        await anna.says("ещё раз 89005550011")
        await inbox.gets(Text, 2, timeout=20)
    written = caplog.text + "".join(str(one.__dict__) for one in caplog.records)
    assert "messages.send" in written, "what failed is told, so this test looks at something"
    for secret in (vk.token, "89005550011", "анарейка", vk.longpoll.key):
        assert secret not in written

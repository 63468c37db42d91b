"""Many calls in one: thirty people answered at once through the real vk_api, and each has an outcome of their own."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Sequence
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from bot.channels import File, Halted, Outcome, Outgoing, Refused, Sent, TryLater, Unknown, Unreachable
from bot.channels.vk import SPINNER, Vk
from bot.channels.vk_client import VkClient, VkNotSent, VkRefused, VkUnsure
from bot.channels.vk_http import FORM, form
from bot.channels.vk_longpoll import Times
from bot.channels.vk_together import AGAIN, Together, call_text, each, script
from dialogs.effects import Button
from handlers.inbound import Notice, Press
from tests.emulators.faults import Fault
from tests.emulators.vk import VkEmulator
from tests.emulators.vk_errors import VkError
from tests.emulators.vk_execute import read_script
from tests.emulators.vk_people import Person
from tests.vk_inbox import Inbox, listening

YES_NO = ((Button("Да", "1.1.agree.yes"), Button("Нет", "1.1.agree.no")),)


@pytest.fixture
async def channel(vk: VkEmulator) -> AsyncIterator[Vk]:
    async with listening(vk, Inbox()) as running:
        await vk.ready()
        yield running


async def crowd(vk: VkEmulator, number: int) -> list[Person]:
    people = [vk.person(f"Прохожий {n}") for n in range(number)]
    for one in people:
        vk.world.allow(one.id)
    return people


def to(person: Person, text: str = "Здравствуйте!", **more: Any) -> Outgoing:
    return Outgoing(id=person.id, to=str(person.id), text=text, **more)


async def send_all(channel: Vk, messages: Sequence[Outgoing]) -> list[Outcome]:
    return await asyncio.gather(*map(channel.send, messages))


def shown(people: Sequence[Person]) -> list[list[str]]:
    return [[one.text for one in person.screen] for person in people]


# ---------------------------------------------------------------- together


async def test_thirty_people_are_answered_with_two_calls_and_each_reads_their_own(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 30)
    before = len(vk.calls)
    outcomes = await send_all(channel, [to(one, f"Вы {n}-й", buttons=YES_NO) for n, one in enumerate(people)])
    assert outcomes == [Sent(one.screen[0].id) for one in people]
    assert shown(people) == [[f"Вы {n}-й"] for n in range(30)]
    assert all(one.screen[0].buttons == [["Да", "Нет"]] for one in people)
    assert sorted(vk.executed) == [5, 25] and len(vk.calls) - before == 2 + 30
    assert len(vk.ledger.entries) == 30, "each stands in the ledger by itself"


async def test_one_message_alone_is_a_plain_call(vk: VkEmulator, channel: Vk) -> None:
    (anna,) = await crowd(vk, 1)
    assert isinstance(await channel.send(to(anna)), Sent)
    assert vk.calls[-1] == "messages.send" and vk.executed == []


async def test_who_comes_while_a_call_is_away_goes_with_the_next(vk: VkEmulator, channel: Vk) -> None:
    first, *others = await crowd(vk, 6)
    vk.faults.slow_for = 0.01
    vk.faults.next("messages.send", Fault.SLOW)
    away = asyncio.create_task(channel.send(to(first)))
    while not vk.ledger.entries:
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*(later(channel, one, turns) for turns, one in enumerate(others)))
    assert all(isinstance(one, Sent) for one in [await away, *outcomes])
    assert vk.executed == [5]


async def later(channel: Vk, person: Person, turns: int) -> Outcome:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await channel.send(to(person))


async def test_the_end_of_a_spinner_travels_with_the_answer(vk: VkEmulator) -> None:
    inbox = Inbox()
    async with listening(vk, inbox) as channel:
        anna = vk.person("Анна")
        await anna.opens()
        await channel.send(to(anna, "Согласны?", buttons=YES_NO))
        await anna.taps("Да")
        (pressed,) = await inbox.gets(Press)
        assert isinstance(pressed.heard, Press) and pressed.heard.query
        notice = Notice("vk", pressed.heard.query, pressed.sender, pressed.chat, "Записали")
        ended = asyncio.ensure_future(channel.notify(notice))
        for _ in range(10):  # the answer comes turns of the loop later: it has to be claimed first
            await asyncio.sleep(0)
        assert isinstance(await channel.send(to(anna, "Спасибо!")._replace(id=18)), Sent)
        await ended
    assert anna.alerts == ["Записали"] and vk.executed == [2]


async def test_edits_and_new_messages_travel_together(vk: VkEmulator, channel: Vk) -> None:
    anna, boris = await crowd(vk, 2)
    sent = await channel.send(to(anna, "Карточка"))
    assert isinstance(sent, Sent)
    edit = to(anna, "Взята в работу", act="edit", message_id=sent.message_id)
    assert await send_all(channel, [edit, to(boris)]) == [sent, Sent(boris.screen[0].id)]
    assert vk.executed == [2] and shown([anna, boris]) == [["Взята в работу"], ["Здравствуйте!"]]


async def test_what_is_too_long_for_one_script_takes_another(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 20)
    assert all(isinstance(one, Sent) for one in await send_all(channel, [to(one, "Я" * 4096) for one in people]))
    assert sorted(vk.executed) == [6, 7, 7], "64 000 bytes are seven texts of the greatest length"


async def test_what_is_said_to_one_person_stays_in_order(vk: VkEmulator, channel: Vk) -> None:
    (anna,) = await crowd(vk, 1)
    await send_all(channel, [to(anna, f"{n}")._replace(id=n + 1) for n in range(25)])
    assert shown([anna]) == [[f"{n}" for n in range(25)]]


async def test_nobody_waits_for_one_who_no_longer_does(vk: VkEmulator, channel: Vk) -> None:
    anna, boris = await crowd(vk, 2)
    given_up = asyncio.create_task(channel.send(to(anna)))
    await asyncio.sleep(0)
    given_up.cancel()
    assert isinstance(await channel.send(to(boris)), Sent)
    assert shown([anna, boris]) == [[], ["Здравствуйте!"]]


async def test_many_are_posted_without_a_task_for_each(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 3)
    vk.faults.nth("messages.send", 2, VkError(911))
    before = asyncio.all_tasks()
    posted = [channel.post(to(one, buttons=YES_NO)) for one in people]
    assert asyncio.all_tasks() == before
    assert [await one for one in posted if one is not None] == [Sent(one.screen[0].id) for one in people]
    assert [one.screen[0].buttons for one in people] == [[["Да", "Нет"]], [], [["Да", "Нет"]]]
    assert vk.executed == [3]


@pytest.mark.parametrize(
    "how",
    [{"act": "edit", "message_id": "5"}, {"attempt": 2}, {"file": File("picture", "d", "a.png")}, {"to": "@anna"}],
)
async def test_what_asks_for_something_before_is_not_posted(channel: Vk, how: dict[str, Any]) -> None:
    assert channel.post(Outgoing(id=1, to="1", text="Здравствуйте")._replace(**how)) is None


async def test_what_had_to_wait_too_long_does_not_leave(vk: VkEmulator) -> None:
    client = VkClient(vk.token, vk.url)
    told = await Together(client).begin("messages.send", {}, read=lambda answer: answer, within=-1.0)
    assert isinstance(told, VkNotSent) and "messages.send" not in vk.calls
    await client.close()


# ---------------------------------------------------------------- words that look like a script

WORDS = [
    'она сказала "да"', "назад\\", '\\"); return API.users.get();//', '"); return API.users.get();//', "'; return 1;",
    "</script><script>alert(1)</script>", "раз\u2028два\u2029три", "строка\nвторая\r\nтретья\tи ещё", "\u0085\x7f",
    '"}), API.messages.send({"peer_ids":"1"', "%22%29 + & = ?", "${1} #{2} {{3}} %s @.id", "😀 👨‍👩‍👧 𐍈", "/* <!--",
    "\\u0022); \\x22 \\n \\0",
]  # fmt: skip


async def test_P28_words_that_look_like_a_script_arrive_as_they_were_said(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, len(WORDS))
    outcomes = await send_all(channel, [to(one, words) for one, words in zip(people, WORDS, strict=True)])
    assert all(isinstance(one, Sent) for one in outcomes)
    assert shown(people) == [[words] for words in WORDS]
    assert "users.get" not in vk.calls[vk.calls.index("execute") :] and vk.executed == [len(WORDS)]


@pytest.mark.parametrize("words", [*WORDS, "\x00", "\x1f", "\ufeff", "\uffff", "", " "])
def test_P28_a_script_reads_back_as_the_calls_it_was_made_of(words: str) -> None:
    values = {"peer_ids": "7", "random_id": 5, "message": words}
    assert read_script(script([call_text("messages.send", values)] * 3).decode()) == [
        ("messages.send", {"peer_ids": "7", "random_id": "5", "message": words})
    ] * 3  # fmt: skip


async def test_P14_half_a_character_costs_nobody_else_anything(vk: VkEmulator, channel: Vk) -> None:
    anna, boris = await crowd(vk, 2)
    half, whole = await send_all(channel, [to(anna, "\ud83d"), to(boris)])
    assert isinstance(half, Unknown) and isinstance(whole, Sent)


def test_a_form_carries_any_text() -> None:
    values = {"a": "", "b": 'Я&=\r\n--\r\n"%d"', "c": -5, "d": "Я".encode()}
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {FORM}\r\n\r\n".encode() + form(values))
    parts = {str(one.get_param("name", header="content-disposition")): one for one in whole.iter_parts()}
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {
        "a": b"", "b": "Я&=\r\n--\r\n\"%d\"".encode(), "c": b"-5", "d": "Я".encode()
    }  # fmt: skip


# ---------------------------------------------------------------- each has an outcome of its own


@pytest.mark.parametrize(
    ("code", "means"),
    [(100, Refused("VK 100")), (914, Refused("VK 914")), (901, Unreachable("VK 901")), (9, TryLater(120.0)),
     (18, Unreachable("VK 18", for_good=True)), (10, Unknown("VK 10")), (6, TryLater(1.0, everybody=True))],
)  # fmt: skip
async def test_N12_one_poisonous_among_twenty_five_refuses_itself_alone(
    vk: VkEmulator, channel: Vk, code: int, means: Outcome
) -> None:
    people = await crowd(vk, 25)
    vk.faults.nth("messages.send", 13, VkError(code))
    vk.methods.messages.broken_peers[people[20].id] = code  # and one inside its own answer
    outcomes = await send_all(channel, [to(one) for one in people])
    assert vk.executed == [25]
    assert {n: one for n, one in enumerate(outcomes) if not isinstance(one, Sent)} == {12: means, 20: means}
    assert [len(one.screen) for one in people] == [n not in (12, 20) for n in range(25)]


async def test_P27_an_endless_number_in_one_answer_is_of_that_answer_alone(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 3)
    vk.methods.messages.broken_peers[people[1].id] = math.inf
    outcomes = await send_all(channel, [to(one) for one in people])
    assert isinstance(outcomes[1], Unknown) and vk.executed == [3]
    assert isinstance(outcomes[0], Sent) and isinstance(outcomes[2], Sent)


async def test_whoever_cannot_read_an_answer_keeps_no_other_from_theirs(vk: VkEmulator) -> None:
    client = VkClient(vk.token, vk.url)
    together, people = Together(client), await crowd(vk, 3)

    def stumbles(answer: Any) -> Any:
        raise ZeroDivisionError

    reads = [stumbles, lambda answer: "heard", stumbles]
    begun = [
        together.begin("messages.send", {"peer_ids": one.id, "random_id": one.id, "message": "Да"}, read=read)
        for one, read in zip(people, reads, strict=True)
    ]
    told = await asyncio.gather(*begun, together.begin("x", {"y": b""}, read=stumbles), return_exceptions=True)
    assert [type(one) for one in told] == [ZeroDivisionError, str, ZeroDivisionError, ZeroDivisionError]
    assert shown(people) == [["Да"]] * 3
    await client.close()


async def test_who_goes_once_more_goes_before_those_who_came_later(vk: VkEmulator) -> None:
    scripts: list[str] = []
    is_back = asyncio.Event()

    class Watched(VkClient):
        async def execute(self, code: bytes) -> Any:
            scripts.append(code.decode())
            is_first = len(scripts) == 1
            answer = await super().execute(code)
            if not is_first:
                await is_back.wait()
            return answer

    def read(answer: Any) -> Any:
        if not isinstance(answer, VkRefused):
            return answer
        is_back.set()
        return AGAIN

    client = Watched(vk.token, vk.url)
    together, people = Together(client), await crowd(vk, 77)
    vk.faults.next("messages.send", VkError(911))
    begun = [
        together.begin("messages.send", {"peer_ids": one.id, "random_id": one.id, "message": "Да"}, read=read)
        for one in people
    ]
    await asyncio.gather(*begun)
    assert shown(people) == [["Да"]] * 77 and vk.executed == [25, 25, 25, 3]
    places = [scripts[3].find(f'"peer_ids":{one.id},') for one in (people[0], people[75], people[76])]
    assert places == sorted(places) and places[0] > 0
    await client.close()


async def test_several_refusals_are_not_mixed_up(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 6)
    for n, code in ((1, 901), (3, 902), (4, 100)):
        vk.faults.nth("messages.send", n + 1, VkError(code))
    outcomes = await send_all(channel, [to(one) for one in people])
    assert outcomes[1] == Unreachable("VK 901") and outcomes[3] == Unreachable("VK 902")
    assert outcomes[4] == Refused("VK 100") and all(isinstance(outcomes[n], Sent) for n in (0, 2, 5))


async def test_a_keyboard_that_vk_refuses_goes_once_more_without(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 3)
    vk.faults.nth("messages.send", 2, VkError(911))
    assert all(isinstance(one, Sent) for one in await send_all(channel, [to(one, buttons=YES_NO) for one in people]))
    assert [one.screen[0].buttons for one in people] == [[["Да", "Нет"]], [], [["Да", "Нет"]]]


@pytest.mark.parametrize(
    ("code", "means"),
    [(6, TryLater(1.0, everybody=True)), (9, TryLater(120.0)), (10, Unknown("VK 10")), (1, Unknown("VK 1")),
     (5, Halted), (14, Halted), (29, Halted), (15, Halted)],
)  # fmt: skip
async def test_N10_N12_what_is_said_of_all_of_them_holds_for_each(
    vk: VkEmulator, channel: Vk, code: int, means: Any
) -> None:
    people = await crowd(vk, 5)
    vk.faults.next("execute", VkError(code))
    outcomes = await send_all(channel, [to(one) for one in people])
    assert all(isinstance(one, means) if isinstance(means, type) else one == means for one in outcomes)
    assert shown(people) == [[]] * 5 and vk.calls[-6:] == ["execute", *["messages.send"] * 5]


@pytest.mark.parametrize("code", [3, 8, 12, 13, 23])
async def test_when_vk_runs_no_script_they_go_one_by_one_and_next(vk: VkEmulator, channel: Vk, code: int) -> None:
    people = await crowd(vk, 5)
    vk.faults.next("execute", VkError(code))
    vk.faults.nth("messages.send", 5 + 3, VkError(901))  # five have been counted inside of the script
    outcomes = await send_all(channel, [to(one) for one in people])
    assert [isinstance(one, Sent) for one in outcomes].count(True) == 4 and Unreachable("VK 901") in outcomes
    assert vk.executed == [5] and [len(one.screen) for one in people].count(1) == 4


@pytest.mark.parametrize(
    ("fault", "taken"),
    [(Fault.RESET_BEFORE, 0), (Fault.SERVER_ERROR_HTML, 0), (Fault.RESET_AFTER, 1), (Fault.GARBAGE, 1)],
)
@pytest.mark.parametrize("where", ["execute", "messages.send"])
async def test_M13_N3_a_whole_call_that_is_lost_is_repeated_and_everybody_reads_it_once(
    vk: VkEmulator, channel: Vk, fault: Fault, taken: int, where: str
) -> None:
    people = await crowd(vk, 25)
    vk.faults.next(where, fault)
    outcomes = await send_all(channel, [to(one) for one in people])
    assert all(isinstance(one, Unknown) for one in outcomes)
    assert [len(one.screen) for one in people] == [taken] * 25
    again = await send_all(channel, [to(one, attempt=2, first_tried_ago=2.0) for one in people])
    assert again == [Sent(one.screen[0].id) for one in people]
    assert shown(people) == [["Здравствуйте!"]] * 25 and len(vk.ledger.entries) == 25
    assert vk.ledger.recognised == 25 * taken


async def test_N4_a_call_that_hangs_holds_only_those_in_it(vk: VkEmulator) -> None:
    async with listening(vk, Inbox(), times=Times(patience=1.0)) as channel:
        people = await crowd(vk, 20)
        vk.faults.slow_for = 3.0
        vk.faults.next("execute", Fault.SLOW)
        ended: list[str] = []

        async def tell(name: str, part: list[Person]) -> list[Outcome]:
            outcomes = await send_all(channel, [to(one) for one in part])
            ended.append(name)
            return outcomes

        held = asyncio.create_task(tell("held", people[:5]))
        while len(vk.ledger.entries) < 5:
            await asyncio.sleep(0.001)
        free = await tell("free", people[5:])
        assert all(isinstance(one, Sent) for one in free)
        assert all(isinstance(one, Unknown) for one in await held)
    assert ended == ["free", "held"]


async def test_cards_of_one_desk_that_go_in_two_calls_keep_their_order(vk: VkEmulator, channel: Vk) -> None:
    """The rest of them waits for the first call; nobody waits with them."""
    people, desk, vera = await crowd(vk, 23), vk.group(), vk.person("Вера")
    vk.world.allow(vera.id)
    cards = [Outgoing(id=1000 + n, to=str(desk.id), text=f"Заявка {n}") for n in range(5)]
    vk.faults.slow_for = 0.4
    vk.faults.next("execute", Fault.SLOW)
    sending = asyncio.create_task(send_all(channel, [*map(to, people), *cards, to(vera)]))
    while len(vk.ledger.entries) < 26:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.1)
    assert [one.text for one in desk.screen] == ["Заявка 0", "Заявка 1"] and not sending.done()
    assert [one.text for one in vera.screen] == ["Здравствуйте!"]
    await sending
    assert [one.text for one in desk.screen] == [f"Заявка {n}" for n in range(5)] and vk.executed == [25, 3]


async def test_when_vk_is_not_there_nobody_was_sent_anything(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 30)
    await vk.stop()
    assert await send_all(channel, [to(one) for one in people]) == [TryLater(5.0, everybody=True)] * 30


async def test_after_the_end_nothing_is_sent_and_nobody_waits(vk: VkEmulator) -> None:
    async with listening(vk, Inbox()) as channel:
        people = await crowd(vk, 2)
        spinner = asyncio.ensure_future(channel.notify(Notice("vk", "q|1|1", "1", "1", "Записали")))
        await asyncio.sleep(0)  # it waits for company
    await spinner
    await asyncio.sleep(2 * SPINNER)  # the time at which it would have left is over
    async with asyncio.timeout(8):
        assert await send_all(channel, [to(one) for one in people]) == [TryLater(5.0, everybody=True)] * 2


async def test_twenty_five_at_once_are_one_call_to_the_limit_of_twenty_a_second(vk: VkEmulator, channel: Vk) -> None:
    people = await crowd(vk, 100)
    vk.calls_per_second = 20
    assert all(isinstance(one, Sent) for one in await send_all(channel, [to(one) for one in people]))
    assert vk.executed == [25] * 4


async def test_I11_no_words_and_no_token_in_the_logs(
    vk: VkEmulator, channel: Vk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    people = await crowd(vk, 5)
    for what in (None, *Fault, VkError(13), VkError(100), VkError(5)):
        vk.faults.slow_for = 0.01
        if what:
            vk.faults.next("execute", what)
        await send_all(channel, [to(one, "секретный-текст-канарейка") for one in people])
    written = caplog.text + "".join(str(one.__dict__) for one in caplog.records)
    assert "execute" in written and vk.token not in written and "анарейка" not in written


# ---------------------------------------------------------------- what execute says

TWO = ["messages.send", "messages.edit"]


def refused(method: str, code: Any) -> dict[str, Any]:
    return {"method": method, "error_code": code, "error_msg": "…"}


def in_short(answers: list[Any]) -> list[Any]:
    return [one.code if isinstance(one, VkRefused) else "?" if isinstance(one, VkUnsure) else one for one in answers]


@pytest.mark.parametrize(
    ("whole", "means"),
    [
        ({"response": [[1], 1]}, [[1], 1]),
        ({"response": [0, 1]}, [0, 1]),  # nothing is refused: 0 is an answer
        ({"response": [[1], False], "execute_errors": [refused("messages.edit", 909)]}, [[1], 909]),
        ({"response": [False, False], "execute_errors": [refused(one, n) for n, one in enumerate(TWO)]}, [0, 1]),
        # one more that speaks of execute itself has been seen on the wire
        ({"response": [False, 1], "execute_errors": [refused(TWO[0], 9), refused("execute", 9)]}, [9, 1]),
        ({"response": [False, 1]}, ["?", 1]),
        ({"response": [False, False], "execute_errors": [refused("messages.send", 9)]}, ["?", "?"]),
        ({"response": [[1], False], "execute_errors": [refused("messages.send", 9)]}, [[1], "?"]),
        ({"response": [[1]]}, ["?", "?"]), ({"response": [[1], 1, 1]}, ["?", "?"]), ({"response": 1}, ["?", "?"]),
        ({}, ["?", "?"]), ([], ["?", "?"]), (None, ["?", "?"]), ("", ["?", "?"]),
        ({"response": [1, False], "execute_errors": [refused("messages.edit", "x")]}, ["?", "?"]),
        ({"response": [1, False], "execute_errors": 5}, ["?", "?"]),
    ],
)  # fmt: skip
def test_N3_what_is_refused_and_what_nobody_knows(whole: Any, means: list[Any]) -> None:
    assert in_short(each(whole, TWO)) == means

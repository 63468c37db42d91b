"""The emulator refuses what VK refuses: the other tests are worth as much as this one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from tests.emulators.faults import Fault
from tests.emulators.vk import VkEmulator

ALL = {"message_new": 1, "message_event": 1, "message_reply": 1, "message_allow": 1, "message_deny": 1}


class Caller:
    """A client that knows nothing: forms in, JSON out."""

    def __init__(self, vk: VkEmulator, http: aiohttp.ClientSession) -> None:
        self.vk, self.http = vk, http
        self.session: dict[str, str] = {}

    async def __call__(self, method: str, **values: Any) -> Any:
        form = {"v": "5.199", "access_token": self.vk.token} | {k: str(v) for k, v in values.items()}
        async with self.http.post(f"{self.vk.url}/method/{method}", data=form) as answer:
            return await answer.json()

    async def send(self, to: Any, text: str = "Здравствуйте", *, random_id: int = 0, **more: Any) -> Any:
        return await self("messages.send", peer_id=to, random_id=random_id, message=text, **more)

    async def begin(self) -> str:
        await self("groups.setLongPollSettings", group_id=self.vk.group_id, enabled=1, **ALL)
        self.session = (await self("groups.getLongPollServer", group_id=self.vk.group_id))["response"]
        self.vk.longpoll.asked.append(self.session["ts"])  # somebody listens from here on
        return self.session["ts"]

    async def poll(self, ts: Any, wait: float = 0) -> Any:
        asked = {"act": "a_check", "key": self.session["key"], "ts": str(ts), "wait": str(wait)}
        async with self.http.get(self.session["server"], params=asked) as answer:
            return await answer.json()


@pytest.fixture
async def call(vk: VkEmulator) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(vk, http)


def code(answer: Any) -> int:
    return int(answer["error"]["error_code"])


# ---------------------------------------------------------------- calls


async def test_a_call_needs_the_token_a_version_and_a_known_name(vk: VkEmulator, call: Caller) -> None:
    assert code(await call("users.get", access_token="another")) == 5
    assert code(await call("users.get", v="")) == 8
    assert code(await call("messages.shout")) == 3
    headers = {"Authorization": f"Bearer {vk.token}"}
    async with call.http.get(f"{vk.url}/method/users.get?v=5.199", headers=headers) as answer:
        assert await answer.json() == {"response": []}


async def test_twenty_calls_a_second_and_no_more_when_it_is_switched_on(vk: VkEmulator, call: Caller) -> None:
    vk.calls_per_second = 20
    codes = [answer.get("error", {}).get("error_code") for answer in [await call("users.get") for _ in range(25)]]
    assert codes[:20] == [None] * 20 and set(codes[20:]) == {6}


async def test_nobody_is_written_to_who_did_not_write_first_or_forbade_it(vk: VkEmulator, call: Caller) -> None:
    await call.begin()
    anna = vk.person("Анна")
    assert code(await call.send(anna.id)) == 901
    await anna.says("Здравствуйте")
    assert "response" in await call.send(anna.id)
    await anna.blocks()
    assert code(await call.send(anna.id)) == 901
    answer = await call("messages.send", peer_ids=anna.id, random_id=0, message="Ау")
    assert answer["response"][0]["error"]["code"] == 901, "with peer_ids the error is inside"
    await anna.unblocks()
    assert "response" in await call.send(anna.id)


async def test_a_repeat_is_known_for_an_hour_and_a_hundred_messages_in_its_dialogue(
    vk: VkEmulator, call: Caller
) -> None:
    await call.begin()
    anna, boris = vk.person("Анна"), vk.person("Борис")
    await anna.says("а")
    await boris.says("б")
    first = await call.send(anna.id, random_id=7)
    assert await call.send(anna.id, "другой текст", random_id=7) == first
    assert await call.send(boris.id, random_id=7) != first, "another dialogue"
    vk.forward(timedelta(minutes=59))
    assert await call.send(anna.id, random_id=7) == first
    vk.forward(timedelta(minutes=2))
    assert await call.send(anna.id, random_id=7) != first, "an hour is over"
    again = await call.send(anna.id, random_id=8)
    for _ in range(100):
        await anna.says("ещё")
    assert await call.send(anna.id, random_id=8) != again, "a hundred messages later"
    zero = await call.send(anna.id, random_id=0)
    assert await call.send(anna.id, random_id=0) != zero, "0 switches the check off"
    assert len(vk.ledger.to(anna.id)) == 6


def text_button(label: str = "Да", **more: Any) -> dict[str, Any]:
    return {"action": {"type": "text", "label": label, "payload": '{"k":"1"}'}, **more}


LINK = {"action": {"type": "open_link", "label": "Сайт", "link": "https://example.org"}}
PLACE = {"action": {"type": "location"}}


@pytest.mark.parametrize(
    ("keyboard", "fine"),
    [
        ({"inline": True, "buttons": [[text_button()]]}, True),
        ({"inline": True, "buttons": [[text_button()] * 5] * 2}, True),
        ({"one_time": True, "inline": False, "buttons": [[text_button(color="positive")]]}, True),
        ({"buttons": []}, True),
        ({"inline": True, "buttons": [[LINK, text_button()]]}, True),
        ({"buttons": [[PLACE]]}, True),
        ({"inline": True, "buttons": [[text_button("д" * 40)]]}, True),
        ({"inline": True, "buttons": [[text_button("д" * 41)]]}, False),
        ({"inline": True, "buttons": [[text_button("")]]}, False),
        ({"inline": True, "buttons": [[text_button()] * 6]}, False),
        ({"inline": True, "buttons": [[text_button()]] * 7}, False),
        ({"inline": True, "buttons": [[text_button()] * 4] * 3}, False),
        ({"inline": True, "one_time": True, "buttons": [[text_button()]]}, False),
        ({"inline": True, "buttons": []}, False),
        ({"inline": True, "buttons": [[]]}, False),
        ({"inline": True, "buttons": [[{**LINK, "color": "primary"}]]}, False),
        ({"buttons": [[PLACE, text_button()]]}, False),
        ({"buttons": [[text_button(color="pink")]]}, False),
        ({"buttons": [[{"action": {"type": "text", "label": "Да", "payload": {"k": 1}}}]]}, False),
        ({"buttons": [[{"action": {"type": "text", "label": "Да", "payload": '"' + "k" * 254 + '"'}}]]}, False),
        ({"buttons": [[{"action": {"type": "callback", "label": "Да", "payload": "{k}"}}]]}, False),
        ({"buttons": [[{"action": {"type": "telepathy", "label": "Да"}}]]}, False),
        ([[text_button()]], False),
    ],
)
async def test_keyboards(vk: VkEmulator, call: Caller, keyboard: Any, fine: bool) -> None:
    await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    answer = await call.send(anna.id, keyboard=json.dumps(keyboard))
    assert "response" in answer if fine else code(answer) == 911


async def test_sizes_and_parameters(vk: VkEmulator, call: Caller) -> None:
    await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    assert "response" in await call.send(anna.id, "я" * 4096)
    assert code(await call.send(anna.id, "я" * 4097)) == 914
    assert code(await call.send(anna.id, " ")) == 100
    assert code(await call.send(anna.id, random_id=2**31)) == 100
    assert code(await call("messages.send", peer_id=anna.id, message="а")) == 100, "random_id is required"
    assert code(await call("messages.send", random_id=1, message="а")) == 100, "to whom?"
    assert code(await call.send(2_000_000_005)) == 927


async def test_edits_for_a_day_and_only_of_what_the_community_wrote(vk: VkEmulator, call: Caller) -> None:
    await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    keyboard = json.dumps({"inline": True, "buttons": [[text_button()]]})
    await call.send(anna.id, keyboard=keyboard)
    assert await call("messages.edit", peer_id=anna.id, cmid=2, message="Иначе", keyboard=keyboard) == {"response": 1}
    shown = await anna.sees("Иначе")
    assert (shown.edited, shown.buttons) == (True, [["Да"]])
    await call("messages.edit", peer_id=anna.id, cmid=2, message="Без кнопок")
    assert (await anna.shows("Без кнопок")).buttons == [], "a keyboard that is not sent again is gone"
    assert code(await call("messages.edit", peer_id=anna.id, cmid=1, message="Чужое")) == 104
    vk.forward(timedelta(hours=25))
    assert code(await call("messages.edit", peer_id=anna.id, cmid=2, message="Поздно")) == 909
    assert code(await call("messages.delete", peer_id=anna.id, cmids=2, delete_for_all=1)) == 924


async def test_a_press_is_answered_once_and_within_a_minute(vk: VkEmulator, call: Caller) -> None:
    ts = await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    action = {"action": {"type": "callback", "label": "Да", "payload": '{"k":"1"}'}}
    await call.send(anna.id, keyboard=json.dumps({"inline": True, "buttons": [[action]]}))
    for _ in range(2):
        await anna.taps("Да")
    pressed = [one["object"] for one in (await call.poll(ts))["updates"] if one["type"] == "message_event"]
    assert [one["payload"] for one in pressed] == [{"k": "1"}] * 2, "an object on the wire"
    answer = {"user_id": anna.id, "peer_id": anna.id, "event_id": pressed[0]["event_id"]}
    said = json.dumps({"type": "show_snackbar", "text": "Готово"})
    assert await call("messages.sendMessageEventAnswer", **answer, event_data=said) == {"response": 1}
    assert code(await call("messages.sendMessageEventAnswer", **answer)) == 100, "once"
    assert anna.alerts == ["Готово"]
    vk.forward(timedelta(seconds=61))
    answer["event_id"] = pressed[1]["event_id"]
    assert code(await call("messages.sendMessageEventAnswer", **answer)) == 100, "too late"


async def test_execute_runs_calls_in_order_and_tells_of_refusals_beside_them(vk: VkEmulator, call: Caller) -> None:
    await call.begin()
    anna, stranger = vk.person("Анна"), vk.person("Чужой")
    await anna.opens()
    calls = [
        f'API.messages.send({{"peer_id":{to},"random_id":{to},"message":"Привет"}})' for to in (anna.id, stranger.id)
    ]
    answer = await call("execute", code=f'return [{",".join(calls)}, API.users.get({{"user_ids":"{anna.id}"}})];')
    assert (
        answer["response"][0] > 0 and [one.text for one in anna.screen] == ["Привет"] and answer["response"][1] is False
    )
    assert answer["response"][2][0]["first_name"] == "Анна"
    refused = {"method": "messages.send", "error_code": 901}
    assert [{key: one[key] for key in refused} for one in answer["execute_errors"]] == [refused]
    assert vk.executed == [3] and vk.calls[-4:] == ["execute", "messages.send", "messages.send", "users.get"]


async def test_execute_stops_at_the_twenty_sixth_call(vk: VkEmulator, call: Caller) -> None:
    await call.begin()
    anna = vk.person("Анна")
    await anna.opens()
    calls = [f'API.messages.send({{"peer_id":{anna.id},"random_id":{n},"message":"{n}"}})' for n in range(1, 27)]
    assert code(await call("execute", code=f"return [{','.join(calls)}];")) == 13
    assert len(anna.screen) == 25, "those before it have been done"


@pytest.mark.parametrize(
    "script",
    ["", "return 5;", "return [API.users.get({})]", "return [API.users.get({}),];", "return [API.users.get([])];",
     "return [API.users.get({}) API.users.get({})];", "return [API.users.get({})]; return 1;", "API.users.get({});",
     'return [API.users.get({"a":"\u2028"})];', 'return [API.users.get({"a":"\n"})];',
     "return [API.users.get({'a':1})];", 'return [API.users.get({"a":NaN})];'],
)  # fmt: skip
async def test_execute_takes_nothing_that_is_no_script(vk: VkEmulator, call: Caller, script: str) -> None:
    assert code(await call("execute", code=script)) == 12


async def test_execute_counts_as_one_call(vk: VkEmulator, call: Caller) -> None:
    vk.calls_per_second = 1
    assert "response" in await call("execute", code="return [API.users.get({}),API.users.get({})];")
    assert code(await call("execute", code="return [API.users.get({})];")) == 6


@pytest.mark.parametrize("where", ["execute", "messages.send"])
async def test_a_cut_wire_befalls_all_that_an_execute_brings(vk: VkEmulator, call: Caller, where: str) -> None:
    await call.begin()
    anna = vk.person("Анна")
    await anna.opens()
    script = f'return [API.messages.send({{"peer_id":{anna.id},"random_id":1,"message":"Привет"}})];'
    for fault, taken in ((Fault.RESET_BEFORE, 0), (Fault.RESET_AFTER, 1)):
        vk.faults.next(where, fault)
        with pytest.raises(aiohttp.ClientError):
            await call("execute", code=script)
        assert len(anna.screen) == taken


# ---------------------------------------------------------------- faults


async def test_resets_before_and_after_the_message_was_taken(vk: VkEmulator, call: Caller) -> None:
    await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    for fault, taken in [(Fault.RESET_BEFORE, 0), (Fault.RESET_AFTER, 1)]:
        vk.faults.next("messages.send", fault)
        with pytest.raises(aiohttp.ClientError):
            await call.send(anna.id, random_id=5)
        assert len(vk.ledger.entries) == taken
    assert "response" in await call.send(anna.id, random_id=5)
    assert len(vk.ledger.entries) == 1


async def test_pages_of_html_garbage_and_the_nth_call(vk: VkEmulator, call: Caller) -> None:
    vk.faults.nth("users.get", 2, Fault.SERVER_ERROR_HTML)
    vk.faults.nth("users.get", 3, Fault.GARBAGE)
    assert await call("users.get") == {"response": []}
    with pytest.raises(aiohttp.ContentTypeError):
        await call("users.get")
    with pytest.raises(json.JSONDecodeError):
        await call("users.get")
    assert await call("users.get") == {"response": []}


# ---------------------------------------------------------------- events


async def test_long_poll_repeats_for_an_old_ts_and_waits_for_a_new_one(vk: VkEmulator, call: Caller) -> None:
    ts = await call.begin()
    anna = vk.person("Анна")
    await anna.opens("courses__vk")
    first = await call.poll(ts)
    assert [one["type"] for one in first["updates"]] == ["message_allow", "message_new"]
    message = first["updates"][1]["object"]["message"]
    assert (message["payload"], message["ref"], message["id"] > 0) == ('{"command":"start"}', "courses__vk", True)
    assert isinstance(first["ts"], str) and await call.poll(ts) == first, "a cursor, not an acknowledgement"
    assert await call.poll(first["ts"], wait=0.1) == {"ts": first["ts"], "updates": []}
    vk.longpoll.duplicates = True
    assert len((await call.poll(ts))["updates"]) == 4
    vk.longpoll.duplicates, vk.longpoll.splits = False, True
    assert [len((await call.poll(ts))["updates"]) for _ in range(2)] == [2, 0]


async def test_long_poll_says_what_was_lost(vk: VkEmulator, call: Caller) -> None:
    ts = await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    vk.longpoll.expire_key()
    assert await call.poll(ts) == {"failed": 2}
    await call.begin()
    vk.longpoll.forget_history()
    assert await call.poll(ts) == {"failed": 1, "ts": vk.world.ts}
    vk.longpoll.forget_history(failed=3)
    assert await call.poll(ts) == {"failed": 3}
    vk.longpoll.fails.append({"failed": 4})
    assert await call.poll(vk.world.ts) == {"failed": 4}


BEFORE = ["message_allow", "message_deny"]


@pytest.mark.parametrize(("failed", "lost"), [(1, BEFORE), (3, [*BEFORE, "message_allow"])])
async def test_what_comes_after_a_loss_and_before_the_client_goes_on_is_lost_too(
    vk: VkEmulator, call: Caller, failed: int, lost: list[str]
) -> None:
    """``failed`` 1 says where it goes on, 3 sends for a session first. Messages stand in their conversations."""
    ts = await call.begin()
    anna = vk.person("Анна")
    await anna.says("а")
    vk.longpoll.forget_history(failed=failed)
    await anna.blocks()
    assert (await call.poll(ts))["failed"] == failed
    await anna.unblocks()
    await call.begin()
    assert [act.kind for act in vk.ledger.acts if act.key in vk.ledger.forgotten] == lost


async def test_what_the_community_says_comes_back_and_says_who_spoke(vk: VkEmulator, call: Caller) -> None:
    ts = await call.begin()
    anna, group = vk.person("Анна"), vk.group()
    await anna.says("а")
    await call.send(anna.id, random_id=9)
    vk.administrator_answers(anna, "Здравствуйте, это Ольга", admin=700900)
    await group.writes_as(anna, "в чате")
    said = [one["object"] for one in (await call.poll(ts))["updates"] if one["type"] == "message_reply"]
    assert [(one["random_id"], one.get("admin_author_id")) for one in said] == [(9, None), (0, 700900)]
    chat = (await call.poll(ts))["updates"][-1]["object"]["message"]
    assert (chat["id"], chat["conversation_message_id"], chat["peer_id"]) == (0, 1, 2_000_000_001)


async def test_events_that_are_not_switched_on_do_not_come(vk: VkEmulator, call: Caller) -> None:
    ts = await call.begin()
    await call("groups.setLongPollSettings", group_id=vk.group_id, enabled=1, message_allow=0)
    await vk.person("Анна").says("а")
    assert [one["type"] for one in (await call.poll(ts))["updates"]] == ["message_new"]

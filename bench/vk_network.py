"""VK's API and Bots Long Poll as far as a lead bot needs them, quick and trusting."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from bench.crowd import Crowd
from bench.wire import Reply, dumps, loads

TOKEN = "vk1.a.bench-token-of-nobody"  # noqa: S105
GROUP = 200300
CHATS = 2_000_000_000
MANAGERS = CHATS + 1
RIGHTS = {"messages": 4096, "manage": 262144}
CLIENT = ('{"button_actions":["text","vkpay","open_app","location","open_link","open_photo","callback"],'
          '"keyboard":true,"inline_keyboard":true,"carousel":true,"lang_id":0}')  # fmt: skip

PEOPLE = range(100_000_000, 1_000_000_000)


class VkNetwork:
    """``crowd`` is told of every message to somebody. ``calls``: how many of each method were taken, those inside an
    ``execute`` too. ``enabled``: what the community's owner has ticked, as a bot may change it. Numbers are those of no
    earlier run."""

    url = ""

    def __init__(self) -> None:
        self.first_person = PEOPLE[int(time.time() * 1000) % len(PEOPLE)]
        self.crowd: Crowd | None = None
        self.polled = asyncio.Event()
        self.calls: dict[str, int] = {}
        self.enabled = {"message_new", "message_event"}
        self._ts = int(time.time() * 10_000)
        self._events: deque[tuple[int, str]] = deque()
        self._numbers: dict[int, itertools.count[int]] = {}  # of messages within each dialogue
        self._shown: dict[int, int] = {}  # the last message with buttons in each dialogue
        self._message_ids = itertools.count(1000)
        self._queries = itertools.count(1)
        self._waiting: tuple[Reply, int, asyncio.TimerHandle] | None = None
        self._woken = False
        self._methods: dict[str, Callable[[dict[str, Any]], Any]] = {
            "messages.send": self._send,
            "messages.edit": lambda given: 1,
            "messages.sendMessageEventAnswer": lambda given: 1,
            "messages.setActivity": lambda given: 1,
            "messages.markAsRead": lambda given: 1,
            "groups.getLongPollServer": self._session,
            "groups.setLongPollSettings": self._settings,
            "groups.getTokenPermissions": self._permissions,
            "groups.getById": self._group,
            "users.get": self._users,
        }

    # ------------------------------------------------------------ what people do

    def says(self, person: int, text: str, payload: str | None = None) -> None:
        """A person writes; VK's application says «Начать» for /start."""
        if text == "/start":
            text, payload = "Начать", '{"command":"start"}'
        self._emit(
            "message_new", f'{{"message":{self._message(person, person, text, payload)},"client_info":{CLIENT}}}'
        )

    def presses(self, person: int, label: str, data: str | None) -> None:
        """``data``: what ``_buttons`` made of the button."""
        kind, _, payload = (data or "text|").partition("|")
        if kind == "text":
            return self.says(person, label, payload or None)
        shown = self._shown.get(person, 1)
        event = f"{next(self._queries):012x}"
        who = f'"user_id":{person},"peer_id":{person},"event_id":"{event}"'
        what = f'"payload":{payload or "null"},"conversation_message_id":{shown}'
        return self._emit("message_event", f"{{{who},{what}}}")

    def leaves(self, person: int) -> None:
        self._shown.pop(person, None)
        self._numbers.pop(person, None)

    def _number(self, peer: int) -> int:
        if peer not in self._numbers:
            self._numbers[peer] = itertools.count(1)
        return next(self._numbers[peer])

    def _message(self, peer: int, author: int, text: str, payload: str | None = None, *, number: int = 0) -> str:
        number = number or self._number(peer)
        more = f',"payload":{dumps(payload)}' if payload else ""
        return (
            f'{{"date":{int(time.time())},"from_id":{author},"id":{next(self._message_ids)},'
            f'"version":{10_000_000 + number},"out":{int(author < 0)},"fwd_messages":[],'
            f'"important":false,"is_hidden":false,"attachments":[],'
            f'"conversation_message_id":{number},"text":{dumps(text)},"peer_id":{peer},"random_id":0{more}}}'
        )

    # ------------------------------------------------------------ the bot's calls

    def serve(self, path: str, given: dict[str, str], reply: Reply) -> None:
        """``/method/<name>``, ``/whp/<group>``."""
        name = path.rpartition("/")[2]
        if path.startswith("/whp/"):
            self._a_check(given, reply)
        elif name == "execute":
            self._count("execute")
            reply(f'{{"response":{dumps([self._call(*one) for one in script(given["code"])])}}}'.encode())
        else:
            reply(f'{{"response":{dumps(self._call(name, given))}}}'.encode())

    def _count(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1

    def _call(self, name: str, given: dict[str, Any]) -> Any:
        self._count(name)
        return self._methods[name](given)

    def _send(self, given: dict[str, Any]) -> Any:
        several = given.get("peer_ids")
        peer = int(several or given.get("peer_id") or given.get("user_id") or 0)
        text, number = str(given["message"]), self._number(peer)
        message_id = next(self._message_ids)
        buttons = _buttons(given.get("keyboard"))
        if buttons:
            self._shown[peer] = number
        if "message_reply" in self.enabled:
            self._emit("message_reply", self._message(peer, -GROUP, text, number=number))
        if self.crowd is not None and peer < CHATS:
            asyncio.get_running_loop().call_soon(self.crowd.sees, peer, text, buttons)
        return (
            [{"peer_id": peer, "message_id": message_id, "conversation_message_id": number}] if several else message_id
        )

    def _session(self, given: dict[str, Any]) -> Any:
        return {"key": "key0001", "server": f"{self.url}/whp/{GROUP}", "ts": str(self._ts)}

    def _settings(self, given: dict[str, Any]) -> int:
        for name, value in given.items():
            if name.startswith("message_"):
                (self.enabled.add if str(value) == "1" else self.enabled.discard)(name)
        return 1

    def _permissions(self, given: dict[str, Any]) -> Any:
        listed = [{"name": name, "setting": number} for name, number in RIGHTS.items()]
        return {"mask": sum(RIGHTS.values()), "permissions": listed}

    def _group(self, given: dict[str, Any]) -> Any:
        return {"groups": [{"id": GROUP, "name": "Ромашка", "screen_name": "romashka", "is_closed": 0,
                            "type": "group"}], "profiles": []}  # fmt: skip

    def _users(self, given: dict[str, Any]) -> Any:
        return [{"id": int(one), "first_name": "Анна", "last_name": "Петрова", "is_closed": False}
                for one in str(given.get("user_ids", "")).split(",") if one]  # fmt: skip

    # ------------------------------------------------------------ the long poll

    def _emit(self, kind: str, what: str) -> None:
        if kind not in self.enabled:
            return
        self._ts += 1
        event = f'{{"group_id":{GROUP},"type":"{kind}","event_id":"{self._ts:040x}","v":"5.199","object":{what}}}'
        self._events.append((self._ts, event))
        if self._waiting and not self._woken:
            self._woken = True
            asyncio.get_running_loop().call_soon(self._answer)

    def _a_check(self, given: dict[str, str], reply: Reply) -> None:
        ts, wait = int(given["ts"]), float(given.get("wait", 25))
        while self._events and self._events[0][0] <= ts:
            self._events.popleft()
        self._waiting = (reply, ts, asyncio.get_running_loop().call_later(wait, self._answer))
        self.polled.set()
        if self._events:
            self._answer()

    def _answer(self) -> None:
        self._woken = False
        if self._waiting is None:
            return
        (reply, ts, late), self._waiting = self._waiting, None
        late.cancel()
        told = ",".join(event for number, event in self._events if number > ts)
        reply(f'{{"ts":"{self._ts}","updates":[{told}]}}'.encode())


def _buttons(keyboard: Any) -> dict[str, str | None]:
    """Label -> kind and payload."""
    if not keyboard:
        return {}
    rows = (loads(keyboard) if isinstance(keyboard, str) else keyboard).get("buttons", [])
    actions = [button["action"] for row in rows for button in row]
    return {one["label"]: f"{one['type']}|{one.get('payload') or ''}" for one in actions if "label" in one}


def script(code: str) -> list[tuple[str, dict[str, Any]]]:
    """The calls of ``return [API.messages.send({...}), …];`` in order. Other VKScript is not understood: ValueError."""
    text, decoder, calls = code.strip(), json.JSONDecoder(), []
    at = text.find("API.")
    if not text.startswith("return") or at < 0:
        raise ValueError(f"not a list of calls: {text[:80]!r}")
    while at >= 0:
        opens = text.index("(", at)
        given, ends = decoder.raw_decode(text, opens + 1)
        calls.append((text[at + 4 : opens], given))
        at = text.find("API.", ends)
    return calls

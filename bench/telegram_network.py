"""The Bot API as far as a lead bot needs it, quick and trusting: what arrives is taken and seen, nothing stays."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque

from bench.crowd import Crowd
from bench.wire import Reply, dumps, loads

TOKEN = "424242:bench-Token_of-nobody"  # noqa: S105
MANAGERS = -1_001_234_567_890
BOT = {"id": 424242, "is_bot": True, "first_name": "Ромашка", "username": "romashka_bot"}
WHOLE_BOT = {**BOT, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
             "can_connect_to_business": False, "has_main_web_app": False}  # fmt: skip
TRUE = b'{"ok":true,"result":true}'

PEOPLE = range(5_000_000_000, 5_900_000_000)


class TelegramNetwork:
    """``crowd`` is told of every message to somebody. ``calls``: how many of each method were taken.

    People and updates have numbers that no earlier run had: a database that stays would know them again.
    """

    url = ""

    def __init__(self) -> None:
        self.first_person = PEOPLE[int(time.time() * 1000) % len(PEOPLE)]
        self.crowd: Crowd | None = None
        self.polled = asyncio.Event()
        self.calls: dict[str, int] = {}
        self._updates: deque[tuple[int, str]] = deque()
        self._next_update = itertools.count(int(time.time() * 10_000))
        self._next_message = itertools.count(1)
        self._next_query = itertools.count(2_147_919_000_000_000_001)
        self._shown: dict[int, str] = {}  # the last message with buttons in each chat, as JSON
        self._waiting: tuple[Reply, asyncio.TimerHandle] | None = None
        self._woken = False
        self._now = ""
        self._bot = dumps(BOT)
        self._methods = {
            "sendmessage": self._send, "getupdates": self._get_updates, "editmessagetext": self._edit,
            "editmessagereplymarkup": self._edit, "getme": self._get_me,
        }  # fmt: skip

    # ------------------------------------------------------------ what people do

    def says(self, person: int, text: str) -> None:
        command = ',"entities":[{"offset":0,"length":6,"type":"bot_command"}]' if text[0] == "/" else ""
        head = f'"message_id":{next(self._next_message)},{self._private(person)},"date":{self._second()}'
        self._emit(f'"message":{{{head},"text":{dumps(text)}{command}}}')

    def presses(self, person: int, label: str, data: str | None) -> None:
        """A button under a message; without data it was one of the keyboard, which says its label."""
        if data is None:
            return self.says(person, label)
        author = self._author(person)
        about = f'"id":"{next(self._next_query)}","from":{author},"message":{self._shown.pop(person)}'
        return self._emit(f'"callback_query":{{{about},"chat_instance":"-3141592653589793238","data":{dumps(data)}}}')

    def leaves(self, person: int) -> None:
        self._shown.pop(person, None)

    def _author(self, person: int) -> str:
        return f'{{"id":{person},"is_bot":false,"first_name":"Анна","language_code":"ru"}}'

    def _private(self, person: int) -> str:
        return f'"from":{self._author(person)},"chat":{{"id":{person},"first_name":"Анна","type":"private"}}'

    def _second(self) -> int:
        return int(time.time())

    # ------------------------------------------------------------ the bot's calls

    def serve(self, path: str, given: dict[str, str], reply: Reply) -> None:
        """``/bot<token>/<method>``."""
        method = path.rpartition("/")[2].lower()
        self.calls[method] = self.calls.get(method, 0) + 1
        known = self._methods.get(method)
        if known is None:
            reply(TRUE)
        else:
            known(given, reply)

    def _get_me(self, given: dict[str, str], reply: Reply) -> None:
        reply(f'{{"ok":true,"result":{dumps(WHOLE_BOT)}}}'.encode())

    def _send(self, given: dict[str, str], reply: Reply) -> None:
        chat, text, markup = int(given["chat_id"]), given["text"], given.get("reply_markup")
        rows = loads(markup) if markup else {}
        inline = rows.get("inline_keyboard")
        where = f'{{"id":{chat},"first_name":"Анна","type":"private"}}' if chat > 0 else (
            f'{{"id":{chat},"title":"Заявки","type":"supergroup"}}')  # fmt: skip
        shown = f',"reply_markup":{dumps({"inline_keyboard": inline})}' if inline else ""
        message = (
            f'{{"message_id":{next(self._next_message)},"from":{self._bot},"chat":{where},"date":{self._second()},'
            f'"text":{dumps(text)}{shown}}}'
        )
        if inline and chat > 0:
            self._shown[chat] = message
        reply(f'{{"ok":true,"result":{message}}}'.encode())
        if self.crowd is not None and chat != MANAGERS:
            buttons = {button["text"]: button.get("callback_data") for row in inline or () for button in row}
            self.crowd.sees(chat, text, buttons)

    def _edit(self, given: dict[str, str], reply: Reply) -> None:
        chat = int(given["chat_id"])
        reply(
            f'{{"ok":true,"result":{{"message_id":{given["message_id"]},"from":{self._bot},"chat":{{"id":{chat},'
            f'"type":"private"}},"date":{self._second()},"text":{dumps(given.get("text", "."))}}}}}'.encode()
        )

    # ------------------------------------------------------------ updates

    def _emit(self, what: str) -> None:
        number = next(self._next_update)
        self._updates.append((number, f'{{"update_id":{number},{what}}}'))
        if self._waiting and not self._woken:  # what happens at once is told at once
            self._woken = True
            asyncio.get_running_loop().call_soon(self._answer)

    def _get_updates(self, given: dict[str, str], reply: Reply) -> None:
        offset, timeout = int(given.get("offset", 0)), float(given.get("timeout", 0))
        while self._updates and self._updates[0][0] < offset:
            self._updates.popleft()
        late = asyncio.get_running_loop().call_later(timeout, self._answer)
        self._waiting = (reply, late)
        self.polled.set()
        if self._updates or not timeout:
            self._answer()

    def _answer(self) -> None:
        self._woken = False
        if self._waiting is None:
            return
        (reply, late), self._waiting = self._waiting, None
        late.cancel()
        reply(f'{{"ok":true,"result":[{",".join(one for _, one in itertools.islice(self._updates, 100))}]}}'.encode())

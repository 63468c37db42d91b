"""VK: a community's private messages and its managers' chat, through vk_api and a Long Poll of our own.

A repeat is harmless here: ``random_id`` comes from the outbox row, and VK shows a message with the same one only
once within an hour. Later, and in busy chats, the history is asked first whether it arrived (M13).
"""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.channels import NOTICE, File, Note, Outcome, Outgoing, Receive, Refused, Sent, TryLater, Unknown, note_nothing
from bot.channels.vk_client import VkClient, VkNotSent, VkRefused, VkUnsure
from bot.channels.vk_events import Reader
from bot.channels.vk_files import FileLater, FileRefused, VkFiles
from bot.channels.vk_keyboard import Rows, is_chat, keyboard, shortened, unping
from bot.channels.vk_longpoll import LongPoll, Report, Times
from bot.channels.vk_numbers import Numbers
from bot.channels.vk_outcomes import outcome
from bot.channels.vk_recent import Recent
from bot.channels.vk_rights import VkMisconfigured, problems
from bot.channels.vk_together import AGAIN, MALFORMED, Together
from bot.files import Files, NoFiles
from dialogs.capabilities import CHANNELS
from handlers.inbound import Notice

log = logging.getLogger("leadbot.vk")

REPEATABLE = 3300.0  # seconds after which VK may no longer recognise a repeat (it says an hour)
SNACKBAR = 90  # letters
SPINNER = 0.05  # seconds that its end may wait for the answer that goes at about the same time
PAGE, PAGES = 200, 10
FORGOTTEN = (100, 121)  # invalid attachment, invalid hash
DEFAULT = Times()
PLAIN = {"disable_mentions": 1, "dont_parse_links": 1}


def _log_report(kind: str, text: str) -> None:
    log.error("%s: %s", kind, text)


class Vk:
    """A ``Channel``. ``api_url`` is what stands before ``/method/``.

    ``load_cursor`` gives the position last saved with a batch. ``report`` takes (kind, Russian sentence) of what an
    admin has to act on, in which ``moment`` says when; ``note`` counts all that is met. ``salt`` tells installations
    apart: a new database that counts its rows from 1 again must not look to VK like a repeat of the old one.
    """

    name = "vk"
    keeps_order = True

    def __init__(
        self,
        token: str,
        group_id: int,
        *,
        api_url: str | None = None,
        load_cursor: Callable[[], Awaitable[str | None]],
        report: Report = _log_report,
        note: Note = note_nothing,
        moment: Callable[[datetime], str] = str,
        salt: str = "",
        files: Files | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        times: Times = DEFAULT,
    ) -> None:
        self._client = VkClient(token, api_url, patience=times.patience)
        self._together = Together(self._client)
        self._files = VkFiles(self._client, group_id, files or NoFiles())
        self._group_id, self._now = group_id, now
        self._note = note
        self._numbers = Numbers(zlib.crc32(salt.encode()) if salt else 0, group_id)
        self._can: Recent[str, frozenset[str]] = Recent(20_000)
        self._floods: Recent[str, int] = Recent(1000)
        self._keyboards: dict[tuple[Rows, bool, bool], str] = {}  # of this turn of the loop
        reader = Reader(group_id, self._can, now)
        self._poll = LongPoll(
            self._client, group_id, reader, self._numbers, load_cursor=load_cursor, report=report, note=note,
            moment=moment, now=now, times=times,
        )  # fmt: skip

    @property
    def trouble(self) -> str | None:
        """Why nothing comes in just now; None when all is well."""
        return self._poll.trouble

    async def rights(self) -> str:
        """For the doctor: switches the event kinds on and says that all is well. Raises VkMisconfigured with what an
        administrator has to do, and what VkClient.call raises."""
        if found := await problems(self._client, self._group_id):
            raise VkMisconfigured(" ".join(found))
        return f"community {self._group_id}, rights and events are in order"

    async def listen(self, receive: Receive) -> None:
        await self._poll.listen(receive)

    async def close(self) -> None:
        self._together.close()
        await self._client.close()

    def notify(self, notice: Notice) -> asyncio.Future[None]:
        """Within a minute of the press, once; whatever goes wrong with it is nobody's business (P10)."""
        event_id, user, peer = notice.query.rsplit("|", 2)
        values: dict[str, Any] = {"event_id": event_id, "user_id": user, "peer_id": peer}
        if notice.text:
            said = {"type": "show_snackbar", "text": shortened(notice.text, SNACKBAR)}
            values["event_data"] = json.dumps(said, ensure_ascii=False)
        method = "messages.sendMessageEventAnswer"
        return self._together.begin(method, values, read=self._spun, patience=SPINNER, within=NOTICE)

    def _spun(self, answer: Any) -> None:
        if isinstance(answer, Exception):
            self._note("spinner_failed")
            log.debug("a spinner was not ended: %s", type(answer).__name__)

    def post(self, message: Outgoing) -> asyncio.Future[Outcome] | None:
        """None: something is to be looked up, or given, before."""
        goes_straight = message.act == "say" and message.attempt == 1 and not message.file
        return self._post(message) if goes_straight and _is_peer(message.to) else None

    async def send(self, message: Outgoing) -> Outcome:
        if not _is_peer(message.to):
            return Refused("not a peer of VK")
        try:
            ended = await (self._edit(message) if message.act == "edit" else self._say(message))
        except (VkRefused, VkUnsure, VkNotSent) as failed:
            return self._failed(message, failed)
        except FileLater as busy:
            return TryLater(busy.seconds)
        except FileRefused as refused_file:
            return Refused(str(refused_file))
        if isinstance(ended, Sent):
            self._floods.drop(message.to)
        return ended

    def _failed(self, message: Outgoing, failed: VkRefused | VkUnsure | VkNotSent) -> Outcome:
        match failed:
            case VkRefused(code=code):
                floods = self._count_flood(message.to) if code == 9 else 1
                return outcome(code, editing=message.act == "edit", floods=floods)
            case VkUnsure():
                return Unknown(str(failed))
        return TryLater(5.0, everybody=True)

    # ------------------------------------------------------------ one act

    async def _say(self, message: Outgoing) -> Outcome:
        if message.attempt > 1 and (found := await self._look_up(message)):
            return Sent(found)
        if message.file:
            return await self._show(message, message.file)
        return await self._post(message)

    def _post(self, message: Outgoing) -> asyncio.Future[Outcome]:
        values = self._new(message)
        if message.forward and message.forward.message_id.isdigit():
            peer, number_there = int(message.forward.chat), int(message.forward.message_id)
            values["forward"] = json.dumps({"peer_id": peer, "conversation_message_ids": [number_there]})
        elif message.reply_to and message.reply_to.isdigit():
            replied = {"peer_id": int(message.to), "conversation_message_ids": [int(message.reply_to)], "is_reply": 1}
            values["forward"] = json.dumps(replied)
        read = partial(self._posted, message, values)
        return self._together.begin("messages.send", values, read=read, turn=message.to)

    def _posted(self, message: Outgoing, values: dict[str, Any], answer: Any) -> Any:
        sent = _sent(answer)
        if isinstance(sent, Sent):
            self._floods.drop(message.to)
            return sent
        if isinstance(sent, VkRefused) and (spare := _spare(sent.code, values)):
            log.warning("VK error %d: sent once more without %s", sent.code, spare)
            del values[spare]
            return AGAIN
        return self._failed(message, sent)

    async def _show(self, message: Outgoing, file: File) -> Sent:
        """A refused message did nothing: by a name that VK has forgotten it is given once more."""
        values = self._new(message)
        values["attachment"] = await self._files.name_of(file, message.to)
        try:
            return await self._send(values)
        except VkRefused as refused:
            if refused.code not in FORGOTTEN or not await self._files.forget(file):
                raise
            values["attachment"] = await self._files.name_of(file, message.to)
            return await self._send(values)

    async def _send(self, values: dict[str, Any]) -> Sent:
        sent = await self._together.begin("messages.send", values, read=_sent, turn=values["peer_ids"])
        if isinstance(sent, Sent):
            return sent
        raise sent

    async def _edit(self, message: Outgoing) -> Outcome:
        """The keyboard goes again, or it is gone; what the message answers stays."""
        number = message.message_id or ""
        if not number.isdigit():
            return await self._say(message)
        keep: dict[str, Any] = {} if message.takes_back else {"keep_forward_messages": 1, "keep_snippets": 1}
        await self._together.call("messages.edit", peer_id=message.to, cmid=number, **keep, **self._contents(message))
        return Sent(number)

    def _new(self, message: Outgoing) -> dict[str, Any]:
        """With ``peer_ids`` the answer has the number that edits need."""
        return {"peer_ids": message.to, "random_id": self._numbers.of(message.id), **self._contents(message)}

    def _contents(self, message: Outgoing) -> dict[str, Any]:
        chat = is_chat(int(message.to))
        text = unping(message.text) if chat else message.text
        values: dict[str, Any] = {"message": shortened(text, CHANNELS["vk"].text), **PLAIN}
        if any(message.buttons) or message.asks_place:
            can = self._can.find(message.to)
            callback = chat or can is None or "callback" in can
            place = message.asks_place and (can is None or "location" in can)
            values["keyboard"] = self._keyboard(message.buttons, callback=callback, place=place)
        return values

    def _keyboard(self, rows: Rows, *, callback: bool, place: bool) -> str:
        """Written once for all who are shown the same in this turn of the loop, as most of a round are. Not kept
        longer: a button may have somebody's name on it, who may be erased (I12)."""
        key = (rows, callback, place)
        if key not in self._keyboards:
            if not self._keyboards:
                asyncio.get_running_loop().call_soon(self._keyboards.clear)
            self._keyboards[key] = keyboard(rows, callback=callback, place=place)
        return self._keyboards[key]

    async def _look_up(self, message: Outgoing) -> str | None:
        """Has it arrived after all? Asked when VK would not recognise the repeat: after an hour, or in a chat where a
        hundred messages come in less."""
        late = message.first_tried_ago > REPEATABLE
        if not late and not is_chat(int(message.to)):
            return None
        try:
            since = self._now().timestamp() - message.first_tried_ago - 120
            return await self._find(message.to, self._numbers.of(message.id), since=since)
        except VkRefused:
            if late:
                raise
            return None

    async def _find(self, peer: str, number: int, *, since: float) -> str | None:
        for page in range(PAGES):
            answer = await self._client.call("messages.getHistory", peer_id=peer, count=PAGE, offset=page * PAGE)
            try:
                items = answer["items"]
                for one in items:
                    if one.get("random_id") == number and one["from_id"] < 0:
                        return str(one["conversation_message_id"])
                if len(items) < PAGE or items[-1]["date"] < since:
                    return None
            except (LookupError, TypeError, AttributeError):
                raise VkUnsure("a history that does not decode") from None
        raise VkUnsure("too long a history to look through")

    def _count_flood(self, to: str) -> int:
        floods = (self._floods.find(to) or 0) + 1
        self._floods.keep(to, floods)
        return floods


def _is_peer(to: str) -> bool:
    return to.lstrip("-").isdigit()


def _sent(answer: Any) -> Sent | VkRefused | VkUnsure | VkNotSent:
    """What ``messages.send`` says of its one peer; a refusal may stand inside of its answer."""
    if isinstance(answer, (VkRefused, VkUnsure, VkNotSent)):
        return answer
    try:
        (one,) = answer
        if error := one.get("error"):
            return VkRefused(int(error["code"]))
        return Sent(str(int(one["conversation_message_id"])))
    except MALFORMED:
        return VkUnsure("an answer that does not decode")


def _spare(code: int, values: dict[str, Any]) -> str | None:
    """What the message can do without rather than not arrive: its buttons (911), what it answers (913, 921, 969)."""
    name = {911: "keyboard", 913: "forward", 921: "forward", 969: "forward"}.get(code)
    return name if name in values else None

"""VK's side of the world: people, dialogues, messages, and the events they cause. No HTTP here."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CHATS = 2_000_000_000  # peers of group chats are 2000000000 + 1 … 100000000
EVERY_CLIENT = ("text", "vkpay", "open_app", "location", "open_link", "open_photo")


class Bell:
    """Wakes everybody who waits for a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()


@dataclass(slots=True, kw_only=True)
class Message:
    """``id`` is 0 in group chats; ``cmid`` counts within the dialogue. ``author`` < 0 is the community."""

    peer: int
    cmid: int
    id: int
    author: int
    at: float
    text: str = ""
    random_id: int = 0
    payload: str | None = None
    ref: str = ""
    ref_source: str = ""
    keyboard: dict[str, Any] | None = None
    attachments: list[dict[str, Any]] = field(default_factory=list)
    geo: dict[str, Any] | None = None
    action: dict[str, Any] | None = None
    reply: Message | None = None
    forwarded: list[Message] = field(default_factory=list)
    admin: int | None = None
    edited_at: float | None = None
    quiet: bool = False  # disable_mentions

    def wire(self) -> dict[str, Any]:
        """As ``message_new``, ``message_reply`` and ``getHistory`` show it."""
        shown: dict[str, Any] = {
            "date": int(self.at),
            "from_id": self.author,
            "id": self.id,
            "version": 10_000_000 + self.cmid,
            "out": int(self.author < 0),
            "fwd_messages": [one.wire() for one in self.forwarded],
            "important": False,
            "is_hidden": False,
            "attachments": self.attachments,
            "conversation_message_id": self.cmid,
            "text": self.text,
            "peer_id": self.peer,
            "random_id": self.random_id,
        }
        rest = {"payload": self.payload, "ref": self.ref, "ref_source": self.ref_source, "keyboard": self.keyboard,
                "geo": self.geo, "action": self.action, "admin_author_id": self.admin}  # fmt: skip
        shown |= {name: value for name, value in rest.items() if value}
        if self.reply:
            shown["reply_message"] = {k: v for k, v in self.reply.wire().items() if k not in ("out", "random_id")}
        if self.edited_at:
            shown["update_time"] = int(self.edited_at)
        return shown


@dataclass(slots=True)
class Dialogue:
    """``allowed``: the community may write. ``left``: it was in the chat and is no more."""

    peer: int
    allowed: bool = False
    left: bool = False
    count: int = 0
    in_read: int = 0
    messages: list[Message] = field(default_factory=list)
    changed: Bell = field(default_factory=Bell)

    def find(self, cmid: int) -> Message | None:
        return next((one for one in reversed(self.messages) if one.cmid == cmid), None)


@dataclass(slots=True)
class Profile:
    id: int
    first_name: str
    last_name: str = ""
    callback: bool = True  # the person's application shows callback buttons
    deactivated: bool = False

    def client_info(self) -> dict[str, Any]:
        actions = [*EVERY_CLIENT, *(["callback"] if self.callback else [])]
        return {"button_actions": actions, "keyboard": True, "inline_keyboard": True, "carousel": True, "lang_id": 0}


class World:
    """Everything VK knows about one community. ``now`` gives Unix seconds."""

    def __init__(self, group_id: int, now: Callable[[], float]) -> None:
        self.group_id = group_id
        self.now = now
        self.profiles: dict[int, Profile] = {}
        self.dialogues: dict[int, Dialogue] = {}
        self.queries: dict[str, tuple[int, int, float]] = {}  # a press that spins: user, peer, since when
        self.enabled: set[str] = set()  # event types, by groups.setLongPollSettings
        self.events: list[tuple[int, dict[str, Any]]] = []  # with the ts that follows each
        self.ts = 100
        self.emitted = Bell()
        self.told: Callable[[Any], None] = lambda event: None  # of every event that joins the history
        self.repeats_ref = False  # later messages carry the dialogue's ref again (nobody knows whether VK does)
        self._refs: dict[int, str] = {}
        self._ids = 1000

    def dialogue(self, peer: int) -> Dialogue:
        return self.dialogues.setdefault(peer, Dialogue(peer, allowed=peer > CHATS and peer not in self.profiles))

    def is_chat(self, peer: int) -> bool:
        return CHATS < peer <= CHATS + 100_000_000

    def said(self, peer: int, author: int, text: str, *, ref: str = "", **more: Any) -> Message:
        """A person writes. In private that allows the community to answer, with an event of its own."""
        dialogue = self.dialogue(peer)
        if peer == author and not dialogue.allowed:
            self.allow(peer)
        if ref or self.repeats_ref:
            more["ref"] = self._refs[peer] = ref or self._refs.get(peer, "")
        message = self._add(dialogue, author=author, text=text, **more)
        self.emit("message_new", {"message": message.wire(), "client_info": self.profiles[author].client_info()})
        return message

    def sent(self, peer: int, text: str, **more: Any) -> Message:
        """The community writes: the bot (``random_id``) or a human administrator (``admin``)."""
        message = self._add(self.dialogue(peer), author=-self.group_id, text=text, **more)
        self.emit("message_reply", message.wire())
        return message

    def edited(self, message: Message, text: str) -> None:
        """A person changes the words of a message of theirs."""
        message.text, message.edited_at = text, self.now()
        self.emit("message_edit", message.wire())

    def pressed(self, user: int, message: Message, payload: Any) -> str:
        """A callback button: the inner event id, which answers within a minute."""
        query = hashlib.sha256(f"query {len(self.queries)}".encode()).hexdigest()[:12]
        self.queries[query] = (user, message.peer, self.now())
        self.emit("message_event", {"user_id": user, "peer_id": message.peer, "event_id": query, "payload": payload,
                                    "conversation_message_id": message.cmid})  # fmt: skip
        return query

    def allow(self, user: int) -> None:
        self.dialogue(user).allowed = True
        self.emit("message_allow", {"user_id": user, "key": ""})

    def deny(self, user: int) -> None:
        self.dialogue(user).allowed = False
        self.emit("message_deny", {"user_id": user})

    def emit(self, kind: str, what: Any, *, event_id: str | None = None) -> None:
        """An event of an enabled type goes into the history that long polls read."""
        if kind not in self.enabled:
            return
        key = event_id or hashlib.sha1(f"{self.group_id} {self.ts}".encode()).hexdigest()
        self.push({"group_id": self.group_id, "type": kind, "event_id": key, "v": "5.199", "object": what})

    def push(self, event: Any) -> None:
        """Any JSON at all as the next event."""
        self.ts += 1
        self.events.append((self.ts, json.loads(json.dumps(event))))  # as it was at that moment
        self.told(event)
        self.emitted.ring()

    def _add(self, dialogue: Dialogue, **fields: Any) -> Message:
        dialogue.count += 1
        chat = self.is_chat(dialogue.peer)
        self._ids += not chat
        number = 0 if chat else self._ids
        message = Message(peer=dialogue.peer, cmid=dialogue.count, id=number, at=self.now(), **fields)
        dialogue.messages.append(message)
        dialogue.changed.ring()
        return message

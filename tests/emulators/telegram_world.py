"""Telegram's side of the world: people, chats, messages, and the updates they cause. No HTTP here."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.emulators.telegram_updates import Updates

Json = dict[str, Any]
Kind = Literal["private", "group", "supergroup"]
GROUP_ANONYMOUS_BOT = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}


class Bell:
    """Wakes everybody who waits for a change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()


@dataclass(slots=True)
class Message:
    """``wire`` is the Message object as the network shows it; a reply keyboard is not part of it."""

    id: int
    wire: Json
    from_bot: bool
    reply_keyboard: Json | None = None
    deleted: bool = False


@dataclass(slots=True)
class Chat:
    """``bot``: the bot's standing. ``started``: the person wrote once, so the bot may. ``keyboard``: the reply keyboard
    on screen. ``moved_to``: the supergroup that this group became. Ids of messages count from 1 in every chat."""

    id: int
    kind: Kind
    names: Json
    bot: Literal["member", "administrator", "left", "kicked"] = "member"
    started: bool = False
    deactivated: bool = False
    muted: bool = False
    deleted: bool = False
    moved_to: int | None = None
    keyboard: Json | None = None
    topics: set[int] = field(default_factory=set)
    messages: dict[int, Message] = field(default_factory=dict)
    changed: Bell = field(default_factory=Bell)

    def wire(self) -> Json:
        return {"id": self.id, **self.names, "type": self.kind}

    def find(self, message_id: int) -> Message | None:
        found = self.messages.get(message_id)
        return None if found is None or found.deleted else found


@dataclass(slots=True)
class Query:
    """A press: it spins until it is answered once, in time."""

    id: str
    user: int
    at: float
    answer: str | None = None
    alert: bool = False


class World:
    """Everything Telegram knows about one bot. ``now`` gives Unix seconds."""

    def __init__(self, bot: Json, now: Callable[[], float]) -> None:
        self.bot = bot
        self.now = now
        self.updates = Updates(now)
        self.users: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.commands: dict[str, list[Json]] = {}  # by scope
        self.privacy = False  # the bot sees only commands and replies in groups
        self._query_ids = itertools.count(2_147_919_000_000_000_001)

    # ------------------------------------------------------------ what people do

    def said(self, chat: Chat, author: int, **content: Any) -> Message:
        """A person writes; the bot hears of it if it may."""
        message = self.add(chat, {"from": self.users[author]}, content)
        if chat.kind == "private":
            chat.started = True
            if chat.bot == "kicked":
                self.membership(chat, author, "member")
        if self.hears(chat, message):
            self.updates.emit("message", message.wire, lives=24 * 3600)
        return message

    def hears(self, chat: Chat, message: Message) -> bool:
        """Privacy mode: commands, replies to the bot, mentions and service messages only."""
        if chat.kind == "private":
            return True
        if chat.bot not in ("member", "administrator"):
            return False
        if not self.privacy or chat.bot == "administrator" or "text" not in message.wire:
            return True
        replied = message.wire.get("reply_to_message", {}).get("from", {})
        text = message.wire["text"]
        return replied.get("id") == self.bot["id"] or text.startswith("/") or f"@{self.bot['username']}" in text

    def edited(self, chat: Chat, message: Message, text: str) -> None:
        """A person changes what they wrote."""
        message.wire = {**message.wire, "text": text, "edit_date": int(self.now())}
        chat.changed.ring()
        self.updates.emit("edited_message", message.wire, lives=24 * 3600)

    def pressed(
        self, chat: Chat, message: Message | None, user: int, data: str, *, shown_id: int | None = None
    ) -> Query:
        """A press of an inline button. ``message`` None: too old for Telegram to show, only ``shown_id`` is known."""
        query = Query(str(next(self._query_ids)), user, self.now())
        self.queries[query.id] = query
        about = message.wire if message else {"message_id": shown_id or 1, "chat": chat.wire(), "date": 0}
        update = {
            "id": query.id, "from": self.users[user], "message": about, "data": data,
            "chat_instance": "-3141592653589793238",
        }  # fmt: skip
        self.updates.emit("callback_query", update, lives=150)
        return query

    def membership(self, chat: Chat, by: int, status: Literal["member", "administrator", "left", "kicked"]) -> None:
        """The bot's standing in a chat changes, and the bot is told."""
        before, chat.bot = chat.bot, status
        if before == status:
            return
        change = {
            "chat": chat.wire(), "from": self.users[by], "date": int(self.now()),
            "old_chat_member": self.member(before), "new_chat_member": self.member(status),
        }  # fmt: skip
        self.updates.emit("my_chat_member", change, lives=24 * 3600)
        chat.changed.ring()

    def member(self, status: str) -> Json:
        """A ChatMember about the bot."""
        whole: Json = {"user": self.bot, "status": status}
        if status == "kicked":
            whole["until_date"] = 0
        if status == "administrator":
            rights = (
                "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
                "can_restrict_members", "can_promote_members",
                "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
                "can_delete_stories", "can_be_edited", "can_send_welcome_messages",
            )  # fmt: skip
            whole |= dict.fromkeys(rights, False)
        return whole

    # ------------------------------------------------------------ what stays

    def add(self, chat: Chat, author: Json, content: Json, *, reply_keyboard: Json | None = None) -> Message:
        """The next message of a chat, whole."""
        number = max(chat.messages, default=0) + 1
        head = {"message_id": number, **author, "chat": chat.wire(), "date": int(self.now())}
        from_bot = author.get("from", {}).get("id") == self.bot["id"]
        message = Message(number, {**head, **content}, from_bot, reply_keyboard)
        chat.messages[number] = message
        chat.changed.ring()
        return message

    def quoted(self, message: Message) -> Json:
        """A message inside another one: one level deep."""
        return {key: value for key, value in message.wire.items() if key != "reply_to_message"}

"""An update of the Bot API, in our own words. Reads only the fields it needs, each update alone.

The typed parser of aiogram is not used here: one variant it does not know, anywhere in a batch, and the whole batch is
lost to it. What is read here survives everything that Telegram may add around it (P53).
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.channels.raw_json import write_json
from bot.channels.telegram_things import thing_of
from dialogs.cleaning import storable
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

Json = dict[str, Any]

UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""``allowed_updates``: what we ask for, at each start anew (N14)."""

# Order matters: an animation comes with a document beside it, a venue with a location.
CONTENT = (
    "animation", "venue", "photo", "sticker", "voice", "video", "video_note", "audio", "document", "location",
    "contact", "poll", "dice", "game", "story", "checklist", "paid_media", "live_photo", "giveaway", "invoice",
    "web_app_data", "successful_payment", "users_shared", "chat_shared", "passport_data",
)  # fmt: skip
SERVICE = re.compile(
    r"pinned_message|message_auto_delete_timer_changed|write_access_allowed|connected_website|boost_added|"
    r"chat_background_set|refunded_payment|gift|unique_gift|proximity_alert_triggered|new_chat|left_chat|delete_chat|"
    r"group_chat_created|supergroup_chat_created|channel_chat_created|chat_owner|forum_topic|general_forum|video_chat|"
    r"giveaway_|checklist_tasks|direct_message_price|paid_message_price|suggested_post|poll_option|community_chat"
)
COMMAND = re.compile(r"/(\w+)@(\w+)(?=\s|$)")
START = re.compile(r"/start(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
ALBUMS = 1000  # remembered, so that the parts of one arrive as one
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError)


class Reader:
    """``username``: the bot's own, once known: commands of others are not ours."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.username: str | None = None
        self._now = now  # presses carry no time of their own
        self._albums: OrderedDict[tuple[str, str], str] = OrderedDict()

    def read(self, update: Any) -> Inbound:
        """One update, whatever it is. Never raises: what cannot be read is Undecodable, with its bytes."""
        raw, event_id = b"", ""
        try:
            raw = write_json(update)
            event_id = _number(update["update_id"])
            kind, what = next((key, value) for key, value in update.items() if key != "update_id")
            return self._read(event_id, kind, what, raw)
        except (*MALFORMED, StopIteration) as malformed:
            return self.unread(event_id or _digest(raw), type(malformed).__name__, raw, whose=update)

    def unread(self, event_id: str, error: str, raw: bytes, *, whose: Any = None) -> Inbound:
        """An event nobody can read; its sender all the same if he can be found (N5)."""
        sender, chat = _sender(whose)
        return Inbound(
            channel="telegram", event_id=event_id, sender=sender, chat=chat, at=self._now(), heard=Undecodable(error),
            raw=raw,
        )  # fmt: skip

    def _read(self, event_id: str, kind: str, what: Any, raw: bytes) -> Inbound:
        heard: Heard
        if kind in ("message", "edited_message"):
            chat, author, at = what["chat"], what.get("from") or {}, _moment(what["date"])
            heard = _edited(what, chat) if kind == "edited_message" else self._message(event_id, what, chat)
        elif kind == "callback_query":
            author, at, heard = what["from"], self._now(), _press(what)
            chat = (what.get("message") or {}).get("chat") or author
        elif kind == "my_chat_member":
            chat, author, at, heard = what["chat"], what["from"], _moment(what["date"]), _membership(what)
        else:
            heard = Elsewhere(storable(kind)[:40])
            return Inbound(
                channel="telegram", event_id=event_id, sender="", chat="", at=self._now(), heard=heard, raw=raw
            )  # fmt: skip
        first, last = (author.get(part) for part in ("first_name", "last_name"))
        names = [storable(part) for part in (first, last) if isinstance(part, str)]
        language = author.get("language_code")
        return Inbound(
            channel="telegram", event_id=event_id, sender=_id(author if author else chat), chat=_id(chat), at=at,
            heard=heard, first_name=names[0] if isinstance(first, str) else "", full_name=" ".join(names), raw=raw,
            language=storable(language)[:2].lower() if isinstance(language, str) else "",
        )  # fmt: skip

    def _message(self, event_id: str, message: Json, chat: Json) -> Heard:
        private = chat["type"] == "private"
        if "migrate_to_chat_id" in message or "migrate_from_chat_id" in message:
            return Elsewhere("migrated")
        if stranger := _not_a_person(message):
            return Elsewhere(stranger)
        if "text" in message:
            return self._text(_string(message["text"]), message, private=private)
        kind = next((one for one in CONTENT if one in message), None)
        if kind is None:
            return Elsewhere("service") if not private or any(map(SERVICE.match, message)) else Attachment("unknown")
        told = Attachment(kind, _string(message.get("caption", "")), _reply_to(message), thing_of(message, kind))
        if self._is_later_part_of_album(event_id, message, chat):
            return AlbumPart(told) if private else Elsewhere("album")
        if kind == "contact" and private and message["contact"].get("phone_number"):
            return _card(message)
        return told

    def _text(self, text: str, message: Json, *, private: bool) -> Heard:
        if command := COMMAND.match(text):
            if self.username and command[2].casefold() != self.username.casefold():
                return Elsewhere("command of another bot")
            text = f"/{command[1]}{text[command.end() :]}"
        if private and (start := START.fullmatch(text)):
            return Start((start[1] or "").strip())
        number = message.get("message_id")
        return Text(text, _reply_to(message), ((str(number), text),) if _is_number(number) else ())

    def _is_later_part_of_album(self, event_id: str, message: Json, chat: Json) -> bool:
        """Read twice, the first part stays the first: a batch may be offered again."""
        if "media_group_id" not in message:
            return False
        album = (_id(chat), str(message["media_group_id"]))
        first = self._albums.setdefault(album, event_id)
        while len(self._albums) > ALBUMS:
            self._albums.popitem(last=False)
        return first != event_id


def _edited(message: Json, chat: Json) -> Heard:
    """Only words in private mean something: an edited command is none, a caption is no answer."""
    text = message.get("text")
    if chat["type"] != "private" or _not_a_person(message) or not isinstance(text, str) or text.startswith("/"):
        return Elsewhere("edited")
    return Edited(_number(message["message_id"]), storable(text))


def _not_a_person(message: Json) -> str | None:
    """Channels, anonymous administrators, bots, and what was written by way of a bot (P23)."""
    if "sender_chat" in message or message.get("is_automatic_forward"):
        return "sender_chat"
    if "from" not in message:
        return "nobody"
    if message["from"].get("is_bot"):
        return "bot"
    return "via_bot" if "via_bot" in message else None


def _card(message: Json) -> PhoneCard:
    contact, sender = message["contact"], message["from"]["id"]
    forwarded = any(key in message for key in ("forward_origin", "forward_date", "forward_from"))
    return PhoneCard(_string(contact["phone_number"]), own=contact.get("user_id") == sender and not forwarded)


def _press(query: Json) -> Press:
    """``message_id`` only of a message that Telegram still shows us (P11)."""
    message = query.get("message") or {}
    shown = bool(message.get("date")) and "message_id" in message
    return Press(
        _string(query.get("data", "")), _string(query["id"]), _number(message["message_id"]) if shown else None
    )


def _membership(change: Json) -> Heard:
    status = change["new_chat_member"]["status"]
    if change["chat"]["type"] != "private":
        return Elsewhere("membership")
    return Reachable(status not in ("kicked", "left"))


def _reply_to(message: Json) -> str | None:
    """In a forum everything in a topic looks like an answer to the topic's first message."""
    replied = message.get("reply_to_message")
    if not isinstance(replied, dict) or "forum_topic_created" in replied:
        return None
    return _number(replied["message_id"])


def _sender(update: Any) -> tuple[str, str]:
    """Whom an unreadable update is from, and where it was said: "" for what cannot be told."""
    found: dict[str, str] = {}
    parts = update.values() if isinstance(update, dict) else ()
    for part in (one for one in parts if isinstance(one, dict)):
        inner = part.get("message")  # of a press: it is from us, but it says where
        places = {
            "from": part.get("from"),
            "chat": part.get("chat") or (inner.get("chat") if isinstance(inner, dict) else None),
        }
        found |= {
            key: str(one["id"]) for key, one in places.items() if isinstance(one, dict) and _is_number(one.get("id"))
        }
    return found.get("from", ""), found.get("chat", found.get("from", ""))


def _id(whose: Json) -> str:
    return _number(whose["id"])


def _number(value: object) -> str:
    if not _is_number(value):
        raise TypeError("an id is a number of 64 bits")
    return str(value)


def _is_number(value: object) -> bool:
    return type(value) is int and abs(value) < 2**63


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is expected")
    return storable(value)


def _digest(raw: bytes) -> str:
    """The key of an update whose number cannot be read: its repeats are known, others are not taken for it."""
    return "h" + hashlib.sha256(raw).hexdigest()[:40]


def _moment(seconds: object) -> datetime:
    if type(seconds) is not int:
        raise TypeError("a moment is a number of seconds")
    return datetime.fromtimestamp(seconds, UTC)

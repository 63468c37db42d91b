"""VK's events in our words. Translates, decides nothing; what it cannot read becomes ``Undecodable``, whole (N5)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.channels.raw_json import write_json
from bot.channels.vk_keyboard import is_chat, key_of, payload_object
from bot.channels.vk_recent import Recent
from bot.channels.vk_things import thing_of
from dialogs.cleaning import storable
from handlers.inbound import (
    Attachment,
    Edited,
    Elsewhere,
    Heard,
    Inbound,
    PersonAnswered,
    Press,
    Reachable,
    Start,
    Text,
    Undecodable,
)

KINDS = {"audio_message": "voice", "doc": "document", "photo": "photo", "video": "video", "audio": "audio",
         "sticker": "sticker", "poll": "poll", "wall": "post", "story": "story", "link": "link", "call": "call",
         "market": "product", "gift": "gift", "graffiti": "graffiti"}  # fmt: skip
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError)
KEY = re.compile(r"[0-9A-Za-z_-]{1,64}")
TAG = 64  # letters of a start tag, as on other networks


class Reader:
    """``can``: what each peer's application shows, from ``client_info``; it comes with messages only."""

    def __init__(self, group_id: int, can: Recent[str, frozenset[str]], now: Callable[[], datetime]) -> None:
        self._group_id = group_id
        self._can = can
        self._now = now
        self._refs: Recent[str, tuple[str, int]] = Recent(20_000)  # the ref, and the message that brought it

    def read(self, event: Any) -> Inbound | None:
        """One event of a long poll. None: an echo of what we said ourselves."""
        raw = b""
        try:
            raw = write_json(event)
            kind, what = event["type"], event["object"]
            if kind == "message_new":
                self._remember(what)
                return self.read_message(what["message"], raw)
            if kind == "message_reply":
                return self.read_message(what, raw)
            if kind == "message_edit":
                return self._edited(what, _key(event, raw), raw)
            return self._other(kind, what, _key(event, raw), raw)
        except UNREADABLE as wrong:
            return self.unread(event, raw, wrong)

    def read_message(self, message: Any, raw: bytes) -> Inbound | None:
        """A message from an event or from the history; both ways give it the same key (I2). Raises what UNREADABLE
        lists."""
        peer, author, number = _id(message["peer_id"]), _id(message["from_id"]), _id(message["conversation_message_id"])
        at = datetime.fromtimestamp(_id(message["date"]), UTC)
        if author < 0:
            return self._of_community(message, peer=peer, author=author, number=number, at=at, raw=raw)
        heard = self._in_chat(message) if is_chat(peer) else self._in_private(message, peer, number)
        return Inbound(channel="vk", event_id=f"m{peer}.{number}", sender=str(author), chat=str(peer), at=at,
                       heard=heard, raw=raw)  # fmt: skip

    def _of_community(
        self, message: Any, *, peer: int, author: int, number: int, at: datetime, raw: bytes
    ) -> Inbound | None:
        """Our own words come back to us; only those of a human administrator mean something (P57, P23)."""
        heard: Heard = Elsewhere("another community")
        sender = str(author)
        if author == -self._group_id:
            if not message.get("admin_author_id") or is_chat(peer):
                return None
            heard, sender = PersonAnswered(), str(peer)
        return Inbound(channel="vk", event_id=f"r{peer}.{number}", sender=sender, chat=str(peer), at=at, heard=heard,
                       raw=raw)  # fmt: skip

    def _in_private(self, message: Any, peer: int, number: int) -> Heard:
        """Read twice, the message that brought a ref still brings it: a batch may be offered again."""
        payload = payload_object(message.get("payload"))
        ref = storable(str(message.get("ref") or ""))[:TAG]
        if payload.get("command") == "start":
            self._refs.keep(str(peer), (ref, number))
            return Start(ref)
        if (key := key_of(payload)) is not None:
            return Press(storable(key))
        known, since = self._refs.find(str(peer)) or ("", 0)
        if ref and (known != ref or since == number):  # nobody knows whether later messages repeat it
            self._refs.keep(str(peer), (ref, number))
            return Start(ref)
        return _content(message, storable(str(message.get("text") or "")))

    def _in_chat(self, message: Any) -> Heard:
        if message.get("action"):
            return Elsewhere(storable(str(message["action"].get("type", "action")))[:40])
        if (key := key_of(message.get("payload"))) is not None:
            return Press(storable(key))
        ours = rf"^\s*\[club{self._group_id}\|[^\]]*\][\s,:]*"  # how a chat addresses the bot
        return _content(message, re.sub(ours, "", storable(str(message.get("text") or ""))))

    def _edited(self, message: Any, key: str, raw: bytes) -> Inbound | None:
        """A person's words in private; each edit is an event of its own, unlike the message. Ours are an echo."""
        peer, author = _id(message["peer_id"]), _id(message["from_id"])
        if author < 0:
            return None
        text, heard = storable(str(message.get("text") or "")), Elsewhere("edited")
        number = _number(message["conversation_message_id"])
        words = not is_chat(peer) and text and number and not payload_object(message.get("payload"))
        return Inbound(channel="vk", event_id=key, sender=str(author), chat=str(peer), at=self._now(), raw=raw,
                       heard=Edited(number or "", text) if words else heard)  # fmt: skip

    def _other(self, kind: str, what: Any, key: str, raw: bytes) -> Inbound:
        user = _id(what.get("user_id", what.get("from_id", 0)))
        peer = _id(what.get("peer_id", user))
        heard: Heard = Elsewhere(storable(str(kind))[:40])
        if kind == "message_event":
            query, number = what["event_id"], what.get("conversation_message_id")
            pressed = storable(key_of(what.get("payload")) or "")
            heard = Press(pressed, storable(f"{query}|{user}|{peer}"), _number(number))
        elif kind in ("message_allow", "message_deny"):
            heard = Reachable(kind == "message_allow")
        return Inbound(channel="vk", event_id=key, sender=str(user), chat=str(peer), at=self._now(), heard=heard,
                       raw=raw)  # fmt: skip

    def _remember(self, what: Any) -> None:
        actions = what.get("client_info", {}).get("button_actions")
        if isinstance(actions, list):
            self._can.keep(str(what["message"]["peer_id"]), frozenset(map(str, actions)))

    def unread(self, event: Any, raw: bytes, wrong: Exception) -> Inbound:
        """Parked under the envelope's key, so that its repeats are known."""
        return Inbound(channel="vk", event_id=_key(event, raw), sender="0", chat="0", at=self._now(), raw=raw,
                       heard=Undecodable(type(wrong).__name__))  # fmt: skip


def _content(message: Any, text: str) -> Heard:
    """A link in a text brings an attachment of its own: that is still a text."""
    kinds = [str(one["type"]) for one in message.get("attachments") or []]
    if message.get("geo"):
        kinds.append("location")
    if text and all(kind == "link" for kind in kinds):
        reply = (message.get("reply_message") or {}).get("conversation_message_id")
        number = _number(message.get("conversation_message_id"))
        return Text(text, _number(reply), ((number, text),) if number else ())
    if not kinds and message.get("fwd_messages"):
        return Attachment("forward", thing=thing_of(message))
    if not kinds:
        return Attachment("other")  # nothing that we are shown
    what = "location" if kinds[0] == "location" else KINDS.get(kinds[0], "other")
    return Attachment(what, text, thing=thing_of(message))


def _id(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise TypeError("an id is a number of 64 bits")
    return value


def _number(value: Any) -> str | None:
    """A message's number, as others refer to it; None: to no message."""
    return str(_id(value)) if value else None


def _key(event: Any, raw: bytes) -> str:
    """The envelope's own key; of its bytes when it has none that can be kept. A key that the database refuses would
    come again for ever (N5)."""
    own = event.get("event_id") if isinstance(event, dict) else None
    return own if isinstance(own, str) and KEY.fullmatch(own) else _digest(raw)


def _digest(raw: bytes) -> str:
    return "h" + hashlib.sha256(raw).hexdigest()[:40]

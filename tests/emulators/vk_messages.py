"""VK's ``messages.*`` for a community: sending once, editing for a day, looking back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.emulators.ledger import Ledger
from tests.emulators.vk_errors import VkError, parameter
from tests.emulators.vk_keyboards import read_keyboard
from tests.emulators.vk_params import Params
from tests.emulators.vk_uploads import Uploads
from tests.emulators.vk_world import Dialogue, Message, World

HOUR, DAY = 3600.0, 86400.0
MENTION = re.compile(
    r"\[(?:id|club|public)\d+\|[^\]]+\]"  # [id1|Павел]
    r"|(?<![\w.])[@*](?:id|club|public)\d+"  # @id1, *club1 (and with a name in brackets)
    r"|(?<![\w.])[@*](?:all|everyone|here|online|все|всем|онлайн|тут|здесь)\b"
)


class Messages:
    """``pings`` are (peer, text) of messages with a mention; ``broken_peers`` refuse with a code of their own."""

    def __init__(self, world: World, ledger: Ledger, uploads: Uploads) -> None:
        self.uploads = uploads
        self.world = world
        self.ledger = ledger
        self.answers: list[tuple[int, str]] = []  # (user, snackbar text) of presses that were answered
        self.activity: list[tuple[int, str]] = []
        self.pings: list[tuple[int, str]] = []
        self.broken_peers: dict[int, int] = {}
        self.by_name: dict[str, Callable[[Params], Any]] = {
            "messages.send": self._send,
            "messages.edit": self._edit,
            "messages.delete": self._delete,
            "messages.sendMessageEventAnswer": self._answer,
            "messages.isMessagesFromGroupAllowed": self._is_allowed,
            "messages.setActivity": self._set_activity,
            "messages.markAsRead": self._mark_as_read,
            "messages.getByConversationMessageId": self._get_by_cmid,
            "messages.getHistory": self._get_history,
            "messages.getConversations": self._get_conversations,
        }

    def _send(self, p: Params) -> Any:
        several = "peer_ids" in p.given
        targets = [name for name in ("user_id", "peer_id", "peer_ids", "domain", "chat_id") if name in p.given]
        if len(targets) != 1:
            raise parameter("you should specify exactly one of peer_id, peer_ids, user_id")
        peers = p.numbers("peer_ids") if several else [p.number(targets[0])]
        if not 1 <= len(peers) <= 100:
            raise parameter("peer_ids is invalid")
        random_id = p.number("random_id")
        if not -(2**31) <= random_id < 2**31:
            raise parameter("random_id is invalid")
        text, keyboard = self._contents(p)
        if not several:
            return self._deliver(peers[0], text, keyboard, random_id, p).id
        answer: list[dict[str, Any]] = []
        for peer in peers:
            try:
                message = self._deliver(peer, text, keyboard, random_id, p)
                answer.append({"peer_id": peer, "message_id": message.id, "conversation_message_id": message.cmid})
            except VkError as refused:
                told = {"code": refused.code, "description": refused.text}
                answer.append({"peer_id": peer, "message_id": 0, "conversation_message_id": 0, "error": told})
        return answer

    def _contents(self, p: Params) -> tuple[str, dict[str, Any] | None]:
        text = p.text("message")
        if not text.strip() and not p.text("attachment") and "forward" not in p.given:
            raise parameter("message is empty or invalid")
        if len(text) > 4096:
            raise VkError(914)
        if len(p.text("payload")) > 1000:
            raise parameter("payload is invalid")
        if "keyboard" not in p.given:
            return text, None
        try:
            return text, read_keyboard(p.text("keyboard"))
        except ValueError as wrong:
            raise VkError(911, said=str(wrong)) from None

    def _deliver(self, peer: int, text: str, keyboard: dict[str, Any] | None, random_id: int, p: Params) -> Message:
        if peer in self.broken_peers:
            raise VkError(self.broken_peers[peer])
        dialogue = self._writable(peer)
        if random_id and (first := self._same(dialogue, random_id)):
            self.ledger.recognised += 1
            return first
        attached = self.uploads.attached(p.text("attachment"))
        message = self.world.sent(
            peer,
            text,
            attachments=attached,
            keyboard=keyboard,
            random_id=random_id,
            quiet=p.flag("disable_mentions"),
            **self._forward(p),
        )
        if MENTION.search(text) and self.world.is_chat(peer):
            self.pings.append((peer, text))
        self._accept("messages.send", message, key=str(random_id) if random_id else None)
        return message

    def _writable(self, peer: int) -> Dialogue:
        dialogue = self.world.dialogues.get(peer)
        if self.world.is_chat(peer):
            if dialogue is None:
                raise VkError(927)
            if dialogue.left:
                raise VkError(917)
        elif dialogue is None or not dialogue.allowed:
            raise VkError(901)
        elif (profile := self.world.profiles.get(peer)) and profile.deactivated:
            raise VkError(18)
        return dialogue

    def _same(self, dialogue: Dialogue, random_id: int) -> Message | None:
        since = self.world.now() - HOUR
        late = (one for one in dialogue.messages[-100:] if one.random_id == random_id and one.at > since)
        return next(late, None)

    def _forward(self, p: Params) -> dict[str, Any]:
        if "forward" not in p.given:
            return {}
        try:
            asked = json.loads(p.text("forward"))
            peer, numbers = int(asked["peer_id"]), [int(one) for one in asked["conversation_message_ids"]]
        except (ValueError, KeyError, TypeError):
            raise parameter("forward is invalid") from None
        found = [self.world.dialogue(peer).find(number) for number in numbers]
        messages = [one for one in found if one]
        if not messages or len(messages) < len(numbers):
            raise VkError(921)
        return {"reply": messages[0]} if asked.get("is_reply") else {"forwarded": messages}

    def _edit(self, p: Params) -> int:
        message = self._own(self._writable(p.number("peer_id")), p)
        if self.world.now() - message.at > DAY:
            raise VkError(909)
        message.text, message.keyboard = self._contents(p)
        message.edited_at = self.world.now()
        message.attachments = []
        if not p.flag("keep_forward_messages"):
            message.reply, message.forwarded = None, []
        self.world.dialogue(message.peer).changed.ring()
        self.world.emit("message_edit", message.wire())
        if MENTION.search(message.text) and self.world.is_chat(message.peer):
            self.pings.append((message.peer, message.text))
        self._accept("messages.edit", message)
        return 1

    def _own(self, dialogue: Dialogue, p: Params) -> Message:
        cmid, number = p.number("cmid", 0), p.number("message_id", 0)
        if not cmid and not number:
            raise parameter("message_id or cmid is undefined")
        for one in reversed(dialogue.messages):
            if (one.cmid == cmid or (number and one.id == number)) and one.author == -self.world.group_id:
                return one
        raise VkError(104)

    def _delete(self, p: Params) -> list[dict[str, int]]:
        dialogue = self._writable(p.number("peer_id"))
        answer = []
        for cmid in p.numbers("cmids")[:100]:
            message = dialogue.find(cmid)
            fine = message is not None and message.author < 0 and self.world.now() - message.at <= DAY
            if message is not None and fine:
                dialogue.messages.remove(message)
                self._accept("messages.delete", message)
            answer.append({"peer_id": dialogue.peer, "conversation_message_id": cmid, "response": int(fine)})
        if not any(one["response"] for one in answer):
            raise VkError(924)
        dialogue.changed.ring()
        return answer

    def _answer(self, p: Params) -> int:
        query = p.text("event_id")
        user, peer, since = self.world.queries.get(query, (0, 0, 0.0))
        data = json.loads(p.text("event_data") or "{}")
        said = str(data.get("text", "")) if data.get("type") == "show_snackbar" else ""
        if (p.number("user_id"), p.number("peer_id")) != (user, peer) or self.world.now() - since > 60:
            raise parameter("event_id is invalid")
        if len(said) > 90 or len(p.text("event_data")) > 1000 or (data and not said):
            raise parameter("event_data is invalid")
        self.world.queries[query] = (0, 0, 0.0)  # once
        self.answers.append((user, said))
        return 1

    def _is_allowed(self, p: Params) -> dict[str, int]:
        dialogue = self.world.dialogues.get(p.number("user_id"))
        return {"is_allowed": int(dialogue is not None and dialogue.allowed)}

    def _set_activity(self, p: Params) -> int:
        self.activity.append((p.number("peer_id"), p.text("type")))
        return 1

    def _mark_as_read(self, p: Params) -> int:
        dialogue = self._writable(p.number("peer_id"))
        dialogue.in_read = dialogue.count
        return 1

    def _get_by_cmid(self, p: Params) -> dict[str, Any]:
        dialogue = self._writable(p.number("peer_id"))
        found = [one for cmid in p.numbers("conversation_message_ids")[:100] if (one := dialogue.find(cmid))]
        return {"count": len(found), "items": [one.wire() for one in found]}

    def _get_history(self, p: Params) -> dict[str, Any]:
        dialogue = self.world.dialogues.get(p.number("peer_id", 0) or p.number("user_id", 0))
        if dialogue is None:
            raise VkError(936)
        ordered = dialogue.messages if p.flag("rev") else dialogue.messages[::-1]
        page = _page(ordered, p)
        return {"count": len(dialogue.messages), "items": [one.wire() for one in page]}

    def _get_conversations(self, p: Params) -> dict[str, Any]:
        spoken = [one for one in self.world.dialogues.values() if one.messages]
        wanted = {"all": lambda one: True, "unread": lambda one: _unread(one) > 0,
                  "unanswered": lambda one: one.messages[-1].author > 0}  # fmt: skip
        if (chosen := p.text("filter", "all")) not in wanted:
            raise parameter("filter is invalid")
        found = sorted(filter(wanted[chosen], spoken), key=lambda one: one.messages[-1].at, reverse=True)
        items = [{"conversation": self._conversation(one), "last_message": one.messages[-1].wire()}
                 for one in _page(found, p)]  # fmt: skip
        return {"count": len(found), "unread_count": sum(_unread(one) > 0 for one in spoken), "items": items}

    def _conversation(self, dialogue: Dialogue) -> dict[str, Any]:
        last, chat = dialogue.messages[-1], self.world.is_chat(dialogue.peer)
        peer = {"id": dialogue.peer, "type": "chat" if chat else "user", "local_id": dialogue.peer % 2_000_000_000}
        return {"peer": peer, "last_message_id": last.id, "last_conversation_message_id": last.cmid, "out_read": 0,
                "in_read": dialogue.in_read, "unread_count": _unread(dialogue), "important": False, "version": 1,
                "unanswered": last.author > 0, "can_write": {"allowed": dialogue.allowed}}  # fmt: skip

    def _accept(self, method: str, message: Message, key: str | None = None) -> None:
        at = datetime.fromtimestamp(self.world.now(), UTC)
        self.ledger.accept(to=message.peer, method=method, message_id=message.cmid, text=message.text, at=at, key=key)


def _unread(dialogue: Dialogue) -> int:
    return sum(one.author > 0 and one.cmid > dialogue.in_read for one in dialogue.messages)


def _page(found: list[Any], p: Params) -> list[Any]:
    count, offset = p.number("count", 20), p.number("offset", 0)
    if not 0 <= count <= 200 or offset < 0:
        raise parameter("count is invalid")
    return found[offset : offset + count]

"""People at Telegram's other end: what they do with the bot, and what their screens show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.telegram_attachments import ATTACHMENTS
from tests.emulators.telegram_files import shown_as
from tests.emulators.telegram_world import GROUP_ANONYMOUS_BOT, Chat, Message, Query, World

Json = dict[str, Any]


@dataclass(slots=True)
class Seen:
    """A message of the bot, as it looks now. ``id`` counts within the chat."""

    id: str
    text: str
    buttons: list[list[str]] = field(default_factory=list)
    edited: bool = False
    reply_to: str | None = None
    asks_phone: bool = False


class Screen:
    """One chat as its people see it: the bot's messages, edits applied, deleted ones gone.

    ``patience``: seconds, where none are said.
    """

    patience = 5.0

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.id = number
        self._seen = 0  # messages up to this one were `sees`-ed

    @property
    def chat(self) -> Chat:
        return self.world.chats[self.id]

    @property
    def screen(self) -> list[Seen]:
        return [_seen(one) for one in self.chat.messages.values() if one.from_bot and not one.deleted]

    async def sees(self, part: str, timeout: float | None = None) -> Seen:
        """The first message after the last one seen that contains ``part``; waits for it."""
        found = await self._until(part, timeout, lambda one: int(one.id) > self._seen)
        self._seen = int(found.id)
        return found

    async def sees_one_of(self, *parts: str, timeout: float | None = None) -> Seen:
        """As ``sees``: the first message that contains one of ``parts``, or any message at all if there are none."""

        def fits(one: Seen) -> bool:
            return int(one.id) > self._seen and (not parts or any(part in one.text for part in parts))

        found = await self._until("", timeout, fits)
        self._seen = int(found.id)
        return found

    async def shows(self, part: str, timeout: float | None = None) -> Seen:
        """A message that contains ``part`` now, old or new (edits); waits for it."""
        return await self._until(part, timeout, lambda one: True)

    async def sees_nothing(self, for_: float = 0.3) -> None:
        """No message comes for so long."""
        before = max(self.chat.messages, default=0)
        await asyncio.sleep(for_)
        assert not [one for one in self.screen if int(one.id) > before], f"something came:{self._picture()}"

    async def _until(self, part: str, timeout: float | None, fits: Callable[[Seen], bool]) -> Seen:
        try:
            async with asyncio.timeout(timeout or self.patience):
                while True:
                    for one in self.screen:
                        if part in one.text and fits(one):
                            return one
                    await self.chat.changed.wait()
        except TimeoutError:
            raise AssertionError(f"{part!r} was not seen; the screen of {self.id}:{self._picture()}") from None

    def _picture(self) -> str:
        lines = [f"\n  {one.id}{'*' if one.edited else ''} {one.text!r} {one.buttons or ''}" for one in self.screen]
        return "".join(lines) or " empty"

    def tap(self, who: int, label: str, message: Seen | None) -> Query | None:
        """Press the newest inline button with this label (or that of ``message``). A link leads nowhere: None."""
        for one in reversed(self.chat.messages.values()):
            if one.deleted or (message is not None and str(one.id) != message.id):
                continue
            for button in _inline(one):
                if button["text"] == label:
                    data = button.get("callback_data")
                    return self.world.pressed(self.chat, one, who, data) if data else None
        raise AssertionError(f"no button {label!r}; the screen of {self.id}:{self._picture()}")

    def replied(self, message: Seen | None) -> Json:
        found = self.chat.find(int(message.id)) if message else None
        return {"reply_to_message": self.world.quoted(found)} if found else {}


class Person(Screen):
    """A person with a private chat with the bot. ``phone``: the account's own number."""

    def __init__(self, world: World, number: int, phone: str) -> None:
        super().__init__(world, number)
        self.phone = phone

    @property
    def alerts(self) -> list[str]:
        """What answers to presses showed this person."""
        return [one.answer for one in self.world.queries.values() if one.user == self.id and one.answer]

    @property
    def spinning(self) -> list[str]:
        """Presses that nobody has answered."""
        return [one.id for one in self.world.queries.values() if one.user == self.id and one.answer is None]

    @property
    def reply_buttons(self) -> list[str]:
        """The keyboard under the line of input, as it is now."""
        rows = (self.chat.keyboard or {"keyboard": []})["keyboard"]
        return [button["text"] for row in rows for button in row]

    async def opens(self, tag: str = "") -> None:
        """Follows the link and presses «Запустить»; that also unblocks."""
        await self.says(f"/start {tag}".strip())

    async def says(self, text: str, *, reply_to: Seen | None = None) -> Message:
        entities = [{"offset": 0, "length": len(text.split()[0]), "type": "bot_command"}] if text[:1] == "/" else []
        content = {"text": text, **({"entities": entities} if entities else {}), **self.replied(reply_to)}
        return self.world.said(self.chat, self.id, **content)

    async def edits(self, message: Message, text: str) -> None:
        self.world.edited(self.chat, message, text)

    async def taps(self, label: str, message: Seen | None = None) -> Query | None:
        """An inline button, or one of the keyboard under the line of input."""
        if message is None and label in self.reply_buttons:
            await self._taps_reply_button(label)
            return None
        return self.tap(self.id, label, message)

    async def _taps_reply_button(self, label: str) -> None:
        keyboard = self.chat.keyboard or {"keyboard": []}
        button = next(one for row in keyboard["keyboard"] for one in row if one["text"] == label)
        if keyboard.get("one_time_keyboard"):
            self.chat.keyboard = None
        if button.get("request_contact"):
            await self.shares_phone()
        elif button.get("request_location"):
            await self.sends("location")
        else:
            await self.says(label)

    async def forges(self, data: str, *, message_id: int | None = None) -> Query:
        """A modified client, or a press on a message too old for Telegram to show: any data at all."""
        return self.world.pressed(self.chat, None, self.id, data, shown_id=message_id)

    async def shares_phone(self, phone: str | None = None, own: bool = True, *, forwarded: bool = False) -> None:
        """A contact card: of this account (``own``), or of somebody else."""
        card: Json = {"phone_number": phone or self.phone, "first_name": self.chat.names["first_name"]}
        if own:
            card["user_id"] = self.id
        content: Json = {"contact": card}
        if forwarded:
            content["forward_origin"] = self._origin()
        self.world.said(self.chat, self.id, **content)

    async def sends(self, what: str, caption: str = "") -> None:
        """A sticker, photo, voice, document, location, poll, dice…; ``album``: three photos; ``forward``: a text."""
        caption_ = {"caption": caption} if caption else {}
        if what == "forward":
            self.world.said(self.chat, self.id, text=caption or "чужие слова", forward_origin=self._origin())
        elif what == "album":
            photo, group = ATTACHMENTS["photo"], str(13_000_000_000_000_000 + self.id)
            self.world.said(self.chat, self.id, photo=photo, media_group_id=group, **caption_)
            for _ in range(2):
                self.world.said(self.chat, self.id, photo=photo, media_group_id=group)
        else:
            self.world.said(self.chat, self.id, **{what: ATTACHMENTS[what]}, **caption_)

    def _origin(self) -> Json:
        return {"type": "hidden_user", "sender_user_name": "Иван", "date": int(self.world.now())}

    async def blocks(self) -> None:
        self.world.membership(self.chat, self.id, "kicked")

    async def unblocks(self) -> None:
        self.world.membership(self.chat, self.id, "member")

    def deactivates(self) -> None:
        """The account is gone."""
        self.chat.deactivated = True


class Group(Screen):
    """A group chat, for managers or for anybody."""

    async def writes_as(self, person: Person, text: str) -> Message:
        return self.world.said(self.chat, person.id, text=text)

    async def replies_as(self, person: Person, seen: Seen, text: str) -> Message:
        return self.world.said(self.chat, person.id, text=text, **self.replied(seen))

    async def taps_as(self, person: Person, label: str, message: Seen | None = None) -> Query | None:
        return self.tap(person.id, label, message)

    async def sends_as(self, person: Person, what: str) -> None:
        self.world.said(self.chat, person.id, **{what: ATTACHMENTS[what]})

    async def writes_anonymously(self, text: str) -> None:
        """An anonymous administrator: ``from`` is a stand-in."""
        author = {"from": GROUP_ANONYMOUS_BOT, "sender_chat": self.chat.wire()}
        self._heard({**author}, {"text": text})

    async def writes_as_bot(self, text: str) -> None:
        """Another bot of the group."""
        self._heard(
            {"from": {"id": 77, "is_bot": True, "first_name": "Другой", "username": "other_bot"}}, {"text": text}
        )

    def _heard(self, author: Json, content: Json) -> None:
        message = self.world.add(self.chat, author, content)
        self.world.updates.emit("message", message.wire)

    async def adds_the_bot(self, by: Person) -> None:
        """The bot is invited (again)."""
        if self.chat.bot == "member":
            self.chat.bot = "left"
        self.world.membership(self.chat, by.id, "member")

    async def kicks_the_bot(self, by: Person) -> None:
        self.world.membership(self.chat, by.id, "kicked")

    async def becomes_supergroup(self, by: Person) -> Group:
        """The chat gets a new id; both chats hear of it, sends to the old one are refused with the new id."""
        old, number = self.chat, -1_009_000_000_000 + self.id
        fresh = Chat(number, "supergroup", old.names)
        self.world.chats[number] = fresh
        self.world.said(old, by.id, migrate_to_chat_id=number)
        old.moved_to = number
        there = Group(self.world, number)
        there._heard({"from": GROUP_ANONYMOUS_BOT, "sender_chat": fresh.wire()}, {"migrate_from_chat_id": old.id})
        return there


def _inline(message: Message) -> list[Json]:
    rows = message.wire.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
    return [button for row in rows for button in row]


def _seen(message: Message) -> Seen:
    wire, keyboard = message.wire, (message.reply_keyboard or {}).get("keyboard", [])
    rows = [*wire.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"], *keyboard]
    labels = [[str(button["text"]) for button in row] for row in rows]
    reply = wire.get("reply_to_message")
    return Seen(
        str(message.id),
        wire.get("text") or wire.get("caption") or shown_as(wire),
        labels,
        "edit_date" in wire,
        str(reply["message_id"]) if reply else None,
        any(button.get("request_contact") for row in keyboard for button in row),
    )

"""People at VK's other end: what they do with the bot, and what their screens show."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.emulators.vk_uploads import shown_as
from tests.emulators.vk_world import Dialogue, Message

if TYPE_CHECKING:
    from tests.emulators.vk import VkEmulator

KINDS = {"voice": "audio_message", "document": "doc"}  # as other networks call them


@dataclass(slots=True)
class Seen:
    """A message of the community, as it looks now. ``id`` counts within the dialogue."""

    id: str
    text: str
    buttons: list[list[str]] = field(default_factory=list)
    edited: bool = False
    reply_to: str | None = None
    asks_phone: bool = False  # VK has no such button


class Screen:
    """One dialogue as its people see it: the community's messages, edits applied.

    ``patience``: seconds, where none are said.
    """

    patience = 5.0

    def __init__(self, vk: VkEmulator, peer: int) -> None:
        self.vk = vk
        self.peer = peer
        self._seen = 0  # messages up to this one were `sees`-ed

    @property
    def dialogue(self) -> Dialogue:
        return self.vk.world.dialogue(self.peer)

    @property
    def screen(self) -> list[Seen]:
        return [_seen(one) for one in self.dialogue.messages if one.author < 0]

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
        before = self.dialogue.count
        await asyncio.sleep(for_)
        fresh = [one for one in self.screen if int(one.id) > before]
        assert not fresh, f"something came:{self._picture()}"

    async def _until(self, part: str, timeout: float | None, fits: Callable[[Seen], bool]) -> Seen:
        try:
            async with asyncio.timeout(timeout or self.patience):
                while True:
                    for one in self.screen:
                        if part in one.text and fits(one):
                            return one
                    await self.dialogue.changed.wait()
        except TimeoutError:
            raise AssertionError(f"{part!r} was not seen; the screen of {self.peer}:{self._picture()}") from None

    def _picture(self) -> str:
        lines = [f"\n  {one.id}{'*' if one.edited else ''} {one.text!r} {one.buttons or ''}" for one in self.screen]
        return "".join(lines) or " empty"

    def find_button(self, label: str, message: Seen | None) -> tuple[Message, dict[str, Any]]:
        """The newest message that has the button (or ``message``), and the button's action."""
        for one in reversed(self.dialogue.messages):
            if message is not None and str(one.cmid) != message.id:
                continue
            for row in (one.keyboard or {"buttons": []})["buttons"]:
                for button in row:
                    if button["action"].get("label") == label:
                        return one, button["action"]
        raise AssertionError(f"no button {label!r}; the screen of {self.peer}:{self._picture()}")

    async def tap(self, who: int, label: str, message: Seen | None) -> None:
        await self.vk.ready()
        shown, action = self.find_button(label, message)
        payload = action.get("payload")
        if action["type"] == "callback":
            assert self.vk.world.profiles[who].callback, "this person's application shows no callback buttons"
            self.vk.world.pressed(who, shown, json.loads(payload) if payload else None)
        elif action["type"] == "text":
            prefix = f"[club{self.vk.group_id}|Ромашка] " if self.vk.world.is_chat(self.peer) else ""
            self.vk.world.said(self.peer, who, prefix + label, payload=payload)


class Person(Screen):
    """A person with a private dialogue with the community."""

    def __init__(self, vk: VkEmulator, number: int) -> None:
        super().__init__(vk, number)
        self.id = number

    @property
    def alerts(self) -> list[str]:
        """What snackbars showed this person."""
        return [text for user, text in self.vk.methods.messages.answers if user == self.id and text]

    async def opens(self, tag: str = "") -> None:
        """Follows the link and presses «Начать»."""
        await self.vk.ready()
        self.vk.world.said(self.id, self.id, "Начать", payload='{"command":"start"}', ref=tag)

    async def says(self, text: str, *, reply_to: Seen | None = None, ref: str = "") -> Message:
        await self.vk.ready()
        replied = self.dialogue.find(int(reply_to.id)) if reply_to else None
        return self.vk.world.said(self.id, self.id, text, reply=replied, ref=ref)

    async def edits(self, message: Message, text: str) -> None:
        await self.vk.ready()
        self.vk.world.edited(message, text)

    async def taps(self, label: str, message: Seen | None = None) -> None:
        await self.tap(self.id, label, message)

    async def forges(self, payload: Any, text: str = "Да") -> None:
        """A modified client: a text button that nobody showed."""
        await self.vk.ready()
        self.vk.world.said(self.id, self.id, text, payload=payload if isinstance(payload, str) else json.dumps(payload))

    async def shares_phone(self, phone: str | None = None, own: bool = True) -> None:
        """VK has no button for that: people type it."""
        await self.says(phone or "8 900 123-45-67")

    async def sends(self, what: str, caption: str = "") -> None:
        """A sticker, photo, voice, document, location…"""
        await self.vk.ready()
        if what in ("location", "geo"):
            place = {"coordinates": {"latitude": 55.7558, "longitude": 37.6173}, "type": "point"}
            self.vk.world.said(self.id, self.id, caption, geo=place)
        else:
            kind = KINDS.get(what, what)
            thing = {"type": kind, kind: {"id": 457239017, "owner_id": self.id, "access_key": "abc"}}
            self.vk.world.said(self.id, self.id, caption, attachments=[thing])

    async def blocks(self) -> None:
        """Forbids the community to write."""
        await self.vk.ready()
        self.vk.world.deny(self.id)

    async def unblocks(self) -> None:
        await self.vk.ready()
        self.vk.world.allow(self.id)


class Group(Screen):
    """A group chat, for managers."""

    @property
    def id(self) -> int:
        return self.peer

    async def writes_as(self, person: Person, text: str) -> None:
        await self.vk.ready()
        self.vk.world.said(self.peer, person.id, text)

    async def replies_as(self, person: Person, seen: Seen, text: str) -> None:
        await self.vk.ready()
        self.vk.world.said(self.peer, person.id, text, reply=self.dialogue.find(int(seen.id)))

    async def taps_as(self, person: Person, label: str, message: Seen | None = None) -> None:
        await self.tap(person.id, label, message)

    def removes_the_bot(self) -> None:
        self.dialogue.left = True

    @property
    def pings(self) -> list[str]:
        """Texts that held a mention, as VK reads them."""
        return [text for peer, text in self.vk.methods.messages.pings if peer == self.peer]


def _seen(message: Message) -> Seen:
    rows = (message.keyboard or {"buttons": []})["buttons"]
    labels = [[str(button["action"].get("label", "")) for button in row] for row in rows]
    reply = str(message.reply.cmid) if message.reply else None
    return Seen(str(message.cmid), message.text or shown_as(message), labels, message.edited_at is not None, reply)

"""People of the web channel, with the interface of the emulators' people: what the pages do, without a browser.

The pages themselves are driven in a real browser (``tests/e2e``); here their door is used: ``Web.hear`` and the
messages that the page would show.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.channels import Outgoing, Refused, Sent
from bot.channels.web import Web, buttons_of
from bot.clock import Clock
from handlers.inbound import Attachment, Heard, Inbound, Press, Start, Text
from storage.tables import WebMessage

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Seen:
    id: str
    text: str
    buttons: list[list[str]]
    edited: bool
    reply_to: str | None
    asks_phone: bool = False


async def says(web: Web, message: Outgoing) -> Sent | Refused:
    """The bot says it, as delivery does: in a transaction, and the page is told when it is committed."""
    async with web._database.write() as db:
        (outcome,) = await web.put(db, [message])
    web.poke(message.to)
    return outcome


class Screen:
    """One page: ``peer`` is the visitor's id, or ``desk``."""

    def __init__(self, web: Web, clock: Clock, peer: str) -> None:
        self.web, self.clock, self.peer = web, clock, peer
        self.alerts: list[str] = []
        self._read = 0
        web.watch(peer, lambda: None, lambda notice: self.alerts.append(notice.text))

    async def rows(self) -> list[WebMessage]:
        return [row for row in await self.web.messages(self.peer, limit=500) if row.author == "bot"]

    async def read(self) -> list[Seen]:
        return [_seen(row) for row in await self.rows()]

    async def sees(self, part: str, timeout: float = 5) -> Seen:
        found = await self._until(part, timeout, lambda seen: int(seen.id) > self._read)
        self._read = int(found.id)
        return found

    async def shows(self, part: str, timeout: float = 5) -> Seen:
        return await self._until(part, timeout, lambda seen: True)

    async def sees_nothing(self, for_: float = 0.3) -> None:
        await asyncio.sleep(for_)
        news = [seen.text for seen in await self.read() if int(seen.id) > self._read]
        assert not news, f"expected nothing, saw {news}"

    async def _until(self, part: str, timeout: float, fits: Callable[[Seen], bool]) -> Seen:
        ends = time.monotonic() + timeout
        while True:
            for seen in await self.read():
                if part in seen.text and fits(seen):
                    return seen
            if time.monotonic() > ends:
                screen = "\n".join(f"{seen.id}: {seen.text!r} {seen.buttons}" for seen in await self.read())
                raise AssertionError(f"{part!r} is not on the screen of {self.peer}:\n{screen}")
            await asyncio.sleep(0.02)

    async def hear(self, heard: Heard, *, name: str) -> None:
        await self.web.hear(
            Inbound(
                channel="web",
                event_id=f"w{next(_numbers)}-{self.peer}",
                sender=self.peer,
                chat=self.peer,
                at=self.clock.now(),
                heard=heard,
                first_name="" if name != "desk" else name,
                full_name=name,
            )
        )

    async def press(self, label: str, message: Seen | None, *, name: str) -> None:
        rows = [row for row in await self.rows() if message is None or str(row.id) == message.id]
        for row in reversed(rows):
            for button in (button for line in buttons_of(row) for button in line):
                if button.label == label:
                    query = f"q{next(_numbers)}"
                    return await self.hear(Press(button.key, query, str(row.id)), name=name)
        there = [[button.label for line in buttons_of(row) for button in line] for row in rows]
        raise AssertionError(f"no button {label!r}; there are {there}")


class Person(Screen):
    """A visitor of /chat."""

    async def opens(self, tag: str = "") -> None:
        await self.hear(Start(tag), name="")

    async def says(self, text: str) -> None:
        await self.hear(Text(text), name="")

    async def taps(self, label: str, message: Seen | None = None) -> None:
        await self.press(label, message, name="")

    async def shares_phone(self, phone: str, own: bool = True) -> None:
        await self.says(phone)

    async def sends(self, what: str) -> None:
        await self.hear(Attachment(what), name="")


class Group(Screen):
    """The desk. ``person`` is the name somebody gave it."""

    async def writes_as(self, person: str, text: str) -> None:
        await self.hear(Text(text), name=person)

    async def replies_as(self, person: str, seen: Seen, text: str) -> None:
        await self.hear(Text(text, reply_to=seen.id), name=person)

    async def taps_as(self, person: str, label: str, message: Seen | None = None) -> None:
        await self.press(label, message, name=person)


def _seen(row: WebMessage) -> Seen:
    reply_to = str(row.reply_to) if row.reply_to is not None else None
    return Seen(
        str(row.id), row.text, [[b.label for b in line] for line in buttons_of(row)], bool(row.edited_at), reply_to
    )

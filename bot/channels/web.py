"""The web channel: its «platform» is our own table. Pages read it; what they are told is kept before it is served.

Nothing a visitor or a manager wrote is lost: the row comes first, then the bot serves it. Whatever has no effect yet
(the process died, the database was away) is served when ``listen`` looks again (I1). An event's key is the page's own
number of the act, so that a repeat is harmless (I2).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import Outgoing, Receive, Refused, Sent
from bot.clock import Clock
from dialogs.cleaning import clean
from dialogs.effects import Button
from handlers.inbound import Heard, Inbound, Notice, Press, Start, Text
from storage import web
from storage.database import Database
from storage.tables import WebMessage

log = logging.getLogger("leadbot.web")

DESK = "desk"
REMEMBER = timedelta(days=3)  # older words are not answered out of the blue
BURST, REFILL = 12, timedelta(seconds=1)  # what a person can write; a robot waits (S11)
KNOWN_SENDERS = 10_000

Poke = Callable[[], None]
Toast = Callable[[Notice], None]


class TooFast(Exception):
    """This sender writes faster than people do: nothing was taken, say so and let them try again."""


class NotNow(Exception):
    """Nothing was taken: the bot is starting or the database is away. The same event may be offered again."""


class Web:
    """Implements ``bot.channels.OwnPages``; pages call ``hear`` and watch for news. ``failed`` counts troubles."""

    name = web.CHANNEL

    def __init__(self, database: Database, clock: Clock, failed: Callable[[str], None] = lambda where: None) -> None:
        self._database, self._clock, self._failed = database, clock, failed
        self._receive: Receive | None = None
        self._behind = asyncio.Event()
        self._watchers: dict[str, list[tuple[Poke, Toast]]] = defaultdict(list)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._pace: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    # ------------------------------------------------------------ as a channel

    async def listen(self, receive: Receive) -> None:
        """Take what pages bring until cancelled; first of all what was written and not served before."""
        self._receive = receive
        self._behind.set()
        try:
            while True:
                await self._behind.wait()
                self._behind.clear()
                try:
                    await self._catch_up(receive)
                except Exception as failed:  # the database is away: what is written waits in it
                    log.warning("the web channel waits for the database: %s", type(failed).__name__)
                    self._failed("listening")
                    await asyncio.sleep(1)
                    self._behind.set()
        finally:
            self._receive = None

    async def put(self, db: AsyncSession, messages: Sequence[Outgoing]) -> list[Sent | Refused]:
        """Show them on their pages. A repeat of the same outbox row is the same message."""
        now = self._clock.now()
        outcomes: list[Sent | Refused] = []
        for act, some in groupby(messages, key=lambda one: one.act):
            if act == "say":
                numbers = await web.record_sent(db, [_said(one) for one in some], now=now)
                outcomes += [Sent(str(number)) for number in numbers]
            else:
                outcomes += [await self._edit(db, one, now) for one in some]
        return outcomes

    async def _edit(self, db: AsyncSession, message: Outgoing, now: datetime) -> Sent | Refused:
        edited = _number(message.message_id)
        if edited is not None and await web.edit_sent(
            db, peer=message.to, message_id=edited, text=message.text, buttons=_rows(message), now=now
        ):
            return Sent(str(edited))
        return Refused("message to edit not found", edit_gone=True)

    async def notify(self, notice: Notice) -> None:
        """A short line on the page that pressed, if it is still open."""
        if notice.text:
            for _, toast in list(self._watchers.get(notice.chat, ())):
                toast(notice)

    async def close(self) -> None:
        self._watchers.clear()

    # ------------------------------------------------------------ for the pages

    async def hear(self, inbound: Inbound) -> None:
        """Take one act of a visitor or a manager. Returns when it is kept; served at once or when it can be.

        Raises TooFast, or NotNow when nothing was kept.
        """
        self._spend(inbound.sender)
        if isinstance(inbound.heard, Text):
            inbound = inbound._replace(heard=Text(clean(inbound.heard.text), inbound.heard.reply_to))
            if not inbound.heard.text:  # type: ignore[union-attr]
                return
        inbound = inbound._replace(at=self._clock.now(), raw=_raw(inbound.heard))
        try:
            kept = await self._keep(inbound)
        except (SQLAlchemyError, OSError) as away:
            raise NotNow from away
        if kept:
            self.poke(inbound.chat)
        try:
            if self._receive is None:
                raise NotNow
            await self._receive([inbound])
        except Exception as failed:
            if not kept:
                raise NotNow from failed
            self._behind.set()

    def watch(self, peer: str, poke: Poke, toast: Toast) -> Callable[[], None]:
        """Be told when this chat changed (look again) and of notices. Call what is returned to stop."""
        watcher = (poke, toast)
        self._watchers[peer].append(watcher)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._watchers[peer].remove(watcher)
            if not self._watchers.get(peer):
                self._watchers.pop(peer, None)

        return stop

    def poke(self, peer: str) -> None:
        """This chat changed: its open pages look again. One that fails is looked at again by its reader."""
        for poke, _ in list(self._watchers.get(peer, ())):
            try:
                poke()
            except Exception as broken:
                log.error("a page was not told of news: %s", type(broken).__name__)

    async def messages(self, peer: str, *, limit: int = 200) -> list[WebMessage]:
        """The chat as it stands, oldest first, with the older cards that newer messages answer."""
        async with self._database.read() as db:
            newest = await web.last_messages(db, peer, limit=limit)
            here = {row.id for row in newest}
            asked = {row.reply_to for row in newest if row.reply_to} - here
            return [*await web.missing_messages(db, peer, asked), *newest]

    def turn(self, peer: str) -> asyncio.Lock:
        """One at a time for this peer: held while something is looked up and then acted upon."""
        return self._turns.setdefault(peer, asyncio.Lock())

    def now(self) -> datetime:
        return self._clock.now()

    async def position(self, peer: str) -> web.Position | None:
        """Where the visitor stands; None: no conversation (yet, or any more)."""
        async with self._database.read() as db:
            return await web.find_position(db, peer)

    # ------------------------------------------------------------ inside

    async def _keep(self, inbound: Inbound) -> bool:
        """Write down what must not be lost: words, and a visitor's presses. True if it is kept (also from before)."""
        heard, desk = inbound.heard, inbound.chat == DESK
        async with self._database.write() as db:
            match heard:
                case Text(text, reply_to):
                    author = "manager" if desk else "prospect"
                    await web.record_heard(
                        db, peer=inbound.chat, author=author, text=text, event_id=inbound.event_id, now=inbound.at,
                        reply_to=_number(reply_to), sender_name=inbound.full_name,
                    )  # fmt: skip
                case Press(key, _, message_id) if not desk and (number := _number(message_id)):
                    under = await web.find_message(db, inbound.chat, number)
                    button = _pressed(under, key) if under else None
                    if button is None:
                        return False
                    await web.record_heard(
                        db, peer=inbound.chat, author="prospect", text=button["label"], event_id=inbound.event_id,
                        now=inbound.at, reply_to=number, pressed=button,
                    )  # fmt: skip
                case _:
                    return False
        return True

    async def _catch_up(self, receive: Receive) -> None:
        """Serve what is kept and not served, oldest first."""
        since, after = self._clock.now() - REMEMBER, 0
        while True:
            async with self._database.read() as db:
                waiting = await web.unserved(db, since=since, after=after)
            if not waiting:
                return
            await receive([_inbound(row) for row in waiting])
            after = waiting[-1].id

    def _spend(self, sender: str) -> None:
        if sender == DESK:
            return
        now = self._clock.now()
        left, at = self._pace.pop(sender, (float(BURST), now))
        left = min(float(BURST), left + (now - at) / REFILL)
        self._pace[sender] = (max(left - 1, 0.0), now)
        while len(self._pace) > KNOWN_SENDERS:
            self._pace.popitem(last=False)
        if left < 1:
            raise TooFast


def _said(message: Outgoing) -> web.Said:
    file = asdict(message.file) if message.file else None
    return web.Said(message.to, message.id, message.text, _rows(message), _number(message.reply_to), file)


def _rows(message: Outgoing) -> list[list[dict[str, str]]]:
    """Its buttons as the table has them."""
    return [[{"label": one.label, "key": one.key, "url": one.url} for one in row] for row in message.buttons]


def buttons_of(row: WebMessage) -> list[list[Button]]:
    """The buttons under a message of the bot's, as they were laid out."""
    if row.author != "bot":
        return []
    return [[Button(one["label"], one.get("key", ""), one.get("url", "")) for one in line] for line in row.buttons]


def name_of(row: WebMessage) -> str:
    """How the manager who wrote this signs; "" when unknown."""
    return str(row.buttons[0].get("name", "")) if row.author == "manager" and row.buttons else ""


def _inbound(row: WebMessage) -> Inbound:
    """The event as it was when it was kept."""
    heard: Heard = Text(row.text, str(row.reply_to) if row.reply_to else None)
    if row.author == "prospect" and row.buttons:
        heard = Press(str(row.buttons[0]["key"]), row.event_id, str(row.reply_to))
    return Inbound(
        channel=web.CHANNEL, event_id=row.event_id or "", sender=row.peer, chat=row.peer, at=row.at, heard=heard,
        full_name=name_of(row), raw=_raw(heard),
    )  # fmt: skip


def _pressed(row: WebMessage, key: str) -> dict[str, str] | None:
    """The button of this message that carries the key. A forged key is nothing that was pressed (P12)."""
    lines: Sequence[Sequence[Button]] = buttons_of(row)
    for button in (button for line in lines for button in line):
        if button.key == key:
            return {"label": button.label, "key": button.key}
    return None


def _raw(heard: Heard) -> bytes:
    match heard:
        case Text(text, reply_to):
            said = {"text": text, "reply_to": reply_to}
        case Press(key, _, message_id):
            said = {"press": key, "message_id": message_id}
        case Start(tag):
            said = {"start": tag}
        case _:
            said = {"what": type(heard).__name__}
    return json.dumps(said, ensure_ascii=False).encode()


def _number(message_id: str | None) -> int | None:
    """A message's id as the table has it; None for what is none."""
    if message_id and message_id.isascii() and message_id.isdigit() and len(message_id) < 18:
        return int(message_id)
    return None

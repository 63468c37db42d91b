"""What the pages over the web channel share: they look again when told to, and take what is written to the channel."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable
from hashlib import sha256

from nicegui import Client, background_tasks, ui
from sqlalchemy.exc import SQLAlchemyError

from bot.channels import File
from bot.channels.web import NotNow, TooFast, Web, buttons_of, name_of
from bot.pages.bubbles import Author, Bubble, toast
from handlers.inbound import Heard, Inbound, Notice, Press, Text
from storage.tables import WebMessage

LOOK_AGAIN = 30.0  # seconds; another process may have written to the same table
TOO_FAST = "Слишком быстро. Подождите пару секунд и отправьте ещё раз."
NOT_NOW = "Сейчас не получилось. Попробуйте, пожалуйста, через несколько секунд."
_NONCE = re.compile(r"[0-9a-f]{32}")


class Live:
    """One open page. ``refresh`` draws the chat as it stands; ``poke`` asks for that, as often as one likes."""

    def __init__(self, web: Web, client: Client, peer: str, refresh: Callable[[], Awaitable[None]]) -> None:
        self._web, self._client, self.peer, self._refresh = web, client, peer, refresh
        self._looking, self._again = False, False
        self._mine: set[str] = set()
        stop = web.watch(peer, self.poke, self._toast)
        client.on_delete(stop)
        client.on_connect(self.poke)
        ui.timer(LOOK_AGAIN, self.poke, immediate=False)

    def poke(self) -> None:
        if self._looking:
            self._again = True
        elif not self._client.is_deleted:
            self._looking = True
            background_tasks.create(self._look(), name="look again")

    async def _look(self) -> None:
        try:
            while not self._client.is_deleted:
                self._again = False
                try:
                    await self._refresh()
                except (SQLAlchemyError, OSError):  # the database is away: the page stays as it is
                    await asyncio.sleep(2)
                    self._again = True
                if not self._again:
                    return
        finally:
            self._looking = False

    async def hear(self, heard: Heard, nonce: str, *, name: str = "") -> bool:
        """Give one act to the bot; tell the person if it was not taken."""
        number = nonce if _NONCE.fullmatch(nonce) else secrets.token_hex(16)
        event_id = _event_id(self.peer, number)
        if isinstance(heard, Press):
            heard = Press(heard.key, event_id, heard.message_id)
            self._mine.add(event_id)
        inbound = Inbound(
            channel=self._web.name, event_id=event_id, sender=self.peer, chat=self.peer, at=self._web.now(),
            heard=heard, full_name=name,
        )  # fmt: skip
        try:
            await self._web.hear(inbound)
        except (TooFast, NotNow) as refused:
            self._refused(heard, TOO_FAST if isinstance(refused, TooFast) else NOT_NOW)
            return False
        if not self._client.is_deleted:
            self._client.run_javascript(f"leadbot.taken({json.dumps(nonce)})")
        return True

    async def unsent(self) -> tuple[str, str, str | None] | None:
        """What was written here before the page was loaded again and never arrived."""
        said = await self._client.run_javascript("leadbot.unsent()", timeout=5)
        if not isinstance(said, dict) or not said.get("text"):
            return None
        return str(said["text"])[:4096], str(said.get("nonce"))[:64], str(said.get("reply") or "") or None

    def tell(self, text: str) -> None:
        if not self._client.is_deleted:
            with self._client:
                toast(text)

    def _refused(self, heard: Heard, why: str) -> None:
        self.tell(why)
        if isinstance(heard, Text) and not self._client.is_deleted:
            self._client.run_javascript(f"leadbot.giveBack({_safe(heard.text)})")

    def _toast(self, notice: Notice) -> None:
        if notice.query in self._mine:
            self._mine.discard(notice.query)
            self.tell(notice.text)


def bubble_of(row: WebMessage) -> Bubble:
    """A row of the table as a screen shows it."""
    author: Author = row.author if row.author in ("prospect", "bot", "manager") else "system"  # type: ignore[assignment]
    return Bubble(
        id=str(row.id),
        author=author,
        text=row.text,
        at=row.at,
        buttons=tuple(tuple(line) for line in buttons_of(row)),
        edited=row.edited_at is not None,
        reply_to=str(row.reply_to) if row.reply_to and author != "prospect" else None,
        name=name_of(row),
        file=File(**row.file) if row.file else None,
    )


def _event_id(peer: str, number: str) -> str:
    """The same for a repeat of the same act after a reload; tells nothing of the visitor: it outlives an erasure."""
    return sha256(f"{peer}\0{number}".encode()).hexdigest()[:40]


def _safe(text: str) -> str:
    """A string for a script: JSON is JavaScript since ES2019."""
    return json.dumps(text)

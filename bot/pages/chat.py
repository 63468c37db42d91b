"""/chat/FLOW: the web channel. Public. A visitor is a random cookie; opening the page opens the dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from nicegui import Client, ui

from bot.channels.web import Web
from bot.pages.bubbles import Bubble, Feed, Words, box
from bot.pages.composer import Composer
from bot.pages.live import Live, bubble_of
from bot.pages.places import published
from bot.pages.plain import sorry_page
from dialogs.effects import Button
from dialogs.tags import Touch, build_tag, parse_tag
from handlers.inbound import Press, Start, Text
from handlers.work import Library
from storage.web import Position

WRITE = "Напишите сообщение…"
HINTS: Mapping[str, tuple[str, str, str]] = {  # answer's type -> placeholder, keyboard, what browsers may fill in
    "phone": ("Например: 8 900 123-45-67", "tel", "tel"),
    "email": ("Например: name@mail.ru", "email", "email"),
    "number": ("Напишите число…", "text", "off"),
    "name": ("Ваше имя…", "text", "name"),
    "date": ("Например: в пятницу или 15 декабря", "text", "off"),
    "time": ("Например: завтра в 15:30", "text", "off"),
    "call_time": ("Например: завтра после 15", "text", "off"),
    "city": ("Ваш город…", "text", "address-level2"),
    "rating": ("Напишите оценку…", "numeric", "off"),
}
NOT_FOUND = (
    "Такой страницы нет",
    "Возможно, ссылка устарела или в ней опечатка. Попробуйте открыть её ещё раз целиком.",
)


def start_tag(flow: str, raw: str, flows: tuple[str, ...]) -> str:
    """The tag of this visit: the page's flow; source and campaign as the link has them, with or without the flow."""
    touch = parse_tag(raw, flows)
    if touch.flow is None and raw:
        touch = parse_tag(f"{flow}__{raw}", flows)
    if touch.flow is None:
        touch = Touch(flow, "" if not raw else "unknown")
    try:
        return build_tag(flow, "" if touch.source == "direct" else touch.source, touch.campaign)
    except ValueError:  # it does not fit with this flow's name
        return build_tag(flow)


def add_chat(*, web: Web, library: Library) -> None:
    """Register the page."""

    @ui.page("/chat/{flow}", response_timeout=10, reconnect_timeout=60)
    async def chat(request: Request, client: Client, flow: str, start: str = "") -> Response | None:
        flows = published(library.live)
        if flow not in flows:
            return HTMLResponse(sorry_page(*NOT_FOUND), 404)
        page = ChatPage(web, library, client, request.scope["leadbot.visitor"], start_tag(flow, start, flows), flow)
        client.title = f"{library.live.flows[flow].title} · {library.live.business.company}"
        await page.refresh()
        client.on_connect(page.connected)
        return None


class ChatPage:
    """One visitor's open page."""

    def __init__(self, web: Web, library: Library, client: Client, visitor: str, tag: str, flow: str) -> None:
        self._web, self._library, self._tag, self._flow = web, library, tag, flow
        self._client, self._opened = client, False
        business = library.live.business
        with box("page chat-page"), box("chat theme-web"):
            header(business.company, "Отвечаем здесь, в этом окне")
            self.feed = Feed(own=frozenset({"prospect"}), zone=business.zone, on_press=self.press)
            with box("begin hidden") as self._begin:
                begin = Words("Начать разговор", tag="button", css="key", type="button")
                begin.on("click", self._open, js_handler="(e) => leadbot.press(e, emit)")
            self.composer = Composer(self.say, keeps=True, hint=WRITE)
        self.live = Live(web, client, visitor, self.refresh)

    async def refresh(self) -> None:
        rows = await self._web.messages(self.live.peer)
        position = await self._web.position(self.live.peer)
        self.feed.show([bubble_of(row) for row in rows])
        self._expect(position)
        lost = position is None and bool(rows)
        self._begin.classes(remove="hidden") if lost else self._begin.classes(add="hidden")

    async def connected(self) -> None:
        """The browser is there: what was not sent goes first; then the dialog opens, unless it is open already."""
        if said := await self.live.unsent():
            await self.say(*said)
        async with self._web.turn(self.live.peer):  # two tabs open one dialog
            if not self._opened and await self._is_closed():
                self._opened = True
                await self._open()

    async def _is_closed(self) -> bool:
        """Nothing was said here yet, or the visitor stands in another flow than the link's."""
        position = await self._web.position(self.live.peer)
        if position is None:
            return not await self._web.messages(self.live.peer, limit=1)
        return position.flow != self._flow

    async def _open(self) -> None:
        for _ in range(20):
            if await self.live.hear(Start(self._tag), "") or self._client.is_deleted:
                return
            await asyncio.sleep(3)  # the bot is starting

    async def say(self, text: str, nonce: str, _reply: str | None) -> None:
        await self.live.hear(Text(text), nonce)

    async def press(self, bubble: Bubble, button: Button, nonce: str) -> None:
        await self.live.hear(Press(button.key, None, bubble.id), nonce)

    def _expect(self, position: Position | None) -> None:
        """The keyboard for the question that waits."""
        kind = answer_kind(self._library, position) if position else None
        placeholder, inputmode, autocomplete = HINTS.get(kind or "", (WRITE, "text", "off"))
        self.composer.hint(placeholder, inputmode=inputmode, autocomplete=autocomplete)


def answer_kind(library: Library, position: Position) -> str | None:
    """What type of answer the waiting question takes."""
    try:
        flow = library.at(position.version).flows.get(position.flow)
    except LookupError:
        return None
    step = flow.by_id.get(position.step or "") if flow else None
    return step.answer.type if step and step.answer else None


def header(title: str, under: str, *, mark: str = "") -> None:
    """A chat's head: who this is."""
    with box("chat-head"):
        Words(mark or initial(title), css="avatar", aria_hidden="true")
        with box("who"):
            Words(title, css="title")
            Words(under, css="under")


def initial(title: str) -> str:
    """The letter on the round: of the name in quotes, if there is one."""
    inner = title.partition("«")[2] or title
    return next((letter for letter in inner if letter.isalnum()), "•").upper()

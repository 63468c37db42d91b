"""The chat component of all pages: bubbles with their buttons, kept like the list they are given.

Text from outside is text: it becomes a text node, never markup, template or attribute (I13, P28).
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from bot.channels import File
from dialogs.effects import Button

Author = Literal["prospect", "bot", "manager", "system"]
FILES = "/files/"
_LINK = re.compile(r"https?://[^\s<>«»\"]+[^\s<>«»\".,;:!?)]")
_TOGETHER = re.compile(r"(?<=\S) (?=—)|(?<=\d) (?=[%₽]|\d{3}\b)|(?<=№) (?=\d)")
_HREF = re.compile(r"(https?://|tel:|mailto:)[^\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a screen shows it."""

    id: str
    author: Author
    text: str
    at: datetime
    buttons: tuple[tuple[Button, ...], ...] = ()
    edited: bool = False
    reply_to: str | None = None
    name: str = ""
    file: File | None = None


Press = Callable[[Bubble, Button, str], Awaitable[None]]
"""(message, button, the page's number of this act)"""
Answering = Callable[[Bubble], None]


class Words(TextElement):
    """Any tag with text in it, as a text node."""

    def __init__(self, text: str, *, tag: str = "div", css: str = "", **attributes: str) -> None:
        super().__init__(tag=tag, text=text)
        self.classes(css)
        for name, value in attributes.items():
            self.props[name.replace("_", "-")] = value


def box(css: str, *, tag: str = "div") -> Element:
    return ui.element(tag).classes(css)


def to_newest() -> None:
    """«↓» over the field, while there is more below."""
    with box("to-newest"):
        Words("↓", tag="button", css="newest", type="button", aria_label="К новым сообщениям").on(
            "click", js_handler="(e) => leadbot.newest(e)"
        )


def toast(text: str) -> None:
    """A short line over the page, instead of the one before."""
    ui.notify(text, position="top", timeout=3500, group="leadbot", badgeClass="hidden")


class Feed:
    """A scrolling list of bubbles. ``own``: whose messages stand on the right. ``on_reply``: offer «Ответить».
    ``offers``: what that button says under a message; "" for none.
    ``files``: where pictures and documents are served."""

    def __init__(
        self,
        *,
        own: frozenset[Author],
        zone: ZoneInfo,
        on_press: Press,
        on_reply: Answering | None = None,
        offers: Callable[[Bubble], str] | None = None,
        names: dict[Author, str] | None = None,
        scrolls: bool = True,
        links: bool = True,
        files: str = FILES,
    ) -> None:
        self.box = box("feed" if scrolls else "thread-replies")
        if scrolls:
            self.box.props["role"], self.box.props["aria-live"] = "log", "polite"
            to_newest()
        self._own, self._zone, self._press, self._reply, self._links = own, zone, on_press, on_reply, links
        self._files, self._offers = files, offers or _answered
        self._names, self._days = names or {}, scrolls
        self._shown: dict[str, tuple[object, Element]] = {}
        self._bubbles: dict[str, Bubble] = {}

    def show(self, bubbles: Sequence[Bubble], *, context: Sequence[Bubble] = ()) -> None:
        """Become this list: what is new appears, what changed is drawn again, what is gone goes.

        ``context``: messages that may be quoted but are shown elsewhere.
        """
        self._bubbles = {bubble.id: bubble for bubble in (*context, *bubbles)}
        items = self._items(bubbles)
        for key in self._shown.keys() - {key for key, _ in items}:
            self._shown.pop(key)[1].delete()
        for index, (key, item) in enumerate(items):
            drawn = self._shown.get(key)
            if drawn is None:
                self._shown[key] = (item, self._draw(item, index))
            elif drawn[0] != item:
                drawn[1].clear()
                self._fill(drawn[1], item)
                self._shown[key] = (item, drawn[1])

    def _items(self, bubbles: Sequence[Bubble]) -> list[tuple[str, Bubble | date]]:
        """Bubbles, with the day written above the first of each."""
        items: list[tuple[str, Bubble | date]] = []
        day = None
        for bubble in bubbles:
            here = bubble.at.astimezone(self._zone).date()
            if self._days and here != day:
                items.append((f"day {here}", here))
                day = here
            items.append((bubble.id, bubble))
        return items

    def _draw(self, item: Bubble | date, index: int) -> Element:
        with self.box:
            element = box("day" if isinstance(item, date) else "message")
        if index < len(self.box.default_slot.children) - 1:
            element.move(target_index=index)
        self._fill(element, item)
        return element

    def _fill(self, element: Element, item: Bubble | date) -> None:
        with element:
            if isinstance(item, date):
                Words(format_date(item, "d MMMM", locale="ru"), tag="span")
                return
            side = "own" if item.author in self._own else "other"
            element.classes(replace=f"message {side} {item.author}{' edited' if item.edited else ''}")
            element.props["data-id"] = item.id
            with box("bubble"):
                self._head(item)
                if item.file:
                    _file(item.file, f"{self._files}{item.file.digest}")
                _text(item, links=self._links)
                when = f"{item.at.astimezone(self._zone):%H:%M}"
                Words(f"изменено {when}" if item.edited else when, tag="span", css="when")
            if item.buttons:
                self._keys(item)
            if self._reply is not None and (label := self._offers(item)):
                answer = Words(label, tag="button", css="reply", type="button")
                answer.on("click", lambda _, to=item: self._reply(to), js_handler=answering(item))

    def _head(self, item: Bubble) -> None:
        if name := item.name or self._names.get(item.author, ""):
            Words(name, css="name")
        if item.reply_to and (asked := self._bubbles.get(item.reply_to)):
            Words(snippet(asked.text), css="quote")

    def _keys(self, item: Bubble) -> None:
        with box("keys"):
            for row in item.buttons:
                with box("row"):
                    for button in row:
                        self._key(item, button)

    def _key(self, item: Bubble, button: Button) -> None:
        if button.url:
            if _HREF.fullmatch(button.url):
                Words(
                    button.label, tag="a", css="key link", href=button.url, target="_blank", rel="noopener noreferrer"
                )
            return

        async def press(event: GenericEventArguments) -> None:
            await self._press(item, button, str(event.args)[:64])

        Words(button.label, tag="button", css="key", type="button").on(
            "click", press, js_handler="(e) => leadbot.press(e, emit)"
        )


def _answered(item: Bubble) -> str:
    return "Ответить" if item.author in ("bot", "prospect") else ""


def answering(to: Bubble) -> str:
    """What «Ответить» does in the browser, before the server hears of it."""
    return f"(e) => {{ leadbot.answer(e, {json.dumps(to.id)}); emit(); }}"


def snippet(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 90 else line[:89] + "…"


def link(label: str, address: str, *, css: str = "") -> None:
    Words(label, tag="a", css=css, href=address, target="_blank", rel="noopener noreferrer")


def _file(file: File, address: str) -> None:
    """A picture in its place, a document as a link to it."""
    if file.kind == "picture":
        Words("", tag="img", css="picture", src=address, alt=file.name, loading="lazy")
    else:
        link(f"📄 {file.name}", address, css="document")


def _text(item: Bubble, *, links: bool) -> None:
    """``links``: addresses can be clicked; only in what our own flows say, never in strangers' words."""
    text = kept_together(item.text) if item.author == "bot" else item.text
    with box("text"):
        at = 0
        for found in _LINK.finditer(text) if links and item.author == "bot" else ():
            Words(text[at : found.start()], tag="span")
            link(found[0], found[0])
            at = found.end()
        Words(text[at:], tag="span")


def kept_together(text: str) -> str:
    """The same words; no line breaks before a dash, inside a phone number, or between a number and its unit."""
    return _TOGETHER.sub("\N{NO-BREAK SPACE}", text)

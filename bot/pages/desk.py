"""/desk: the managers' chat of the web. Private. A card with everything said under it is one thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from nicegui import Client, ui
from nicegui.element import Element
from nicegui.events import GenericEventArguments

from bot.channels.web import DESK, Web
from bot.pages.bubbles import Answering, Author, Bubble, Feed, Press, Words, answering, box, to_newest
from bot.pages.chat import header
from bot.pages.composer import Composer
from bot.pages.live import Live, bubble_of
from bot.pages.places import way_out
from dialogs.effects import Button
from handlers.inbound import Press as Pressed
from handlers.inbound import Text
from handlers.work import Library

OWN: frozenset[Author] = frozenset({"manager"})
HOW = "Клиенту пишет кнопка «Ответить клиенту» под карточкой, остальное видят только коллеги."
EMPTY = "Заявок пока нет. Как только клиент оставит контакт или позовёт человека, здесь появится карточка."


@dataclass(slots=True)
class Thread:
    """A root message and what answers it, as drawn."""

    box: Element
    root: Feed
    replies: Feed
    answer: Element | None = None
    newest: int = 0
    bubbles: list[Bubble] = field(default_factory=list)


class Threads:
    """All threads, the one with the newest word last: that is where people look."""

    def __init__(self, *, zone: ZoneInfo, on_press: Press, on_reply: Answering) -> None:
        self._zone, self._press, self._reply = zone, on_press, on_reply
        self._threads: dict[str, Thread] = {}
        self.box = box("feed threads")
        self.box.props["role"], self.box.props["aria-live"] = "log", "polite"
        with self.box:
            self._empty = Words(EMPTY, css="empty")
        to_newest()

    def show(self, bubbles: Sequence[Bubble]) -> None:
        groups = gather(bubbles)
        self._empty.classes(add="hidden") if groups else self._empty.classes(remove="hidden")
        for gone in self._threads.keys() - groups.keys():
            self._threads.pop(gone).box.delete()
        for place, (root, group) in enumerate(groups.items(), start=1):  # 0 is the line for an empty desk
            thread = self._threads.get(root) or self._begin(root)
            if thread.bubbles != group:
                self._draw(thread, group)
            if self.box.default_slot.children[place] is not thread.box:
                thread.box.move(target_index=place)

    def _begin(self, root: str) -> Thread:
        with self.box, box("thread") as here:
            self._threads[root] = Thread(here, self._feed("thread-root"), self._feed("thread-replies"))
        return self._threads[root]

    def _feed(self, css: str) -> Feed:
        feed = Feed(own=OWN, zone=self._zone, on_press=self._press, scrolls=False, links=False)
        feed.box.classes(replace=css)
        return feed

    def _draw(self, thread: Thread, group: list[Bubble]) -> None:
        root, replies = group[0], group[1:]
        thread.root.show([root])
        thread.replies.show(replies)
        card = root.author == "bot" and bool(root.buttons or replies)
        thread.box.classes(add="card") if card else thread.box.classes(remove="card")
        if card and thread.answer is None:
            with thread.box:
                thread.answer = Words("Ответить клиенту", tag="button", css="reply", type="button")
                thread.answer.on("click", lambda _, to=root: self._reply(to), js_handler=answering(root))
        thread.bubbles = group


def gather(bubbles: Sequence[Bubble]) -> dict[str, list[Bubble]]:
    """root id -> the thread, oldest word first; threads in the order of their newest words."""
    known = {bubble.id: bubble for bubble in bubbles}
    threads: dict[str, list[Bubble]] = {}
    for bubble in bubbles:
        root = bubble
        while root.reply_to in known and root.reply_to != root.id:
            root = known[root.reply_to or ""]
        threads.setdefault(root.id, []).append(bubble)
    return dict(sorted(threads.items(), key=lambda thread: int(thread[1][-1].id)))


def add_desk(*, web: Web, library: Library, locked: bool) -> None:
    """Register the page."""

    @ui.page("/desk", title="Заявки", response_timeout=10, reconnect_timeout=60)
    async def desk(client: Client) -> None:
        page = DeskPage(web, library, client, locked=locked)
        await page.refresh()
        client.on_connect(page.connected)


class DeskPage:
    """One manager's open page."""

    def __init__(self, web: Web, library: Library, client: Client, *, locked: bool) -> None:
        self._web, self._client, self._name = web, client, ""
        business = library.live.business
        with box("page desk-page"), box("chat theme-desk"):
            header(f"Заявки · {business.company}", "Карточки и разговоры с клиентами", mark="★")
            self._signature(locked=locked)
            self.threads = Threads(zone=business.zone, on_press=self.press, on_reply=self.reply)
            Words(HOW, css="how")
            self.composer = Composer(self.say, keeps=True, hint="Сообщение коллегам…")
        self.live = Live(web, client, DESK, self.refresh)

    def _signature(self, *, locked: bool) -> None:
        with box("signature"):
            Words("Вас зовут", tag="label", **{"for": "signature"})
            self._field = ui.element("input")
            self._field.props.update({"id": "signature", "maxlength": "60", "placeholder": "как вас подписывать"})
            self._field.on(
                "change", self._sign, js_handler="(e) => { leadbot.sign(e.target.value); emit(e.target.value) }"
            )
            way_out(locked=locked)

    def _sign(self, event: GenericEventArguments) -> None:
        self._name = _tidy(event.args)

    async def connected(self) -> None:
        kept = await self._client.run_javascript("leadbot.signature()", timeout=5)
        self._name = self._name or _tidy(kept)  # who was quick has signed meanwhile
        if said := await self.live.unsent():
            await self.say(*said)

    async def refresh(self) -> None:
        rows = await self._web.messages(DESK, limit=300)
        self.threads.show([bubble_of(row) for row in rows])

    async def say(self, text: str, nonce: str, reply: str | None) -> None:
        await self.live.hear(Text(text, reply), nonce, name=self._name)

    async def press(self, bubble: Bubble, button: Button, nonce: str) -> None:
        await self.live.hear(Pressed(button.key, None, bubble.id), nonce, name=self._name)

    def reply(self, bubble: Bubble) -> None:
        self.composer.answer(bubble)


def _tidy(name: object) -> str:
    return " ".join(str(name or "").split())[:60]

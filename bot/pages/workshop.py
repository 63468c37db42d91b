"""/: the workshop. Private. A client and a manager side by side, on a stage of their own, with a clock to turn.

Nothing here can reach a real person, code or lead: the stage has a throw-away database and no network (S7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from babel.dates import format_datetime
from nicegui import Client, ui
from nicegui.events import GenericEventArguments

from bot.pages.bubbles import Author, Bubble, Feed, Words, box, toast
from bot.pages.chat import header
from bot.pages.composer import Composer
from bot.pages.places import ways
from bot.pages.stages import Shown, Stage, Stages
from dialogs.capabilities import CHANNELS
from dialogs.conversation import Button
from dialogs.flow import FlowSet
from handlers.work import Library

WELCOME = (
    "Вы — клиент слева и менеджер справа. Оставьте заявку, возьмите её кнопкой «Беру», ответьте клиенту. "
    "А чтобы увидеть, что бот напишет, если клиент замолчит, переведите часы."
)
SAFE = "Всё понарошку: никому ничего не уходит."
QUIET = "Здесь появится карточка, когда клиент оставит контакт или попросит позвать человека."
ASLEEP = "Эта репетиция уснула: на ней долго ничего не происходило. Начинаем заново."
PHONE = "📱 Отправить мой номер"
MOST_HOPS = 20  # an event may only move itself, or happen unseen
PROSPECT: frozenset[Author] = frozenset({"prospect"})
MANAGER: frozenset[Author] = frozenset({"manager"})


def add_workshop(*, library: Library, stages: Stages, locked: bool) -> None:
    """Register the page."""

    @ui.page("/", title="Мастерская leadbot", response_timeout=10, reconnect_timeout=60)
    async def workshop(client: Client) -> None:
        page = WorkshopPage(library, stages, client, locked=locked)
        client.on_connect(page.connected)
        client.on_delete(page.gone)


class WorkshopPage:
    """One open page with its stage."""

    def __init__(self, library: Library, stages: Stages, client: Client, *, locked: bool) -> None:
        self._library, self._stages, self._client = library, stages, client
        self._flow, self._channel = flows_in_order(library.live)[0], "telegram"
        self._alerts = 0
        self._playing = asyncio.Lock()
        with box("page workshop side-client") as self.page:
            self._top(locked=locked)
            with box("tabs"):
                self._tab("Клиент", "client")
                self._tab("Менеджеры", "managers")
            with box("scene"):
                self._phone()
                self._desk()

    # ------------------------------------------------------------ drawing

    def _top(self, *, locked: bool) -> None:
        with box("top"):
            with box("brand"):
                Words("", css="logo", aria_hidden="true")
                Words("leadbot", tag="strong")
                Words("мастерская", tag="span", css="soft")
            self._chooser()
            ways(self._library.live, locked=locked)
            self._button("начать заново", self.begin, css="again")
        with box("under-top"):
            self._time()
            with box("welcome"):
                Words(WELCOME, tag="span")
                Words(SAFE, tag="span", css="soft")

    def _chooser(self) -> None:
        with box("chooser"):
            select = box("flow-select", tag="select")
            select.props["aria-label"] = "Сценарий"
            with select:
                for name in flows_in_order(self._library.live):
                    Words(self._library.live.flows[name].title, tag="option", value=name)
            select.on("change", self._choose_flow, js_handler="(e) => emit(e.target.value)")
            with box("segments"):
                self._segments = {name: self._segment(name, can.title) for name, can in CHANNELS.items()}

    def _segment(self, name: str, title: str) -> Words:
        chosen = " chosen" if name == self._channel else ""
        segment = Words(title, tag="button", css=f"segment {name}{chosen}", type="button")
        segment.on("click", lambda _: self._choose_channel(name), args=[])
        return segment

    def _time(self) -> None:
        with box("time"):
            Words("сейчас:", tag="span", css="now-label")
            self._now = Words("…", css="now")
            self._button("+20 минут", lambda: self._turn(timedelta(minutes=20)))
            self._button("+1 день", lambda: self._turn(timedelta(days=1)))
            self._next = self._button("до следующего события", self._turn_to_next)

    def _button(self, label: str, act: Callable[[], Awaitable[None]], *, css: str = "") -> Words:
        async def pressed() -> None:
            await act()

        button = Words(label, tag="button", css=f"turn {css}", type="button")
        return button.on("click", pressed, js_handler="() => { leadbot.watch(); emit() }")

    def _tab(self, label: str, side: str) -> None:
        tab = Words(label, tag="button", css=f"tab tab-{side}", type="button")
        tab.on("click", lambda _: self.page.classes(remove="side-client side-managers", add=f"side-{side}"), args=[])

    def _phone(self) -> None:
        business = self._library.live.business
        with box("phone client-side"), box(f"chat theme-{self._channel}") as self._screen:
            header(business.company, "бот")
            self.client_feed = Feed(own=PROSPECT, zone=business.zone, on_press=self.taps)
            with box("share hidden") as self._share:
                self._button(PHONE, lambda: self._play(lambda stage: stage.shares_phone()), css="share-phone")
            Composer(self.says, keeps=False, hint="Сообщение от клиента…")

    def _desk(self) -> None:
        business = self._library.live.business
        names: dict[Author, str] = {"bot": "leadbot", "manager": "Ольга, менеджер"}
        with box("managers-side"), box("chat theme-desk"):
            header("Чат менеджеров", "«Ответить» под карточкой — написать клиенту", mark="★")
            self.desk_feed = Feed(
                own=MANAGER,
                zone=business.zone,
                on_press=self.manager_taps,
                on_reply=self.answer,
                names=names,
                links=False,
            )
            self._quiet = Words(QUIET, css="empty")
            self.composer = Composer(self.manager_says, keeps=False, hint="Сообщение от менеджера…")

    # ------------------------------------------------------------ playing

    async def connected(self) -> None:
        if self._stages.find(self._client.id) is None:
            await self.begin()
        else:
            await self._show()

    async def gone(self) -> None:
        async with self._playing:
            await self._stages.close(self._client.id)

    async def begin(self) -> None:
        """A new stage, and the client follows the link."""
        async with self._playing:
            self._alerts = 0
            flow_set = self._library.live
            flow = self._flow if self._flow in flow_set.flows else flows_in_order(flow_set)[0]
            self.page.classes(add="busy")
            stage = await self._stages.open(self._client.id, flow_set, flow=flow, channel=self._channel)
            await stage.opens()
            themes = " ".join(f"theme-{name}" for name in CHANNELS)
            self._screen.classes(remove=themes, add=f"theme-{self._channel}")
            self.page.classes(remove="busy begun")
        await self._show()

    async def _play(self, act: Callable[[Stage], Awaitable[None]]) -> None:
        """Do one thing on the stage, then draw both screens."""
        async with self._playing:
            stage = self._stages.find(self._client.id)
            try:
                if stage is not None:
                    await act(stage)
                    self.page.classes(add="begun")
            except LookupError as wrong:  # the button is not there any more
                self._tell(str(wrong.args[0]) if wrong.args else "Не получилось.")
        if stage is None:
            self._tell(ASLEEP)
            await self.begin()
        await self._show()

    async def _show(self) -> None:
        stage = self._stages.find(self._client.id)
        if stage is None or self._client.is_deleted:
            return
        self.client_feed.show([bubble_of(shown) for shown in stage.prospect])
        self.desk_feed.show([bubble_of(shown) for shown in stage.managers])
        self._quiet.classes(add="hidden") if stage.managers else self._quiet.classes(remove="hidden")
        said = [shown for shown in stage.prospect if shown.author == "bot"]
        asks = bool(said) and said[-1].asks_phone and CHANNELS[self._channel].phone_button
        self._share.classes(remove="hidden") if asks else self._share.classes(add="hidden")
        for alert in stage.alerts[self._alerts :]:
            self._tell(alert)
        self._alerts = len(stage.alerts)
        await self._show_time(stage)

    async def _show_time(self, stage: Stage) -> None:
        zone = self._library.live.business.zone
        here = stage.clock.now().astimezone(zone)
        self._now.text = clock_text(here)
        due = await stage.next_due()
        self._next.props["disabled"] = due is None
        when = f" · {clock_text(due.astimezone(zone), today=here)}" if due else ""
        self._next.text = f"до следующего события{when}"
        self._next.update()

    async def says(self, text: str, _nonce: str, _reply: str | None) -> None:
        await self._play(lambda stage: stage.says(text[:4096]))

    async def taps(self, bubble: Bubble, button: Button, _nonce: str) -> None:
        await self._play(lambda stage: stage.taps(button.key, message_id=bubble.id))

    async def manager_taps(self, bubble: Bubble, button: Button, _nonce: str) -> None:
        await self._play(lambda stage: stage.manager_taps(button.key, message_id=bubble.id))

    async def manager_says(self, text: str, _nonce: str, reply: str | None) -> None:
        if reply:
            await self._play(lambda stage: stage.manager_replies(reply, text[:4096]))
        else:
            await self._play(lambda stage: stage.manager_writes(text[:4096]))

    def answer(self, bubble: Bubble) -> None:
        self.composer.answer(bubble)

    # ------------------------------------------------------------ time and choices

    async def _turn(self, span: timedelta) -> None:
        await self._play(lambda stage: stage.forward(span))

    async def _turn_to_next(self) -> None:
        async def to_next(stage: Stage) -> None:
            """Until somebody sees something: what fell into quiet hours only moves to the morning."""
            before = _screens(stage)
            for _ in range(MOST_HOPS):
                due = await stage.next_due()
                if due is None or _screens(stage) != before:
                    return
                await stage.forward(max(due - stage.clock.now(), timedelta()))

        await self._play(to_next)

    async def _choose_flow(self, event: GenericEventArguments) -> None:
        if event.args in self._library.live.flows:
            self._flow = str(event.args)
            await self.begin()

    async def _choose_channel(self, name: str) -> None:
        if name == self._channel:
            return
        self._segments[self._channel].classes(remove="chosen")
        self._segments[name].classes(add="chosen")
        self._channel = name
        await self.begin()

    def _tell(self, text: str) -> None:
        if not self._client.is_deleted:
            with self._client:
                toast(text)


def _screens(stage: Stage) -> tuple[list[str], list[str]]:
    """What both sides see, to tell whether anything happened."""
    return [shown.text for shown in stage.prospect], [shown.text for shown in stage.managers]


def flows_in_order(flow_set: FlowSet) -> list[str]:
    """All flows, those of the opening menu first."""
    start = flow_set.business.start
    first = (start,) if isinstance(start, str) else start.flows
    return list(dict.fromkeys([*(one for one in first if one in flow_set.flows), *flow_set.flows]))


def bubble_of(shown: Shown) -> Bubble:
    rows = tuple(tuple(row) for row in shown.buttons)
    return Bubble(
        shown.id,
        shown.author,
        "" if shown.file else shown.text,
        shown.at,
        rows,
        shown.edited,
        shown.reply_to,
        file=shown.file,
    )


def clock_text(here: datetime, *, today: datetime | None = None) -> str:
    """«сб 21 ноября 12:40»; of ``today``, the time alone."""
    if today is not None and here.date() == today.date():
        return f"{here:%H:%M}"
    return format_datetime(here, "EEE d MMMM HH:mm", locale="ru").replace(",", "")

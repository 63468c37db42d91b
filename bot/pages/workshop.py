"""/: the workshop. Private. A client and a manager side by side, on a stage of their own, with a clock to turn.

Nothing here can reach a real person, code or lead: the stage has a throw-away database and no network (S7).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from nicegui import Client, background_tasks, ui
from nicegui.events import GenericEventArguments

from bot.pages.author import AuthorSide
from bot.pages.bubbles import Author, Bubble, Feed, Words, box, toast
from bot.pages.chat import header
from bot.pages.clip import Clip, wanted
from bot.pages.composer import Composer
from bot.pages.edited import Edited
from bot.pages.flow_files import DRAFT
from bot.pages.look import author_look
from bot.pages.places import ways
from bot.pages.stages import Stages
from bot.pages.time_bar import TimeBar, turning
from bot.rehearsal import hold_again
from bot.screens import Shown
from bot.stage import Stage
from dialogs.capabilities import CHANNELS
from dialogs.effects import Button
from dialogs.flow_set import FlowSet
from dialogs.stories import Act

WELCOME = (
    "Вы — клиент слева и менеджер справа. Оставьте заявку, возьмите её кнопкой «Беру», ответьте клиенту. "
    "А чтобы увидеть, что бот напишет, если клиент замолчит, переведите часы."
)
SAFE = "Всё понарошку: никому ничего не уходит."
QUIET = "Здесь появится карточка, когда клиент оставит контакт или попросит позвать человека."
ASLEEP = "Эта репетиция уснула: на ней долго ничего не происходило. Начинаем заново."
CHANGED = "Сценарий изменился. Разговор повторён на новом."
CHANGED_HERE = "Сценарий изменился. Разговор повторён, насколько он ещё идёт: до «{act}»."
PHONE = "📱 Отправить мой номер"
NO_WORDS = ("/start", "📱", "📎", "[")  # what a stage shows for what is no text
SIDES = "side-client side-author side-managers"
PROSPECT: frozenset[Author] = frozenset({"prospect"})
MANAGER: frozenset[Author] = frozenset({"manager"})


def add_workshop(*, edited: Edited, stages: Stages, locked: bool) -> None:
    """Register the page."""

    @ui.page("/", title="Мастерская leadbot", response_timeout=10, reconnect_timeout=60)
    async def workshop(client: Client) -> None:
        author_look()
        page = WorkshopPage(edited, stages, client, locked=locked)
        client.on_connect(page.connected)
        client.on_delete(page.gone)


class WorkshopPage:
    """One open page with its stage."""

    def __init__(self, edited: Edited, stages: Stages, client: Client, *, locked: bool) -> None:
        self._edited, self._stages, self._client = edited, stages, client
        self._set = edited.flow_set
        self._flow, self._channel = flows_in_order(self._set)[0], "telegram"
        self._alerts = self._written = 0
        self._unwatch: Callable[[], None] | None = None
        self._playing = asyncio.Lock()
        with box("page workshop side-client") as self.page:
            self._top(locked=locked)
            with box("tabs"):
                self._tab("Клиент", "client")
                self._tab("Сценарий", "author")
                self._tab("Менеджеры", "managers")
            with box("scene"):
                self._phone()
                self.author = AuthorSide(edited, tell=self._tell, stage=lambda: stages.find(client.id))
                self._desk()

    # ------------------------------------------------------------ drawing

    def _top(self, *, locked: bool) -> None:
        with box("top"):
            with box("brand"):
                Words("", css="logo", aria_hidden="true")
                Words("leadbot", tag="strong")
                Words("мастерская", tag="span", css="soft")
            self._chooser()
            ways(self._edited.live, locked=locked)
            turning("начать заново", self.begin, css="again")
        with box("under-top"):
            self._time = TimeBar(self._play)
            with box("welcome"):
                Words(WELCOME, tag="span")
                Words(SAFE, tag="span", css="soft")

    def _chooser(self) -> None:
        with box("chooser"):
            self._select = box("flow-select", tag="select")
            self._select.props["aria-label"] = "Сценарий"
            self._offer_flows()
            self._select.on("change", self._choose_flow, js_handler="(e) => emit(e.target.value)")
            with box("segments"):
                self._segments = {name: self._segment(name, can.title) for name, can in CHANNELS.items()}

    def _offer_flows(self) -> None:
        self._select.clear()
        with self._select:
            for name in flows_in_order(self._set):
                option = Words(self._set.flows[name].title, tag="option", value=name)
                if name == self._flow:
                    option.props["selected"] = True

    def _segment(self, name: str, title: str) -> Words:
        chosen = " chosen" if name == self._channel else ""
        segment = Words(title, tag="button", css=f"segment {name}{chosen}", type="button")
        segment.on("click", lambda _: self._choose_channel(name), args=[])
        return segment

    def _tab(self, label: str, side: str) -> None:
        tab = Words(label, tag="button", css=f"tab tab-{side}", type="button")
        tab.on(
            "click",
            lambda _: self.page.classes(remove="side-client side-author side-managers", add=f"side-{side}"),
            args=[],
        )

    def _phone(self) -> None:
        business = self._set.business
        with box("phone client-side"), box(f"chat theme-{self._channel}") as self._screen:
            self._head = box("")
            self._name_company()
            self.client_feed = Feed(
                own=PROSPECT, zone=business.zone, on_press=self.taps, files=DRAFT,
                on_reply=self.mend, offers=self._may_mend,
            )  # fmt: skip
            with box("share hidden") as self._share:
                turning(PHONE, lambda: self._play(lambda stage: stage.shares_phone()), css="share-phone")
            self._saying = Composer(
                self.says, keeps=False, hint="Сообщение от клиента…", answers="Было", answering="Как стало…"
            )
            self._clip = Clip(self._saying.line, self.sends)

    def _name_company(self) -> None:
        self._head.clear()
        with self._head:
            header(self._set.business.company, "бот")

    def _desk(self) -> None:
        business = self._set.business
        names: dict[Author, str] = {"bot": "leadbot", "manager": "Ольга, менеджер"}
        with box("managers-side"), box("chat theme-desk"):
            header("Чат менеджеров", "Клиенту пишут кнопкой «Ответить»", mark="★")
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
        if self._unwatch is None:
            self._unwatch = self._edited.watch(self._poke)
            await self._edited.look()
            self.author.look()
        if self._stages.find(self._client.id) is None:
            await self.begin()
        else:
            await self._show()

    async def gone(self) -> None:
        if self._unwatch is not None:
            self._unwatch()
        async with self._playing:
            await self._stages.close(self._client.id)

    def _poke(self) -> None:
        background_tasks.create(self._look_again(), name="the flows have changed")

    async def _look_again(self) -> None:
        """Problems as they are now; on changed flows the talk so far is held again."""
        if self._client.is_deleted:
            return
        self.author.look()
        stage = self._stages.find(self._client.id)
        if stage is None or self._edited.flow_set is self._set:
            await self._show()
            return
        stuck = await self._open(stage.acts, began=stage.began)
        self._tell(CHANGED_HERE.format(act=stuck.text or stuck.verb) if stuck else CHANGED)
        await self._show()

    async def begin(self) -> None:
        """A new stage, and the client follows the link."""
        await self._open([Act("opens")])
        await self._show()

    async def _open(self, acts: Sequence[Act], *, began: datetime | None = None) -> Act | None:
        """A new stage, on which this is done; the act that could not be."""
        async with self._playing:
            self._alerts = 0
            if self._set is not self._edited.flow_set:
                self._set = self._edited.flow_set
                self._flow = self._flow if self._flow in self._set.flows else flows_in_order(self._set)[0]
                self._offer_flows()
                self._name_company()
            self.page.classes(add="busy")
            stage = await self._stages.open(
                self._client.id, self._set, flow=self._flow, channel=self._channel, start=began
            )
            stuck = await hold_again(stage, acts)
            themes = " ".join(f"theme-{name}" for name in CHANNELS)
            self._screen.classes(remove=themes, add=f"theme-{self._channel}")
            self.page.classes(remove="busy" if len(acts) > 1 else "busy begun")
        return stuck

    async def _play(self, act: Callable[[Stage], Awaitable[None]], *, bursts: bool = False) -> None:
        """Do one thing on the stage, then draw both screens. What is written is read before, unless it ``bursts``."""
        async with self._playing:
            stage = self._stages.find(self._client.id)
            try:
                if stage is not None:
                    if not bursts:
                        await stage.pauses()
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
        self._clip.want(wanted(self._set, stage.step))
        for alert in stage.alerts[self._alerts :]:
            self._tell(alert)
        self._alerts = len(stage.alerts)
        await self.author.follow(self._set, self._flow)
        await self._time.show(stage, self._set.business.zone)

    async def says(self, text: str, _nonce: str, mended: str | None) -> None:
        """``mended``: the message that reads so from now on."""

        async def said(stage: Stage) -> None:
            was = next((one.text for one in stage.prospect if one.id == mended), None)
            await (stage.writes(text[:4096]) if was is None else stage.edits(was, text[:4096]))

        await self._play(said, bursts=True)
        background_tasks.create(self._let_more_come(), name="more may be written")

    async def _let_more_come(self) -> None:
        """The pause of the flow, in our own time; whatever is written in it begins another."""
        self._written += 1
        written = self._written
        async with self._playing:
            stage = self._stages.find(self._client.id)
            patience = await stage.patience() if stage else None
        if stage is None or patience is None:
            return
        await asyncio.sleep(patience.total_seconds())
        if written == self._written and stage is self._stages.find(self._client.id):
            await self._play(Stage.pauses, bursts=True)

    async def sends(self, what: str, name: str) -> None:
        await self._play(lambda stage: stage.sends(what, name=name))

    async def taps(self, bubble: Bubble, button: Button, _nonce: str) -> None:
        await self._play(lambda stage: stage.taps(button.key, message_id=bubble.id))

    async def manager_taps(self, bubble: Bubble, button: Button, _nonce: str) -> None:
        await self._play(lambda stage: stage.manager_taps(button.key, message_id=bubble.id))

    async def manager_says(self, text: str, _nonce: str, reply: str | None) -> None:
        if reply:
            await self._play(lambda stage: stage.manager_replies(reply, text[:4096]))
        else:
            await self._play(lambda stage: stage.manager_writes(text[:4096]))

    def _may_mend(self, bubble: Bubble) -> str:
        """Their own words can be edited, where the network has that."""
        theirs = bubble.author == "prospect" and not bubble.text.startswith(NO_WORDS)
        return "Изменить" if theirs and self._channel != "web" else ""

    def mend(self, bubble: Bubble) -> None:
        self._saying.answer(bubble)

    def answer(self, bubble: Bubble) -> None:
        self.composer.answer(bubble)

    # ------------------------------------------------------------ choices

    async def _choose_flow(self, event: GenericEventArguments) -> None:
        if event.args in self._edited.flow_set.flows:
            self._flow = str(event.args)
            closed = self._edited.flow_set.flows[self._flow].closed
            if self._channel in closed:
                self._turn_to(next((name for name in CHANNELS if name not in closed), self._channel))
            await self.begin()

    async def _choose_channel(self, name: str) -> None:
        if name != self._channel:
            self._turn_to(name)
            await self.begin()

    def _turn_to(self, name: str) -> None:
        self._segments[self._channel].classes(remove="chosen")
        self._segments[name].classes(add="chosen")
        self._channel = name

    def _tell(self, text: str) -> None:
        if not self._client.is_deleted:
            with self._client:
                toast(text)


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

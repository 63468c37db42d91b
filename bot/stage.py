"""A stage: the whole bot on a throw-away database, with its own clock and no network.

The workshop, ``leadbot talk`` and the stories play on it. What happens here is what would happen in production: the
same engine, handlers, outbox and delivery. It cannot reach a real person, code or lead, because it knows of none (S7).
"""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self, get_args

from bot.app import App
from bot.channels import Channel
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.library import OneSet
from bot.scenery import scenery
from bot.screens import DESK, PROSPECT, Shown, StageChannel, find_button
from dialogs.business import ChannelName
from dialogs.flow import Place
from dialogs.flow_set import FlowSet
from dialogs.stories import Act
from dialogs.tags import build_tag
from dialogs.verbs import Verb
from handlers.inbound import (
    Attachment,
    Edited,
    Inbound,
    PersonAnswered,
    PhoneCard,
    Press,
    Reachable,
    Start,
    Text,
    Thing,
)
from handlers.work import Desk
from storage import follow_ups
from storage.database import Database

MANAGER = "2001"
PHONE = "+79001234567"
PATIENCE = timedelta(seconds=3)  # of our own time; a longer pause of a flow is not waited for on a stage


class Stage:
    """One prospect, one manager, one flow. Made by ``open``; ``close`` throws everything away.

    ``visited``: (flow, place) of all that the dialog has come through, in order. ``acts``: what was done here since it
    ``began``, as a story tells it.
    """

    def __init__(
        self,
        app: App,
        channel: StageChannel,
        clock: HandClock,
        flow: str,
        folder: object,
        visited: list[tuple[str, Place]],
        language: str = "",
    ) -> None:
        self.app, self.channel, self.clock, self.flow, self.visited = app, channel, clock, flow, visited
        self.language = language
        self.acts: list[Act] = []
        self.began = clock.now()
        self._folder = folder
        self._events = itertools.count(1)

    @classmethod
    async def open(
        cls,
        flow_set: FlowSet,
        *,
        flow: str,
        channel: str = "telegram",
        start: datetime | None = None,
        made: bytes | None = None,
        language: str = "",
    ) -> Self:
        """Raise the curtain. ``start`` is the stage clock's first moment (UTC-aware); ``made``: the set's scenery;
        ``language``: that of the prospect's app."""
        folder = tempfile.TemporaryDirectory(prefix="leadbot-stage-")
        clock = HandClock(start or datetime.now(UTC))
        path = Path(folder.name) / "stage.db"
        path.write_bytes(made or await scenery(flow_set))
        database = Database(f"sqlite+aiosqlite:///{path}", durable=False, alone=True)
        network = StageChannel(channel, clock)
        visited: list[tuple[str, Place]] = []
        watched = replace(_everywhere(flow_set, flow, channel), watch=lambda name, place: visited.append((name, place)))
        channels: dict[str, Channel] = {channel: network}
        delivery = Delivery(database, channels, clock)
        app = App(
            database=database,
            library=OneSet(watched),
            channels=channels,
            clock=clock,
            delivery=delivery,
            desks=[Desk(channel, DESK)],
            admins=frozenset({(channel, MANAGER)}),
        )
        await app.start()
        return cls(app, network, clock, flow, folder, visited, language)

    async def close(self) -> None:
        await self.app.database.close()
        self._folder.cleanup()  # type: ignore[attr-defined]

    # ------------------------------------------------------------ what people see

    @property
    def step(self) -> tuple[str, Place] | None:
        """Where the dialog has come to: (flow, the step's place)."""
        steps = (one for one in reversed(self.visited) if one[1][0] == "steps")
        return next(((flow, place[:2]) for flow, place in steps), None)

    @property
    def variants(self) -> dict[str, str]:
        """The variants (A/B) of its flow that the prospect has met here."""
        return {str(one[1]): str(one[2]) for flow, one in self.visited if flow == self.flow and one[0] == "variants"}

    @property
    def prospect(self) -> list[Shown]:
        return self.channel.screens[PROSPECT]

    @property
    def managers(self) -> list[Shown]:
        return self.channel.screens[DESK]

    @property
    def alerts(self) -> list[str]:
        """Short lines that presses were answered with."""
        return self.channel.alerts

    # ------------------------------------------------------------ what the prospect does

    async def opens(self, tag: str | None = None) -> None:
        """Follow a start link; without a tag, the stage's own flow."""
        self._acted("opens", *filter(None, [tag]))
        self.channel.show(PROSPECT, "prospect", "/start")
        await self._hears(Start(build_tag(self.flow) if tag is None else tag))

    async def says(self, *texts: str) -> None:
        """Write: several texts are messages in a row. The clock goes on to the moment when they are read."""
        for text in texts:
            await self.writes(text)
        await self.pauses()

    async def writes(self, text: str) -> None:
        """One message of which more may come: the clock stands until somebody lets it go on (``pauses``)."""
        before = await self._held()
        if before:
            self.acts.pop()
        self._acted("says", *before, text)
        shown = self.channel.show(PROSPECT, "prospect", text)
        await self._hears(Text(text, messages=((shown.id, text),)))

    async def edits(self, was: str, now: str) -> None:
        """Their newest message that reads so reads otherwise now. LookupError where there is none, or nobody can."""
        if self.channel.name == "web":
            raise LookupError("на сайте своё сообщение не исправить: это умеют Telegram и ВКонтакте")
        shown = next((one for one in reversed(self.prospect) if one.author == "prospect" and one.text == was), None)
        if shown is None:
            raise LookupError(f"клиент не писал «{was}», исправлять нечего")
        held = await self._held()
        if was in held:  # it is not read yet: as if it had been written so
            self.acts[-1] = Act("says", tuple(now if one == was else one for one in held))
        else:
            self._acted("edits", was, now)
        shown.text, shown.edited = now, True
        await self._hears(Edited(shown.id, now))

    async def pauses(self) -> None:
        """Nothing more is written: the clock goes on to the moment when the words are read."""
        while (due := await self.next_reading()) is not None:
            self.clock.forward(max(due - self.clock.now(), timedelta()))
            await self._settle()

    async def taps(self, label_or_key: str, *, message_id: str | None = None) -> None:
        """Press a button by its label (or key), the newest that has it. LookupError names what there is."""
        shown, button = find_button(self.prospect, label_or_key, message_id)
        if shown.asks_phone and button is None:
            return await self.shares_phone()
        assert button is not None
        self._acted("taps", button.label)
        await self._hears(Press(button.key, f"q{next(self._events)}", shown.id))
        return None

    async def shares_phone(self, phone: str = PHONE, *, own: bool = True) -> None:
        self._acted("shares phone", *([] if phone == PHONE else [phone]))
        self.channel.show(PROSPECT, "prospect", f"📱 {phone}")
        await self._hears(PhoneCard(phone, own))

    async def sends(self, what: str, *, name: str = "") -> None:
        """``name``: what the file is called, where it is one that somebody has chosen."""
        self._acted("sends", what)
        shown = self.channel.show(PROSPECT, "prospect", f"📎 {name}" if name else f"[{what}]")
        name = name or "договор.pdf" if what == "document" else ""
        place = "55.75580, 37.61730" if what == "location" else ""
        await self._hears(Attachment(what, thing=Thing(shown.id, name=name, place=place)))

    async def blocks(self, *, yes: bool = True) -> None:
        await self._hears(Reachable(not yes))

    # ------------------------------------------------------------ what the manager does

    async def manager_taps(self, label_or_key: str, *, message_id: str | None = None) -> None:
        shown, button = find_button(self.managers, label_or_key, message_id)
        assert button is not None
        self._acted("manager taps", button.label)
        await self._hears(Press(button.key, f"q{next(self._events)}", shown.id), sender=MANAGER, chat=DESK)

    async def manager_replies(self, message_id: str, text: str) -> None:
        self._acted("manager replies", text)
        self.channel.show(DESK, "manager", text, reply_to=message_id)
        await self._hears(Text(text, reply_to=message_id), sender=MANAGER, chat=DESK)

    async def manager_writes(self, text: str) -> None:
        self._acted("manager writes", text)
        self.channel.show(DESK, "manager", text)
        await self._hears(Text(text), sender=MANAGER, chat=DESK)

    async def manager_answers_elsewhere(self) -> None:
        """A human writes from the network's own inbox."""
        await self._hears(PersonAnswered())

    # ------------------------------------------------------------ time

    async def forward(self, span: timedelta) -> None:
        """Turn the clock, stopping at every due moment on the way."""
        self.acts.append(Act("waits", span=span))
        target = self.clock.now() + span
        while (due := await self.next_due()) is not None and due <= target:
            self.clock.forward(max(due - self.clock.now(), timedelta()))
            await self._settle()
        self.clock.forward(target - self.clock.now())
        await self._settle()

    async def next_due(self) -> datetime | None:
        """When something will next happen by itself."""
        async with self.app.database.read() as db:
            return await follow_ups.next_due(db)

    async def next_reading(self) -> datetime | None:
        """When the bot will read what it holds; None: it holds nothing."""
        async with self.app.database.read() as db:
            return await follow_ups.next_reading(db)

    async def patience(self) -> timedelta | None:
        """How long whoever plays here is to be waited for before held words are read; None: nothing is held."""
        due = await self.next_reading()
        return None if due is None else min(max(due - self.clock.now(), timedelta()), PATIENCE)

    async def _held(self) -> tuple[str, ...]:
        """What was written last, if it is not read yet."""
        last = self.acts[-1] if self.acts else None
        return last.texts if last and last.verb == "says" and await self.next_reading() is not None else ()

    def _acted(self, verb: Verb, *texts: str) -> None:
        self.acts.append(Act(verb, texts))

    async def _hears(
        self, heard: Text | Edited | Start | Press | PhoneCard | Attachment | Reachable | PersonAnswered, *,
        sender: str = PROSPECT, chat: str = PROSPECT,
    ) -> None:  # fmt: skip
        name = "Анна" if sender == PROSPECT else "Ольга"
        event = Inbound(
            channel=self.channel.name,
            event_id=f"e{next(self._events)}",
            sender=sender,
            chat=chat,
            at=self.clock.now(),
            heard=heard,
            first_name=name,
            language=self.language if sender == PROSPECT else "",
            full_name=name,
        )
        await self.app.receive([event])
        await self._settle()

    async def _settle(self) -> None:
        await self.app.delivery.drain()
        await self.app.pulse()
        await self.app.delivery.drain()


def _everywhere(flow_set: FlowSet, flow: str, channel: str) -> FlowSet:
    """On the stage the flow is published in the channel being tried, whatever business.yaml says; a flow closed to that
    channel in the others, so that a story sees what people are told there."""
    business, closed = flow_set.business, flow_set.flows[flow].closed
    published = {name: business.published.get(name, ()) for name in get_args(ChannelName)}
    for name, flows in published.items():
        if flow not in flows and name not in closed and (name == channel or channel in closed):
            published[name] = (*flows, flow)
    published = {name: flows for name, flows in published.items() if flows}
    return replace(flow_set, business=business.model_copy(update={"published": published}))

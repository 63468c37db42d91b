"""A whole bot on a given database, two networks played by screens: for stories of what one person may ask of us."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.app import App
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.fresh_codes import fresh_codes
from bot.library import OneSet
from bot.screens import Shown, StageChannel, find_button
from dialogs.flow_set import FlowSet
from handlers.inbound import Heard, Inbound, PhoneCard, Press, Start, Text
from handlers.work import Desk
from storage import claims, codes, follow_ups
from storage.database import Database
from tests import meridian

DESK, OLGA = "-3001", "2001"


@dataclass
class Someone:
    """A prospect in one network. ``id`` is long enough to be searched for."""

    play: Play
    channel: str
    id: str
    name: str

    @property
    def screen(self) -> list[Shown]:
        return self.play.networks[self.channel].screens[self.id]

    @property
    def last(self) -> Shown:
        return self.screen[-1]

    def heard(self) -> list[str]:
        return [one.text for one in self.screen]

    async def opens(self, tag: str = "test_drive__vk_ads__spring") -> None:
        await self.play.hears(self.channel, Start(tag), self.id, name=self.name)

    async def says(self, text: str) -> None:
        await self.play.hears(self.channel, Text(text), self.id, name=self.name)

    async def taps(self, label: str) -> None:
        shown, button = find_button(self.screen, label, None)
        assert button is not None
        await self.presses(button.key, shown.id)

    async def presses(self, key: str, message_id: str = "1") -> None:
        await self.play.hears(self.channel, Press(key, "q", message_id), self.id, name=self.name)

    async def agrees(self) -> None:
        """From the link to the first question after the consent."""
        await self.opens()
        await self.taps("Записаться")
        await self.taps("Согласен")

    async def applies(self, phone: str = "+79051112233", *, called: str = "Анна Снегирёва") -> None:
        """From the link to the application; a consent to advertising is asked for last."""
        await self.agrees()
        for said in ("Кроссовер", "на этой неделе", "12", "Нет", called):
            await self.says(said)
        await self.play.hears(self.channel, PhoneCard(phone, True), self.id, name=self.name)


@dataclass
class Play:
    """Telegram and VK with a managers' chat each."""

    database: Database
    clock: HandClock
    networks: dict[str, StageChannel]
    app: App
    _events: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    async def begin(cls, database: Database, clock: HandClock, flow_set: FlowSet | None = None) -> Play:
        networks = {name: StageChannel(name, clock) for name in ("telegram", "vk")}
        for network in networks.values():
            network.screens = {DESK: []}
        app = App(
            database=database,
            library=OneSet(flow_set or meridian.flow_set()),
            channels=networks,
            clock=clock,
            delivery=Delivery(database, networks, clock),
            desks=[Desk(name, DESK) for name in networks],
            admins=frozenset((name, OLGA) for name in networks),
        )
        await app.start()
        async with database.write() as db:
            await codes.fill_stock(db, offer="test_drive.spring", stock=3, fresh=fresh_codes("spring", 3))
        return cls(database, clock, networks, app)

    def person(self, name: str, id: str, channel: str = "telegram") -> Someone:
        self.networks[channel].screens[id] = []
        return Someone(self, channel, id, name)

    def desk(self, channel: str = "telegram") -> list[Shown]:
        return self.networks[channel].screens[DESK]

    async def hears(self, channel: str, heard: Heard, sender: str, *, chat: str | None = None, name: str = "") -> None:
        event = Inbound(
            channel=channel, event_id=f"{channel}-{next(self._events)}", sender=sender, chat=chat or sender,
            at=self.clock.now(), heard=heard, first_name=name, full_name=name,
        )  # fmt: skip
        await self.app.receive([event])
        await self.app.delivery.drain()

    async def forward(self, span: timedelta) -> None:
        """Turn the clock, stopping at every due moment on the way."""
        target = self.clock.now() + span
        while (due := await self._next_due()) is not None and due <= target:
            self.clock.forward(max(due - self.clock.now(), timedelta()))
            await self._settle()
        self.clock.forward(target - self.clock.now())
        await self._settle()

    async def _next_due(self) -> datetime | None:
        async with self.database.read() as db:
            sends = [await claims.next_due(db, name, now=self.clock.now()) for name in self.networks]
            return min(filter(None, [await follow_ups.next_due(db), *sends]), default=None)

    async def _settle(self) -> None:
        await self.app.pulse()
        await self.app.delivery.drain()

"""Delivery: the only one who sends (DESIGN §3.4). Takes promised rows, performs them, writes how they ended.

Each channel has a worker of its own, so a dead or hanging one delays no other (G11, N6). A network's goes round: one
transaction, its own or one that promises something (``ride.py``), writes what has ended and claims what is next; then
everything claimed is sent at once, one row a chat, and of a desk's several one behind the other. Nothing is sent while
a transaction is open (I4). What our own pages show is written by the transaction itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import cast

from bot import acts
from bot.acts import HARMLESS
from bot.alarms import Alarms
from bot.channels import Channel, Network, OwnPages
from bot.clock import Clock
from bot.departures import Departures
from bot.metrics import Metrics
from bot.pace import Pace, Rate
from bot.pages_worker import PagesWorker
from bot.ride import Ride
from bot.worker import DEADLINE, Worker
from handlers.inbound import Notice
from storage import outcomes
from storage.database import Database

NOTICES = 500  # spinners being ended at once; beyond that they end by themselves


class Delivery:
    """Everything the bot says goes through here. ``rates`` by channel; a channel without one has no ceiling.
    ``deadline``: seconds for one send to a network, whatever its channel's own deadlines are (N4)."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        rates: Mapping[str, Rate] | None = None,
        alarms: Alarms | None = None,
        metrics: Metrics | None = None,
        departures: Departures | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._departures = departures or Departures()
        self._database, self._channels, self._clock = database, channels, clock
        self._metrics = metrics = metrics or Metrics()
        self._alarms = alarms = alarms or Alarms(database, clock)
        alarms.wake, alarms.broken = self.wake, lambda: self.troubles().keys()
        self._networks: dict[str, Worker] = {}
        self._pages: dict[str, PagesWorker] = {}
        for name, channel in channels.items():
            if isinstance(channel, OwnPages):
                self._pages[name] = PagesWorker(database, channel, clock, alarms, metrics)
            else:
                pace = Pace((rates or {}).get(name, Rate()))
                self._networks[name] = Worker(
                    database, cast(Network, channel), clock, pace, alarms, metrics, self._departures, deadline
                )
        self._workers: dict[str, Worker | PagesWorker] = {**self._networks, **self._pages}
        self._notices: set[asyncio.Future[None]] = set()
        self._recovered = False

    def wake(self, channels: Collection[str] | None = None) -> None:
        """Something was promised in these channels (None: in any) and committed."""
        for name, worker in self._workers.items():
            if channels is None or name in channels:
                worker.wake()

    def ride(self) -> Ride:
        """For a transaction that others begin now."""
        return Ride(self._workers.values())

    async def run(self) -> None:
        """Send until cancelled; then what is on the wire gets a few seconds to end (O2)."""
        await self.recover()
        async with asyncio.TaskGroup() as workers:
            for name, worker in self._workers.items():
                workers.create_task(worker.run(), name=f"delivery of {name}")

    async def drain(self) -> None:
        """Send everything that is due now and come back: for stages and tests, while ``run`` does not run."""
        await self.recover()
        await asyncio.gather(*(worker.drain() for worker in self._workers.values()))
        if self._notices:
            await asyncio.wait(self._notices)

    async def recover(self) -> None:
        """Once, before the first send: what a dead process left on the wire has an unknown outcome; what it had not yet
        begun to send is due as before."""
        if self._recovered:
            return
        async with self._database.write() as db:
            never_left = self._departures.never_left
            left = await outcomes.recover(db, harmless=HARMLESS, never_left=never_left, now=self._clock.now())
            gone = [alarm for row, again in left if not again and (alarm := acts.uncertain(row))]
            self._alarms.promise(db, gone)
        for row, again in left:
            self._metrics.outcome(row.channel, "unknown")
            if again and row.channel in self._networks:
                self._networks[row.channel].doubt()
        self._alarms.promised(gone)
        for worker in self._networks.values():
            await worker.remember()
        self._departures.begin()
        self._recovered = True

    async def notify(self, notices: Iterable[Notice]) -> None:
        """End spinners, in the background: not durable, and no dialog waits for it (P10). Ceilings are of messages:
        Telegram does not count these, in VK they travel with what else is called."""
        for notice in notices:
            channel = self._channels.get(notice.channel)
            if channel is None or len(self._notices) >= NOTICES:
                self._metrics.outcome(notice.channel, "notice_dropped")
                continue
            try:
                ending = asyncio.ensure_future(channel.notify(notice))
            except Exception:
                self._metrics.outcome(notice.channel, "notice_failed")
                continue
            self._notices.add(ending)
            ending.add_done_callback(partial(self._spun, notice.channel))

    def recall(self) -> None:
        """What has not left goes back to the queue: it may be about somebody who is erased, and cancelled."""
        for worker in self._networks.values():
            worker.recall()

    async def answered(self, channel: str) -> None:
        """Until nobody of this channel waits for an answer."""
        if worker := self._networks.get(channel):
            await worker.answered()

    def on_move(self, tell: Callable[[str, str, str], None]) -> None:
        """``tell(channel, old, new)`` when a chat turns out to have a new id (M10)."""
        for worker in self._networks.values():
            worker.moved = tell

    def troubles(self) -> dict[str, str]:
        """Channels that do not send just now, and why; for health (O10)."""
        return {name: why for name, worker in self._workers.items() if (why := worker.trouble())}

    def _spun(self, channel: str, ending: asyncio.Future[None]) -> None:
        """A failure is nobody's business: the press has had its effect."""
        self._notices.discard(ending)
        if not ending.cancelled() and ending.exception() is not None:
            self._metrics.outcome(channel, "notice_failed")

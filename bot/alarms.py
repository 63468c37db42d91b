"""Alarms: what a person must act on. Said once per kind and ten minutes, with a count (O6), in the log and to admins.

``raise_`` only takes note, so it may be called from anywhere, inside a transaction too; ``flush`` writes the outbox
rows. Texts are for admins: Russian, and nothing about prospects but the numbers of leads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.metrics import Metrics
from storage.database import Database
from storage.outbox import promise

QUIET = timedelta(minutes=10)

log = logging.getLogger("leadbot.alarms")

Address = tuple[str, str]  # channel, chat
Alarm = tuple[str, str]  # kind, text


@dataclass(slots=True)
class _Kind:
    said_at: datetime
    text: str
    held_back: int = 0


class Alarms:
    """``admins`` and ``desks`` are addresses: (channel, chat). Desks are told when no admin can be."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        admins: Iterable[Address] = (),
        desks: Iterable[Address] = (),
        metrics: Metrics | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._admins, self._desks = tuple(admins), tuple(desks)
        self._metrics = metrics or Metrics()
        self._kinds: dict[str, _Kind] = {}
        self._unsaid: list[tuple[str, str]] = []
        self._raised = asyncio.Event()
        self._flushing = asyncio.Lock()
        self.wake: Callable[[], None] = lambda: None  # delivery's, once there is one
        self.broken: Callable[[], Collection[str]] = lambda: ()  # channels that cannot send now

    def raise_(self, kind: str, text: str) -> None:
        """Somebody must know. ``kind`` is one of a few names ("halted:vk"), ``text`` a Russian sentence."""
        self._metrics.alarm(kind.partition(":")[0])
        if self._is_quiet(kind):
            self._kinds[kind].held_back += 1
            self._kinds[kind].text = text
            return
        self._say(kind, text)

    def _is_quiet(self, kind: str) -> bool:
        known = self._kinds.get(kind)
        return known is not None and self._clock.now() - known.said_at < QUIET

    def promise(self, db: AsyncSession, alarms: Iterable[Alarm]) -> None:
        """The same within a transaction: they are told if it is committed. Then call ``promised``."""
        for kind, text in dict(alarms).items():
            if not self._is_quiet(kind):
                self._write(db, text)

    def promised(self, alarms: Iterable[Alarm]) -> None:
        """The transaction is committed: count them, and hold back the next of their kinds."""
        for kind, text in alarms:
            if self._is_quiet(kind):
                self.raise_(kind, text)
                continue
            self._metrics.alarm(kind.partition(":")[0])
            self._kinds[kind] = _Kind(self._clock.now(), text)
            log.error("alarm %s: %s", kind, text)
            self.wake()

    async def flush(self) -> None:
        """Write what is to be said to admins; what was held back follows when its ten minutes are over."""
        async with self._flushing:  # whoever comes second may rely on what the first writes
            for kind, known in list(self._kinds.items()):
                if known.held_back and self._clock.now() - known.said_at >= QUIET:
                    self._say(kind, f"{known.text}\n(За 10 минут ещё {known.held_back} раз.)")
            if not self._unsaid:
                return
            saying, self._unsaid = self._unsaid, []  # what is raised while these are committed comes next
            try:
                async with self._database.write() as db:
                    for _kind, text in saying:
                        self._write(db, text)
            except BaseException:
                self._unsaid[:0] = saying
                raise
            self.wake()

    async def run(self) -> None:
        """Flush as alarms come, until cancelled. The log has them even when the database does not work."""
        while True:
            try:
                await self.flush()
            except Exception as broken:  # the log has said it; the rows are written when the database is back
                self._metrics.failed("alarms")
                log.warning("an alarm is not written: %s", type(broken).__name__)
            try:
                await asyncio.wait_for(self._raised.wait(), timeout=15)
            except TimeoutError:
                continue
            self._raised.clear()

    def _write(self, db: AsyncSession, text: str) -> None:
        for channel, chat in self._recipients():
            promise(db, now=self._clock.now(), channel=channel, to=chat, role="alarm", text=text)

    def _say(self, kind: str, text: str) -> None:
        self._kinds[kind] = _Kind(self._clock.now(), text)
        log.error("alarm %s: %s", kind, text)
        self._unsaid.append((kind, text))
        del self._unsaid[:-100]
        self._raised.set()

    def _recipients(self) -> tuple[Address, ...]:
        """Admins by a channel that works, else desks by one, else admins all the same: the rows wait for them."""
        broken = set(self.broken())
        for group in (self._admins, self._desks):
            if working := tuple(one for one in group if one[0] not in broken):
                return working
        return self._admins or self._desks

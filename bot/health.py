"""``/health``: is everything well, and since when is it not (O10). Numbers and names of channels only."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.channels import Channel
from bot.clock import Clock
from bot.delivery import Delivery
from bot.hearing import Hearing
from bot.heart import Heart
from bot.listening import Listening
from storage import intake, outbox
from storage.database import Database

PATIENCE = 3.0  # seconds for the database


class Health:
    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        *,
        delivery: Delivery,
        listening: Listening,
        hearing: Hearing,
        heart: Heart,
    ) -> None:
        self._database, self._channels, self._clock = database, channels, clock
        self._delivery, self._listening, self._hearing, self._heart = delivery, listening, hearing, heart

    async def __call__(self) -> tuple[bool, dict[str, Any]]:
        """(well, what to show). Well: channels listen, messages leave, the database answers, time is kept."""
        told: dict[str, Any] = {"channels": {name: self._channel(name) for name in self._channels}}
        reasons = [f"{name}: {one['trouble']}" for name, one in told["channels"].items() if one["trouble"]]
        reasons += [f"delivery to {name}: {why}" for name, why in self._delivery.troubles().items()]
        if why := self._heart.trouble():
            reasons.append(why)
        try:
            async with asyncio.timeout(PATIENCE):
                told |= await self._rows()
        except Exception as failed:
            reasons.append(f"the database does not answer ({type(failed).__name__})")
        return not reasons, {"status": "ok" if not reasons else "trouble", "reasons": reasons, **told}

    def _channel(self, name: str) -> dict[str, Any]:
        trouble = getattr(self._channels[name], "trouble", None)
        if name in self._listening.down:
            trouble = trouble or "stopped listening, is being started again"
        if self._listening.refused.get(name):
            trouble = trouble or "the database does not take events, they wait in the network"
        heard = self._hearing
        moments = {
            "last_event": self._listening.last_event,
            "last_heard": heard.last_heard,
            "last_conflict": heard.last_conflict,
        }
        told = {what: at[name].isoformat(timespec="seconds") if name in at else None for what, at in moments.items()}
        return {"trouble": trouble, **told}

    async def _rows(self) -> dict[str, Any]:
        now = self._clock.now()
        async with self._database.read() as db:
            waiting, uncertain = await outbox.waiting(db, now=now), await outbox.uncertain(db)
            parked = await intake.parked_by_channel(db)
        oldest = {name: round((now - one.since).total_seconds()) for name, one in waiting.items()}
        rows = {name: one.rows for name, one in waiting.items()}
        return {"outbox": {"waiting": rows, "oldest_seconds": oldest, "unknown": uncertain}, "parked": parked}

"""A manager's answer to a message of ours whose number is not known yet.

A network shows a card, and then tells us what number it has; then that is written. Somebody may answer in between.
Served at once, their words would be an answer to nothing, so they wait for the number: for a second at most, and not
for a message that hangs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

from bot.clock import Clock
from handlers.inbound import Inbound
from handlers.work import Desk
from storage.database import Database
from storage.outbox import find_by_message, unnumbered

LONGEST, LOOK = 1.0, 0.02  # seconds
HANGS, SOON = timedelta(seconds=10), timedelta(seconds=1)


async def wait_for_numbers(database: Database, batch: Sequence[Inbound], desks: Collection[Desk], clock: Clock) -> None:
    """Until each message that a manager answers is known by its number, unless that cannot be learnt so soon."""
    answers = {(Desk(one.channel, one.chat), to) for one in batch if (to := getattr(one.heard, "reply_to", None))}
    early = [(desk, number) for desk, number in answers if desk in desks]
    loop, now = asyncio.get_running_loop(), clock.now()
    until = loop.time() + LONGEST
    while early and loop.time() < until:
        async with database.read() as db:
            early = [
                (desk, number)
                for desk, number in early
                if await find_by_message(db, channel=desk.channel, to=desk.chat, message_id=number) is None
                and await unnumbered(db, *desk, since=now - HANGS, soon=now + SOON)
            ]
        if early:
            await asyncio.sleep(LOOK)

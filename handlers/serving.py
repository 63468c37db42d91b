"""Who answers an event: the managers' chat, an admin, or the prospect's dialog. One batch, one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from dialogs.words import meaning
from handlers import admin, applications, manager, prospect
from handlers.inbound import (
    Edited,
    Elsewhere,
    Inbound,
    Notice,
    PersonAnswered,
    Press,
    Reachable,
    Start,
    Text,
    Undecodable,
)
from handlers.person import Person, meet, say, welcome
from handlers.work import Desk, Work
from storage import intake
from storage.numbers import count_on
from storage.outbox import LATEST, promise
from storage.people import Key

BURST = timedelta(seconds=3)
LIVING = timedelta(minutes=2)  # somebody who wrote this lately waits at the screen; others have put the phone away
SORRY = "Простите, у меня что-то не получилось. Я сообщил об этом коллегам. Попробуйте, пожалуйста, написать ещё раз."


async def serve(work: Work, batch: Sequence[Inbound]) -> None:
    """Serve a batch in order, each event once (I2); their keys are written in this same transaction."""
    fresh = await _unserved(work, batch)
    await count_on(work.db)
    crowd = Crowd(work)
    await crowd.meet({(one.channel, one.sender) for one in fresh if _is_private(one)})
    oldest = min((one.at for one in fresh), default=work.now)
    wrote = _last_words(fresh) if work.now - oldest > LIVING else {}  # mostly everybody has just written
    waiting: set[str] = set()  # chats in which an application was made whose card is not drawn yet
    for inbound in gather(fresh):
        if waiting and (inbound.chat in waiting or not _is_private(inbound)):
            await applications.settle(work)
            waiting.clear()
        work.late = _late(work.now - wrote[inbound.channel, inbound.chat]) if wrote else 0
        made = len(work.applied)
        await asyncio.sleep(0)  # between two people others may run: what was answered is on its way
        await _route(work, crowd, inbound)
        if len(work.applied) > made:
            waiting.add(inbound.chat)
    await applications.settle(work)
    intake.record_served(work.db, [(one.channel, one.event_id) for one in fresh], now=work.now)


def _last_words(batch: Sequence[Inbound]) -> dict[Key, datetime]:
    """When each chat was heard last: whoever writes again is here, and what they said before is answered now, too."""
    wrote: dict[Key, datetime] = {}
    for one in batch:
        key = (one.channel, one.chat)
        wrote[key] = max(one.at, wrote.get(key, one.at))
    return wrote


def _late(waited: timedelta) -> int:
    return 0 if waited <= LIVING else min(waited // timedelta(minutes=1), LATEST)


class Crowd:
    """The people of a batch: asked about together, each one person for all their events."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._people: dict[Key, Person | None] = {}  # None: a stranger who has said nothing to answer yet

    async def meet(self, keys: Collection[Key]) -> None:
        self._people |= dict.fromkeys(keys)
        self._people |= await meet(self._work, keys)

    async def person(self, inbound: Inbound) -> Person:
        key = (inbound.channel, inbound.sender)
        if key not in self._people:
            await self.meet({key})
        person = self._people[key]
        if person is None:
            person = self._people[key] = await welcome(self._work, inbound)
        return person

    async def knows(self, inbound: Inbound) -> bool:
        """Have they written before?"""
        key = (inbound.channel, inbound.sender)
        if key not in self._people:
            await self.meet({key})
        return self._people[key] is not None

    def forget(self) -> None:
        """Somebody was erased: they are a stranger from now on, in whatever channel."""
        self._people.clear()


async def _unserved(work: Work, batch: Sequence[Inbound]) -> list[Inbound]:
    seen = await intake.served_among(work.db, {(one.channel, one.event_id) for one in batch})
    fresh = []
    for one in batch:
        key = (one.channel, one.event_id)
        if key in seen:
            work.counts["events_repeated"] += 1
            continue
        seen.add(key)
        fresh.append(one)
    work.counts["events"] += len(fresh)
    return fresh


def gather(batch: Sequence[Inbound]) -> list[Inbound]:
    """Several messages a person sent in one breath are one message (P15, P16): lines of it, in order. The same start
    pressed again in that breath is no second one (P14).

    A stop word or a command stands alone, whatever is around it (P46).
    """
    if len({(one.channel, one.chat) for one in batch}) == len(batch):
        return list(batch)  # mostly each has said one thing
    gathered: list[Inbound] = []
    last: dict[tuple[str, str], int] = {}
    for one in batch:
        key = (one.channel, one.chat)
        before = gathered[last[key]] if key in last else None
        if before is not None and _start_again(before, one):
            continue
        if before is not None and _same_breath(before, one):
            assert isinstance(before.heard, Text) and isinstance(one.heard, Text)
            both = (*before.heard.messages, *one.heard.messages)
            joined = Text(f"{before.heard.text}\n{one.heard.text}", messages=both)
            gathered[last[key]] = before._replace(heard=joined, at=one.at)
            continue
        last[key] = len(gathered)
        gathered.append(one)
    return gathered


def _same_breath(before: Inbound, one: Inbound) -> bool:
    if not (isinstance(before.heard, Text) and isinstance(one.heard, Text) and _is_private(one)):
        return False
    alone = any(meaning(said.text) or said.text.startswith("/") for said in (before.heard, one.heard))
    return not alone and before.sender == one.sender and _soon_after(before, one)


def _start_again(before: Inbound, one: Inbound) -> bool:
    return isinstance(one.heard, Start) and before.heard == one.heard and _soon_after(before, one)


def _soon_after(before: Inbound, one: Inbound) -> bool:
    return timedelta() <= one.at - before.at <= BURST


def _is_private(inbound: Inbound) -> bool:
    return inbound.chat == inbound.sender


async def _route(work: Work, crowd: Crowd, inbound: Inbound) -> None:
    """Group or private; manager, admin or prospect."""
    match inbound.heard:
        case Undecodable(error):
            work.counts["events_parked"] += 1
            intake.park(work.db, (inbound.channel, inbound.event_id), raw=inbound.raw, error=error, now=work.now)
            return await apologise(work, inbound)
        case Elsewhere():
            work.counts["events_elsewhere"] += 1
            return None
    if (inbound.channel, inbound.chat) in work.desks:
        return await manager.hear(work, inbound, Desk(inbound.channel, inbound.chat))
    if not _is_private(inbound):
        return await _unbound(work, inbound)
    if isinstance(inbound.heard, Press):
        if inbound.heard.key.startswith(admin.KEYS):
            return await admin.press(work, inbound)
    elif await admin.hear(work, inbound):
        return None
    if isinstance(inbound.heard, Edited) and not await crowd.knows(inbound):
        work.counts["events_elsewhere"] += 1  # nothing of theirs is kept that this could be about
        return None
    erased = work.counts.get("erasures")
    await prospect.hear(work, await crowd.person(inbound), inbound)
    if work.counts.get("erasures") != erased:
        crowd.forget()
    return None


async def _unbound(work: Work, inbound: Inbound) -> None:
    """A group nobody bound: mute (P21), but an admin may ask for its id to bind it."""
    work.counts["events_elsewhere"] += 1
    if isinstance(inbound.heard, Text) and inbound.heard.text.startswith("/id"):
        await admin.hear(work, inbound)
    if isinstance(inbound.heard, Press) and inbound.heard.query:
        work.notices.append(Notice(inbound.channel, inbound.heard.query, inbound.sender, inbound.chat))


async def apologise(work: Work, inbound: Inbound) -> None:
    """The event was parked: its sender gets a polite line, if there is a private dialog to say it in. A stranger does
    too, and stays one: nothing about them is kept but this line."""
    said_nothing = isinstance(inbound.heard, Elsewhere | Reachable | PersonAnswered)
    if not _is_private(inbound) or said_nothing or inbound.sender in ("", "0"):  # nobody knows whose it was
        return
    people = await meet(work, {(inbound.channel, inbound.sender)})
    person = people.get((inbound.channel, inbound.sender))
    if person is not None:
        say(work, person.identity, SORRY)
    else:
        promise(work.db, now=work.now, channel=inbound.channel, to=inbound.chat, role="farewell", text=SORRY)

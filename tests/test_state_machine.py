"""Anybody does anything in any order: the real bot on a real file, and what must be true after every step.

Hypothesis writes the story. Two networks with a screen for everybody; people talk, tap what is on any screen or was
never on one, share phones, stop, withdraw, erase, come back; managers press and answer; hours pass; the flow is
published with other steps in the middle; events are repeated; the process ends and begins again. A short run belongs
to the suite; a long one is ``STORIES=2000 python -m pytest tests/test_state_machine.py --timeout 0``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from bot.app import KEEP_KEYS, App
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.publishing import check, fill_stocks
from bot.screens import StageChannel
from dialogs.flow_set import FlowSet
from handlers.inbound import Attachment, Heard, Inbound, PersonAnswered, PhoneCard, Press, Reachable, Start, Text
from handlers.work import Desk
from storage.codes import left
from storage.database import Database
from storage.tables import Consent, Conversation, Erasure, FollowUp, Identity, Lead, Outbox, ParkedEvent, PromoCode
from tests.conftest import NOON
from tests.flow_folder import FILES, folder
from tests.invariants import broken

Result = TypeVar("Result")
DESK, OLGA, STRANGER = "-3001", "2001", "6006"
DESKS = [Desk(name, DESK) for name in ("telegram", "vk")]
STOCK = 2  # so that codes end within a story
MOST_STORIES, STEPS = int(os.environ.get("STORIES", "0")), 20 if "STORIES" not in os.environ else 40
SHRINK = "SHRINK" in os.environ  # a failing story made short: minutes of work

_DECIDED = ("reasons:\n", 'switches:\n  telegram_advertising: {by: Ольга, date: "2026-01-01"}\nreasons:\n')
_NEWS = "  - id: news\n    consent: advertising\n"
_EARLY = (
    FILES["tour.yaml"].replace(_NEWS, "").replace("    refused: bye\n", f"    refused: bye\n{_NEWS}")
)  # so that silence is met by ads
_BEGIN = {**folder("business.yaml", _DECIDED), "tour.yaml": _EARLY.replace("stock: 10", f"stock: {STOCK}")}


def _renamed(**steps: str) -> dict[str, str | bytes]:
    """The same flow after an author's afternoon: steps are called otherwise."""
    text = str(_BEGIN["tour.yaml"])
    for old, new in steps.items():
        text = re.sub(rf"(id: |go: |if: |and |\{{\{{ ){old}\b", rf"\g<1>{new}", text)
    return {**_BEGIN, "tour.yaml": text}


def _reworded() -> dict[str, str | bytes]:
    return {**_BEGIN, "consents/data.md": FILES["consents/data.md"].replace("Срок: один год", "Срок: два года")}


EDITIONS = (_BEGIN, _renamed(name="called", where="direction"), _reworded(), _renamed(nights="days", done="finish"))


@cache
def _read(place: int) -> FlowSet:
    checked = check({path: str(text).encode() for path, text in EDITIONS[place].items()})
    assert checked.flow_set is not None, checked.problems
    return checked.flow_set


@cache
def edition(version: int) -> FlowSet:
    """What the authors published, by version: the first, one with renamed steps, one with another consent, …"""
    found = _read((version - 1) % len(EDITIONS))
    return FlowSet(version, found.flows, found.business, found.consents)


class Shelf:
    """The library: every edition so far, the newest is live."""

    def __init__(self) -> None:
        self.newest = 1

    @property
    def live(self) -> FlowSet:
        return edition(self.newest)

    def at(self, version: int) -> FlowSet:
        if not 1 <= version <= self.newest:
            raise KeyError(version)
        return edition(version)


@dataclass
class Prospect:
    """Somebody with values that nobody else has. ``told``: which of them they told us since they were last erased."""

    channel: str
    id: str
    name: str
    phone: str
    told: set[str] = field(default_factory=set)

    @property
    def values(self) -> set[str]:
        return {self.id, self.name, self.phone[1:]}


PEOPLE = (("telegram", "7700100201", "Аглаида", "+79051112233"), ("vk", "7700100302", "Варсонофий", "+79052223344"),
          ("telegram", "7700100403", "Евстолия", "+79053334455"))  # fmt: skip
SAID = (
    "К морю",
    "в горы",
    "7",
    "3 ночи",
    "сто",
    "не скажу",
    "да",
    "нет",
    "Согласен",
    "Не согласен",
    "👍",
    "тур",
    "\u200b",
    "Пропустить",
)
COMMANDS = (
    "стоп",
    "отзываю согласие",
    "удалите мои данные",
    "мои данные",
    "менеджер",
    "назад",
    "заново",
    "продолжить",
    "помощь",
    "стоп, удалите мои данные",
)
TAGS = ("", "tour", "tour__vk_ads__spring", "junk", "tour__x__y__z", "\u0000")
FORGED = (
    "1.1.where.0", "1.1.agree.yes", "2.7.name.name", "0.0..", "!erase", "!keep", "!bot", "!person", "!menu.tour",
    "!menu.nothing", "!restart.tour", "!resume", "!team.remove.1", "#1.take", "#1.won", "c1.bot", "", "a" * 64,
    "9" * 60, "1.1.where.²", "\ud800", "{}",
)  # fmt: skip

HAPPENED: Counter[str] = Counter()
persons = st.integers(0, len(PEOPLE) - 1)


class Story(RuleBasedStateMachine):
    """Hypothesis is synchronous, the bot is not: a loop of its own in between."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory(prefix="leadbot-story-")
        self.file = Path(self.folder.name) / "story.db"
        shutil.copy(_template(), self.file)
        self.clock = HandClock(NOON)
        self.shelf = Shelf()
        self.people = [Prospect(*one) for one in PEOPLE]
        self.networks = {name: StageChannel(name, self.clock) for name in ("telegram", "vk")}
        for network in self.networks.values():
            network.screens = {DESK: [], STRANGER: [], OLGA: []} | {one.id: [] for one in self.people}
        self.numbers = itertools.count(1)
        self.heard: list[Inbound] = []
        self.asleep = False

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.loop.run_until_complete(work)

    @initialize(ahead=st.integers(0, 3))
    def the_bot_begins(self, ahead: int) -> None:
        """Some of them have applied already: otherwise short stories seldom come to what follows."""
        self.wait(self._begin())
        for who in range(ahead):
            self.somebody_applies_at_a_run(who)

    async def _begin(self) -> None:
        self.database = Database(f"sqlite+aiosqlite:///{self.file}", durable=False)
        self.delivery = Delivery(self.database, self.networks, self.clock)
        self.app = App(
            database=self.database, library=self.shelf, channels=self.networks, clock=self.clock,
            delivery=self.delivery, desks=DESKS, admins=frozenset((name, OLGA) for name in self.networks),
        )  # fmt: skip
        await self.app.start()
        await self._stock()

    async def _stock(self) -> None:
        async with self.database.write() as db:
            await fill_stocks(db, self.shelf.live)

    def teardown(self) -> None:
        self.wait(self._count())
        self.wait(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    async def _count(self) -> None:
        """What happened at least once in some story: a run in which something never did proves nothing about it."""
        happened = {
            "applications": select(Lead.id).where(Lead.applied_at.is_not(None)),
            "leads taken": select(Lead.id).where(Lead.taken_at.is_not(None)),
            "leads closed": select(Lead.id).where(Lead.status.in_(("won", "lost", "junk"))),
            "codes issued": select(PromoCode.id).where(PromoCode.issued_at.is_not(None)),
            "consents withdrawn": select(Consent.id).where(Consent.act == "withdrawn"),
            "erasures": select(Erasure.id),
            "follow-ups sent": select(FollowUp.id).where(FollowUp.status == "done"),
            "advertisements sent": select(Outbox.id).where(Outbox.kind == "advertising", Outbox.status == "sent"),
            "messages cancelled": select(Outbox.id).where(Outbox.status == "cancelled"),
            "words relayed": select(Outbox.id).where(Outbox.role == "relay"),
            "people moved to a newer version": select(Conversation.id).where(Conversation.version > 1),
        }
        async with self.database.read() as db:
            for name, query in happened.items():
                HAPPENED[name] += len((await db.scalars(query)).all())
        HAPPENED["stories"] += 1

    # ------------------------------------------------------------ how anything comes in

    def event(self, channel: str, heard: Heard, sender: str, *, chat: str = "", name: str = "") -> Inbound:
        return Inbound(
            channel=channel, event_id=f"e{next(self.numbers)}", sender=sender, chat=chat or sender, at=self.clock.now(),
            heard=heard, first_name=name, full_name=name, raw=b"{}",
        )  # fmt: skip

    def of(self, person: Prospect, heard: Heard) -> Inbound:
        return self.event(person.channel, heard, person.id, name=person.name)

    def comes_in(self, *batch: Inbound) -> None:
        for event in batch:
            self._told(event)
        self.wait(self._served(batch))
        self.heard += batch
        known = self.wait(self._known())
        for person in self.people:
            if (person.channel, person.id) not in known:
                person.told.clear()

    def _told(self, event: Inbound) -> None:
        heard = event.heard
        said = heard.text if isinstance(heard, Text) else heard.phone if isinstance(heard, PhoneCard) else ""
        for person in self.people:
            if (person.channel, person.id) == (event.channel, event.sender):
                person.told |= {person.id, person.name, *(value for value in person.values if value in said)}

    async def _served(self, batch: Sequence[Inbound]) -> None:
        await self.app.receive(batch)
        await self._drain()

    async def _drain(self) -> None:
        if not self.asleep:
            await self.delivery.drain()

    async def _known(self) -> set[tuple[str, str]]:
        async with self.database.read() as db:
            return {(one.channel, one.external_id) for one in await db.scalars(select(Identity))}

    # ------------------------------------------------------------ what people do

    @rule(who=persons, tag=st.sampled_from(TAGS))
    def somebody_opens(self, who: int, tag: str) -> None:
        self.comes_in(self.of(self.people[who], Start(tag)))

    @rule(who=persons, words=st.sampled_from(SAID))
    def somebody_says(self, who: int, words: str) -> None:
        self.comes_in(self.of(self.people[who], Text(words)))

    @rule(who=persons)
    def somebody_tells_their_name(self, who: int) -> None:
        self.comes_in(self.of(self.people[who], Text(self.people[who].name)))

    @rule(who=persons)
    def somebody_types_their_phone(self, who: int) -> None:
        self.comes_in(self.of(self.people[who], Text(self.people[who].phone)))

    @rule(who=persons, own=st.booleans())
    def somebody_shares_a_phone(self, who: int, own: bool) -> None:
        self.comes_in(self.of(self.people[who], PhoneCard(self.people[who].phone, own)))

    @rule(who=persons, words=st.sampled_from(COMMANDS))
    def somebody_commands(self, who: int, words: str) -> None:
        self.comes_in(self.of(self.people[who], Text(words)))

    @rule(who=persons, what=st.sampled_from(("sticker", "voice", "contact")), caption=st.sampled_from(("", "К морю")))
    def somebody_sends(self, who: int, what: str, caption: str) -> None:
        self.comes_in(self.of(self.people[who], Attachment(what, caption)))

    @rule(who=persons, place=st.integers(0, 3))
    def somebody_taps_the_newest_button(self, who: int, place: int) -> None:
        self.taps(who, place, newest=True)

    @rule(who=persons, place=st.integers(0, 3))
    def somebody_goes_on(self, who: int, place: int) -> None:
        """The same once more: taps are what moves a dialog."""
        self.taps(who, place, newest=True)

    @rule(who=persons, place=st.integers(0, 200))
    def somebody_taps_an_old_button(self, who: int, place: int) -> None:
        self.taps(who, place, newest=False)

    def taps(self, who: int, place: int, *, newest: bool) -> None:
        person = self.people[who]
        screen = [one for one in self.networks[person.channel].screens[person.id] if one.buttons]
        buttons = [
            (button, one.id) for one in (screen[-1:] if newest else screen) for row in one.buttons for button in row
        ]
        if buttons:
            button, message = buttons[place % len(buttons)]
            self.comes_in(self.of(person, Press(button.key, "q", message)))

    @rule(who=persons, key=st.sampled_from(FORGED))
    def somebody_forges_a_button(self, who: int, key: str) -> None:
        self.comes_in(self.of(self.people[who], Press(key, "q", None)))

    @rule(who=persons)
    def somebody_applies_at_a_run(self, who: int) -> None:
        """The whole way, so that what comes after it is tried as well."""
        person = self.people[who]
        self.comes_in(self.of(person, Start("tour")))
        for heard in (
            Text("Согласен"),
            Text("Согласен"),
            Text("К морю"),
            Text("7"),
            Text(person.name),
            PhoneCard(person.phone, True),
        ):
            self.comes_in(self.of(person, heard))
        self.taps(who, 0, newest=True)

    @rule(who=persons)
    def somebody_agrees_and_falls_silent(self, who: int) -> None:
        """For two days: the time of reminders and advertisements."""
        for heard in (Start("tour"), Text("Согласен"), Text("Согласен")):
            self.comes_in(self.of(self.people[who], heard))
        for _ in range(2):
            self.wait(self._forward(timedelta(days=1)))

    @rule(who=persons, yes=st.booleans())
    def somebody_blocks_or_lets_in(self, who: int, yes: bool) -> None:
        self.comes_in(self.of(self.people[who], Reachable(yes)))

    @rule(
        who=persons,
        words=st.lists(st.sampled_from((*SAID, *COMMANDS[:3])), min_size=2, max_size=4),
        split=st.integers(1, 4),
    )
    def somebody_writes_in_a_breath(self, who: int, words: list[str], split: int) -> None:
        """Several messages, together or split over batches."""
        events = [self.of(self.people[who], Text(one)) for one in words]
        for start in range(0, len(events), split):
            self.comes_in(*events[start : start + split])

    @rule(first=persons, second=persons, words=st.sampled_from(SAID))
    def two_write_in_one_batch(self, first: int, second: int, words: str) -> None:
        one = self.of(self.people[first], Text(words))
        other = self.of(self.people[second], Start("tour"))
        if one.channel == other.channel:
            self.comes_in(one, other)

    @precondition(lambda self: self.heard)
    @rule(place=st.integers(0, 500), last=st.booleans())
    def the_network_repeats_an_event(self, place: int, last: bool) -> None:
        """I2: nothing follows from it. Keys are kept for a fortnight, and no network repeats what is older."""
        lately = [one for one in self.heard if self.clock.now() - one.at < KEEP_KEYS - timedelta(days=1)]
        if not lately:
            return
        event = lately[-1 if last else place % len(lately)]
        before = self.wait(self._promised())
        self.wait(self._served([event, event]))
        assert self.wait(self._promised()) == before, f"{event.heard} had an effect again"

    async def _promised(self) -> int:
        async with self.database.read() as db:
            return int(await db.scalar(select(func.count()).select_from(Outbox)) or 0)

    # ------------------------------------------------------------ what managers, authors, time and death do

    @rule(desk=st.sampled_from(DESKS), place=st.integers(0, 60), sender=st.sampled_from((OLGA, OLGA, STRANGER)))
    def a_manager_presses(self, desk: Desk, place: int, sender: str) -> None:
        screen = self.networks[desk.channel].screens[DESK]
        buttons = [(button, one.id) for one in screen for row in one.buttons for button in row]
        if buttons:
            button, message = buttons[place % len(buttons)]
            self.comes_in(self.event(desk.channel, Press(button.key, "q", message), sender, chat=DESK))

    @rule(desk=st.sampled_from(DESKS), place=st.integers(0, 30), sender=st.sampled_from((OLGA, STRANGER)))
    def a_manager_replies(self, desk: Desk, place: int, sender: str) -> None:
        screen = self.networks[desk.channel].screens[DESK]
        if screen:
            reply = Text("Здравствуйте, это менеджер", screen[place % len(screen)].id)
            self.comes_in(self.event(desk.channel, reply, sender, chat=DESK))

    @rule(who=persons)
    def a_manager_answers_from_the_inbox(self, who: int) -> None:
        person = self.people[who]
        if person.channel == "vk":
            self.comes_in(self.of(person, PersonAnswered()))

    @rule(minutes=st.sampled_from((1, 25, 200, 1500, 3000, 60_000)))
    def time_passes(self, minutes: int) -> None:
        self.wait(self._forward(timedelta(minutes=minutes)))

    async def _forward(self, span: timedelta) -> None:
        for _ in range(4):
            self.clock.forward(span / 4)
            await self.app.pulse()
            await self._drain()

    @rule(asleep=st.booleans())
    def the_networks_sleep_or_wake(self, asleep: bool) -> None:
        """What is promised waits meanwhile, and may be void by the time it could go."""
        self.asleep = asleep
        self.wait(self._drain())

    @rule()
    def the_authors_publish(self) -> None:
        self.shelf.newest += 1
        self.wait(self._stock())

    @rule(clean=st.booleans())
    def the_process_begins_anew(self, clean: bool) -> None:
        async def again() -> None:
            if clean:
                await self.app.stop()
            await self.database.close()
            await self._begin()

        self.wait(again())

    # ------------------------------------------------------------ what is always true

    @invariant()
    def all_is_well(self) -> None:
        if not hasattr(self, "app"):
            return
        told: set[str] = set().union(*(one.told for one in self.people))
        absent = set().union(*(one.values for one in self.people)) - told
        found = self.wait(
            broken(
                self.database,
                now=self.clock.now(),
                desks=DESKS,
                flows=self._at,
                stocks={"tour.sea": STOCK},
                absent=() if self.asleep else absent,
                quiet=not self.asleep,
            )
        )
        assert not found, "\n".join(found)
        assert self.wait(self._parked()) == 0, "an event was parked"

    def _at(self, version: int) -> FlowSet | None:
        return self.shelf.at(version) if 1 <= version <= self.shelf.newest else None

    async def _parked(self) -> int:
        async with self.database.read() as db:
            assert (await left(db, ["tour.sea"]))["tour.sea"] >= 0
            return int(await db.scalar(select(func.count()).select_from(ParkedEvent)) or 0)


@cache
def _template() -> Path:
    from tests.conftest import _make_tables

    path = Path(tempfile.mkdtemp(prefix="leadbot-story-")) / "template.db"
    asyncio.run(_make_tables(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.mark.timeout(300)  # of a busy machine; a quarter of a minute of a quiet one
def test_I2_to_I12_hold_whoever_does_whatever_in_whatever_order():
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=MOST_STORIES or 4,
            stateful_step_count=STEPS,
            derandomize=not MOST_STORIES,
            database=None,
            print_blob=True,
            phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )
    told = ", ".join(f"{name} {number}" for name, number in HAPPENED.items())
    print(told)
    assert all(HAPPENED.values()) or MOST_STORIES < 100, f"something never happened: {told}"

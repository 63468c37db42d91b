"""A managers' chat for tests of handlers: real tables, no network. What is promised is put on screens by hand."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select

from bot.clock import HandClock
from bot.library import OneSet
from dialogs.business import Business
from dialogs.conversation import Conversation as Position
from dialogs.flow import Flow
from dialogs.flow_set import ConsentText, FlowSet
from handlers import admin, cards, manager
from handlers.inbound import Attachment, Heard, Inbound, Press, Text
from handlers.work import Desk, Work
from storage import leads, managers, people
from storage.consents import ensure_salt, pseudonym, record_consent
from storage.database import Database
from storage.numbers import take
from storage.tables import Conversation, Identity, Lead, LeadEvent, Outbox, PromoCode

GROUP = Desk("telegram", "-100500")
TALK = Desk("vk", "2000000001")
WEB = Desk("web", "desk")
BOSS = ("telegram", "1")

BUSINESS = Business.model_validate(
    {
        "company": "Меридиан",
        "operator": {"name": "ООО «Меридиан»", "address": "Тверь", "withdraw": "напишите нам"},
        "policy": "https://meridian.example/privacy",
        "working_hours": {"mon": "09:00-20:00"},
        "published": {"telegram": ["drive"], "vk": ["drive"], "web": ["drive"]},
        "start": "drive",
        "safe_step": {"flow": "drive", "step": "car"},
        "reasons": {"lost": ["Дорого", "Передумали"], "junk": ["Спам", "Шутка"]},
    }
)
FLOW = Flow.model_validate(
    {
        "flow": "drive",
        "title": "Тест-драйв",
        "consent": {"personal_data": "consents/personal_data.md"},
        "offers": {"spring": {"title": "Скидка 15 % на первое ТО", "stock": 10, "valid": "14 days"}},
        "steps": [
            {
                "id": "car",
                "ask": "Какой автомобиль?",
                "card": "Модель",
                "choices": [{"label": "Омега"}, {"label": "Альфа"}],
            },
            {"id": "name", "ask": "Как к вам обращаться?", "answer": "name"},
            {"id": "done", "application": "spring", "say": "Готово!"},
        ],
        "silence": [{"after": "1 day", "say": "Продолжим?"}],
    }
)
AGREEMENT = ConsentText("consents/personal_data.md", "Согласие", "d")
LIBRARY = OneSet(FlowSet(1, {"drive": FLOW}, BUSINESS, {AGREEMENT.path: AGREEMENT}))


@dataclass
class Message:
    """One message on a chat's screen, edits applied."""

    row: Outbox
    text: str
    buttons: list[list[dict[str, str]]]
    edits: int = 0

    @property
    def labels(self) -> list[str]:
        return [button["label"] for row in self.buttons for button in row]

    def key(self, label: str) -> str:
        found = [button["key"] for row in self.buttons for button in row if button["label"] == label]
        assert found, f"no button {label!r} in {self.labels}"
        return found[0]


@dataclass
class Case:
    """A prospect with an open dialog; the lead, if there is one."""

    identity_id: int
    conversation_id: int
    lead_id: int | None = None


@dataclass
class Person:
    """Somebody in a managers' chat, or in private."""

    channel: str
    id: str
    name: str


OLGA, OLEG = Person("telegram", "21", "Ольга"), Person("telegram", "22", "Олег")
VERA = Person("vk", "23", "Вера")
GUEST = Person("telegram", "99", "Гость")
ADMIN = Person("telegram", "1", "Борис")


@dataclass
class Office:
    """The whole of it. ``alerts``: what ended the spinners, in order."""

    database: Database
    clock: HandClock
    desks: tuple[Desk, ...] = (GROUP,)
    alerts: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def open(self) -> Office:
        async with self.work() as work:
            await ensure_salt(work.db, "salt")
            for one in (OLGA, OLEG, VERA):
                await managers.add_manager(
                    work.db, channel=one.channel, external_id=one.id, name=one.name, now=work.now
                )
        return self

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """One transaction; afterwards everything promised is on its screen."""
        async with self.database.write() as db:
            work = Work(db, self.clock.now(), LIBRARY, self.desks, frozenset({BOSS}))
            yield work
        self.alerts += [notice.text for notice in work.notices]
        for name, count in work.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        await self._deliver()

    async def _deliver(self) -> None:
        async with self.database.write() as db:
            for row in await db.scalars(select(Outbox).where(Outbox.status == "due").order_by(Outbox.id)):
                row.status = "sent"
                row.message_id = f"m{row.id}" if row.act == "say" else f"m{row.target_id}"

    # ------------------------------------------------------------ the prospect's side

    async def prospect(self, channel: str = "telegram", external_id: str = "501") -> Case:
        """Somebody began the dialog and agreed to nothing."""
        async with self.work() as work:
            touch = {"flow": "drive", "source": "vk_ads", "campaign": "spring", "at": work.now.isoformat()}
            named = await pseudonym(work.db, channel, external_id)
            identity = await people.record_identity(
                work.db, channel=channel, external_id=external_id, pseudonym=named, touch=touch, now=work.now
            )
            await work.db.flush()
            talk = Conversation(
                id=await take(work.db, Conversation), identity_id=identity.id, flow="drive", version=1, step="car",
                source="vk_ads", campaign="spring",
                state=Position("drive", 1, step="car").dump(), started_at=work.now, touched_at=work.now,
            )  # fmt: skip
            work.db.add(talk)
            await work.db.flush()
            identity.conversation_id = talk.id
            return Case(identity.id, talk.id)

    async def agree(self, case: Case) -> Case:
        """The consent: the lead begins."""
        async with self.work() as work:
            identity, talk = await self.rows(work, case)
            record_consent(
                work.db, identity_id=identity.id, pseudonym=identity.pseudonym, purpose="personal_data", act="given",
                digest="d", text="Да", channel=identity.channel, event_id="e", now=work.now,
            )  # fmt: skip
            contact = await people.record_contact(work.db, identity, now=work.now)
            lead = await leads.begin_lead(
                work.db, contact=contact, channel=identity.channel, flow="drive", source="vk_ads",
                campaign="spring", now=work.now,
            )  # fmt: skip
            talk.lead_id = case.lead_id = lead.id
        return case

    async def apply(self, case: Case, *, name: str = "Анна", phone: str | None = "+79001234567", **more: Any) -> None:
        """The application: name, phone, answers (step=text), then the card."""
        async with self.work() as work:
            identity, talk = await self.rows(work, case)
            lead = await leads.get_lead(work.db, case.lead_id or 0)
            contact = await people.record_contact(work.db, identity, now=work.now)
            contact.name = name
            answers = [("name", "name", "Имя", name), *((s, "text", s, text) for s, text in more.items())]
            if phone:
                answers.append(("phone", "phone", "Телефон", phone))
                people.record_contact_point(
                    work.db, contact_id=contact.id, kind="phone", value=phone, verified=None, now=work.now
                )
            for step, kind, label, text in answers:
                leads.record_answer(
                    work.db, lead_id=lead.id, step=step, kind=kind, label=label, value=text, shown=text, now=work.now
                )
            lead.applications += 1
            lead.offer = "spring"
            await leads.move(work.db, lead, "application", now=work.now)
            await work.db.flush()
            await cards.applications(work, [(lead, talk)])

    async def anna(self, **more: Any) -> Case:
        """A whole application of Anna's."""
        case = await self.agree(await self.prospect())
        await self.apply(case, **more)
        return case

    async def give_code(self, case: Case, code: str = "SPRING-7K2M") -> None:
        async with self.work() as work:
            until = work.now + timedelta(days=14)
            work.db.add(
                PromoCode(offer="drive.spring", code=code, lead_id=case.lead_id, issued_at=work.now, valid_until=until)
            )

    async def asks_for_a_person(self, case: Case, why: str = "asked") -> None:
        async with self.work() as work:
            identity, talk = await self.rows(work, case)
            talk.person_asked_at, talk.person_until = work.now, work.now + timedelta(hours=2)
            lead = await leads.find_lead(work.db, case.lead_id) if case.lead_id else None
            await cards.call(work, identity, talk, lead, why)

    async def says(self, case: Case, text: str) -> None:
        """A word of the prospect's while a person has it."""
        async with self.work() as work:
            identity, talk = await self.rows(work, case)
            lead = await leads.find_lead(work.db, case.lead_id) if case.lead_id else None
            await cards.relay(work, identity, talk, lead, text)

    async def rows(self, work: Work, case: Case) -> tuple[Identity, Conversation]:
        return await work.db.get_one(Identity, case.identity_id), await work.db.get_one(
            Conversation, case.conversation_id
        )

    # ------------------------------------------------------------ the managers' side

    def inbound(self, who: Person, chat: str, heard: Heard) -> Inbound:
        return Inbound(
            channel=who.channel, event_id=f"e{next(self._numbers)}", sender=who.id, chat=chat, at=self.clock.now(),
            heard=heard, first_name=who.name, full_name=who.name,
        )  # fmt: skip

    async def hears(self, who: Person, heard: Heard, desk: Desk = GROUP) -> None:
        async with self.work() as work:
            await manager.hear(work, self.inbound(who, desk.chat, heard), desk)

    async def press(self, who: Person, key: str, desk: Desk = GROUP, *, message_id: str | None = None) -> str:
        """The line that ended the spinner."""
        await self.hears(who, Press(key, query="q", message_id=message_id), desk)
        return self.alerts[-1]

    async def tap(self, who: Person, label: str, desk: Desk = GROUP, *, role: str = "card") -> str:
        """Press the button of the newest card (or call) in the desk."""
        card = await self.card(desk, role=role)
        return await self.press(who, card.key(label), desk, message_id=card.row.message_id)

    async def reply(self, who: Person, text: str, to: Message, desk: Desk = GROUP) -> None:
        await self.hears(who, Text(text, reply_to=to.row.message_id), desk)

    async def reply_with_file(self, who: Person, to: Message, desk: Desk = GROUP) -> None:
        await self.hears(who, Attachment("photo", "вот", reply_to=to.row.message_id), desk)

    async def private(self, who: Person, heard: Heard | str) -> bool:
        """Something said to the bot alone; was it for admins?"""
        said = Text(heard) if isinstance(heard, str) else heard
        async with self.work() as work:
            if isinstance(said, Press):
                await admin.press(work, self.inbound(who, who.id, said))
                return True
            return await admin.hear(work, self.inbound(who, who.id, said))

    # ------------------------------------------------------------ what is to be seen

    async def screen(self, desk: Desk = GROUP) -> list[Message]:
        """The chat, oldest first, edits applied."""
        shown: dict[int, Message] = {}
        async with self.database.write() as db:
            here = (Outbox.channel == desk.channel, Outbox.to == desk.chat)
            for row in await db.scalars(select(Outbox).where(*here).order_by(Outbox.id)):
                if row.act == "edit" and row.target_id in shown:
                    target = shown[row.target_id]
                    target.text, target.buttons = row.body["text"], row.body["buttons"]
                    target.edits += 1
                else:
                    shown[row.id] = Message(row, row.body["text"], row.body["buttons"])
        return list(shown.values())

    async def of(self, role: str, desk: Desk = GROUP) -> list[Message]:
        return [one for one in await self.screen(desk) if one.row.role == role]

    async def card(self, desk: Desk = GROUP, *, role: str = "card") -> Message:
        return (await self.of(role, desk))[-1]

    async def last(self, who: Person) -> Message:
        """The newest message in this person's private chat."""
        return (await self.screen(Desk(who.channel, who.id)))[-1]

    async def lead(self, case: Case) -> Lead:
        async with self.database.write() as db:
            return await db.get_one(Lead, case.lead_id)

    async def history(self, case: Case) -> list[LeadEvent]:
        async with self.database.write() as db:
            theirs = select(LeadEvent).where(LeadEvent.lead_id == case.lead_id).order_by(LeadEvent.id)
            return list(await db.scalars(theirs))

    async def all_of(self, table: Any) -> Sequence[Any]:
        async with self.database.write() as db:
            return (await db.scalars(select(table))).all()


_OF_VALUES = re.compile(r"SCAN (CONSTANT ROW|\d+ CONSTANT ROWS|\(subquery-\d+\))")  # what was given, not a table


async def plans_of(database: Database, play: Callable[[Any], Awaitable[object]]) -> list[str]:
    """How SQLite would find the rows of every SELECT that ``play(db)`` makes."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    async with database.write() as db:
        await play(db)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    plans: list[str] = []
    async with database.write() as db:
        connection = await db.connection()
        for statement, values in asked:
            explained = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            plans += [plan for line in explained if not _OF_VALUES.match(plan := str(line[-1]))]
    return plans

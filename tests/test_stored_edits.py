"""A3 on a real database: forty people stand in a flow while ten edits of it are published, and the whole bot serves
them: nobody is lost, repeated or asked anew what they answered.

``tests.test_edits`` does the same to the engine alone, with five hundred people and fifty edits.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from sqlalchemy import func, select

from bot.app import App
from bot.clock import HandClock
from bot.delivery import Delivery
from bot.library import Published
from bot.publishing import publish
from bot.screens import StageChannel
from dialogs.conversation import Conversation as Position
from dialogs.flow import Step
from handlers.inbound import Heard, Inbound, Press, Start, Text
from handlers.work import Desk
from storage.database import Database
from storage.tables import Conversation, Identity, Lead
from tests.flow_folder import BUSINESS, DATA
from tests.generated_flows import written
from tests.test_edits import Author, Draft

PEOPLE, EDITS = 40, 10
DESK = "-3001"
WORDS = {"number": "3", "name": "Анна", "text": "Мира, 5", "email": "anna@mail.ru"}
PAUSE = timedelta(seconds=4)  # longer than the bot waits for more words


def files_of(draft: Draft) -> dict[str, bytes]:
    """The author's folder."""
    draft = deepcopy(draft)
    for step in [*draft["steps"], *(one for steps in draft["parts"].values() for one in steps)]:
        del step["soul"]
    flow = {
        "flow": "tour",
        "title": "Тур",
        "consent": {"personal_data": "consents/data.md"},
        "offers": {"gift": {"title": "Чемодан", "stock": PEOPLE, "conditions": "Каждому."}},
        **draft,
    }
    folder = {"tour.yaml": written(flow).lstrip("\n"), "business.yaml": BUSINESS, "consents/data.md": DATA}
    return {path: text.encode() for path, text in folder.items()}


@dataclass
class Someone:
    """``given``: the questions they have answered, by soul, with the souls of the steps that called its parts."""

    id: str
    dice: Random
    at: Position
    given: set[tuple[str, ...]] = field(default_factory=set)


@dataclass
class Company:
    """The bot, its people, and the author. ``souls`` by version: step id -> the question under all its names."""

    database: Database
    clock: HandClock
    app: App
    network: StageChannel
    author: Author
    people: list[Someone]
    souls: dict[int, dict[str, str]] = field(default_factory=dict)
    events: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    async def begin(cls, database: Database, clock: HandClock) -> Company:
        author, network, library = Author(2), StageChannel("telegram", clock), Published(database)
        people = [Someone(str(70_000 + one), Random(one), Position("tour", 0)) for one in range(PEOPLE)]
        network.screens = {DESK: [], **{one.id: [] for one in people}}
        app = App(
            database=database, library=library, channels={"telegram": network}, clock=clock,
            delivery=Delivery(database, {"telegram": network}, clock), desks=[Desk("telegram", DESK)],
        )  # fmt: skip
        await app.start()
        company = cls(database, clock, app, network, author, people)
        await company.publishes()
        return company

    async def publishes(self) -> None:
        version = await publish(self.database, files_of(self.author.draft), by="Ольга", now=self.clock.now())
        self.souls[version] = {one["id"]: one["soul"] for one in self.author.every()}
        await self.app.library.refresh()  # type: ignore[attr-defined]

    async def hears(self, heard: list[tuple[Someone, Heard]]) -> None:
        """All of them at once, and what they said is read to its end."""
        batch = [
            Inbound(
                channel="telegram", event_id=f"e{next(self.events)}", sender=one.id, chat=one.id, at=self.clock.now(),
                heard=what, first_name="Анна", full_name="Анна",
            )
            for one, what in heard
        ]  # fmt: skip
        await self.app.receive(batch)
        self.clock.forward(PAUSE)
        await self.app.pulse()
        await self.app.delivery.drain()
        by_id = {one.id: one for one in self.people}
        async with self.database.read() as db:
            theirs = Identity.id == Conversation.identity_id
            rows = select(Identity.external_id, Conversation.state).join(Identity, theirs)
            for person, state in await db.execute(rows):
                by_id[person].at = Position.load(state)

    def step(self, one: Someone) -> Step | None:
        return self.app.library.at(one.at.version).flows["tour"].by_id[one.at.step] if one.at.step else None

    def place(self, one: Someone) -> tuple[str, ...]:
        souls = self.souls[one.at.version]
        return tuple(souls.get(step, step) for step in (*one.at.calls, one.at.step or ""))

    def answer(self, one: Someone, step: Step) -> tuple[Heard, bool]:
        """A right one; True: it leads back, to be asked once more."""
        key = f"{one.at.version}.{one.at.run}.{step.id}"
        if step.choices:
            ways = [place for place, choice in enumerate(step.choices) if not choice.do]
            place = one.dice.choice(ways)
            meant = step.choices[place]
            return Press(f"{key}.{place}", "q", "1"), "again" in (meant.meaning, *meant.renamed_from)
        if step.consent or step.review:
            return Press(f"{key}.{'yes' if step.consent else 'ok'}", "q", "1"), False
        assert step.answer is not None
        return Text(WORDS[step.answer.type]), False

    async def round(self, share: float) -> None:
        """Some of them answer, each the question that waits."""
        answers = {
            one.id: (one, self.place(one), *self.answer(one, step))
            for one in self.people
            if one.dice.random() < share and (step := self.step(one))
        }
        told = {person: len(screen) for person, screen in self.network.screens.items()}
        await self.hears([(one, heard) for one, _, heard, _ in answers.values()])
        for one, before, _, again in answers.values():
            one.given = set() if again else one.given | {before}
            step, here = self.step(one), self.place(one)
            assert step is None or step.waits, f"{one.id} waits at {step.id}, which asks nothing"
            assert step is not None or one.at.applied, f"{one.id} is lost"
            assert here != before, f"{one.id} is asked {before} twice in a row"
            asked = step is not None and not step.review
            assert not asked or here not in one.given, f"{one.id} is asked {here} anew after {before}"
            assert told[one.id] < len(self.network.screens[one.id]), f"{one.id} hears nothing"


async def test_A3_forty_people_stand_in_a_flow_while_ten_edits_of_it_are_published(
    sqlite: Database, clock: HandClock
) -> None:
    company = await Company.begin(sqlite, clock)
    await company.hears([(one, Start("tour__flyer")) for one in company.people])
    for _ in range(9):
        await company.round(0.6)
    standing = {one.at.step for one in company.people}
    assert len(standing) > 6, "they are all over the flow"
    for _ in range(EDITS):
        company.author.edit()
        await company.publishes()
        await company.round(0.4)
    assert len(company.souls) == EDITS + 1
    for _ in range(60):
        if any(company.step(one) for one in company.people):
            await company.round(1.0)
    assert all(one.at.step is None and one.at.applied for one in company.people)
    async with sqlite.read() as db:
        applications = await db.scalar(select(func.count()).select_from(Lead).where(Lead.applied_at.is_not(None)))
    assert applications == PEOPLE, "everybody's application is there, once"

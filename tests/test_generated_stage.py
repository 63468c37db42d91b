"""A few made-up flows through the whole bot on real SQLite: said to and pressed at random, then answered rightly."""

from __future__ import annotations

import json
from random import Random

import pytest
from sqlalchemy import select

from bot.screens import PROSPECT
from bot.stage import Stage
from dialogs.conversation import Conversation as Position
from dialogs.effects import Button, Say
from dialogs.events import Event, Odd, Said, SharedPhone, Tapped
from dialogs.flow_set import FlowSet
from handlers.inbound import Edited, Inbound
from storage.tables import Answer, Conversation, Lead
from tests.conftest import NOON
from tests.generated_flows import flow_of, sound
from tests.generated_people import LIKE_RIGHT, NONSENSE, Life, somebody

COMMANDS = ("назад", "/stop", "мои данные", "продолжить", "English", "по-русски", "помощь")
LONGEST = 250  # acts


class Played:
    """One person on a stage, who may look into the database. ``life`` knows right answers."""

    def __init__(self, stage: Stage, flow_set: FlowSet, dice: Random) -> None:
        self.stage, self.flow_set, self.dice = stage, flow_set, dice
        self.edited = 0
        self.life = Life(dice, {flow_set.version: flow_set}, somebody(dice, flow_set))

    async def position(self) -> Position:
        """Where they stand, as the database has it; kept and read again it is the same."""
        async with self.stage.app.database.read() as db:
            state = await db.scalar(select(Conversation.state))
        assert state is not None
        found = Position.load(state)
        assert found.dump() == state and Position.load(found.dump()) == found
        return found

    async def wanders(self) -> None:
        dice, buttons = self.dice, [one for row in self.stage.prospect[-1].buttons for one in row if one.key]
        match dice.randrange(5):
            case 0:
                await self.stage.says(dice.choice(NONSENSE)[:500])
            case 1:
                await self.stage.says(dice.choice(COMMANDS))
            case 2:
                await self.edits(dice.choice([*LIKE_RIGHT.values()]))
            case 3:
                await self.stage.sends(dice.choice(("sticker", "photo", "location")))
            case _ if buttons and self.leads_on(button := dice.choice(buttons)):
                await self.stage.taps(button.key)

    def leads_on(self, button: Button) -> bool:
        """Not to a person, who would have the word from then on."""
        return not button.key.startswith("!") and not button.key.endswith(".person")

    async def edits(self, text: str) -> None:
        """One of their messages."""
        theirs = [one.id for one in self.stage.prospect if one.author == "prospect"]
        self.edited += 1
        event = Inbound(
            channel=self.stage.channel.name, event_id=f"edit{self.edited}", sender=PROSPECT, chat=PROSPECT,
            at=self.stage.clock.now(), heard=Edited(self.dice.choice(theirs), text),
        )  # fmt: skip
        await self.stage.app.receive([event])
        await self.stage.app.delivery.drain()

    async def answers(self, position: Position) -> None:
        """Rightly, the question that waits."""
        self.life.at, self.life.now = position, self.stage.clock.now()
        shown = [one for row in self.stage.prospect[-1].buttons for one in row]
        self.life.screen = [Say(self.stage.prospect[-1].text, tuple(shown))]
        step = self.life.step
        assert step is not None
        await self.does(self.life.right(step, forward=True))

    async def does(self, event: Event) -> None:
        match event:
            case Said(text):
                await self.stage.says(text)
            case Tapped(key):
                await self.stage.taps(key)
            case SharedPhone(phone):
                await self.stage.shares_phone(phone)
            case Odd(what):
                await self.stage.sends(what)

    async def kept(self, position: Position) -> None:
        """The application is there, and its answers are those of the dialog."""
        async with self.stage.app.database.read() as db:
            (lead,) = await db.scalars(select(Lead))
            rows = list(await db.scalars(select(Answer).where(Answer.kind != "note")))
        assert lead.applied_at is not None and self.stage.managers, "no card came"
        for row in rows:
            value = position.answers[row.step]
            whole = json.dumps(value, ensure_ascii=False) if isinstance(value, bool | tuple) else str(value)
            assert row.value == whole, f"{row.step}: {value} is kept as {row.value}"


@pytest.mark.parametrize("seed", range(40, 46))
async def test_made_up_flows_are_played_to_the_end_on_a_real_database(seed: int) -> None:
    dice = Random(seed)
    draft, channels = flow_of(dice)
    flow_set, told = sound(draft, channels, 1, dice)
    assert flow_set is not None, told
    stage = await Stage.open(flow_set, flow="tour", start=NOON)
    try:
        played = Played(stage, flow_set, dice)
        await stage.opens()
        for _ in range(12):
            await played.wanders()
            position = await played.position()
            if position.step and dice.random() < 0.5:
                await played.answers(position)
        for _ in range(LONGEST):
            position = await played.position()
            if position.applied and position.step is None:
                return await played.kept(position)
            await (played.answers(position) if position.step else stage.opens())
        raise AssertionError(f"right answers and no end: at {position.step}")
    finally:
        await stage.close()

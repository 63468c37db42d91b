"""The web channel: what it shows, what it keeps before it is served, and what it does with robots."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.channels import File, Outgoing, Refused, Sent
from bot.channels.web import BURST, DESK, NotNow, TooFast, Web, buttons_of, name_of
from bot.clock import HandClock
from dialogs.effects import Button
from handlers.inbound import Heard, Inbound, Notice, Press, Start, Text
from storage import intake, people
from storage.database import Database
from storage.tables import Conversation, WebMessage

from .web_people import says

ANNA = "anna-" + "0" * 32


class Bot:
    """Serves as the app does: each event once, its key kept. ``down``: the database of the app does not work."""

    def __init__(self, database: Database, clock: HandClock) -> None:
        self._database, self._clock = database, clock
        self.heard: list[Inbound] = []
        self.down = False

    async def receive(self, batch: Sequence[Inbound], *, cursor: str | None = None) -> None:
        assert cursor is None
        if self.down:
            raise OperationalError("", {}, OSError("away"))
        async with self._database.write() as db:
            keys = {(one.channel, one.event_id) for one in batch}
            fresh = keys - await intake.served_among(db, keys)
            intake.record_served(db, sorted(fresh), now=self._clock.now())
        self.heard += [one for one in batch if (one.channel, one.event_id) in fresh]


@pytest.fixture
async def web(database: Database, clock: HandClock) -> Web:
    return Web(database, clock)


@pytest.fixture
async def bot(database: Database, clock: HandClock) -> Bot:
    return Bot(database, clock)


@contextlib.asynccontextmanager
async def listening(web: Web, bot: Bot) -> AsyncIterator[None]:
    task = asyncio.create_task(web.listen(bot.receive))
    await asyncio.sleep(0.05)
    try:
        yield
        await asyncio.sleep(0.05)  # what it is reading just now may end
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def event(heard: Heard, number: str = "1", *, peer: str = ANNA, name: str = "", clock: HandClock) -> Inbound:
    return Inbound(
        channel="web", event_id=number, sender=peer, chat=peer, at=clock.now(), heard=heard, full_name=name
    )  # fmt: skip


async def eventually(holds: object, *, within: float = 3.0) -> None:
    async with asyncio.timeout(within):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0.02)


# ---------------------------------------------------------------- what the bot says


async def test_a_repeated_send_is_one_message_on_the_page(web: Web) -> None:
    hello = Outgoing(id=7, to=ANNA, text="Здравствуйте!", buttons=((Button("Записаться", "1.1.hello.0"),),))
    first, again = await says(web, hello), await says(web, hello)
    assert isinstance(first, Sent) and first == again
    (shown,) = await web.messages(ANNA)
    assert (shown.author, shown.text, str(shown.id)) == ("bot", "Здравствуйте!", first.message_id)
    assert buttons_of(shown) == [[Button("Записаться", "1.1.hello.0")]]


async def test_several_are_one_below_the_other_in_the_order_they_were_said(web: Web, database: Database) -> None:
    picture = File("picture", "d1", "hall.jpg")
    said = [
        Outgoing(id=number, to=ANNA, text=f"{number}", file=picture if number in (3, 4) else None, reply_to="1")
        for number in range(1, 8)
    ]
    again = await says(web, said[4])
    async with database.write() as db:
        outcomes = await web.put(db, said)
    shown = {row.outbox_id: row for row in await web.messages(ANNA)}
    assert [one.message_id for one in outcomes if isinstance(one, Sent)] == [str(shown[one.id].id) for one in said]
    assert outcomes[4] == again and [one.text for one in await web.messages(ANNA)] == [
        "5",
        "1",
        "2",
        "3",
        "4",
        "6",
        "7",
    ]
    assert {number: row.file for number, row in shown.items() if row.file} == dict.fromkeys((3, 4), asdict(picture))
    assert {row.reply_to for row in shown.values()} == {1}


async def test_a_card_is_edited_in_place(web: Web, clock: HandClock) -> None:
    sent = await says(web, Outgoing(id=1, to=DESK, text="Новая заявка", buttons=((Button("Беру", "#1.take"),),)))
    assert isinstance(sent, Sent)
    clock.forward(timedelta(minutes=3))
    edit = Outgoing(id=2, to=DESK, act="edit", text="Взяла Ольга", message_id=sent.message_id)
    assert await says(web, edit) == sent
    (shown,) = await web.messages(DESK)
    assert (shown.text, shown.buttons, shown.edited_at) == ("Взяла Ольга", [], clock.now())


@pytest.mark.parametrize("message_id", ["999", "abc", "²", "9" * 30, None])
async def test_M14_an_edit_of_what_is_gone_says_so(web: Web, message_id: str | None) -> None:
    outcome = await says(web, Outgoing(id=2, to=DESK, act="edit", text="…", message_id=message_id))
    assert isinstance(outcome, Refused) and outcome.edit_gone


async def test_nobody_edits_the_message_of_another_chat(web: Web) -> None:
    sent = await says(web, Outgoing(id=1, to=ANNA, text="Анне"))
    assert isinstance(sent, Sent)
    edit = Outgoing(id=2, to=DESK, act="edit", text="чужое", message_id=sent.message_id)
    assert isinstance(await says(web, edit), Refused)
    assert [row.text for row in await web.messages(ANNA)] == ["Анне"]


async def test_an_open_page_is_told_of_news_and_of_notices_of_its_own_chat(web: Web) -> None:
    told: list[object] = []
    stop = web.watch(ANNA, lambda: told.append("look"), told.append)
    await says(web, Outgoing(id=1, to="boris", text="Борису"))
    await says(web, Outgoing(id=2, to=ANNA, text="Анне"))
    notice = Notice("web", "q1", ANNA, ANNA, "Эта кнопка уже не нужна")
    await web.notify(notice)
    await web.notify(Notice("web", "q2", ANNA, ANNA))
    assert told == ["look", notice]
    stop()
    await says(web, Outgoing(id=3, to=ANNA, text="Ещё"))
    assert told == ["look", notice]


# ---------------------------------------------------------------- what people write


async def test_annas_words_are_shown_and_served_in_the_form_we_keep(web: Web, bot: Bot, clock: HandClock) -> None:
    async with listening(web, bot):
        await web.hear(event(Text("  Здравст\x00вуйте\u202e \r\n"), clock=clock))
    assert [one.heard for one in bot.heard] == [Text("Здравствуйте")]
    assert [(row.author, row.text) for row in await web.messages(ANNA)] == [("prospect", "Здравствуйте")]


async def test_P7_a_double_submit_is_one_event_and_one_bubble(web: Web, bot: Bot, clock: HandClock) -> None:
    said = event(Text("да"), clock=clock)
    async with listening(web, bot):
        await asyncio.gather(web.hear(said), web.hear(said))
        await web.hear(said)
    assert len(bot.heard) == 1
    assert len(await web.messages(ANNA)) == 1


async def test_the_same_words_twice_are_two_events(web: Web, bot: Bot, clock: HandClock) -> None:
    async with listening(web, bot):
        await web.hear(event(Text("да"), "1", clock=clock))
        await web.hear(event(Text("да"), "2", clock=clock))
    assert len(bot.heard) == len(await web.messages(ANNA)) == 2


async def test_nothing_visible_is_nothing_said(web: Web, bot: Bot, clock: HandClock) -> None:
    async with listening(web, bot):
        await web.hear(event(Text(" \u200b\x07 "), clock=clock))
    assert bot.heard == [] and await web.messages(ANNA) == []


async def test_a_press_is_shown_as_an_answer_and_served_as_a_press(web: Web, bot: Bot, clock: HandClock) -> None:
    sent = await says(web, Outgoing(id=1, to=ANNA, text="Запишем вас?", buttons=((Button("Да", "k.yes"),),)))
    assert isinstance(sent, Sent)
    press = Press("k.yes", "q", sent.message_id)
    async with listening(web, bot):
        await web.hear(event(press, clock=clock))
    assert [one.heard for one in bot.heard] == [press]
    question, answer = await web.messages(ANNA)
    assert (answer.author, answer.text, answer.reply_to) == ("prospect", "Да", question.id)
    assert buttons_of(answer) == []


@pytest.mark.parametrize("key", ["k.no", "", "' OR 1=1 --", "x" * 64])
async def test_P12_a_forged_press_shows_nothing_and_is_left_to_the_bot(
    web: Web, bot: Bot, clock: HandClock, key: str
) -> None:
    sent = await says(web, Outgoing(id=1, to="boris", text="Запишем вас?", buttons=((Button("Да", "k.yes"),),)))
    assert isinstance(sent, Sent)
    async with listening(web, bot):
        await web.hear(event(Press(key, "q", sent.message_id), "1", clock=clock))
        await web.hear(event(Press("k.yes", "q", sent.message_id), "2", clock=clock))  # Boris's button, not Anna's
    assert len(bot.heard) == 2
    assert await web.messages(ANNA) == []


async def test_a_managers_reply_keeps_its_card_and_the_name_it_is_signed_with(
    web: Web, bot: Bot, clock: HandClock
) -> None:
    card = await says(web, Outgoing(id=1, to=DESK, text="Новая заявка", buttons=((Button("Беру", "#1.take"),),)))
    assert isinstance(card, Sent)
    async with listening(web, bot):
        reply = Text("Добрый день!", card.message_id)
        await web.hear(event(reply, "1", peer=DESK, name="Ольга", clock=clock))
        await web.hear(event(Press("#1.take", "2", card.message_id), "2", peer=DESK, name="Ольга", clock=clock))
    assert (bot.heard[0].heard, bot.heard[0].full_name) == (reply, "Ольга")
    _, said = await web.messages(DESK)
    assert (said.author, name_of(said), str(said.reply_to)) == ("manager", "Ольга", card.message_id)


# ---------------------------------------------------------------- nothing is lost


async def test_I1_what_was_written_before_the_bot_died_is_served_when_it_is_back(
    web: Web, bot: Bot, clock: HandClock, database: Database
) -> None:
    sent = await says(web, Outgoing(id=1, to=ANNA, text="Запишем вас?", buttons=((Button("Да", "k.yes"),),)))
    assert isinstance(sent, Sent)
    await web.hear(event(Press("k.yes", "q", sent.message_id), "1", clock=clock))  # nobody listens yet
    await web.hear(event(Text("на четверг"), "2", clock=clock))
    after_restart = Web(database, clock)
    async with listening(after_restart, bot):
        await eventually(lambda: len(bot.heard) == 2)
        await asyncio.sleep(0.05)
    assert [(one.event_id, one.sender) for one in bot.heard] == [("1", ANNA), ("2", ANNA)]
    assert bot.heard[0].heard == Press("k.yes", "1", sent.message_id)
    async with listening(Web(database, clock), bot):
        await asyncio.sleep(0.1)
    assert len(bot.heard) == 2


async def test_words_of_last_week_are_not_answered_out_of_the_blue(web: Web, bot: Bot, clock: HandClock) -> None:
    await web.hear(event(Text("ау"), clock=clock))
    clock.forward(timedelta(days=7))
    async with listening(web, bot):
        await asyncio.sleep(0.1)
    assert bot.heard == []


async def test_R3_a_database_that_is_away_for_a_moment_loses_nothing(web: Web, bot: Bot, clock: HandClock) -> None:
    async with listening(web, bot):
        bot.down = True
        await web.hear(event(Text("вы тут?"), clock=clock))
        await asyncio.sleep(0.05)
        assert bot.heard == []
        bot.down = False
        await eventually(lambda: [one.heard for one in bot.heard] == [Text("вы тут?")])


async def test_an_act_that_could_not_be_kept_is_refused_so_that_the_page_can_say_so(web: Web, clock: HandClock) -> None:
    with pytest.raises(NotNow):
        await web.hear(event(Start("courses"), clock=clock))


# ---------------------------------------------------------------- robots, and where somebody stands


async def test_S11_a_flood_is_paced_and_a_person_never_notices(web: Web, bot: Bot, clock: HandClock) -> None:
    async with listening(web, bot):
        for number in range(BURST):
            await web.hear(event(Text("спам"), f"r{number}", clock=clock))
        with pytest.raises(TooFast):
            await web.hear(event(Text("спам"), "one more", clock=clock))
        await web.hear(event(Text("здравствуйте"), "b1", peer="boris" + "0" * 30, clock=clock))
        clock.forward(timedelta(seconds=2))
        await web.hear(event(Text("ладно"), "later", clock=clock))
    assert len(bot.heard) == BURST + 2


async def test_the_desk_shows_the_card_under_which_people_still_talk(web: Web, bot: Bot, clock: HandClock) -> None:
    card = await says(web, Outgoing(id=1, to=DESK, text="Старая карточка"))
    assert isinstance(card, Sent)
    for number in range(2, 7):
        await says(web, Outgoing(id=number, to=DESK, text=f"Карточка {number}"))
    await says(web, Outgoing(id=9, to=DESK, text="Анна: ещё вопрос", reply_to=card.message_id))
    shown = await web.messages(DESK, limit=3)
    assert [row.text for row in shown] == ["Старая карточка", "Карточка 5", "Карточка 6", "Анна: ещё вопрос"]


async def test_the_page_knows_where_the_visitor_stands(web: Web, database: Database, clock: HandClock) -> None:
    assert await web.position(ANNA) is None
    async with database.write() as db:
        identity = await people.record_identity(
            db, channel="web", external_id=ANNA, pseudonym="p", touch={}, now=clock.now()
        )  # fmt: skip
        await db.flush()
        row = Conversation(
            identity_id=identity.id, flow="courses", version=3, step="phone", state={}, source="", campaign="",
            started_at=clock.now(), touched_at=clock.now(),
        )  # fmt: skip
        db.add(row)
        await db.flush()
        identity.conversation_id = row.id
    position = await web.position(ANNA)
    assert position is not None and (position.flow, position.version, position.step) == ("courses", 3, "phone")


async def test_two_repeats_of_one_outbox_row_never_make_two_rows(web: Web, database: Database) -> None:
    hello = Outgoing(id=7, to=ANNA, text="Здравствуйте!")
    outcomes = await asyncio.gather(*(says(web, hello) for _ in range(5)))
    numbers = {one.message_id for one in outcomes if isinstance(one, Sent)}
    async with database.read() as db:
        assert await db.scalar(select(func.count()).select_from(WebMessage)) == 1
    assert len(numbers) == 1

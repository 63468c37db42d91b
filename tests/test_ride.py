"""Delivery's rounds that go along with the transaction of a batch: an answer waits for the disk once, and nothing that
goes wrong in between is lost or said twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from bot.channels import Moved, Outcome, Outgoing, Refused, Sent, Unknown
from bot.clock import HandClock, SystemClock
from bot.delivery import Delivery
from bot.pace import Rate
from bot.quick_answers import LONGEST
from bot.screens import find_button
from dialogs.choosing import _root
from dialogs.cleaning import folded
from handlers.inbound import Heard, Inbound, PhoneCard, Press, Start, Text
from storage.crash import arm
from storage.database import Database
from storage.outbox import promise, promise_row
from storage.tables import Outbox, ParkedEvent

from .conftest import NOON
from .person_play import DESK, OLGA, Play
from .test_delivery import Bench, Wire, _cancel, _until, hold

HELLO, NAME = "записаться", "согласен"


@asynccontextmanager
async def running(play: Play) -> AsyncIterator[asyncio.Task[None]]:
    commits: list[object] = []
    note = commits.append
    event.listen(play.database.engine.sync_engine, "commit", note)
    task = asyncio.create_task(play.app.delivery.run())
    await _until(lambda: len(commits) >= 2)  # it has looked at each network's queue
    event.remove(play.database.engine.sync_engine, "commit", note)
    await asyncio.sleep(0.1)
    try:
        yield task
    finally:
        await _cancel(task)


def hears(play: Play, what: Heard, sender: str, chat: str = "", name: str = "Анна") -> Inbound:
    return Inbound(
        channel="telegram", event_id=f"{sender}-{next(play._events)}", sender=sender, chat=chat or sender,
        at=play.clock.now(), heard=what, first_name=name, full_name=name,
    )  # fmt: skip


def heard(play: Play, words: str, *ids: str) -> list[Inbound]:
    """All of them say it at once."""
    return [hears(play, Start("test_drive") if words == "/start" else Text(words), one) for one in ids]


async def say(play: Play, words: str, *ids: str) -> None:
    await play.app.receive(heard(play, words, *ids))


async def statuses(database: Database) -> list[str]:
    async with database.read() as db:
        return list((await db.scalars(select(Outbox.status).order_by(Outbox.id))).all())


async def settled(play: Play, ids: tuple[str, ...], number: int) -> None:
    """Each of them has seen so many messages, and all is written."""
    async with asyncio.timeout(10):
        while {len(play.networks["telegram"].screens[one]) for one in ids} != {number} or set(
            await statuses(play.database)
        ) - {"sent"}:
            await asyncio.sleep(0.01)


def setting_out(wire: Wire) -> list[str]:
    """Chats, as messages to them begin to be sent, whether or not they are held."""
    chats: list[str] = []
    send = wire.send

    async def noting(message: Outgoing) -> Outcome:
        chats.append(message.to)
        return await send(message)

    wire.send = noting  # type: ignore[method-assign]
    return chats


@pytest.fixture
async def play(database: Database, clock: HandClock) -> Play:
    play = await Play.begin(database, clock)
    for one in range(7001, 7041):
        play.networks["telegram"].screens[str(one)] = []
    return play


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


PEOPLE = tuple(str(one) for one in range(7001, 7041))
ANNA = PEOPLE[:1]


async def test_an_answer_leaves_with_the_commit_that_promised_it(play: Play) -> None:
    commits: list[object] = []
    wire, at_send = play.networks["telegram"], []
    send = wire.send

    async def noting(message: Outgoing) -> Outcome:
        at_send.append(len(commits))
        return await send(message)

    wire.send = noting  # type: ignore[method-assign]
    async with running(play):
        event.listen(play.database.engine.sync_engine, "commit", commits.append)
        await say(play, "/start", *ANNA)
        await settled(play, ANNA, 1)
    assert at_send == [1], "one transaction hears, answers and claims"


async def test_an_answer_is_not_looked_for_by_the_transaction_that_promised_it(sqlite: Database, clock) -> None:
    """Where messages have their numbers before they are written; PostgreSQL gives most of them later."""
    said: list[str] = []
    play = await Play.begin(sqlite, clock)
    for one in PEOPLE[:3]:
        play.networks["telegram"].screens[one] = []
    async with running(play):
        engine = play.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        await say(play, "/start", *PEOPLE[:3])
        await settled(play, PEOPLE[:3], 1)
    claims = [one for one in said if one.startswith("UPDATE outbox SET status='sending'") and "NOT (EXISTS" in one]
    assert len(claims) == 1


async def test_what_has_arrived_is_seen_by_the_batch_that_takes_it_along(database: Database, clock: HandClock) -> None:
    """A press may be about a message whose arrival is written by the very transaction that serves the press."""
    bench = Bench(database, clock, wire := Wire())
    second = hold(wire, lambda message: message.text == "Заявка 2")
    for text in ("Заявка 1", "Заявка 2"):
        await bench.owe(text, to="-5", role="card")
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(wire.asked) == 1)  # a moment is waited for the rest of the line
    ride = bench.delivery.ride()
    async with database.write(last=ride.end) as db:
        await ride.begin(db)
        seen = list((await db.scalars(select(Outbox.status).order_by(Outbox.id))).all())
    ride.arrive()
    assert seen == ["sent", "sending"] and bench.counted("sent") == 1
    second.set()
    await _until(lambda: bench.counted("sent") == 2)
    await _cancel(task)


async def test_T10_what_had_to_wait_for_its_chat_goes_when_that_opens(sqlite: Database) -> None:
    """It was promised by a batch that found the chat closed, and nothing else happens."""
    rates = {"telegram": Rate(chat_per_second=2, chat_burst=1)}
    bench = Bench(sqlite, SystemClock(), wire := Wire(), rates=rates)  # type: ignore[arg-type]
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.2)
    for text in ("first", "second"):
        ride = bench.delivery.ride()
        async with sqlite.write(last=ride.end) as db:
            await ride.begin(db)
            promise(db, now=bench.clock.now(), channel="telegram", to="1", role="reply", text=text, identity_id=1)
        bench.delivery.wake(ride.arrive())
        await asyncio.sleep(0.1)
    assert wire.texts == ["first"]
    await _until(lambda: wire.texts == ["first", "second"])
    await _cancel(task)


@pytest.mark.parametrize(("waiting", "next_one"), [(30, "99"), (31, "31")])
async def test_T10_who_is_answered_now_comes_after_those_who_wait_for_a_place(
    sqlite: Database, waiting: int, next_one: str
) -> None:
    """Thirty are on the wire at once. The place that is free as the batch is served is taken by the first in line."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())
    boris, others = hold(wire, lambda message: message.to == "1"), hold(wire, lambda message: message.to != "1")
    set_out = setting_out(wire)
    for person in range(1, waiting + 1):
        await bench.owe(str(person), to=str(person), identity_id=person)
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(set_out) == 30)
    await asyncio.sleep(0.05)  # whatever else it may want to do
    ride = bench.delivery.ride()
    async with sqlite.write(last=ride.end) as db:
        boris.set()
        await _until(lambda: "1" in wire.texts)
        await asyncio.sleep(0)
        await ride.begin(db)
        known = {"now": bench.clock.now(), "channel": "telegram", "role": "reply", "text": "?"}
        await promise_row(db, to="99", identity_id=99, **known)
    bench.delivery.wake(ride.arrive())
    await _until(lambda: len(set_out) > 30)
    others.set()
    assert set_out[30] == next_one
    await _cancel(task)


async def test_T10_nobody_passes_those_whom_delivery_was_woken_for_and_has_not_looked_for(sqlite: Database) -> None:
    """Promised by a transaction that nobody went along with, while the next batch holds the lock that delivery waits
    for. There is one place on the wire."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())
    others = hold(wire, lambda message: True)
    set_out = setting_out(wire)
    for person in range(1, 30):
        await bench.owe(str(person), to=str(person), identity_id=person)
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(set_out) == 29)
    await asyncio.sleep(0.1)
    known = {"now": bench.clock.now(), "channel": "telegram", "role": "reply", "text": "?"}
    async with sqlite.write() as db:
        await promise_row(db, to="31", identity_id=31, **known)
    ride = bench.delivery.ride()
    async with sqlite.write(last=ride.end) as db:
        bench.delivery.wake()
        await asyncio.sleep(0.05)
        await ride.begin(db)
        await promise_row(db, to="99", identity_id=99, **known)
    bench.delivery.wake(ride.arrive())
    await _until(lambda: len(set_out) > 29)
    others.set()
    await _cancel(task)
    assert set_out[29] == "31"


async def test_everybody_is_answered_when_the_last_of_them_is(database: Database, clock: HandClock) -> None:
    """More people than are on the wire at once, and a desk that nobody waits for."""
    bench = Bench(database, clock, wire := Wire())
    wire.gate = asyncio.Event()
    for person in range(1, 46):
        await bench.owe("hello", to=str(person), identity_id=person)
    await bench.owe("Заявка", to="-5", role="card")
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(wire.asked) == 30)
    answered = asyncio.create_task(bench.delivery.answered("telegram"))
    await asyncio.sleep(0.05)
    assert not answered.done()
    card = hold(wire, lambda message: message.to == "-5")
    wire.gate.set()
    await asyncio.wait_for(answered, 5)
    assert sum(one.to != "-5" for one in wire.asked) == 45
    await asyncio.wait_for(bench.delivery.answered("telegram"), 1)
    await asyncio.wait_for(bench.delivery.answered("web"), 1)
    card.set()
    await _until(lambda: bench.counted("sent") == 46)
    await _cancel(task)


async def test_nobody_is_called_answered_while_a_round_is_about_to_answer(sqlite: Database) -> None:
    """It waits for the database; a card lands meanwhile."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    card = hold(wire, lambda message: message.to == "-5")
    await bench.owe("card", to="-5", role="card")
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.3)
    await bench.owe("reply", to="1", identity_id=1)
    async with sqlite.write():
        bench.delivery.wake()
        await asyncio.sleep(0.02)
        answered = asyncio.create_task(bench.delivery.answered("telegram"))
        await asyncio.sleep(0.02)
        card.set()
        await asyncio.sleep(0.05)
        assert not answered.done()
    await asyncio.wait_for(answered, 3)
    assert "reply" in wire.texts
    await _cancel(task)


async def test_a_batch_does_not_touch_what_a_round_of_deliverys_own_has_in_hand(database: Database) -> None:
    """PostgreSQL has several writers: the row is locked, so that the round waits in the middle."""
    if database.is_sqlite:
        return  # has one
    bench = Bench(database, SystemClock(), Wire())  # type: ignore[arg-type]
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.2)
    row = await bench.owe("hello", identity_id=1)
    async with database.write() as locks:
        await locks.execute(update(Outbox).where(Outbox.id == row).values(priority=1))
        bench.delivery.wake()  # it waits for the row
        await asyncio.sleep(0.2)
        ride = bench.delivery.ride()
        async with database.write(last=ride.end) as db:
            await ride.begin(db)
            promise(db, now=bench.clock.now(), channel="telegram", to="2", role="reply", text="hi", identity_id=2)
        waiting = ride.arrive()
        assert waiting == {"telegram"}, "nobody went along"
    bench.delivery.wake(waiting)
    await _until(lambda: bench.counted("sent") == 2)
    await _cancel(task)


async def test_a_batch_takes_along_what_a_round_that_waits_for_the_database_would_write(sqlite: Database) -> None:
    """Somebody answers a card the next moment; who serves that must find it."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    card = hold(wire, lambda message: True)
    await bench.owe("Заявка", to="-5", role="card")
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.3)
    ride = bench.delivery.ride()
    async with sqlite.write(last=ride.end) as db:
        card.set()
        await asyncio.sleep(0.1)  # its round waits for this very transaction
        await ride.begin(db)
        assert list((await db.scalars(select(Outbox.status))).all()) == ["sent"]
    ride.arrive()
    assert bench.counted("sent") == 1
    await _cancel(task)


@pytest.mark.parametrize("late", [0.2, 30.0])
async def test_a_manager_who_answers_before_the_network_has_told_the_cards_number_is_understood(
    play: Play, late: float
) -> None:
    """A desk that hangs holds nobody up longer than a second."""
    anna, wire = play.person("Анна", "990022"), play.networks["telegram"]
    told, send = asyncio.Event(), wire.send

    async def slow(message: Outgoing) -> Outcome:
        sent = await send(message)
        if message.to == DESK:
            await told.wait()
        return sent

    await anna.agrees()
    for said in ("Кроссовер", "на этой неделе", "12", "Нет", "Анна Снегирёва"):
        await anna.says(said)
    wire.send = slow  # type: ignore[method-assign]
    async with running(play):
        await play.app.receive([hears(play, PhoneCard("+79001234567", True), anna.id)])
        await _until(lambda: bool(wire.screens[DESK]))
        loop = asyncio.get_running_loop()
        begun = loop.time()
        loop.call_later(late, told.set)
        answer = Text("Ждём вас в субботу", reply_to=wire.screens[DESK][0].id)
        await play.app.receive([hears(play, answer, OLGA, DESK, "Ольга")])
        assert loop.time() - begun < 3
        if late < 1:
            await _until(lambda: "Ждём вас в субботу" in wire.screens[anna.id][-1].text)
        told.set()


async def test_an_answer_to_a_card_that_is_known_waits_for_no_other(play: Play) -> None:
    """Another card is on its way to that desk."""
    anna, wire = play.person("Анна", "990022"), play.networks["telegram"]
    await anna.agrees()
    for said in ("Кроссовер", "на этой неделе", "12", "Нет", "Анна Снегирёва"):
        await anna.says(said)
    await play.hears("telegram", PhoneCard("+79001234567", True), anna.id)
    card, asked = wire.screens[DESK][-1].id, asyncio.Event()

    async def hangs(message: Outgoing) -> Outcome:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    wire.send = hangs  # type: ignore[method-assign]
    async with running(play):
        async with play.database.write() as db:
            promise(db, now=play.clock.now(), channel="telegram", to=DESK, role="note", text="Другой лид")
        play.app.delivery.wake()
        await asked.wait()
        begun = asyncio.get_running_loop().time()
        await play.app.receive([hears(play, Text("Ждём вас", reply_to=card), OLGA, DESK, "Ольга")])
        assert asyncio.get_running_loop().time() - begun < LONGEST


async def test_a_round_of_deliverys_own_waits_for_one_that_goes_along(database: Database) -> None:
    """Both would write how the same message ended."""
    bench = Bench(database, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    second = hold(wire, lambda message: message.text == "Заявка 2")
    for text in ("Заявка 1", "Заявка 2"):
        await bench.owe(text, to="-5", role="card")
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(wire.asked) == 1)
    ride = bench.delivery.ride()
    async with database.write(last=ride.end) as db:
        await ride.begin(db)
        promise(db, now=bench.clock.now(), channel="telegram", to="1", role="reply", text="hi", identity_id=1)
        await db.flush()
        bench.delivery.wake()
        await asyncio.sleep(0.2)
    assert ride.arrive() == set(), "claimed, and on its way"
    second.set()
    await _until(lambda: bench.counted("sent") == 3)
    assert wire.texts.count("hi") == 1 and not bench.metrics.value("leadbot_failures_total", where="delivery")
    await _cancel(task)


async def test_a_batch_that_fails_is_served_one_by_one_and_everybody_is_answered_once(play: Play) -> None:
    async with running(play):
        await say(play, "/start", *PEOPLE)
        fails_at("before commit of events", ValueError)
        await say(play, HELLO, *PEOPLE)
        await settled(play, PEOPLE, 3)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("failure", [OSError, ValueError])
@pytest.mark.parametrize(
    "point", ["before sending commit", "before sent commit", "after sending commit", "after sent commit"]
)
async def test_a_round_that_fails_on_the_way_costs_nobody_an_answer(
    play: Play, point: str, failure: type[Exception], times: int
) -> None:
    async with running(play):
        await say(play, "/start", *PEOPLE)
        await settled(play, PEOPLE, 1)
        fails_at(point, failure, times=times)
        batch = heard(play, HELLO, *PEOPLE)
        for _ in range(3):  # a channel offers it until it is taken
            with suppress(OSError):
                await play.app.receive(batch)
                break
        await settled(play, PEOPLE, 3)
    async with play.database.read() as db:
        assert (await db.scalars(select(ParkedEvent))).all() == [], "it is no event's fault"


async def test_R14_a_commit_that_reports_an_error_sends_nothing_that_is_not_written(play: Play) -> None:
    fails = [True]

    def commit(_: object) -> None:
        if fails:
            fails.pop()
            raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    async with running(play):
        await say(play, "/start", *PEOPLE)
        await settled(play, PEOPLE, 1)
        event.listen(play.database.engine.sync_engine, "commit", commit)
        with pytest.raises(OperationalError):
            await say(play, HELLO, *PEOPLE)
        await asyncio.sleep(0.1)
        assert {len(play.networks["telegram"].screens[one]) for one in PEOPLE} == {1}
        await say(play, HELLO, *PEOPLE)  # as its channel does: nothing was acknowledged
        await settled(play, PEOPLE, 3)


async def test_I9_what_was_refused_is_written_and_holds_up_nobody(play: Play) -> None:
    wire, send = play.networks["telegram"], play.networks["telegram"].send
    refused = asyncio.Event()

    async def refusing(message: Outgoing) -> Outcome:
        if message.to == ANNA[0]:
            refused.set()
            return Refused("no")
        return await send(message)

    wire.send = refusing  # type: ignore[method-assign]
    others = PEOPLE[1:]
    async with running(play):
        await say(play, "/start", *PEOPLE)
        await refused.wait()
        await say(play, HELLO, *others)
        async with asyncio.timeout(10):
            while "refused" not in (seen := await statuses(play.database)) or set(seen) - {"sent", "refused"}:
                await asyncio.sleep(0.01)
    assert {len(wire.screens[one]) for one in others} == {3} and seen.count("refused") == 1


async def test_N6_a_network_in_doubt_is_not_written_to_by_a_batch(play: Play) -> None:
    wire, send = play.networks["telegram"], play.networks["telegram"].send
    asked: list[str] = []

    async def silent(message: Outgoing) -> Outcome:
        asked.append(message.to)
        return Unknown("timeout")

    wire.send = silent  # type: ignore[method-assign]
    async with running(play):
        await say(play, "/start", *ANNA)
        await _until(lambda: len(asked) == 1)
        await asyncio.sleep(0.1)
        await say(play, "/start", *PEOPLE[1:])
        await asyncio.sleep(0.2)
    assert len(asked) < 5, "one at a time, until it answers"
    wire.send = send  # type: ignore[method-assign]
    play.clock.forward(timedelta(minutes=2))
    await play.app.delivery.drain()
    assert "unknown" not in await statuses(play.database)


async def test_O2_a_stop_in_the_middle_of_a_batch_leaves_nothing_half_way(play: Play) -> None:
    """What it promised is due, or is sent and written."""
    task = asyncio.create_task(play.app.delivery.run())
    await asyncio.sleep(0.3)
    batch = asyncio.create_task(say(play, "/start", *PEOPLE))
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task, batch})
    assert set(await statuses(play.database)) <= {"due", "sent"}
    seen = sum(len(play.networks["telegram"].screens[one]) for one in PEOPLE)
    assert seen == (await statuses(play.database)).count("sent")


async def test_O2_a_stop_while_a_batch_commits_cuts_off_nothing_that_it_claimed(play: Play) -> None:
    wire, send = play.networks["telegram"], play.networks["telegram"].send
    cut: list[str] = []

    async def slow(message: Outgoing) -> Outcome:
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            cut.append(message.to)
            raise
        return await send(message)

    wire.send = slow  # type: ignore[method-assign]
    async with running(play) as task:

        def stops(passed: str) -> None:
            if passed == "before sending commit":
                arm(None)
                task.cancel()

        arm(stops)
        await say(play, "/start", *PEOPLE[:10])
        await asyncio.wait({task})
    assert not cut and set(await statuses(play.database)) <= {"due", "sent"}


async def test_N6_a_failure_of_one_network_after_the_commit_leaves_no_other_aboard(sqlite: Database) -> None:
    bench = Bench(sqlite, SystemClock(), Wire(), Wire("vk"))  # type: ignore[arg-type]
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.3)
    fails_at("after sending commit", ValueError)
    ride = bench.delivery.ride()
    async with sqlite.write(last=ride.end) as db:
        await ride.begin(db)
        for number, channel in enumerate(("telegram", "vk"), 1):
            promise(db, now=NOON, channel=channel, to="1", role="reply", text="hi", identity_id=number)
    with pytest.raises(ValueError, match="in the middle"):
        ride.arrive()
    for channel in ("telegram", "vk"):
        await _until(lambda channel=channel: bench.counted("sent", channel) == 1)  # type: ignore[misc]
    await _cancel(task)


async def test_M10_after_a_group_has_moved_an_answer_leaves_with_its_commit_as_before(database: Database) -> None:
    bench = Bench(database, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    once: list[Outcome] = [Moved("-1005")]
    wire.answer = lambda message: once.pop() if once else Sent("5")
    await bench.owe("card", to="-5", role="card")
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 1)
    await asyncio.sleep(0.1)
    ride = bench.delivery.ride()
    async with database.write(last=ride.end) as db:
        await ride.begin(db)
        promise(db, now=bench.clock.now(), channel="telegram", to="-5", role="card", text="card 2")
    assert ride.arrive() == set()
    await _until(lambda: bench.counted("sent") == 2)
    await _cancel(task)
    assert [one.to for one in wire.asked] == ["-5", "-1005", "-1005"]


async def test_L14_a_card_that_waits_in_a_line_is_not_shown_after_its_person_is_erased(play: Play) -> None:
    wire, send = play.networks["telegram"], play.networks["telegram"].send
    boris, anna = play.person("Борис", "880011"), play.person("Анна", "990022")
    for one in (boris, anna):
        await one.agrees()
        for said in ("Кроссовер", "на этой неделе", "12", "Нет", f"{one.name} Снегирёва"):
            await one.says(said)
    slow_desk, shown = asyncio.Event(), []

    async def slow(message: Outgoing) -> Outcome:
        if message.to == DESK:
            shown.append(message.text)
            await slow_desk.wait()
        return await send(message)

    wire.send = slow  # type: ignore[method-assign]
    async with running(play):
        await play.app.receive(
            [
                hears(play, PhoneCard("+79051112233", True), boris.id, name=boris.name),
                hears(play, PhoneCard("+79054445566", True), anna.id, name=anna.name),
            ]
        )
        await _until(lambda: len(shown) == 1)
        await play.app.receive([hears(play, Text("удалите мои данные"), anna.id, name=anna.name)])
        await _until(lambda: "Да, удалить всё" in str(anna.last.buttons))
        message, button = find_button(anna.screen, "Да, удалить всё", None)
        assert button is not None
        await play.app.receive([hears(play, Press(button.key, "q", message.id), anna.id, name=anna.name)])
        slow_desk.set()
        async with asyncio.timeout(5):
            while set(await statuses(play.database)) & {"due", "sending"}:
                await asyncio.sleep(0.01)
    assert not any("905 444" in text for text in shown), "her telephone number, after it was deleted"
    assert {folded.cache_info().currsize, _root.cache_info().currsize} == {0}, "nor is what she said remembered"


async def test_O2_a_stop_while_a_round_waits_for_the_database_ends_with_that_round(sqlite: Database) -> None:
    bench = Bench(sqlite, SystemClock(), Wire())  # type: ignore[arg-type]
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.2)
    async with sqlite.write():
        bench.delivery.wake()
        await asyncio.sleep(0.1)  # it waits for the writer
        task.cancel()
        await asyncio.sleep(0.1)
    done, _ = await asyncio.wait({task}, timeout=3)
    assert done, "it waits for nothing"


class Died(BaseException):
    """A simulated kill -9."""


@pytest.mark.parametrize("point", ["before sending commit", "after sending commit", "before ack"])
async def test_M13_death_in_a_batch_that_claims_loses_nothing(play: Play, point: str) -> None:
    def die(passed: str) -> None:
        if passed == point:
            arm(None)
            raise Died

    task = asyncio.create_task(play.app.delivery.run())
    await asyncio.sleep(0.3)
    arm(die)
    with suppress(Died):
        await say(play, "/start", *ANNA)
    task.cancel()
    await asyncio.wait({task})
    reborn = Delivery(play.database, play.networks, play.clock)
    play.app.delivery = reborn
    await say(play, "/start", *ANNA)  # offered again, with another number even
    for _ in range(3):
        await reborn.drain()
        play.clock.forward(timedelta(seconds=10))
    assert play.networks["telegram"].screens[ANNA[0]], "she is answered"
    assert set(await statuses(play.database)) == {"sent"}


def fails_at(point: str, failure: type[Exception], times: int = 1) -> None:
    left = [point] * times

    def hook(passed: str) -> None:
        if passed in left:
            left.remove(passed)
            raise failure("in the middle")

    arm(hook)

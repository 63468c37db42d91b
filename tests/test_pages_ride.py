"""What a batch promises to our own pages is shown by its own transaction; what fails on the way fails for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from bot.alarms import Alarms
from bot.channels.web import DESK, Web
from bot.clock import HandClock, SystemClock
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.pages_worker import AT_ONCE, WARY, PagesWorker
from bot.ride import Ride
from handlers.inbound import Inbound, PhoneCard
from handlers.work import Desk
from storage.crash import arm
from storage.database import Database
from storage.outbox import cancel, promise, promise_row
from storage.tables import Outbox, ParkedEvent

from .person_play import Play
from .test_pages_worker import ANNA, Bench, Choking, ends

Died = type("Died", (BaseException,), {})


@pytest.fixture
def bench(database: Database) -> Bench:
    return Bench(database, SystemClock(), Web(database, SystemClock()))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[list[object]]:
    """With what has been committed since delivery looked at the queue."""
    commits: list[object] = []
    note = commits.append
    event.listen(bench.database.engine.sync_engine, "commit", note)
    task = asyncio.create_task(bench.delivery.run())
    async with asyncio.timeout(10):
        while len(commits) < 2:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    commits.clear()
    yield commits
    await ends(task)


@asynccontextmanager
async def batch(bench: Bench) -> AsyncIterator[Any]:
    """A transaction as the app makes them."""
    ride: Ride = bench.delivery.ride()
    try:
        async with bench.database.write(last=ride.end) as db:
            await ride.begin(db)
            yield db
    except BaseException:
        ride.fail()
        bench.delivery.wake()
        raise
    if waiting := ride.arrive():
        bench.delivery.wake(waiting)


async def promises(bench: Bench, *words: str, to: str = DESK) -> None:
    async with batch(bench) as db:
        for one in words:
            promise(db, now=bench.clock.now(), channel="web", to=to, role="card", text=one)


async def until_all(bench: Bench, *statuses: str) -> None:
    async with asyncio.timeout(10):
        while await bench.statuses() != list(statuses):
            await asyncio.sleep(0.01)


async def test_a_card_is_shown_by_the_transaction_that_promised_it_and_costs_no_other(bench: Bench) -> None:
    told: list[str] = []
    bench.web.watch(DESK, lambda: told.append(DESK), lambda notice: None)
    async with running(bench) as commits:
        await promises(bench, "Заявка 1", "Заявка 2")
        assert await bench.shown() == ["Заявка 1", "Заявка 2"]
        assert set(await bench.statuses()) == {"sent"} and bench.counted("sent") == 2 and told == [DESK]
        await asyncio.sleep(0.2)
    assert len(commits) == 1


async def test_a_batch_that_takes_its_time_holds_up_no_page(postgresql_url: str) -> None:
    """Where there are several writers. It may promise something to pages itself, at its end."""
    database = Database(postgresql_url)
    bench = Bench(database, SystemClock(), Web(database, SystemClock()))  # type: ignore[arg-type]
    async with running(bench):
        for words in ((), ("Заявка 1",)):
            begun, over = asyncio.Event(), asyncio.Event()

            async def slow(begun: asyncio.Event = begun, over: asyncio.Event = over, words: Any = words) -> None:
                async with batch(bench) as db:
                    begun.set()
                    await over.wait()
                    for one in words:
                        promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text=one)

            slowly = asyncio.create_task(slow())
            await begun.wait()
            await promises(bench, "Здравствуйте!", to=ANNA)
            assert (await bench.shown(ANNA))[-1] == "Здравствуйте!" and not slowly.done()
            over.set()
            await slowly
        assert await bench.shown() == ["Заявка 1"] and len(await bench.shown(ANNA)) == 2
    await database.close()


async def test_a_visitor_is_answered_by_the_transaction_that_served_them(bench: Bench) -> None:
    async with running(bench) as commits:
        async with batch(bench) as db:
            for to, number in ((ANNA, 1), ("boris", 2)):
                promise(
                    db, now=bench.clock.now(), channel="web", to=to, role="reply", text="Здравствуйте!",
                    identity_id=number,
                )  # fmt: skip
        assert await bench.shown(ANNA) == await bench.shown("boris") == ["Здравствуйте!"]
        await asyncio.sleep(0.2)
    assert len(commits) == 1


async def test_an_open_page_is_told_when_it_can_be_read(bench: Bench) -> None:
    told: list[asyncio.Task[list[str]]] = []
    bench.web.watch(DESK, lambda: told.append(asyncio.create_task(bench.shown())), lambda notice: None)
    async with running(bench):
        await promises(bench, "Новая заявка")
        assert [await one for one in told] == [["Новая заявка"]]


async def test_what_one_look_does_not_find_is_shown_by_rounds_of_its_own(bench: Bench) -> None:
    """Many cards, and an edit promised with its card."""
    words = [f"Заявка {number}" for number in range(2 * AT_ONCE + 3)]
    async with running(bench):
        await promises(bench, *words)
        assert len(await bench.shown()) >= AT_ONCE
        await until_all(bench, *["sent"] * len(words))
        async with batch(bench) as db:
            now = bench.clock.now()
            card = await promise_row(db, now=now, channel="web", to=DESK, role="card", text="Новая")
            promise(db, now=now, channel="web", to=DESK, role="card", text="Взяла Ольга", act="edit", target_id=card.id)
        await until_all(bench, *["sent"] * (len(words) + 2))
    assert await bench.shown() == [*words, "Взяла Ольга"] and bench.counted("sent") == len(words) + 2


async def test_what_a_batch_promises_and_takes_back_is_not_shown(bench: Bench) -> None:
    async with running(bench):
        async with batch(bench) as db:
            promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text="Новая заявка")
            await cancel(db, Outbox.to == DESK, now=bench.clock.now(), reason="erased")
        await promises(bench, "Другая")
    assert await bench.shown() == ["Другая"] and await bench.statuses() == ["cancelled", "sent"]


async def test_nobody_goes_along_before_delivery_runs_or_after_it(bench: Bench) -> None:
    await promises(bench, "до")
    assert await bench.shown() == []
    async with running(bench):
        await until_all(bench, "sent")
    await promises(bench, "после")
    assert await bench.shown() == ["до"]


async def test_O2_a_stop_in_the_middle_of_a_batch_leaves_nothing_half_way(bench: Bench) -> None:
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.3)
    async with batch(bench) as db:
        promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text="Новая заявка")
        await db.flush()
        task.cancel()
        await asyncio.sleep(0.05)
    done, _ = await asyncio.wait({task}, timeout=3)
    assert done and await bench.shown() == ["Новая заявка"] and bench.counted("sent") == 1


async def test_a_round_of_our_own_waits_for_one_that_goes_along(bench: Bench) -> None:
    async with running(bench):
        async with batch(bench) as db:
            promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text="Новая заявка")
            await db.flush()
            bench.delivery.wake()
            await asyncio.sleep(0.2)
        await asyncio.sleep(0.2)
    assert await bench.shown() == ["Новая заявка"] and bench.counted("sent") == 1
    assert not bench.metrics.value("leadbot_failures_total", where="delivery")


async def test_a_batch_does_not_touch_what_a_round_of_our_own_has_in_hand(bench: Bench) -> None:
    """PostgreSQL has several writers: the row is locked, so that the round waits in the middle."""
    if bench.database.is_sqlite:
        return  # has one
    async with running(bench):
        row = await bench.owe("первая")
        async with bench.database.write() as locks:
            await locks.execute(update(Outbox).where(Outbox.id == row).values(priority=1))
            bench.delivery.wake()
            await asyncio.sleep(0.2)
            await promises(bench, "вторая")  # and waits for nobody
            assert await bench.shown() == []
        await until_all(bench, "sent", "sent")
    assert await bench.shown() == ["первая", "вторая"]


async def test_a_card_that_cannot_be_written_costs_nobody_an_answer(database: Database, clock: HandClock) -> None:
    """Those who were served with it are served again, one by one; and it is refused when it is known which it is."""
    play = await Play.begin(database, clock)
    people = [play.person(name, f"77000{number}") for number, name in enumerate(("Анна", "Борис", "Вера"))]
    for one in people:
        await one.agrees()
        for said in ("Кроссовер", "на этой неделе", "12", "Нет", f"{one.name} Снегирёва"):
            await one.says(said)
    metrics = Metrics()
    channels = {**play.networks, "web": Choking(database, clock, word="Борис")}
    play.app.delivery = Delivery(database, channels, clock, metrics=metrics)
    play.app.desks = (*play.app.desks, Desk("web", DESK))
    asked = [len(one.heard()) for one in people]
    task = asyncio.create_task(play.app.delivery.run())
    await asyncio.sleep(0.3)
    await play.app.receive([
        Inbound(
            channel="telegram", event_id=f"card-{one.id}", sender=one.id, chat=one.id, at=clock.now(),
            heard=PhoneCard("+79051112233", True), first_name=one.name, full_name=one.name,
        )
        for one in people
    ])  # fmt: skip
    outcomes = select(Outbox.status).where(Outbox.channel == "web").order_by(Outbox.id)
    async with asyncio.timeout(10):
        while True:
            async with database.read() as db:
                seen = (await db.scalars(outcomes)).all()
            if len(seen) >= 3 and "due" not in seen:
                break
            await asyncio.sleep(0.01)
    await ends(task)
    assert sorted(set(seen)) == ["refused", "sent"] and seen.count("refused") == 1
    assert metrics.value("leadbot_failures_total", where="delivery") == 1
    assert all(len(one.heard()) > before for one, before in zip(people, asked, strict=True))
    async with database.read() as db:
        assert (await db.scalars(select(ParkedEvent))).all() == [], "it is no event's fault"


async def test_after_a_failure_nobody_is_gone_along_with_for_a_while(database: Database) -> None:
    bench = Bench(database, SystemClock(), Choking(database, SystemClock()))  # type: ignore[arg-type]
    async with running(bench):
        with pytest.raises(ValueError, match="foresaw"):
            await promises(bench, "первая", "яд")
        assert await bench.statuses() == []
        for _ in range(2):
            await promises(bench, "первая", "яд")
            await asyncio.sleep(0.3)  # its own round has made an end of it
        assert await bench.statuses() == ["sent", "refused"] * 2 and WARY >= 30


async def test_R14_a_commit_that_failed_is_forgotten_though_its_numbers_are_given_again(sqlite: Database) -> None:
    bench = Bench(sqlite, SystemClock(), Web(sqlite, SystemClock()))  # type: ignore[arg-type]
    fails = [True]

    def commit(_: object) -> None:
        if fails:
            fails.pop()
            raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    async with running(bench):
        event.listen(sqlite.engine.sync_engine, "commit", commit)
        ride = bench.delivery.ride()
        with pytest.raises(OperationalError):
            async with sqlite.write(last=ride.end) as db:
                await ride.begin(db)
                promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text="Новая заявка")
        ride.fail()
        async with sqlite.write() as db:  # another channel's row has its number now, and ends as it did
            row = await promise_row(db, now=bench.clock.now(), channel="vk", to="1", role="reply", text="hi")
            await db.flush()
            await db.execute(update(Outbox).where(Outbox.id == row.id).values(status="sent"))
        bench.delivery.wake()
        await asyncio.sleep(0.2)
        assert row.id == 1 and bench.counted("sent") == 0 and await bench.shown() == []
        await promises(bench, "Новая заявка")
        assert await bench.shown() == ["Новая заявка"] and bench.counted("sent") == 1


@pytest.mark.parametrize("failure", [OSError, ValueError])
async def test_R14_a_commit_that_took_effect_and_reported_an_error_is_counted_and_told_once(
    bench: Bench, failure: type[Exception]
) -> None:
    told: list[str] = []
    bench.web.watch(DESK, lambda: told.append(DESK), lambda notice: None)
    async with running(bench):
        fails_at("after sent commit", failure)
        with pytest.raises(failure, match="in the middle"):
            await promises(bench, "Новая заявка")
        await until_all(bench, "sent")
        await asyncio.sleep(0.2)
        assert await bench.shown() == ["Новая заявка"] and bench.counted("sent") == 1 and told == [DESK]
        await promises(bench, "Другая")
        assert await bench.shown() == ["Новая заявка", "Другая"] and bench.counted("sent") == 2


async def test_R14_nobody_is_gone_along_with_until_what_is_in_doubt_was_looked_up(bench: Bench) -> None:
    worker = PagesWorker(bench.database, bench.web, bench.clock, Alarms(bench.database, bench.clock), bench.metrics)
    await bench.owe("Новая заявка")
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not bench.counted("sent"):
            await asyncio.sleep(0.01)
    async with bench.database.write() as db:
        promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text="Другая")
        this = await worker.board(db)
        assert this is not None
        await worker.claim_along(db, this, {"web"})
        worker.fall_off(this)
        assert await worker.board(db) is None
    async with asyncio.timeout(10):
        while bench.counted("sent") < 2:
            await asyncio.sleep(0.01)
    async with bench.database.write() as db:
        this = await worker.board(db)
        assert this is not None
        worker.fall_off(this)
    await ends(task)


@pytest.mark.parametrize(("point", "left"), [("before sent commit", []), ("after sent commit", ["Новая заявка"])])
async def test_I5_a_death_leaves_a_card_shown_and_sent_or_neither(bench: Bench, point: str, left: list[str]) -> None:
    async with running(bench):
        fails_at(point, Died)
        with pytest.raises(Died):
            await promises(bench, "Новая заявка")
        assert await bench.shown() == left and await bench.statuses() == ["sent"] * len(left)


def fails_at(point: str, failure: type[BaseException]) -> None:
    def hook(passed: str) -> None:
        if passed == point:
            arm(None)
            raise failure("in the middle")

    arm(hook)

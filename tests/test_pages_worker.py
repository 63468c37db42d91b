"""Delivery to our own pages: shown by the transaction that claims it, once or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.channels import Outgoing, Refused, Sent
from bot.channels.web import DESK, Web
from bot.clock import HandClock, SystemClock
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.pages_worker import AT_ONCE
from storage.crash import arm
from storage.database import Database
from storage.outbox import promise, promise_row
from storage.tables import Outbox, WebMessage

ANNA = "anna-" + "0" * 32


class Bench:
    """The web channel with its delivery on a database, and who owes what."""

    def __init__(self, database: Database, clock: HandClock, web: Web) -> None:
        self.database, self.clock, self.web, self.metrics = database, clock, web, Metrics()
        alarms = Alarms(database, clock, admins=[("telegram", "9")], metrics=self.metrics)
        self.delivery = Delivery(database, {"web": web}, clock, alarms=alarms, metrics=self.metrics)

    async def owe(self, words: str, *, to: str = DESK, **more: Any) -> int:
        async with self.database.write() as db:
            row = await promise_row(
                db, now=self.clock.now(), channel="web", to=to, text=words, **{"role": "card"} | more
            )
            return row.id

    async def shown(self, to: str = DESK) -> list[str]:
        return [one.text for one in await self.web.messages(to)]

    async def statuses(self) -> list[str]:
        async with self.database.read() as db:
            mine = select(Outbox.status).where(Outbox.channel == "web").order_by(Outbox.id)
            return list((await db.scalars(mine)).all())

    def counted(self, outcome: str) -> float:
        return self.metrics.value("leadbot_outbox_total", channel="web", outcome=outcome)

    async def runs_until(self, done: Any) -> None:
        running = asyncio.create_task(self.delivery.run())
        try:
            async with asyncio.timeout(10):
                while not await done():
                    await asyncio.sleep(0.01)
        finally:
            await ends(running)


async def ends(running: asyncio.Task[None]) -> None:
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=2)
    assert done, "a stop is not waited for"


@pytest.fixture
def bench(database: Database, clock: HandClock) -> Bench:
    return Bench(database, clock, Web(database, clock))


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


async def test_a_pile_of_cards_is_shown_in_order(bench: Bench) -> None:
    words = [f"Заявка {number}" for number in range(70)]
    async with bench.database.write() as db:
        for one in words:
            promise(db, now=bench.clock.now(), channel="web", to=DESK, role="card", text=one)
            promise(db, now=bench.clock.now(), channel="web", to=ANNA, role="reply", text=one)
    commits: list[object] = []
    event.listen(bench.database.engine.sync_engine, "commit", commits.append)
    await bench.delivery.drain()
    assert 140 / AT_ONCE <= len(commits) < 140 / AT_ONCE + 5, "many in one transaction"
    assert await bench.shown() == await bench.shown(ANNA) == words
    assert set(await bench.statuses()) == {"sent"} and bench.counted("sent") == 140


class Counting(Web):
    def __init__(self, database: Database, clock: HandClock) -> None:
        super().__init__(database, clock)
        self.piles: list[int] = []

    async def put(self, db: AsyncSession, messages: Sequence[Outgoing]) -> list[Sent | Refused]:
        self.piles.append(len(messages))
        return await super().put(db, messages)


async def test_what_is_due_at_once_is_written_together(database: Database, clock: HandClock) -> None:
    bench = Bench(database, clock, web := Counting(database, clock))
    for number in range(AT_ONCE):
        await bench.owe(f"Заявка {number}")
    await bench.delivery.drain()
    assert web.piles == [AT_ONCE]


async def test_a_card_that_is_shown_is_a_card_that_is_written_down_as_sent(bench: Bench) -> None:
    """Nobody ever sees one without the other: there is no moment at which the row is on a wire."""
    await bench.owe("Новая заявка")
    both = select(Outbox.status, WebMessage.text).outerjoin(WebMessage, WebMessage.outbox_id == Outbox.id)
    seen: set[tuple[str, str | None]] = set()

    async def looks() -> bool:
        async with bench.database.read() as db:
            status, words = (await db.execute(both)).one()
        seen.add((status, words))
        return words is not None

    await bench.runs_until(looks)
    assert seen <= {("due", None), ("sent", "Новая заявка")}


async def test_an_open_page_is_told_after_the_commit(bench: Bench) -> None:
    told: list[asyncio.Task[list[str]]] = []
    bench.web.watch(DESK, lambda: told.append(asyncio.create_task(bench.shown())), lambda notice: None)
    await bench.owe("Новая заявка")
    await bench.delivery.drain()
    assert [await one for one in told] == [["Новая заявка"]]


async def test_an_edit_promised_with_its_card_changes_it_and_the_last_of_several_stands(bench: Bench) -> None:
    card = await bench.owe("Новая заявка")
    await bench.owe("Взяла Ольга", act="edit", target_id=card)
    await bench.owe("Готово", act="edit", target_id=card)
    await bench.delivery.drain()
    assert await bench.shown() == ["Готово"]
    assert await bench.statuses() == ["sent", "cancelled", "sent"] and bench.counted("superseded") == 1


async def test_M14_a_card_that_is_gone_is_shown_anew(bench: Bench) -> None:
    card = await bench.owe("Новая заявка")
    await bench.delivery.drain()
    async with bench.database.write() as db:
        await db.execute(update(WebMessage).values(peer="elsewhere"))
    await bench.owe("Взяла Ольга", act="edit", target_id=card)
    await bench.delivery.drain()
    assert await bench.shown() == ["Взяла Ольга"] and bench.counted("sent_anew") == 1
    await bench.owe("Готово", act="edit", target_id=card)
    await bench.delivery.drain()
    assert await bench.shown() == ["Готово"]


@pytest.mark.parametrize(("point", "left"), [("before sent commit", []), ("after sent commit", ["Новая заявка"])])
async def test_I5_a_death_leaves_a_card_shown_once_or_due(bench: Bench, point: str, left: list[str]) -> None:
    class Died(BaseException):
        pass

    def die(passed: str) -> None:
        if passed == point:
            arm(None)
            raise Died

    await bench.owe("Новая заявка")
    arm(die)
    with suppress(Died):
        await bench.delivery.drain()
    assert await bench.shown() == left and await bench.statuses() == ["sent" if left else "due"]
    reborn = Bench(bench.database, bench.clock, Web(bench.database, bench.clock))
    await reborn.delivery.drain()
    assert await reborn.shown() == ["Новая заявка"] and await reborn.statuses() == ["sent"]
    assert reborn.counted("unknown") == 0


async def test_what_a_former_program_left_as_being_sent_is_shown_once(bench: Bench) -> None:
    row_id = await bench.owe("Новая заявка")
    await bench.delivery.drain()
    async with bench.database.write() as db:
        left = {"status": "sending", "done_at": None, "message_id": None}
        await db.execute(update(Outbox).where(Outbox.id == row_id).values(left))
    reborn = Bench(bench.database, bench.clock, Web(bench.database, bench.clock))
    await reborn.delivery.recover()
    bench.clock.forward(timedelta(seconds=5))
    await reborn.runs_until(lambda: _all_sent(reborn))
    assert await reborn.shown() == ["Новая заявка"]


async def _all_sent(bench: Bench) -> bool:
    return set(await bench.statuses()) == {"sent"}


async def test_R14_while_the_page_s_table_is_away_cards_wait_and_are_shown_when_it_is_back(bench: Bench) -> None:
    await bench.owe("Новая заявка")
    async with bench.database.write() as db:
        await db.execute(text("ALTER TABLE web_message RENAME TO away"))

    async def comes_back() -> bool:
        failed = bench.metrics.value("leadbot_failures_total", where="delivery")
        if failed >= 2 and bench.delivery.troubles():
            async with bench.database.write() as db:
                await db.execute(text("ALTER TABLE away RENAME TO web_message"))
            return True
        return False

    await bench.runs_until(comes_back)
    await bench.runs_until(lambda: _all_sent(bench))
    assert await bench.shown() == ["Новая заявка"] and bench.delivery.troubles() == {}


class Choking(Web):
    def __init__(self, database: Database, clock: HandClock, word: str = "яд") -> None:
        super().__init__(database, clock)
        self._word = word

    async def put(self, db: AsyncSession, messages: Sequence[Outgoing]) -> list[Sent | Refused]:
        if any(self._word in one.text for one in messages):
            raise ValueError("what nobody foresaw")
        return await super().put(db, messages)


async def test_a_message_that_cannot_be_written_stops_nobody_and_is_told(
    database: Database, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(database, clock, Choking(database, clock))
    await bench.owe("первая")
    poison = await bench.owe("яд")
    await bench.owe("вторая")
    await bench.owe("яд", to="boris", role="reply", priority=100)
    await bench.owe("Анне", to=ANNA, role="reply")
    await bench.runs_until(lambda: _none_due(bench))
    assert await bench.shown() == ["первая", "вторая"] and await bench.shown(ANNA) == ["Анне"]
    assert await bench.statuses() == ["sent", "refused", "sent", "refused", "sent"]
    assert bench.counted("refused") == 2 and bench.counted("sent") == 3
    assert bench.metrics.value("leadbot_failures_total", where="delivery") == 2, "each failed once"
    assert f"row {poison} cannot be shown" in caplog.text and "web cannot be written" not in caplog.text
    async with database.read() as db:
        alarm = await db.scalar(select(Outbox.body).where(Outbox.role == "alarm"))
    assert alarm is not None and "не доставлена карточка (её не приняли)" in alarm["text"]
    assert bench.metrics.value("leadbot_alarms_total", kind="lost_card") == 1


async def test_after_a_failure_that_is_told_each_is_written_by_itself_for_a_while(
    database: Database, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A poisonous edit is superseded before it can be refused."""

    class Both(Counting, Choking):
        def __init__(self) -> None:
            Choking.__init__(self, database, clock)
            self.piles = []

    bench = Bench(database, clock, web := Both())
    card = await bench.owe("Карточка")
    await bench.delivery.drain()
    await bench.owe("яд", act="edit", target_id=card)
    with pytest.raises(ValueError, match="foresaw"):
        await bench.delivery.drain()
    assert "not shown together" in caplog.text
    await bench.owe("Готово", act="edit", target_id=card)
    await bench.delivery.drain()
    assert await bench.statuses() == ["sent", "cancelled", "sent"]
    web.piles.clear()
    for number in range(2):
        await bench.owe(f"Заявка {number}")
    await bench.delivery.drain()
    assert web.piles == [1, 1]


async def _none_due(bench: Bench) -> bool:
    return "due" not in await bench.statuses()


async def test_a_value_that_the_database_does_not_take_is_the_rows_fault(bench: Bench) -> None:
    """PostgreSQL has no NUL in a text; SQLite does."""
    await bench.owe("первая\x00", to=DESK)
    await bench.owe("вторая", to=DESK)
    await bench.runs_until(lambda: _none_due(bench))
    taken = bench.database.is_sqlite
    assert await bench.statuses() == ["sent" if taken else "refused", "sent"]
    assert (await bench.shown())[-1] == "вторая"


async def test_an_innocent_message_is_not_refused_for_what_befell_the_database(bench: Bench) -> None:
    """One transaction fails over it because the table is away, the next before anything is claimed."""
    await bench.owe("Новая заявка")
    async with bench.database.write() as db:
        await db.execute(text("ALTER TABLE web_message RENAME TO away"))
    with pytest.raises(DBAPIError):
        await bench.delivery.drain()
    async with bench.database.write() as db:
        await db.execute(text("ALTER TABLE away RENAME TO web_message"))

    def breaks(passed: str) -> None:
        if passed == "before sent commit":
            arm(None)
            raise RuntimeError("can't start new thread")

    arm(breaks)
    await bench.runs_until(lambda: _none_due(bench))
    assert await bench.statuses() == ["sent"]


async def test_R14_a_commit_that_took_effect_and_reported_an_error_is_counted_and_shown(
    database: Database, clock: HandClock
) -> None:
    bench, told = Bench(database, clock, Choking(database, clock)), []
    for peer in (DESK, ANNA):
        bench.web.watch(peer, partial(told.append, peer), lambda notice: None)
    await bench.owe("яд")
    await bench.owe("Новая заявка")
    await bench.owe("Здравствуйте!", to=ANNA)
    with pytest.raises(ValueError, match="foresaw"):
        await bench.delivery.drain()

    def reports(passed: str) -> None:
        if passed == "after sent commit":
            arm(None)
            raise OSError("connection lost")

    arm(reports)
    with pytest.raises(OSError, match="lost"):
        await bench.delivery.drain()
    assert told == [] and await bench.statuses() == ["refused", "sent", "sent"]
    await bench.delivery.drain()
    assert sorted(told) == sorted([ANNA, DESK])
    assert (bench.counted("sent"), bench.counted("refused")) == (2, 1)
    assert bench.metrics.value("leadbot_alarms_total", kind="lost_card") == 1
    await bench.delivery.drain()
    assert bench.counted("sent") == 2, "counted once"


async def test_R14_a_commit_that_failed_is_made_again_and_counted_once(bench: Bench) -> None:
    def reports(passed: str) -> None:
        if passed == "before sent commit":
            arm(None)
            raise OSError("disk full")

    await bench.owe("Новая заявка")
    arm(reports)
    with pytest.raises(OSError, match="full"):
        await bench.delivery.drain()
    assert await bench.shown() == [] and await bench.statuses() == ["due"]
    await bench.delivery.drain()
    assert await bench.shown() == ["Новая заявка"] and bench.counted("sent") == 1


async def test_a_page_that_fails_keeps_no_other_from_its_news(bench: Bench) -> None:
    told: list[str] = []

    def fails() -> None:
        raise RuntimeError("a closed page")

    bench.web.watch(DESK, fails, lambda notice: None)
    bench.web.watch(DESK, lambda: told.append(DESK), lambda notice: None)
    bench.web.watch(ANNA, lambda: told.append(ANNA), lambda notice: None)
    await bench.owe("Новая заявка")
    await bench.owe("Здравствуйте!", to=ANNA)
    await bench.delivery.drain()
    assert sorted(told) == sorted([ANNA, DESK]) and bench.counted("sent") == 2


async def test_a_thousand_void_edits_hold_nobody_up(database: Database, clock: HandClock) -> None:
    """Each is the head of its chat's queue only when the one before it is over."""
    bench = Bench(database, clock, Web(database, clock))
    card = await bench.owe("Новая заявка")
    await bench.delivery.drain()
    async with database.write() as db:
        for number in range(300):
            promise(
                db, now=clock.now(), channel="web", to=DESK, role="card", text=f"{number}", act="edit", target_id=card
            )
    commits: list[object] = []
    event.listen(database.engine.sync_engine, "commit", commits.append)
    await bench.delivery.drain()
    assert await bench.shown() == ["299"] and bench.counted("superseded") == 299
    assert len(commits) >= 300 / AT_ONCE, "a few in one transaction: others run between two"


async def test_what_is_due_later_is_shown_then(bench: Bench) -> None:
    row_id = await bench.owe("Новая заявка")
    async with bench.database.write() as db:
        later = bench.clock.now().replace(year=bench.clock.now().year + 1)
        await db.execute(update(Outbox).where(Outbox.id == row_id).values(due_at=later))
    await bench.delivery.drain()
    assert await bench.shown() == []
    bench.clock.forward(later - bench.clock.now())
    await bench.delivery.drain()
    assert await bench.shown() == ["Новая заявка"]


async def test_whoever_is_woken_shows_at_once_and_what_falls_due_is_shown_by_itself(database: Database) -> None:
    """With the clock of the machine: nobody looks in between, however long nothing happens."""
    bench = Bench(database, SystemClock(), Web(database, SystemClock()))  # type: ignore[arg-type]
    asked: list[str] = []
    event.listen(
        database.engine.sync_engine, "before_cursor_execute",
        lambda connection, cursor, statement, *_: asked.append(statement) if "UPDATE outbox" in statement else None,
    )  # fmt: skip
    running = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.3)
    await bench.owe("Новая заявка")
    async with database.write() as db:
        promise(db, now=bench.clock.now() + timedelta(seconds=0.7), channel="web", to=ANNA, role="reply", text="Анне")
    bench.delivery.wake({"web"})
    async with asyncio.timeout(5):
        while not await bench.shown():
            await asyncio.sleep(0.01)
        assert await bench.shown(ANNA) == []
        while not await bench.shown(ANNA):
            await asyncio.sleep(0.01)
    assert len(asked) < 20, "and it does not look all the time"
    await ends(running)

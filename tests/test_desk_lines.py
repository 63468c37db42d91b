"""Cards that wait for one desk leave one behind the other, several to a transaction, and what does not arrive holds up
those behind it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.channels import Moved, Outcome, Outgoing, Refused, Sent, TryLater, Unknown
from bot.clock import HandClock, SystemClock
from bot.departures import Departures
from bot.flights import FRESH
from bot.pace import Rate
from bot.worker import IN_LINE
from storage.claims import claim
from storage.database import Database
from storage.outbox import cancel
from storage.tables import Outbox

from .conftest import NOON
from .test_delivery import AskedWire, Bench, Wire, _cancel, _until, hold

DESK = "-5"
CARDS = [f"Заявка {number}" for number in range(1, 13)]


class OneByOne(Wire):
    """A network that notices two messages on their way to one chat."""

    def __init__(self) -> None:
        super().__init__()
        self.on_the_wire: set[str] = set()

    async def send(self, message: Outgoing) -> Outcome:
        assert message.to not in self.on_the_wire, "one chat has one message on the wire"
        self.on_the_wire.add(message.to)
        await asyncio.sleep(0.002)
        self.on_the_wire.remove(message.to)
        return await super().send(message)


async def cards(bench: Bench, *texts: str, to: str = DESK, **more: Any) -> list[int]:
    return [await bench.owe(text, to=to, role="card", **more) for text in texts]


async def test_I3_a_desks_cards_keep_their_order_and_share_transactions(database: Database, clock: HandClock) -> None:
    bench = Bench(database, clock, wire := OneByOne())
    for text in CARDS:
        await cards(bench, text)
        await cards(bench, text, to="-6")
    commits: list[object] = []
    event.listen(database.engine.sync_engine, "commit", commits.append)
    await bench.delivery.drain()
    for desk in (DESK, "-6"):
        assert [one.text for one in wire.asked if one.to == desk] == CARDS
    assert set(await bench.statuses()) == {"sent"} and bench.counted("sent") == 24
    running = len(commits)
    assert running < 24, f"{running} transactions for twice twelve cards"


async def test_running_it_writes_what_has_arrived_of_a_line_together(sqlite: Database) -> None:
    bench = Bench(sqlite, SystemClock(), wire := OneByOne())  # type: ignore[arg-type]
    await cards(bench, *CARDS)
    commits: list[object] = []
    event.listen(sqlite.engine.sync_engine, "commit", commits.append)
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == len(CARDS))
    await _cancel(running)
    assert wire.texts == CARDS
    assert len(commits) < len(CARDS), "a transaction for each card was most of what it cost"


async def test_people_go_first_and_a_line_takes_no_place_of_theirs(sqlite: Database, clock: HandClock) -> None:
    bench = Bench(sqlite, clock, Wire())
    await cards(bench, *CARDS)
    for person in range(28):
        await bench.owe("Как вас зовут?", to=str(person), identity_id=person + 1)
    async with sqlite.write() as db:
        found = await claim(db, "telegram", now=clock.now(), limit=30, in_line=IN_LINE)
    texts = [one.row.body["text"] for one in found.claims]
    assert texts.count("Как вас зовут?") == 28 and sorted(set(texts) - {"Как вас зовут?"}) == CARDS[:1] + CARDS[1:2]


@pytest.mark.parametrize(
    ("second", "follow"),
    [
        ({"role": "card"}, 3),
        ({"role": "call"}, 3),
        ({"role": "note", "reply_to": "771"}, 1),
        ({"role": "note", "reply_to_id": 1}, 1),
        ({"role": "card", "act": "edit", "target_id": 1}, 1),
        ({"role": "alarm"}, 1),
        ({"role": "reply", "identity_id": 7}, 1),
        ({"role": "card", "kind": "advertising"}, 1),
        ({"role": "card", "unsolicited": True}, 1),
    ],
)
async def test_only_what_asks_nothing_of_another_row_follows(
    database: Database,
    clock: HandClock,
    second: dict[str, Any],
    follow: int,
) -> None:
    bench = Bench(database, clock, Wire())
    await cards(bench, "Заявка 1")
    await bench.owe("behind it", to=DESK, **second)
    await cards(bench, "Заявка 3")
    async with bench.database.write() as db:
        found = await claim(db, "telegram", now=bench.clock.now(), limit=30, in_line=IN_LINE)
    assert len(found.claims) == follow


@pytest.mark.parametrize("as_it_stands", [{"due_at": NOON + timedelta(seconds=1)}, {"status": "sending"}])
async def test_what_cannot_go_now_keeps_its_place(
    database: Database, clock: HandClock, as_it_stands: dict[str, Any]
) -> None:
    bench = Bench(database, clock, Wire())
    first, second, _ = await cards(bench, *CARDS[:3])
    async with database.write() as db:
        await db.execute(update(Outbox).where(Outbox.id == second).values(**as_it_stands))
    async with database.write() as db:
        found = await claim(db, "telegram", now=clock.now(), limit=30, in_line=IN_LINE)
    assert [one.row.id for one in found.claims] == [first]


async def test_what_falls_due_later_holds_up_what_is_behind_it(database: Database, clock: HandClock) -> None:
    bench = Bench(database, clock, wire := Wire())
    wire.answer = lambda message: TryLater(7) if message.text == "Заявка 2" else Sent("5")
    await cards(bench, *CARDS[:4])
    await bench.delivery.drain()
    assert wire.texts == CARDS[:2] and await bench.statuses() == ["sent", "due", "due", "due"]
    await bench.delivery.drain()
    assert len(wire.texts) == 2, "nobody overtakes it"
    wire.answer = lambda message: Sent("5")
    bench.clock.forward(timedelta(seconds=7))
    await bench.delivery.drain()
    assert wire.texts == [*CARDS[:2], *CARDS[1:4]]
    assert {one.attempt for one in wire.asked} == {1}, "what did not leave was no try"
    assert bench.counted("stayed") == 2


@pytest.mark.parametrize("outcome", [Refused("no"), Unknown("reset"), TryLater(1), Moved("-1005")])
async def test_the_rest_of_a_line_is_sent_once_and_in_order_whatever_becomes_of_the_first(
    database: Database,
    clock: HandClock,
    outcome: Outcome,
) -> None:
    bench = Bench(database, clock, wire := Wire())
    first = [outcome]
    wire.answer = lambda message: first.pop() if first else Sent(f"m{message.id}")
    await cards(bench, *CARDS[:5])
    for _ in range(3):
        await bench.delivery.drain()
        bench.clock.forward(timedelta(seconds=30))
    assert [one.text.removeprefix("↻ Повтор: неясно, дошло ли с первого раза.\n\n") for one in wire.asked] == (
        CARDS[:5] if isinstance(outcome, Refused) else CARDS[:1] + CARDS[:5]
    )
    assert (await bench.statuses())[1:5] == ["sent"] * 4


async def test_M12_a_groups_ceiling_holds_within_a_line(sqlite: Database) -> None:
    rates = {"telegram": Rate(per_second=300, group_per_minute=3)}
    bench = Bench(sqlite, SystemClock(), wire := Wire(), rates=rates)  # type: ignore[arg-type]
    await cards(bench, *CARDS)
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 3)
    await asyncio.sleep(0.1)
    await _cancel(running)
    assert wire.texts == CARDS[:3]
    assert await bench.statuses() == ["sent"] * 3 + ["due"] * 9


async def test_M12_what_stayed_behind_uses_up_nothing_of_the_ceiling(sqlite: Database) -> None:
    rates = {"telegram": Rate(per_second=300, group_per_minute=5)}
    bench = Bench(sqlite, SystemClock(), wire := Wire(), rates=rates)  # type: ignore[arg-type]
    once = [TryLater(0.05)]
    wire.answer = lambda message: once.pop() if once else Sent("5")
    await cards(bench, *CARDS)
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 4)
    await _cancel(running)
    assert wire.texts == [CARDS[0], *CARDS[:4]], "five in a minute: the first went twice"


async def test_O2_a_stop_does_not_wait_for_those_behind(database: Database, clock: HandClock) -> None:
    bench = Bench(database, clock, wire := Wire())
    wire.gate = asyncio.Event()
    await cards(bench, *CARDS[:3])
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bool(wire.asked))
    running.cancel()
    await asyncio.sleep(0.05)
    wire.gate.set()
    await asyncio.wait({running})
    assert wire.texts == CARDS[:1] and await bench.statuses() == ["sent", "due", "due"]


async def test_N6_what_stays_behind_a_silence_does_not_vouch_for_the_network(
    sqlite: Database, clock: HandClock
) -> None:
    bench = Bench(sqlite, clock, wire := AskedWire())
    wire.there, wire.answer = False, lambda message: Unknown("timeout")
    await cards(bench, *CARDS)
    for _ in range(10):
        await bench.delivery.drain()
        clock.forward(timedelta(seconds=61))
    assert len(wire.asked) == 1 and wire.questions > 5
    wire.there, wire.answer = True, lambda message: Sent("5")
    for _ in range(3):
        await bench.delivery.drain()
        clock.forward(timedelta(seconds=61))
    assert [one.text.split("\n")[-1] for one in wire.asked[1:]] == CARDS


async def test_N3_after_a_death_those_that_had_not_left_are_no_repeats(
    sqlite: Database, clock: HandClock, tmp_path: Path
) -> None:
    wire = Wire()
    wire.gate = asyncio.Event()
    bench = Bench(sqlite, clock, wire, departures=Departures(tmp_path / "leaving"))
    await cards(bench, *CARDS[:4])
    dying = asyncio.create_task(bench.delivery.drain())
    await _until(lambda: bool(wire.asked))
    assert await bench.statuses() == ["sending"] * 4
    wire.gate = None
    bench = Bench(sqlite, clock, wire, departures=Departures(tmp_path / "leaving"))  # the former one is as good as dead
    await bench.delivery.recover()
    assert bench.counted("unknown") == 1
    clock.forward(timedelta(seconds=10))
    await bench.delivery.drain()
    assert [(one.text.startswith("↻"), one.attempt) for one in wire.asked[1:]] == [(True, 2)] + [(False, 1)] * 3
    await _cancel(dying)


async def test_P46_what_is_cancelled_before_a_line_is_claimed_does_not_follow(
    database: Database, clock: HandClock
) -> None:
    bench = Bench(database, clock, wire := Wire())
    _, second, _ = await cards(bench, *CARDS[:3])
    async with database.write() as db:
        await cancel(db, Outbox.id == second, now=clock.now(), reason="erased")
    await bench.delivery.drain()
    assert wire.texts == [CARDS[0], CARDS[2]]


async def test_L14_what_another_process_erased_waits_no_longer_than_a_second_in_a_line(sqlite: Database) -> None:
    """The desk is slow; what has not left by then is looked at once more."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    wire.gate = asyncio.Event()
    _, second, _ = await cards(bench, *CARDS[:3])
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(wire.asked) == 1)
    async with sqlite.write() as db:
        await cancel(db, Outbox.id == second, now=bench.clock.now(), reason="erased")
    await asyncio.sleep(FRESH + 0.1)
    wire.gate.set()
    await _until(lambda: bench.counted("sent") == 2)
    await _cancel(task)
    assert wire.texts == [CARDS[0], CARDS[2]]


async def test_M13_a_stop_while_a_desk_hangs_leaves_one_message_in_doubt(database: Database, clock: HandClock) -> None:
    bench = Bench(database, clock, wire := Wire())
    wire.gate = asyncio.Event()
    await cards(bench, *CARDS[:5])
    task = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bool(wire.asked))
    task.cancel()
    await asyncio.wait({task})
    wire.gate = None
    wire.asked.clear()
    bench.reborn()  # without a list of departures
    for _ in range(6):
        await bench.delivery.drain()
        clock.forward(timedelta(seconds=10))
    assert [one.text.startswith("↻") for one in wire.asked] == [False] * 4 + [True] or (
        [one.text.startswith("↻") for one in wire.asked] == [True] + [False] * 4
    )


async def test_N6_hanging_desks_take_no_place_of_people(sqlite: Database) -> None:
    """Six lines of five would be all that may be on the wire at once; one of each is."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    hold(wire, lambda message: message.to.startswith("-"))
    for desk in range(1, 7):
        await cards(bench, *CARDS[:6], to=f"-{desk}")
    task = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.3)
    await bench.owe("reply", to="1", identity_id=1)
    bench.delivery.wake()
    await _until(lambda: wire.texts == ["reply"])
    await _cancel(task)


async def test_N2_a_wait_that_everybody_was_told_holds_within_a_line_at_once(sqlite: Database) -> None:
    """Not when the round is written that it belongs to: nothing may be said to the other desk either."""
    bench = Bench(sqlite, SystemClock(), wire := Wire())  # type: ignore[arg-type]
    told, send = asyncio.Event(), wire.send

    async def slow(message: Outgoing) -> Outcome:
        if message.to == "-6":
            await told.wait()
        elif message.to == DESK:
            told.set()
            return TryLater(30, everybody=True)
        return await send(message)

    wire.send = slow  # type: ignore[method-assign]
    await cards(bench, *CARDS[:5], to="-6")
    await cards(bench, *CARDS[:5])
    await bench.delivery.drain()
    assert wire.texts == CARDS[:1], "of the other desk the one that was on the wire"
    assert (await bench.statuses()).count("due") == 9


# ---------------------------------------------------------------- a network that keeps their order


class Keeping(Wire):
    keeps_order = True

    def __init__(self) -> None:
        super().__init__("vk")
        self.gate = asyncio.Event()


async def vk_cards(bench: Bench, *texts: str, **more: Any) -> list[int]:
    return await cards(bench, *texts, channel="vk", **more)


async def test_where_their_order_is_kept_a_line_leaves_at_once(database: Database, clock: HandClock) -> None:
    """A sixth of the seventy-five that may be on their way to a network which knows a repeat."""
    bench = Bench(database, clock, wire := Keeping())
    many = [f"Заявка {number}" for number in range(1, 31)]
    await vk_cards(bench, *many)
    draining = asyncio.create_task(bench.delivery.drain())
    await _until(lambda: wire.texts == many[:12])
    await asyncio.sleep(0.05)
    assert wire.texts == many[:12], "the next when these are written"
    wire.gate.set()
    await draining
    assert wire.texts == many and set(await bench.statuses()) == {"sent"}


async def test_where_there_is_less_room_a_line_is_of_five(sqlite: Database) -> None:
    """Sixty people are on their way: whoever is answered next must not find all places taken by a desk."""
    bench = Bench(sqlite, SystemClock(), wire := Keeping())  # type: ignore[arg-type]
    for person in range(60):
        await bench.owe("Ответ", to=str(person), channel="vk", identity_id=person + 1)
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(wire.texts) == 60)
    await vk_cards(bench, *CARDS)
    bench.delivery.wake()
    await _until(lambda: len(wire.texts) >= 65)
    await asyncio.sleep(0.05)
    assert wire.texts[60:] == CARDS[:5]
    wire.gate.set()
    await _until(lambda: wire.texts[60:] == CARDS)
    await _cancel(running)


@pytest.mark.parametrize(
    "as_it_stands",
    [{"attempt": 1}, {"body": {"text": "Заявка 2", "file": {"digest": "d", "name": "n", "kind": "photo"}}}],
)
async def test_what_takes_the_channel_a_while_is_not_overtaken(
    sqlite: Database, clock: HandClock, as_it_stands: dict[str, Any]
) -> None:
    """A repeat is looked up before it is sent, a file given."""
    bench = Bench(sqlite, clock, wire := Keeping())
    _, second, *_ = await vk_cards(bench, *CARDS[:4])
    async with sqlite.write() as db:
        await db.execute(update(Outbox).where(Outbox.id == second).values(**as_it_stands))
    draining = asyncio.create_task(bench.delivery.drain())
    await asyncio.sleep(0.1)
    assert wire.texts == CARDS[:1]
    wire.gate.set()
    await draining
    assert wire.texts == CARDS[:4]


async def test_M12_the_ceiling_holds_for_those_that_leave_at_once(sqlite: Database) -> None:
    bench = Bench(sqlite, SystemClock(), wire := Keeping(), rates={"vk": Rate(per_second=10)})  # type: ignore[arg-type]
    await vk_cards(bench, *CARDS[:5])
    running = asyncio.create_task(bench.delivery.run())
    await asyncio.sleep(0.5)
    assert wire.texts == CARDS[:2], "a fifth of what a second may have"
    wire.gate.set()
    await _until(lambda: wire.texts == CARDS[:5])
    await _cancel(running)


async def test_what_is_refused_holds_up_nobody_and_goes_again(sqlite: Database, clock: HandClock) -> None:
    bench = Bench(sqlite, clock, wire := Keeping())
    wire.gate.set()
    once = [TryLater(1)]
    wire.answer = lambda message: once.pop() if message.text == "Заявка 2" and once else Sent("5")
    await vk_cards(bench, *CARDS[:4])
    await bench.delivery.drain()
    clock.forward(timedelta(seconds=2))
    await bench.delivery.drain()
    assert wire.texts == [*CARDS[:4], "Заявка 2"] and set(await bench.statuses()) == {"sent"}


@pytest.mark.parametrize(("network", "most"), [("telegram", 30), ("vk", 75)])
async def test_M13_so_many_are_in_doubt_after_a_death(
    sqlite: Database, clock: HandClock, network: str, most: int
) -> None:
    """More where the network recognises a repeat."""
    bench = Bench(sqlite, clock, wire := Wire(network))
    wire.gate = asyncio.Event()
    for person in range(100):
        await bench.owe("Как вас зовут?", channel=network, to=str(person), identity_id=person + 1)
    dying = asyncio.create_task(bench.delivery.drain())
    await _until(lambda: len(wire.asked) >= most)
    assert (await bench.statuses()).count("sending") == len(wire.asked) == most
    await _cancel(dying)

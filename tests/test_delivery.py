"""Delivery on real databases with small channels: order, claims, outcomes, pauses. Sockets are the adapters' tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from bot.alarms import Alarms
from bot.channels import Halted, Moved, Outcome, Outgoing, Receive, Refused, Sent, TryLater, Unknown, Unreachable
from bot.clock import HandClock, SystemClock
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.pace import Rate
from dialogs.effects import Button
from handlers.inbound import Notice
from storage import claims, outcomes
from storage.crash import arm
from storage.database import Database
from storage.outbox import cancel_all, cancel_unsolicited, promise, promise_row
from storage.tables import Consent, ConsentText, Conversation, FollowUp, Identity, Outbox

from .conftest import NOON


class Wire:
    """A channel whose answers the test decides; keeps what it was asked to do."""

    keeps_order = False

    def __init__(self, name: str = "telegram") -> None:
        self.name = name
        self.asked: list[Outgoing] = []
        self.notices: list[Notice] = []
        self.answer: Callable[[Outgoing], Outcome] = lambda message: Sent(message.message_id or f"m{message.id}")
        self.gate: asyncio.Event | None = None

    async def listen(self, receive: Receive) -> None: ...

    async def send(self, message: Outgoing) -> Outcome:
        self.asked.append(message)
        if self.gate:
            await self.gate.wait()
        return self.answer(message)

    async def notify(self, notice: Notice) -> None:
        self.notices.append(notice)

    async def close(self) -> None: ...

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.asked]


def hold(wire: Wire, which: Callable[[Outgoing], bool]) -> asyncio.Event:
    """Messages of this kind take until the event is set to arrive."""
    go, send = asyncio.Event(), wire.send

    async def held(message: Outgoing) -> Outcome:
        if which(message):
            await go.wait()
        return await send(message)

    wire.send = held  # type: ignore[method-assign]
    return go


class AskedWire(Wire):
    """One that says whether it is there, as Telegram does."""

    there = True
    questions = 0

    async def answers(self) -> bool:
        self.questions += 1
        return self.there


class Bench:
    """A database, a wire, a delivery; rows are promised by ``owe``."""

    def __init__(self, database: Database, clock: HandClock, *wires: Wire, **more: Any) -> None:
        self.database, self.clock, self.wires = database, clock, wires
        self.metrics = Metrics()
        self.alarms = Alarms(database, clock, admins=[("vk", "9")], metrics=self.metrics)
        self._more = more
        self.reborn()

    def reborn(self) -> None:
        """A new process on the same database."""
        channels = {wire.name: wire for wire in self.wires}
        self.delivery = Delivery(
            self.database, channels, self.clock, alarms=self.alarms, metrics=self.metrics, **self._more
        )

    async def owe(self, text: str, *, to: str = "1", channel: str = "telegram", **more: Any) -> int:
        more = {"role": "reply"} | more
        async with self.database.write() as db:
            row = await promise_row(db, now=self.clock.now(), channel=channel, to=to, text=text, **more)
            return row.id

    async def row(self, row_id: int) -> Outbox:
        async with self.database.read() as db:
            row = await db.get_one(Outbox, row_id)
            db.expunge(row)
            return row

    async def statuses(self) -> list[str]:
        async with self.database.read() as db:
            return list((await db.scalars(select(Outbox.status).order_by(Outbox.id))).all())

    def counted(self, outcome: str, channel: str = "telegram") -> float:
        return self.metrics.value("leadbot_outbox_total", channel=channel, outcome=outcome)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def bench(database: Database, clock: HandClock, wire: Wire) -> Bench:
    return Bench(database, clock, wire)


async def anna(bench: Bench, **more: Any) -> int:
    """An identity with a conversation and a planned follow-up."""
    async with bench.database.write() as db:
        person = Identity(
            channel="telegram", external_id="1", pseudonym="p1", first_touch={}, last_touch={},
            created_at=NOON, seen_at=NOON, **more,
        )  # fmt: skip
        db.add(person)
        await db.flush()
        conversation = Conversation(
            identity_id=person.id, flow="kasko", version=1, state={}, source="", campaign="",
            started_at=NOON, touched_at=NOON,
        )  # fmt: skip
        db.add(conversation)
        await db.flush()
        silence = {"rule": 0, "kind": "service", "silent_since": NOON}
        db.add(FollowUp(conversation_id=conversation.id, due_at=NOON, **silence))
        return person.id


async def consent(bench: Bench, *acts: str) -> int:
    """Anna's words on advertising, in order; the id of the first."""
    async with bench.database.write() as db:
        if await db.get(ConsentText, "d") is None:
            db.add(ConsentText(digest="d", purpose="advertising", text="Согласен"))
            await db.flush()
        rows = [
            Consent(
                pseudonym="p1", purpose="advertising", act=act, digest="d", channel="telegram", event_id="e", at=NOON
            )
            for act in acts
        ]
        for row in rows:
            db.add(row)
            await db.flush()
        return rows[0].id


# ---------------------------------------------------------------- what is sent, and in which order


async def test_I5_a_promise_is_sent_once_and_ends(bench: Bench, wire: Wire) -> None:
    buttons = ((Button("Да", "1.1.hello.0"), Button("Сайт", url="https://example.org")),)
    row_id = await bench.owe("Здравствуйте!", buttons=buttons, asks_phone=True)
    await bench.delivery.drain()
    await bench.delivery.drain()
    (message,) = wire.asked
    assert (message.id, message.to, message.text, message.act) == (row_id, "1", "Здравствуйте!", "say")
    assert message.buttons == buttons
    assert message.asks_phone and not message.drops_keyboard and message.attempt == 1
    row = await bench.row(row_id)
    assert (row.status, row.message_id, row.attempt, row.done_at) == ("sent", f"m{row_id}", 1, NOON)
    assert bench.counted("sent") == 1


async def test_I3_one_chat_has_one_message_in_flight_and_keeps_its_order(bench: Bench, wire: Wire) -> None:
    wire.gate = asyncio.Event()
    for text in ("first", "second", "third"):
        await bench.owe(text)
    await bench.owe("to boris", to="2")
    draining = asyncio.create_task(bench.delivery.drain())
    await _until(lambda: len(wire.asked) == 2)
    await asyncio.sleep(0.05)
    assert sorted(wire.texts) == ["first", "to boris"]
    wire.gate.set()
    await draining
    assert [text for text in wire.texts if text != "to boris"] == ["first", "second", "third"]


async def test_T10_replies_go_before_reminders(bench: Bench, wire: Wire) -> None:
    for number in range(35):  # more than are in flight at once
        await bench.owe("reminder", to=f"r{number}", priority=1)
    await bench.owe("reply", to="anna")
    await bench.delivery.drain()
    assert wire.texts[0] == "reply" and len(wire.texts) == 36


async def test_an_edit_and_an_answer_find_the_message_they_mean(bench: Bench, wire: Wire) -> None:
    card = await bench.owe("card", role="card", to="-5")
    await bench.owe("note", role="note", to="-5", reply_to_id=card)
    await bench.owe("taken", role="card", to="-5", act="edit", target_id=card)
    await bench.owe("to a manager", role="note", to="-5", reply_to="771")
    await bench.delivery.drain()
    said, note, edit, other = wire.asked
    assert (said.act, note.reply_to, other.reply_to) == ("say", f"m{card}", "771")
    assert (edit.act, edit.message_id, edit.text) == ("edit", f"m{card}", "taken")


async def test_M12_of_waiting_edits_only_the_newest_is_sent(bench: Bench, wire: Wire) -> None:
    card = await bench.owe("card", role="card", to="-5")
    for text in ("taken", "in work", "won"):
        await bench.owe(text, role="card", to="-5", act="edit", target_id=card)
    await bench.delivery.drain()
    assert wire.texts == ["card", "won"]
    assert await bench.statuses() == ["sent", "cancelled", "cancelled", "sent"]
    assert bench.counted("superseded") == 2


@pytest.mark.parametrize("relayed", ["sent", "refused"])
async def test_L5_words_relayed_before_consent_are_not_kept(bench: Bench, wire: Wire, relayed: str) -> None:
    if relayed == "refused":
        wire.answer = lambda message: Refused("no such chat")
    before = await bench.owe("мой номер 8 900 123-45-67", role="relay", to="-5")
    after = await bench.owe("перезвоните", role="relay", to="-5", lead_id=7)
    await bench.delivery.drain()
    assert (await bench.row(before)).body["text"] == ""
    assert (await bench.row(after)).body["text"] == "перезвоните"


# ---------------------------------------------------------------- asked again at the last moment


@pytest.mark.parametrize(
    ("person", "goes"),
    [({}, True), ({"stopped_at": NOON}, False), ({"reachable": False}, False)],
)
async def test_T1_what_nobody_asked_for_is_checked_again_when_it_is_claimed(
    bench: Bench, wire: Wire, person: dict[str, Any], goes: bool
) -> None:
    person_id = await anna(bench, **person)
    row_id = await bench.owe("Продолжим?", role="follow_up", identity_id=person_id, unsolicited=True)
    await bench.owe("Отписали вас", identity_id=person_id)
    await bench.delivery.drain()
    assert wire.texts == (["Продолжим?"] if goes else []) + ["Отписали вас"]
    assert (await bench.row(row_id)).status == ("sent" if goes else "cancelled")
    assert bench.counted("void") == (0 if goes else 1)


@pytest.mark.parametrize(
    ("acts", "goes"),
    [
        ([], False),
        (["given"], True),
        (["given", "withdrawn"], False),
        (["given", "refused"], False),
        (["given", "withdrawn", "given"], False),  # a new consent is a new permission, for new promises
        (["given", "given"], True),
        (["refused"], False),
    ],
)
async def test_I8_an_advertisement_goes_only_under_its_consent_in_force(
    bench: Bench, wire: Wire, acts: list[str], goes: bool
) -> None:
    person_id = await anna(bench)
    consent_id = await consent(bench, *acts) if acts else None
    ad = {"kind": "advertising", "consent_id": consent_id, "identity_id": person_id}
    row_id = await bench.owe("Скидка!", role="follow_up", **ad)
    await bench.delivery.drain()
    assert bool(wire.asked) is goes
    row = await bench.row(row_id)
    assert row.status == ("sent" if goes else "cancelled")
    assert goes or row.reason == "no advertising consent in force"


async def test_T1_a_reply_while_it_is_on_the_wire_ends_the_tries(bench: Bench, wire: Wire) -> None:
    """P47: it may arrive, but «later» no longer means again."""
    person_id = await anna(bench)
    row_id = await bench.owe("Продолжим?", role="follow_up", identity_id=person_id, unsolicited=True)
    wire.gate, wire.answer = asyncio.Event(), lambda message: TryLater(1)
    draining = asyncio.create_task(bench.delivery.drain())
    await _until(lambda: bool(wire.asked))
    async with bench.database.write() as db:
        cancel_unsolicited(db, channel="telegram", to="1", now=NOON, reason="replied")
    wire.gate.set()
    await draining
    row = await bench.row(row_id)
    assert (row.status, row.reason) == ("cancelled", "replied")


# ---------------------------------------------------------------- outcomes


async def test_N2_later_waits_as_told_and_is_no_repeat(bench: Bench, wire: Wire) -> None:
    row_id = await bench.owe("first")
    await bench.owe("second")
    wire.answer = lambda message: TryLater(7)
    await bench.delivery.drain()
    assert wire.texts == ["first"]
    bench.clock.forward(timedelta(seconds=6))
    await bench.delivery.drain()
    assert wire.texts == ["first"]
    wire.answer = lambda message: Sent("5")
    bench.clock.forward(timedelta(seconds=1))
    await bench.delivery.drain()
    assert wire.texts == ["first", "first", "second"]
    assert wire.asked[1].attempt == 1 and wire.asked[1].first_tried_ago == 0
    assert (await bench.row(row_id)).status == "sent"


async def test_N2_who_was_told_to_wait_longer_waits_longer(bench: Bench, wire: Wire) -> None:
    """The shorter word comes later, from a message that was away when the longer one came."""
    late = asyncio.Event()

    class Slow(Wire):
        async def send(self, message: Outgoing) -> Outcome:
            await super().send(message)
            if message.text == "two":
                await late.wait()
                return TryLater(3, everybody=True)
            late.set()
            return TryLater(300, everybody=True)

    slow = Slow()
    bench.wires = (slow,)
    bench.reborn()
    await bench.owe("one")
    await bench.owe("two", to="2")
    await bench.delivery.drain()
    assert sorted(slow.texts) == ["one", "two"]
    bench.clock.forward(timedelta(seconds=30))
    await bench.delivery.drain()
    assert len(slow.texts) == 2
    bench.clock.forward(timedelta(seconds=300))
    await bench.delivery.drain()
    assert len(slow.texts) > 2


async def test_N6_a_network_that_takes_nothing_is_tried_less_and_less_often(bench: Bench, wire: Wire) -> None:
    """Twice as long each time and a minute at most; when it is back, at once."""
    wire.answer = lambda message: TryLater(5, everybody=True)
    await bench.owe("hello")
    await bench.delivery.drain()
    tried_at = []
    for second in range(1, 241):
        bench.clock.forward(timedelta(seconds=1))
        before = len(wire.texts)
        await bench.delivery.drain()
        if len(wire.texts) > before:
            tried_at.append(second)
    assert tried_at == [5, 15, 35, 75, 135, 195]
    wire.answer = lambda message: Sent("5")
    bench.clock.forward(timedelta(seconds=60))
    await bench.delivery.drain()
    await bench.owe("and on we go")
    await bench.delivery.drain()
    assert wire.texts[-2:] == ["hello", "and on we go"]


async def test_N2_a_pause_for_everybody_holds_the_channel_over_a_restart(bench: Bench, wire: Wire) -> None:
    await bench.owe("one")
    wire.answer = lambda message: TryLater(40, everybody=True)
    await bench.delivery.drain()
    assert "telegram" in bench.delivery.troubles()
    wire.answer = lambda message: Sent("5")
    await bench.owe("two", to="2")
    bench.reborn()
    await bench.delivery.drain()
    assert wire.texts == ["one"]
    bench.clock.forward(timedelta(seconds=41))
    await bench.delivery.drain()
    assert sorted(wire.texts) == ["one", "one", "two"]
    assert bench.delivery.troubles() == {}


@pytest.mark.parametrize(
    ("channel", "act", "kind", "tries"),
    [
        ("telegram", "say", "service", 2),
        ("telegram", "say", "advertising", 1),
        ("telegram", "edit", "service", 4),
        ("vk", "say", "service", 4),
        ("vk", "say", "advertising", 4),
        ("web", "say", "service", 4),
    ],
)
async def test_M13_an_unknown_outcome_is_repeated_only_where_it_may_be(
    database: Database, clock: HandClock, channel: str, act: str, kind: str, tries: int
) -> None:
    wire = Wire(channel)
    bench = Bench(database, clock, wire)
    person_id = await anna(bench)
    target = await bench.owe("card", channel=channel) if act == "edit" else None
    await bench.delivery.drain()
    wire.asked.clear()
    consent_id = await consent(bench, "given") if kind == "advertising" else None
    more = {"kind": kind, "consent_id": consent_id, "identity_id": person_id}
    row_id = await bench.owe("text", channel=channel, act=act, target_id=target, **more)
    wire.answer = lambda message: Unknown("timeout")
    for _ in range(4):
        await bench.delivery.drain()
        bench.clock.forward(timedelta(seconds=120))
    assert [message.attempt for message in wire.asked] == list(range(1, tries + 1))
    assert all(message.id == row_id for message in wire.asked)
    assert (await bench.row(row_id)).status == ("due" if tries == 4 else "unknown")
    assert bench.counted("unknown", channel) + bench.counted("given_up", channel) == tries


async def test_M13_the_second_copy_of_a_card_says_that_it_is_one(bench: Bench, wire: Wire) -> None:
    await bench.owe("Лид №7", role="card", to="-5", lead_id=7)
    await bench.owe("Спасибо!", to="1")
    wire.answer = lambda message: Unknown("reset")
    await bench.delivery.drain()
    bench.clock.forward(timedelta(seconds=30))
    wire.answer = lambda message: Sent("5")
    await bench.delivery.drain()
    repeated = {message.to: message.text for message in wire.asked[2:]}
    assert repeated["-5"].startswith("↻ Повтор") and repeated["-5"].endswith("Лид №7")
    assert repeated["1"] == "Спасибо!"
    assert bench.counted("repeated") == 2


async def test_I9_a_card_that_cannot_arrive_raises_an_alarm_without_personal_data(bench: Bench, wire: Wire) -> None:
    await bench.owe("Анна, +79001234567", role="card", to="-5", lead_id=7)
    wire.answer = lambda message: Refused("chat not found: Анна")
    await bench.delivery.drain()
    await bench.alarms.flush()
    async with bench.database.read() as db:
        alarm = (await db.scalars(select(Outbox).where(Outbox.role == "alarm"))).one()
        db.expunge(alarm)
    assert (alarm.channel, alarm.to) == ("vk", "9")
    assert "№7" in alarm.body["text"] and "Анна" not in alarm.body["text"]


async def test_P19_who_blocked_us_is_left_alone(bench: Bench, wire: Wire) -> None:
    person_id = await anna(bench)
    wire.answer = lambda message: Unreachable("blocked", for_good=True)
    for text in ("one", "two"):
        await bench.owe(text, identity_id=person_id)
    await bench.delivery.drain()
    assert wire.texts == ["one"]
    assert await bench.statuses() == ["refused", "cancelled"]
    async with bench.database.read() as db:
        person = await db.get_one(Identity, person_id)
        follow_up = (await db.scalars(select(FollowUp))).one()
        assert (person.reachable, person.unreachable_reason) == (False, "gone: blocked")
        assert (follow_up.status, follow_up.reason) == ("cancelled", "unreachable")


async def test_M14_a_card_that_cannot_be_edited_is_sent_anew_under_the_old_one(bench: Bench, wire: Wire) -> None:
    card = await bench.owe("card", role="card", to="-5", lead_id=7)
    await bench.delivery.drain()
    gone = [True]
    wire.answer = lambda m: Refused("not found", edit_gone=True) if m.act == "edit" and gone.pop() else Sent(f"n{m.id}")
    edit = await bench.owe("taken", role="card", to="-5", lead_id=7, act="edit", target_id=card)
    await bench.delivery.drain()
    tried, anew = wire.asked[1:]
    assert (tried.act, anew.act, anew.text, anew.reply_to) == ("edit", "say", "taken", f"m{card}")
    gone.append(False)
    await bench.owe("won", role="card", to="-5", lead_id=7, act="edit", target_id=card)
    await bench.owe("call him", role="note", to="-5", reply_to_id=card)
    await bench.delivery.drain()
    won, note = wire.asked[3:]
    assert (won.act, won.message_id, note.reply_to) == ("edit", f"n{edit}", f"n{edit}")
    assert (await bench.row(card)).target_id == edit


async def test_M10_a_group_that_became_a_supergroup_gets_each_card_once(bench: Bench, wire: Wire) -> None:
    for number in range(3):
        await bench.owe(f"card {number}", role="card", to="-5")
    wire.answer = lambda message: Moved("-1005") if message.to == "-5" else Sent(f"m{message.id}")
    await bench.delivery.drain()
    bench.reborn()
    last = await bench.owe("card 3", role="card", to="-5")
    await bench.delivery.drain()
    arrived = [message.text for message in wire.asked if message.to == "-1005"]
    assert arrived == ["card 0", "card 1", "card 2", "card 3"]
    assert [message.text for message in wire.asked if message.to == "-5"] == ["card 0"]
    assert (await bench.row(last)).to == "-1005"


async def test_N11_a_halted_channel_keeps_its_rows_and_tells_by_another_way(
    database: Database, clock: HandClock, wire: Wire
) -> None:
    vk = Wire("vk")
    bench = Bench(database, clock, wire, vk)
    wire.answer = lambda message: Halted("token revoked")
    for number in range(40):
        await bench.owe("hello", to=str(number))
    await bench.delivery.drain()
    asked = len(wire.asked)
    assert asked <= 30
    clock.forward(timedelta(hours=1))
    await bench.delivery.drain()
    assert len(wire.asked) == asked and set(await bench.statuses()) == {"due"}
    assert bench.delivery.troubles() == {"telegram": "token revoked"}
    await bench.alarms.flush()
    await bench.delivery.drain()
    assert [message.to for message in vk.asked] == ["9"] and "token revoked" in vk.texts[0]
    wire.answer = lambda message: Sent("5")
    bench.reborn()
    await bench.delivery.drain()
    assert set(await bench.statuses()) == {"sent"}


async def test_N10_a_halt_with_a_term_ends_by_itself(bench: Bench, wire: Wire) -> None:
    await bench.owe("hello")
    wire.answer = lambda message: Halted("captcha", 60)
    await bench.delivery.drain()
    wire.answer = lambda message: Sent("5")
    await bench.delivery.drain()
    assert await bench.statuses() == ["due"]
    bench.clock.forward(timedelta(seconds=61))
    await bench.delivery.drain()
    assert await bench.statuses() == ["sent"] and not bench.delivery.troubles()


async def test_N6_a_silent_network_does_not_use_up_the_repeats(sqlite: Database, clock: HandClock, wire: Wire) -> None:
    bench = Bench(sqlite, clock, wire)
    for number in range(200):
        await bench.owe("hello", to=str(number))
    wire.answer = lambda message: Unknown("timeout")
    for _ in range(60):  # half an hour of silence
        await bench.delivery.drain()
        bench.clock.forward(timedelta(seconds=30))
    assert len(wire.asked) < 140
    wire.answer = lambda message: Sent("5")
    for _ in range(5):
        bench.clock.forward(timedelta(seconds=61))
        await bench.delivery.drain()
    statuses = await bench.statuses()
    assert set(statuses) <= {"sent", "unknown"} and statuses.count("unknown") < 60
    assert bench.delivery.troubles() == {}


async def test_N6_a_silent_network_that_can_be_asked_costs_nobody_a_message(sqlite: Database, clock: HandClock) -> None:
    bench = Bench(sqlite, clock, wire := AskedWire())
    for number in range(200):
        await bench.owe("hello", to=str(number))
    wire.there, wire.answer = False, lambda message: Unknown("timeout")
    for _ in range(60):  # half an hour of silence
        await bench.delivery.drain()
        bench.clock.forward(timedelta(seconds=30))
    assert len(wire.asked) <= 30 < wire.questions, "nothing more is risked, and it is asked again and again"
    assert bench.delivery.troubles() == {"telegram": "the network does not answer"}
    assert bench.metrics.value("leadbot_alarms_total", kind="silent") == 1
    wire.there, wire.answer = True, lambda message: Sent("5")
    for _ in range(5):
        bench.clock.forward(timedelta(seconds=61))
        await bench.delivery.drain()
    assert set(await bench.statuses()) == {"sent"} and bench.delivery.troubles() == {}


async def test_N6_a_network_silent_for_a_day_is_waited_for_as_long_as_that(sqlite: Database, clock: HandClock) -> None:
    """A question a minute, more than a thousand of them; then it is back and everything goes out."""
    bench = Bench(sqlite, clock, wire := AskedWire())
    await bench.owe("hello")
    wire.there, wire.answer = False, lambda message: Unknown("timeout")
    for _ in range(26 * 60):
        await bench.delivery.drain()
        clock.forward(timedelta(seconds=61))
    assert len(wire.asked) == 1 and wire.questions > 1100
    wire.there, wire.answer = True, lambda message: Sent("5")
    await bench.delivery.drain()
    assert await bench.statuses() == ["sent"]


async def test_N6_what_a_dead_process_left_is_not_repeated_into_silence(sqlite: Database, clock: HandClock) -> None:
    bench = Bench(sqlite, clock, wire := AskedWire())
    await bench.owe("hello")
    async with sqlite.write() as db:
        await claims.claim(db, "telegram", now=clock.now(), limit=5)  # the process died here
    wire.there, wire.answer = False, lambda message: Unknown("timeout")
    bench.reborn()
    for _ in range(5):
        await bench.delivery.drain()
        bench.clock.forward(timedelta(seconds=61))
    assert wire.asked == [] and await bench.statuses() == ["due"]
    wire.there, wire.answer = True, lambda message: Sent("5")
    bench.clock.forward(timedelta(seconds=61))
    await bench.delivery.drain()
    assert await bench.statuses() == ["sent"]


async def test_delivery_that_has_ended_can_begin_anew(sqlite: Database, wire: Wire) -> None:
    """A mistake of ours in one channel ends all of them; each of them goes on afterwards."""
    bench = Bench(sqlite, SystemClock(), wire)  # type: ignore[arg-type]
    for number in range(1, 3):
        running = asyncio.create_task(bench.delivery.run())
        await bench.owe("hello")
        bench.delivery.wake()
        await _until(lambda number=number: bench.counted("sent") == number)  # type: ignore[misc]
        await _cancel(running)


async def test_M14_a_card_sent_anew_outlives_a_commit_that_fails(sqlite: Database, clock: HandClock) -> None:
    bench = Bench(sqlite, clock, wire := Wire())
    card = await bench.owe("card", role="card")
    await bench.delivery.drain()
    edit = await bench.owe("edited", role="card", act="edit", target_id=card)
    wire.answer = lambda message: Refused("not found", edit_gone=True) if message.act == "edit" else Sent("n1")
    fails = [True]

    def commit(_: object) -> None:
        if fails and wire.asked[-1].act == "edit":
            fails.clear()
            raise OperationalError("COMMIT", None, Exception("disk I/O error"))

    event.listen(sqlite.engine.sync_engine, "commit", commit)
    running = asyncio.create_task(bench.delivery.run())
    bench.delivery.wake()
    await _until(lambda: bench.counted("sent") == 2)
    await _cancel(running)
    row = await bench.row(edit)
    assert not fails and (row.status, row.act, row.message_id) == ("sent", "say", "n1")
    assert [message.act for message in wire.asked] == ["say", "edit", "say"]


async def test_P46_what_was_cancelled_while_its_claim_was_in_doubt_is_not_sent(bench: Bench, wire: Wire) -> None:
    """The claim's commit took effect and said that it had not; before the next round the person withdrew."""
    person = await anna(bench)
    row = await bench.owe("вопрос", identity_id=person)
    async with bench.database.write() as db:
        await claims.claim(db, "telegram", now=bench.clock.now(), limit=5)
    async with bench.database.write() as db:
        await cancel_all(db, identity_id=person, now=bench.clock.now(), reason="withdrawn")
    async with bench.database.write() as db:
        await outcomes.release(db, "telegram", held=[], now=bench.clock.now())
    await bench.delivery.drain()
    assert wire.texts == []
    assert ((await bench.row(row)).status, (await bench.row(row)).reason) == ("cancelled", "withdrawn")


async def test_a_channel_that_raises_leaves_an_unknown_outcome(bench: Bench, wire: Wire) -> None:
    def raises(message: Outgoing) -> Outcome:
        raise ValueError(message.text)

    wire.answer = raises
    await bench.owe("secret")
    await bench.delivery.drain()
    assert await bench.statuses() == ["due"] and bench.counted("unknown") == 1


class Bundle(Wire):
    """Its calls travel together; what is to be edited is sent by a task all the same."""

    def post(self, message: Outgoing) -> asyncio.Future[Outcome] | None:
        if message.act == "edit":
            return None
        posted: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        posted.set_result(self.answer(message))
        return posted


async def test_what_is_posted_has_an_outcome_as_what_is_sent(sqlite: Database, clock: HandClock) -> None:
    wire = Bundle()
    bench = Bench(sqlite, clock, wire)
    first = await bench.owe("Здравствуйте")
    await bench.owe("Заявка", to="2")
    await bench.delivery.drain()
    await bench.owe("Взята в работу", act="edit", target_id=first)
    await bench.delivery.drain()
    assert await bench.statuses() == ["sent"] * 3 and bench.counted("sent") == 3
    assert wire.texts == ["Взята в работу"] and wire.asked[0].message_id == f"m{first}"


async def test_one_that_cannot_be_posted_leaves_an_unknown_outcome_to_itself(
    sqlite: Database, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(message: Outgoing) -> Outcome:
        if message.text == "secret":
            raise ValueError(message.text)
        return Sent("5")

    wire = Bundle()
    wire.answer = answer
    bench = Bench(sqlite, clock, wire)
    for to, text in (("1", "Здравствуйте"), ("2", "secret"), ("3", "Здравствуйте")):
        await bench.owe(text, to=to)
    await bench.delivery.drain()
    assert await bench.statuses() == ["sent", "due", "sent"] and bench.counted("unknown") == 1
    assert "ValueError" in caplog.text and "secret" not in caplog.text


# ---------------------------------------------------------------- death and return


class Died(BaseException):
    """A simulated kill -9."""


@pytest.mark.parametrize(
    ("point", "asked_before", "channel", "copies"),
    [
        ("before sending commit", 0, "telegram", 1),
        ("after sending commit", 0, "telegram", 1),
        ("answer read", 1, "telegram", 2),
        ("before sent commit", 1, "telegram", 2),
        ("after sent commit", 1, "telegram", 1),
        ("before sent commit", 1, "vk", 2),
    ],
)
async def test_M13_death_at_any_point_loses_nothing_and_repeats_at_most_once(
    database: Database, clock: HandClock, point: str, asked_before: int, channel: str, copies: int
) -> None:
    wire = Wire(channel)
    bench = Bench(database, clock, wire)
    row_id = await bench.owe("hello", channel=channel)

    def die(passed: str) -> None:
        if passed == point:
            arm(None)
            raise Died

    arm(die)
    with suppress(Died):
        await bench.delivery.drain()
    arm(None)
    assert len(wire.asked) == asked_before
    bench.reborn()
    for _ in range(2):
        await bench.delivery.drain()
        clock.forward(timedelta(seconds=10))
    assert len(wire.asked) == copies
    assert {message.id for message in wire.asked} == {row_id}  # VK: the same random_id, so one message
    assert await bench.statuses() == ["sent"]


def fails_at(point: str, times: int = 1) -> None:
    """The database breaks at this point, so many times."""
    left = [point] * times

    def hook(passed: str) -> None:
        if passed in left:
            left.remove(passed)
            raise OSError("disk full")

    arm(hook)


async def test_R3_a_database_that_fails_for_a_while_loses_no_outcome(sqlite: Database, wire: Wire) -> None:
    bench = Bench(sqlite, HandClock(NOON), wire)
    await bench.owe("hello")
    fails_at("before sent commit", times=2)
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 1)
    await _cancel(running)
    assert await bench.statuses() == ["sent"] and len(wire.asked) == 1


async def test_R14_a_claim_lost_in_the_commit_is_not_taken_for_sent(sqlite: Database, wire: Wire) -> None:
    bench = Bench(sqlite, HandClock(NOON), wire)
    await bench.owe("hello")
    fails_at("after sending commit")
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 1)
    await _cancel(running)
    assert [message.attempt for message in wire.asked] == [1]


async def test_O2_stopping_waits_for_what_is_on_the_wire(bench: Bench, wire: Wire) -> None:
    wire.gate = asyncio.Event()
    await bench.owe("first")
    await bench.owe("second")
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bool(wire.asked))
    running.cancel()
    await asyncio.sleep(0.05)
    wire.gate.set()
    with suppress(asyncio.CancelledError):
        await running
    assert wire.texts == ["first"] and await bench.statuses() == ["sent", "due"]


# ---------------------------------------------------------------- running


async def test_N6_a_hanging_channel_delays_no_other(database: Database) -> None:
    telegram, vk = Wire("telegram"), Wire("vk")
    telegram.gate = asyncio.Event()
    bench = Bench(database, SystemClock(), telegram, vk)  # type: ignore[arg-type]
    running = asyncio.create_task(bench.delivery.run())
    for number in range(40):
        await bench.owe("hello", to=str(number))
    await bench.owe("hello", channel="vk")
    bench.delivery.wake()
    await _until(lambda: bench.counted("sent", "vk") == 1 and len(telegram.asked) == 30)
    assert bench.counted("sent") == 0
    telegram.gate.set()
    await _until(lambda: bench.counted("sent") == 40)
    await _cancel(running)


async def test_N4_a_send_that_never_ends_has_an_unknown_outcome_and_holds_up_its_own_chat_alone(
    sqlite: Database,
) -> None:
    vk = Wire("vk")
    bench = Bench(sqlite, SystemClock(), vk, deadline=0.2)  # type: ignore[arg-type]
    vk.gate = asyncio.Event()
    first = await bench.owe("hello", channel="vk")
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("unknown", "vk") == 1)
    vk.gate.set()
    await _until(lambda: bench.counted("sent", "vk") == 1)
    await _cancel(running)
    assert len(vk.asked) == 2 and (await bench.row(first)).attempt == 2


async def test_N4_it_is_given_up_in_time_however_much_is_promised_meanwhile(sqlite: Database, wire: Wire) -> None:
    bench = Bench(sqlite, SystemClock(), wire, deadline=0.2)  # type: ignore[arg-type]
    hold(wire, lambda message: message.to == "hung")
    await bench.owe("hello", to="hung")
    running = asyncio.create_task(bench.delivery.run())
    number = 0
    while not bench.counted("unknown"):
        number += 1
        assert number < 3000, "it is waited for as long as others have something to say"
        await bench.owe("hello", to=str(number))
        bench.delivery.wake()
    await _cancel(running)


async def test_N4_draining_waits_no_longer_for_it_either(sqlite: Database, wire: Wire) -> None:
    bench = Bench(sqlite, SystemClock(), wire, deadline=0.2)  # type: ignore[arg-type]
    wire.gate = asyncio.Event()
    row = await bench.owe("hello")
    await bench.delivery.drain()
    assert len(wire.asked) == 1 and bench.counted("unknown") == 1
    assert (await bench.row(row)).status == "due", "it comes again in its time"


async def test_the_next_due_moment_wakes_it_by_itself(sqlite: Database, wire: Wire) -> None:
    bench = Bench(sqlite, SystemClock(), wire)  # type: ignore[arg-type]
    answers = [Sent("5"), TryLater(0.3)]
    wire.answer = lambda message: answers.pop()
    await bench.owe("hello")
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 1)
    await _cancel(running)
    assert len(wire.asked) == 2


async def test_I3_two_hundred_chats_get_everything_once_and_in_order(database: Database, wire: Wire) -> None:
    bench = Bench(database, SystemClock(), wire)  # type: ignore[arg-type]
    running = asyncio.create_task(bench.delivery.run())
    for number in range(4):
        async with database.write() as db:
            for chat in range(100):
                promise(db, now=bench.clock.now(), channel="telegram", to=str(chat), role="reply", text=str(number))
        bench.delivery.wake()
    await _until(lambda: bench.counted("sent") == 400, seconds=20)
    await _cancel(running)
    for chat in range(100):
        assert [message.text for message in wire.asked if message.to == str(chat)] == ["0", "1", "2", "3"]


async def test_P10_spinners_end_in_the_background_and_fail_in_silence(bench: Bench, wire: Wire) -> None:
    await bench.delivery.notify([Notice("telegram", "q1", "1", "1", "Готово"), Notice("gone", "q2", "1", "1")])
    await bench.delivery.drain()
    assert [notice.query for notice in wire.notices] == ["q1"]
    assert bench.counted("notice_dropped", "gone") == 1


@pytest.mark.parametrize("at_once", [True, False])
async def test_P10_a_channel_that_raises_at_a_spinner_is_counted(bench: Bench, wire: Wire, at_once: bool) -> None:
    async def later(notice: Notice) -> None:
        raise ValueError(notice.query)

    def now(notice: Notice) -> None:
        raise ValueError(notice.query)

    wire.notify = now if at_once else later  # type: ignore[method-assign, assignment]
    await bench.delivery.notify([Notice("telegram", "q1", "1", "1")])
    await bench.delivery.drain()
    assert bench.counted("notice_failed") == 1


# ---------------------------------------------------------------- pace


async def test_a_turn_of_three_is_not_slowed_but_a_flood_is(sqlite: Database, clock: HandClock, wire: Wire) -> None:
    bench = Bench(sqlite, clock, wire, rates={"telegram": Rate(chat_per_second=3, chat_burst=3)})
    loop, moments = asyncio.get_running_loop(), []
    wire.answer = lambda message: moments.append(loop.time()) or Sent("5")  # type: ignore[func-returns-value]
    for number in range(5):
        await bench.owe(str(number))
    await bench.delivery.drain()
    assert moments[3] - moments[0] >= 0.99 > moments[2] - moments[0]
    assert wire.texts == ["0", "1", "2", "3", "4"]


async def test_M12_a_busy_group_does_not_slow_a_prospect(sqlite: Database, wire: Wire) -> None:
    bench = Bench(sqlite, SystemClock(), wire, rates={"telegram": Rate(per_second=300, group_per_minute=4)})  # type: ignore[arg-type]
    for number in range(8):
        await bench.owe(f"card {number}", role="card", to="-5")
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: bench.counted("sent") == 4)
    await bench.owe("reply")
    bench.delivery.wake()
    await _until(lambda: bench.counted("sent") == 5)
    await _cancel(running)
    assert wire.texts == ["card 0", "card 1", "card 2", "card 3", "reply"]
    assert (await bench.statuses()).count("due") == 4  # waiting rows are not «being sent»


# ---------------------------------------------------------------- helpers


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm(None)


async def _until(done: Callable[[], bool], *, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.005)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# ---------------------------------------------------------------- a card that is lost over a death


async def alarms_written(bench: Bench) -> list[str]:
    async with bench.database.read() as db:
        return [row.body["text"] for row in await db.scalars(select(Outbox).where(Outbox.role == "alarm"))]


async def test_I9_a_card_left_in_doubt_by_a_second_death_is_told(bench: Bench, wire: Wire) -> None:
    """Nobody flushes the alarms here: whoever dies right after the start has told them all the same."""
    row_id = await bench.owe("Новая заявка", to="-5", role="card")
    wire.answer = lambda message: Unknown("reset")
    await bench.delivery.drain()
    bench.clock.forward(timedelta(seconds=5))
    wire.gate = asyncio.Event()
    running = asyncio.create_task(bench.delivery.run())
    await _until(lambda: len(wire.asked) == 2)
    async with bench.database.read() as db:
        assert await db.scalar(select(Outbox.status).where(Outbox.id == row_id)) == "sending"
    bench.reborn()  # the former one is as good as dead: its answer never comes
    await bench.delivery.recover()
    assert (await bench.row(row_id)).status == "unknown"
    [told] = await alarms_written(bench)
    assert "не доставлена карточка" in told and "неизвестно" in told
    running.cancel()
    wire.gate.set()
    await asyncio.wait({running})


async def test_I9_a_lost_card_and_its_alarm_are_one_transaction(bench: Bench, wire: Wire) -> None:
    for number in range(3):
        await bench.owe(f"Новая заявка {number}", to=f"-{number + 5}", role="card", lead_id=None)
    wire.answer = lambda message: Refused("chat not found")
    await bench.delivery.drain()
    told = await alarms_written(bench)
    assert len(told) == 1, "one kind, one word in ten minutes"
    assert bench.metrics.value("leadbot_alarms_total", kind="lost_card") == 3
    bench.clock.forward(timedelta(minutes=11))
    await bench.alarms.flush()
    assert "ещё 2 раз" in (await alarms_written(bench))[-1]

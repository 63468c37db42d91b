"""The checker itself: a true story passes, and each rule catches a ledger or a database that was tampered with."""

from __future__ import annotations

import asyncio
import copy
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.acts import REPEAT
from bot.clock import HandClock
from storage.database import Database
from storage.tables import Outbox
from tests.checker import check, count, violations
from tests.emulators.faults import Fault
from tests.emulators.ledger import Ledger, SqliteWitness
from tests.evidence import Evidence, gather
from tests.house import House
from tests.screens import misread
from tests.test_main_job import walk_to_the_phone


@dataclass
class Story:
    """What is left of it: a database and what the network took."""

    path: Path
    ledger: Ledger
    desk: str
    now: datetime

    def copied(self, folder: Path) -> Story:
        path = folder / "doctored.db"
        shutil.copy(self.path, path)
        return replace(self, path=path, ledger=copy.deepcopy(self.ledger))

    def run(self, sql: str) -> None:
        with sqlite3.connect(self.path) as db:
            assert db.execute(sql).rowcount, f"nothing was tampered with by {sql}"

    async def evidence(self) -> Evidence:
        database = Database(f"sqlite+aiosqlite:///{self.path}")
        try:
            return await gather(database, [self.ledger], now=self.now, desks=[(self.ledger.channel, self.desk)])
        finally:
            await database.close()


@pytest.fixture(scope="module", params=["telegram", "vk"])
def story(request, tmp_path_factory, sqlite_template) -> Story:
    """Told once for each network; every test works on a copy."""
    path = tmp_path_factory.mktemp("story") / "leads.db"
    shutil.copy(sqlite_template, path)
    return asyncio.run(_tell(request.param, path))


async def _tell(network: str, path: Path) -> Story:
    """Anna applies, one of her answers is lost on the way and repeated; Olga takes the lead; Boris withdraws."""
    clock = HandClock(datetime.now(UTC))
    async with House.open(network, f"sqlite+aiosqlite:///{path}", clock) as house:
        house.network.ledger.witness = witness = SqliteWitness(str(path))
        anna, boris = house.person("Анна"), house.person("Борис")
        await walk_to_the_phone(anna)
        send = "sendMessage" if house.name == "telegram" else "messages.send"
        house.network.faults.next(send, Fault.RESET_AFTER)
        await anna.says("8 900 123-45-67")
        await anna.sees("Всё верно?")
        await drained(house)
        await anna.taps("Всё верно")
        await anna.sees("Ваш промокод")
        await house.desk.sees("Анна")
        await house.desk.taps_as(house.olga, "Беру")
        await house.desk.shows("взял(а) Ольга")
        await house.forward(timedelta(minutes=10))  # the networks go by the true time: nothing of Anna's is Boris' time
        await boris.opens("test_drive__vk_ads__spring")
        await boris.sees("Здравствуйте")
        await boris.says("отзываю согласие")
        await boris.sees("удалено")
        await drained(house)
        witness.close()
        ledger = house.network.ledger
        ledger.witness = None
        return Story(path, ledger, str(house.desk.id), clock.now())


async def drained(house: House) -> None:
    """The clock goes on until nothing is on its way."""
    open_ = select(func.count()).select_from(Outbox).where(Outbox.status.in_(("due", "sending")))
    async with asyncio.timeout(20):
        while True:
            await house.forward(timedelta(seconds=1))
            async with house.database.read() as db:
                if not await db.scalar(open_):
                    return
            await asyncio.sleep(0.02)


async def test_a_true_story_has_no_violations(story):
    evidence = await story.evidence()
    assert check(evidence) == []
    tally = count(evidence)
    on_telegram = story.ledger.channel == "telegram"
    assert (tally.leads, tally.applications, tally.doubles, tally.parked) == (1, 1, 0, 0)
    assert tally.unknown == 1, "one answer was lost on the way"
    assert (tally.repeats, tally.recognised) == ((1, 0) if on_telegram else (0, 1))
    assert all(entry.row for entry in story.ledger.entries if entry.method not in ("leaveChat", "deleteMessage"))


@pytest.mark.parametrize("network", ["telegram", "vk"])
async def test_what_was_written_after_a_withdrawal_and_is_served_with_it_may_be_answered(network, sqlite_url):
    clock = HandClock(datetime.now(UTC))
    async with House.open(network, sqlite_url, clock) as house:
        house.network.ledger.witness = SqliteWitness(sqlite_url.partition(":///")[2])
        vera = house.person("Вера")
        await vera.opens("test_drive")
        await vera.sees("Здравствуйте")
        await house.stop()
        await vera.says("отзываю согласие")
        await vera.says("здравствуйте")
        clock.forward(timedelta(hours=1))
        await house.start()
        await vera.sees("удалено")
        await vera.sees("Здравствуйте")
        await drained(house)
        evidence = await gather(house.database, [house.network.ledger], now=clock.now())
        answer = max(evidence.rows.values(), key=lambda row: row.id)
        answer.first_tried_at += timedelta(seconds=1)  # one is sent after the other
        assert check(evidence) == []
        del house.network.ledger.acts[1:]  # had they been silent since, nothing may come
        alone = await gather(house.database, [house.network.ledger], now=clock.now())
        alone.rows[answer.id].first_tried_at = answer.first_tried_at
        assert [one.partition(":")[0] for one in check(alone)] == ["P46"]


ANNAS = "(SELECT external_id FROM identity WHERE contact_id IS NOT NULL)"
A_REPLY = f"""(SELECT min(id) FROM outbox WHERE role = 'reply' AND act = 'say' AND "to" = {ANNAS})"""
A_CONSENT = "(SELECT id FROM consent WHERE purpose = 'personal_data' LIMIT 1)"
TAMPERED = {
    # what the database says is changed
    "still due": (f"UPDATE outbox SET status = 'due' WHERE id = {A_REPLY}", "I5"),
    "being sent for ever": (f"UPDATE outbox SET status = 'sending' WHERE id = {A_REPLY}", "I5"),
    "no such row": (f"DELETE FROM outbox WHERE id = {A_REPLY}", "I4"),
    "other words": (f'UPDATE outbox SET body = \'{{"text": "Иное"}}\' WHERE id = {A_REPLY}', "I4"),
    "to somebody else": (f"""UPDATE outbox SET channel = 'web' WHERE id = {A_REPLY}""", "I4"),
    "refused but shown": (f"UPDATE outbox SET status = 'refused' WHERE id = {A_REPLY}", "G3"),
    "cancelled but shown": (f"UPDATE outbox SET status = 'cancelled', attempt = 0 WHERE id = {A_REPLY}", "G3"),
    "sent but not shown": (
        "INSERT INTO outbox SELECT NULL, " + "{columns}" + f" FROM outbox WHERE id = {A_REPLY}",
        "G3",
    ),
    "an event unserved": ("DELETE FROM served_event WHERE rowid = (SELECT max(rowid) FROM served_event)", "G1"),
    "parked in silence": (
        "INSERT INTO parked_event (channel, event_id, raw, error, at) "
        "SELECT channel, event_id, x'00', '', at FROM served_event LIMIT 1",
        "I14",
    ),
    "parked twice": (
        "INSERT INTO parked_event (channel, event_id, raw, error, at) "
        "SELECT a.channel, a.event_id, x'00', '', a.at FROM (SELECT * FROM served_event LIMIT 1) a, outbox LIMIT 2",
        "N5",
    ),
    "unsolicited after stop": (
        "UPDATE identity SET stopped_at = '2020-01-01 00:00:00.000000' WHERE contact_id IS NOT NULL",
        "G5",
    ),
    "an advertisement without consent": (f"UPDATE outbox SET kind = 'advertising' WHERE id = {A_REPLY}", "I8"),
    "an advertisement after its consent": (
        f"UPDATE outbox SET kind = 'advertising', consent_id = {A_CONSENT} WHERE id = {A_REPLY}",
        "I8",
    ),
    "a contact without consent": ("UPDATE consent SET act = 'withdrawn' WHERE purpose = 'personal_data'", "I8"),
    "a pseudonym of somebody else": ("UPDATE identity SET pseudonym = 'x'", "L36"),
    "a code that counts as free": ("UPDATE promo_code SET issued_at = NULL WHERE lead_id IS NOT NULL", "I6"),
    "a lead without a history": ("DELETE FROM lead_event", "I9"),
    "a lead without a card": ("UPDATE outbox SET role = 'note' WHERE role = 'card' AND act = 'say'", "I9"),
    "a lead with two cards": (
        "UPDATE outbox SET role = 'card', act = 'say', lead_id = (SELECT id FROM lead), target_id = NULL "
        "WHERE id IN (SELECT id FROM outbox WHERE \"to\" = '{desk}')",
        "I9",
    ),
    "a conversation in a version that is gone": ("UPDATE conversation SET version = 99", "I10"),
    "a conversation in two places": ("UPDATE conversation SET step = 'nowhere'", "I10"),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_a_tampered_database_is_noticed(what, story, tmp_path):
    sql, line = TAMPERED[what]
    doctored = story.copied(tmp_path)
    with sqlite3.connect(doctored.path) as db:
        columns = [f'"{name}"' for _, name, *_ in db.execute("PRAGMA table_info(outbox)") if name != "id"]
    if what.startswith("unsolicited"):
        doctored.run(f"UPDATE outbox SET unsolicited = 1 WHERE id = {A_REPLY}")
    if what == "an advertisement after its consent":
        doctored.run("UPDATE consent SET purpose = 'advertising', at = '2020-01-01 00:00:00.000000'")
        doctored.run(
            "INSERT INTO consent (pseudonym, purpose, act, channel, event_id, at) SELECT pseudonym, purpose, "
            f"'withdrawn', channel, event_id, '2020-01-02 00:00:00.000000' FROM consent WHERE id = {A_CONSENT_LATER}"
        )
        sql = sql.replace(A_CONSENT, A_CONSENT_LATER)
    doctored.run(sql.replace("{columns}", ", ".join(columns)).replace("{desk}", story.desk))
    found = check(await doctored.evidence())
    assert any(one.startswith(f"{line}:") for one in found), found


A_CONSENT_LATER = "(SELECT min(id) FROM consent)"


def said_without_a_promise(ledger: Ledger) -> None:
    one, last = ledger.entries[0], ledger.entries[-1]
    ledger.accept(to=one.to, method=one.method, message_id=999, text="Привет", at=last.at, key="999999")


def said_a_third_time(ledger: Ledger) -> None:
    for _ in range(2):
        one = next(one for one in ledger.entries if "Здравствуйте" in one.text)
        ledger.entries.append(replace(one, sequence=len(ledger.entries) + 1))


def said_twice_without_reason(ledger: Ledger) -> None:
    one = next(one for one in ledger.entries if "Здравствуйте" in one.text)
    ledger.entries.append(replace(one, sequence=len(ledger.entries) + 1))


def never_said(ledger: Ledger) -> None:
    ledger.entries.remove(next(one for one in ledger.entries if "Здравствуйте" in one.text))


def never_edited(ledger: Ledger) -> None:
    for one in [one for one in ledger.entries if "edit" in one.method]:
        ledger.entries.remove(one)


def said_in_another_order(ledger: Ledger) -> None:
    mine = [n for n, one in enumerate(ledger.entries) if one.to == ledger.entries[0].to]
    first, second = mine[0], mine[1]
    ledger.entries[first], ledger.entries[second] = ledger.entries[second], ledger.entries[first]


def said_more_after_the_farewell(ledger: Ledger) -> None:
    """Somebody who withdrew hears what was promised to somebody else."""
    farewell = next(one for one in ledger.entries if "удалено" in one.text)
    row = next(one for one in ledger.entries if "Как к вам обращаться" in one.text)
    ledger.entries.append(replace(row, to=farewell.to, heard=0, sequence=len(ledger.entries) + 1))


def a_code_said_to_two(ledger: Ledger) -> None:
    code = next(one for one in ledger.entries if "Ваш промокод" in one.text)
    farewell = next(one for one in ledger.entries if "удалено" in one.text)
    ledger.entries.append(replace(code, to=farewell.to, sequence=len(ledger.entries) + 1))


def done_and_never_heard(ledger: Ledger) -> None:
    ledger.hear("m1.1", kind="message_new", chat=1, at=ledger.acts[-1].at)


FORGED: list[tuple[Callable[[Ledger], None], str]] = [
    (said_without_a_promise, "I4"),
    (said_a_third_time, "G3"),
    (said_twice_without_reason, "G3"),
    (never_said, "G3"),
    (never_edited, "G3"),
    (said_in_another_order, "G2"),
    (said_more_after_the_farewell, "P46"),
    (a_code_said_to_two, "I6"),
    (done_and_never_heard, "G1"),
]


@pytest.mark.parametrize(("forge", "line"), FORGED, ids=[forge.__name__ for forge, _ in FORGED])
async def test_a_forged_ledger_is_noticed(forge, line, story, tmp_path):
    doctored = story.copied(tmp_path)
    forge(doctored.ledger)
    found = check(await doctored.evidence())
    assert any(one.startswith(f"{line}:") for one in found), found


async def test_what_the_network_itself_forgot_or_a_test_forgives_is_not_held_against_the_bot(story, tmp_path):
    doctored = story.copied(tmp_path)
    done_and_never_heard(doctored.ledger)
    doctored.ledger.forgotten.add("m1.1")
    assert check(await doctored.evidence()) == []
    doctored.ledger.forgotten.clear()
    database = Database(f"sqlite+aiosqlite:///{doctored.path}")
    desks = [(story.ledger.channel, story.desk)]
    assert await violations(database, [doctored.ledger], now=story.now, desks=desks, forgiven=["m1.1"]) == []
    await database.close()


def test_a_screen_is_compared_with_what_should_have_been_seen():
    expected = ["Здравствуйте", "Ваш промокод: SPRING-7"]
    assert misread(["Здравствуйте, Анна!", "Ваш промокод: SPRING-0"], expected) == []
    assert misread(["Здравствуйте!", f"{REPEAT}Здравствуйте!", "Ваш промокод: SPRING-0"], expected) == []
    twice = ["Здравствуйте!", "Здравствуйте!", "Ваш промокод: SPRING-0"]
    assert misread(twice, expected, repeats=1) == []
    assert misread(twice, expected) == ["seen and not expected: 'Здравствуйте!'"]
    edited = ["Здравствуй!", *twice[1:]]
    assert misread(edited, expected, repeats=1, before=["Здравствуй!"]) == []
    assert misread(edited, expected, repeats=1) == ["seen and not expected: 'Здравствуй!'"]
    assert misread(["Здравствуйте!"], expected) == ["expected and not seen: 'Ваш промокод: CODE'"]

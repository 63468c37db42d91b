"""Time, partitions and the process itself: plans are rows, each is claimed once, and nothing grows for ever."""

from __future__ import annotations

import ast
import asyncio
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.alarms import Alarms
from bot.app import App
from bot.channels.vk_recent import Recent
from bot.delivery import Delivery
from bot.health import Health
from bot.hearing import Hearing
from bot.heart import Heart
from bot.listening import Listening
from bot.metrics import Metrics
from bot.pace import Pace, Rate
from bot.pages.rate import Rate as TryRate
from dialogs.hours import is_quiet
from handlers.inbound import Elsewhere, Inbound, Press
from storage.crash import arm
from storage.database import Database
from storage.tables import Consent, FollowUp, Lead, LeadEvent, PromoCode, Row
from tests.conftest import NOON
from tests.person_play import DESK, OLGA, Play, Someone
from tests.test_process import Bots, bots, health

__all__ = ["bots"]

ROOT = Path(__file__).parents[1]
OURS = ("bot", "handlers", "dialogs", "storage")


class Killed(BaseException):
    """kill -9, as far as one loop can play it."""


async def rows(database: Database, table: Any, *where: Any) -> int:
    async with database.read() as db:
        return int(await db.scalar(select(func.count()).select_from(table).where(*where)) or 0)


def at(point: str, act: Callable[[], BaseException], *, passing: int = 1) -> Callable[[str], None]:
    """Fail when the crash point is passed for the ``passing``-th time."""
    left = passing

    def passed(name: str) -> None:
        nonlocal left
        left -= name == point
        if name == point and left == 0:
            raise act()

    return passed


def another_process(play: Play) -> App:
    """A second App over the same database and networks, with nothing in memory."""
    return App(
        database=play.database, library=play.app.library, channels=play.app.channels, clock=play.clock,
        delivery=Delivery(play.database, play.networks, play.clock), desks=play.app.desks, admins=play.app.admins,
    )  # fmt: skip


# ---------------------------------------------------------------- a partition in the middle of an act (N16)


async def consents(play: Play, anna: Someone) -> None:
    await anna.opens()
    await anna.taps("Записаться")


async def almost_applies(play: Play, anna: Someone) -> None:
    await anna.agrees()
    for said in ("Кроссовер", "на этой неделе", "12", "Нет", "Анна", "8 905 111-22-33"):
        await anna.says(said)


async def applied(play: Play, anna: Someone) -> None:
    await anna.applies()


async def takes(play: Play) -> None:
    key = next(b.key for seen in play.desk() for row in seen.buttons for b in row if "take" in b.key)
    await play.hears("telegram", Press(key, "q", "1"), OLGA, chat=DESK, name="Ольга")


ACTS: dict[str, Any] = {
    "a consent": (consents, lambda play, anna: anna.taps("Согласен"), Consent, ()),
    "a code claim": (almost_applies, lambda play, anna: anna.says("да"), PromoCode, (PromoCode.lead_id.is_not(None),)),
    "a manager's press": (applied, lambda play, anna: takes(play), LeadEvent, (LeadEvent.what == "taken",)),
}


@pytest.mark.parametrize("act", ACTS)
async def test_N16_cut_off_from_the_database_at_the_commit_it_is_nothing_and_then_all_of_it(database, clock, act):
    play = await Play.begin(database, clock)
    anna = play.person("Анна", "7001")
    before, does, table, which = ACTS[act]
    await before(play, anna)
    had, screen = await rows(database, table, *which), anna.heard()
    arm(at("before commit of events", lambda: OperationalError("…", None, Exception("connection is gone"))))
    try:
        with pytest.raises(OperationalError):
            await does(play, anna)
    finally:
        arm(None)
    await play.app.delivery.drain()
    assert await rows(database, table, *which) == had and anna.heard() == screen
    await does(play, anna)
    assert await rows(database, table, *which) == had + 1
    if act == "a code claim":
        assert "Ваш промокод" in " ".join(anna.heard())
        assert await rows(database, Lead) == 1


# ---------------------------------------------------------------- plans


async def silent_people(play: Play, number: int) -> list[Someone]:
    people = [play.person(f"Гость {one}", str(8000 + one)) for one in range(number)]
    for person in people:
        await person.agrees()
    play.clock.forward(timedelta(minutes=21))
    return people


def reminders(person: Someone) -> int:
    return sum("До записи" in text for text in person.heard())


async def test_T5_two_processes_with_one_plan_remind_everybody_once(database, clock):
    play = await Play.begin(database, clock)
    people = await silent_people(play, 8)
    other = another_process(play)
    await asyncio.gather(play.app.pulse(), other.pulse(), play.app.pulse())
    await play.app.delivery.drain()
    assert [reminders(person) for person in people] == [1] * 8


@pytest.mark.parametrize("point", ["follow-up claimed", "follow-up promised"])
async def test_T6_killed_within_a_batch_of_reminders_it_resumes_and_nobody_is_reminded_twice(sqlite, clock, point):
    play = await Play.begin(sqlite, clock)
    people = await silent_people(play, 12)
    arm(at(point, Killed, passing=7))
    try:
        with pytest.raises(Killed):
            await play.app.pulse()
    finally:
        arm(None)
    assert await rows(sqlite, FollowUp, FollowUp.status == "done") == 0  # one transaction: none of them
    play.app = another_process(play)
    await play.app.pulse()
    arm(at("after sending commit", Killed))  # and once more, with what it took still unsent
    try:
        with pytest.raises(Killed):
            await play.app.delivery.drain()
    finally:
        arm(None)
    play.app = another_process(play)
    await play.app.start()
    for _ in range(3):  # what is unclear is cleared up in its own time
        await play.forward(timedelta(minutes=1))
    assert [reminders(person) for person in people] == [1] * 12


async def test_T9_a_reminder_that_falls_into_the_night_comes_in_the_morning(sqlite, clock):
    play = await Play.begin(sqlite, clock)
    business = play.app.library.live.business
    while not is_quiet(business, play.clock.now() + timedelta(minutes=20)):
        play.clock.forward(timedelta(minutes=10))
    anna = play.person("Анна", "7001")
    await anna.agrees()
    await play.forward(timedelta(minutes=40))
    assert is_quiet(business, play.clock.now()) and reminders(anna) == 0
    async with sqlite.read() as db:
        (moved,) = await db.scalars(select(FollowUp.due_at).where(FollowUp.status == "planned"))
    assert not is_quiet(business, moved)
    play.clock.forward(moved - play.clock.now())
    await play.app.pulse()
    await play.app.delivery.drain()
    assert reminders(anna) == 1


async def test_T11_a_plan_is_rows_and_the_scheduler_keeps_nothing(sqlite, clock):
    async def nothing() -> None: ...

    heart = Heart(nothing, clock, Alarms(sqlite, clock))
    heart.start()
    try:
        stores = heart._scheduler._jobstores.values()
        assert [type(store).__name__ for store in stores] == ["MemoryJobStore"]
        assert [job.func for job in heart._scheduler.get_jobs()] == [heart.beat]
    finally:
        heart.stop()
    columns = {f"{table.name}.{one.name}": type(one.type).__name__ for table in Row.metadata.sorted_tables
               for one in table.columns}  # fmt: skip
    assert "PickleType" not in columns.values()
    assert {name for name, kind in columns.items() if kind == "LargeBinary"} <= {
        "parked_event.raw",
        "flow_file.content",
    }
    planned = {name for name in columns if name.startswith("follow_up.")}
    assert {"follow_up.rule", "follow_up.due_at"} <= planned


# ---------------------------------------------------------------- intake that is refused is told (R4)


async def test_R4_O10_a_database_that_takes_nothing_is_told_in_health_counter_and_alarm(sqlite, clock):
    metrics = Metrics()
    alarms = Alarms(sqlite, clock, admins=[("telegram", OLGA)], metrics=metrics)
    full = True

    async def receive(batch: Any, *, cursor: str | None = None) -> None:
        if full:
            raise OperationalError("…", None, Exception("database or disk is full"))

    listening = Listening(receive, clock, alarms, metrics)
    play = await Play.begin(sqlite, clock)
    delivery, heart = Delivery(sqlite, play.networks, clock), Heart(play.app.pulse, clock, alarms)
    hearing = Hearing(sqlite, clock, metrics=metrics, report=alarms.raise_, moment=str)
    health_now = Health(
        sqlite, play.networks, clock, delivery=delivery, listening=listening, heart=heart, hearing=hearing
    )
    event = [Inbound(channel="vk", event_id="1", sender="1", chat="1", at=NOON, heard=Elsewhere("x"))]
    for _ in range(5):
        with pytest.raises(OperationalError):
            await listening.receive(event)
    assert metrics.value("leadbot_alarms_total", kind="intake") == 1
    well, told = await health_now()
    assert not well and told["reasons"] == ["vk: the database does not take events, they wait in the network"]
    full = False
    await listening.receive(event)
    well, told = await health_now()
    assert well and told["channels"]["vk"]["last_event"] == clock.now().isoformat(timespec="seconds")
    assert set(told["outbox"]) == {"waiting", "oldest_seconds", "unknown"}


# ---------------------------------------------------------------- many


@pytest.mark.timeout(120)
async def test_O3_killed_and_started_again_over_many_rows_it_serves_by_itself(bots: Bots) -> None:
    bot = await bots()
    await bot.start()
    await health(bot)
    await bot.kill()
    with sqlite3.connect(bot.log.parent / "leads.db") as db:
        many = [("telegram", str(number), NOON.isoformat(" ")) for number in range(300_000)]
        db.executemany("INSERT INTO served_event (channel, event_id, at) VALUES (?, ?, ?)", many)
    db.close()
    began = time.monotonic()
    await bot.start()
    status, told = await health(bot, within=20)
    assert (status, told["status"]) == (200, "ok")
    print(f"serving {time.monotonic() - began:.1f} s after the start")
    assert await bot.stop() < 10


async def test_O7_thirty_thousand_senders_leave_nothing_behind_in_memory(sqlite, clock):
    """What the process keeps by sender or chat is bounded; events of strangers in groups leave no row either."""
    now = 0.0
    pace = Pace(Rate(per_second=30, chat_per_second=1, group_per_minute=20), monotonic=lambda: now)
    recent: Recent[str, int] = Recent(10_000)
    tries = TryRate(5, 60, now=lambda: now)
    for number in range(30_000):
        now += 0.01
        pace.take(number, str(number))
        pace.landed(number)
        recent.keep(str(number), number)
        tries.add(str(number))
    play = await Play.begin(sqlite, clock)
    before = dict(sizes(play.app))
    for start in range(0, 30_000, 1000):
        batch = [Inbound(channel="telegram", event_id=f"e{n}", sender=str(n), chat="-77", at=NOON, heard=Elsewhere("x"))
                 for n in range(start, start + 1000)]  # fmt: skip
        await play.app.receive(batch)
    grown = {name: size for name, size in sizes(play.app) if size > max(1000, before.get(name, 0))}
    assert not grown
    for kept in (pace, recent, tries):
        assert all(size <= 10_000 for _, size in sizes(kept)), kept


def sizes(root: object) -> Iterator[tuple[str, int]]:
    """Every container reachable through our own objects' attributes: where it is, how much is in it."""
    seen: set[int] = set()
    walk = [("", root)]
    while walk:
        where, one = walk.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict | list | set | tuple | frozenset) or hasattr(one, "popitem"):
            yield where, len(one)  # type: ignore[arg-type]
            inside = one.values() if hasattr(one, "values") else one
            walk += [(f"{where}[]", each) for each in list(inside)[:50]]  # type: ignore[call-overload]
        elif type(one).__module__.partition(".")[0] in OURS:
            names = [*getattr(one, "__dict__", ()), *getattr(type(one), "__slots__", ())]
            walk += [(f"{where}.{name}", getattr(one, name)) for name in names if hasattr(one, name)]


# ---------------------------------------------------------------- what stands nowhere in the code


def sources() -> list[tuple[str, ast.Module]]:
    files = sorted(path for room in OURS for path in (ROOT / room).rglob("*.py"))
    assert len(files) > 100
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in files]


UNWANTED = {"pickle", "marshal", "shelve", "dill", "subprocess"}


def forbidden(tree: ast.Module) -> Iterator[str]:
    """Code made of text, plans made of code, SQL made of values (O11, T11)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
            yield from {name.partition(".")[0] for name in names} & UNWANTED
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load"):
                yield called
            shell = [one for one in node.keywords if one.arg == "shell"]
            yield from ("shell=" for _ in shell)
            if called.split(".")[-1] in ("text", "exec_driver_sql", "execute", "executescript") and _of_parts(node):
                yield f"SQL of parts: {ast.unparse(node)[:60]}"


def _of_parts(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.JoinedStr | ast.BinOp) or (first is not None and ".format" in ast.unparse(first))


def test_O11_I13_no_code_from_text_no_shell_no_pickle_no_sql_of_parts():
    assert [(where, what) for where, tree in sources() for what in forbidden(tree)] == []


@pytest.mark.parametrize(
    "bad",
    [
        "eval('1')", "import pickle", "from subprocess import run", "run('ls', shell=True)", "yaml.load(x)",
        "db.execute(text(f'SELECT {x}'))", "db.execute('SELECT ' + x)", "os.system('ls')",
    ],
)  # fmt: skip
def test_O11_the_rule_sees_what_it_forbids(bad):
    assert list(forbidden(ast.parse(bad)))


def throws_away(source: str) -> list[str]:
    """Ways to lose what waits at the network: dropping it, or asking from the end."""
    return re.findall(r"drop_pending_updates\s*=\s*True|skip_updates|offset\s*[=:]\s*-\s*\d|flush_updates", source)


def test_N15_nowhere_are_pending_updates_thrown_away():
    found = {str(path): throws_away(path.read_text("utf-8")) for room in OURS for path in (ROOT / room).rglob("*.py")}
    assert {path: lost for path, lost in found.items() if lost} == {}
    for bad in ("delete_webhook(drop_pending_updates=True)", "get_updates(offset=-1)", "offset: -1", "skip_updates"):
        assert throws_away(bad)

"""The database's bad days: locked, full, read-only, damaged, torn. What was not written was not acknowledged."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import sys
from collections import Counter
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bot.doctor import examine
from bot.settings import Settings
from storage import intake
from storage.blame import is_database_down
from storage.database import Database
from storage.soundness import Damaged, ensure_sound, find_damage, has_reset_fault
from storage.tables import Consent, Conversation, ServedEvent, Setting
from tests.bot_process import nursery
from tests.house import House
from tests.meridian import FLOWS
from tests.person_play import Play

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NETWORKS = ("telegram", "vk")


# ---------------------------------------------------------------- writers


async def test_R1_two_writers_who_read_first_lose_no_update(sqlite_url):
    """Two processes' worth of connections on one file; each reads the number and writes the next one."""
    databases = [Database(sqlite_url) for _ in range(2)]
    async with databases[0].write() as db:
        db.add(Setting(key="visits", value="0"))

    async def counts(database: Database) -> None:
        for _ in range(60):
            async with database.write() as db:
                row = await db.get(Setting, "visits")
                assert row is not None
                await asyncio.sleep(0)  # the other has every chance
                row.value = str(int(row.value) + 1)

    await asyncio.gather(*(counts(database) for database in databases for _ in range(2)))
    async with databases[0].read() as db:
        assert (await db.get_one(Setting, "visits")).value == "240"
    for database in databases:
        await database.close()


# ---------------------------------------------------------------- people meet a database that does not write


class Trouble:
    """What befalls the bot's connections, from their next use on. ``refused``: statements that failed."""

    def __init__(self, database: Database) -> None:
        self.refused: list[str] = []
        self._database = database
        self._pragmas: tuple[str, ...] = ()
        event.listen(database.engine.sync_engine, "checkout", self._befall)
        event.listen(database.engine.sync_engine, "handle_error", self._note)

    async def comes(self, *pragmas: str) -> None:
        """To connections as they are taken from the pool, and to the one that is kept to write by, while it is."""
        self._pragmas = pragmas
        with suppress(DBAPIError):
            async with self._database.write() as db:
                for pragma in pragmas:
                    await db.execute(text(f"PRAGMA {pragma}"))

    def _befall(self, connection: Any, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        for pragma in self._pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def _note(self, context: Any) -> None:
        self.refused.append(str(context.original_exception))

    async def is_felt(self, words: str, times: int = 3) -> None:
        async with asyncio.timeout(15):
            while sum(words in one for one in self.refused) < times:
                await asyncio.sleep(0.02)


async def rows(house: House, table: Any) -> int:
    async with house.database.read() as db:
        return int(await db.scalar(select(func.count()).select_from(table)) or 0)


async def agrees(anna: Any) -> None:
    await anna.opens("test_drive__vk_ads__spring")
    await anna.sees("Здравствуйте")
    await anna.taps("Записаться")
    await anna.sees("Согласие на обработку персональных данных")
    await anna.taps("Согласен")
    await anna.sees("Какой автомобиль")


async def goes_on(anna: Any) -> None:
    """From the second question to the code."""
    await anna.sees("Когда вам удобно", 30)
    for said, answer in (
        ("на этой неделе", "Сколько лет вы за рулём"),
        ("12", "свой автомобиль в зачёт"),
        ("нет", "Как к вам обращаться"),
        ("Анна", "по какому номеру"),
        ("8 900 123-45-67", "Всё верно"),
        ("да", "Ваш промокод"),
    ):
        await anna.says(said)
        await anna.sees(answer, 30)


def doubles(person: Any) -> list[str]:
    return [text for text, times in Counter(seen.text for seen in person.screen).items() if times > 1]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("network", NETWORKS)
async def test_R4_a_read_only_database_is_waited_for_and_people_are_served_once(network, sqlite_url, clock):
    async with House.open(network, sqlite_url, clock) as house:
        anna = house.person("Анна")
        await agrees(anna)
        trouble, served, screen = Trouble(house.database), await rows(house, ServedEvent), len(anna.screen)
        await trouble.comes("query_only=1")
        await anna.says("кроссовер")
        await trouble.is_felt("readonly")
        assert await rows(house, ServedEvent) == served and len(anna.screen) == screen
        await trouble.comes("query_only=0")
        await goes_on(anna)
        assert not doubles(anna) and await rows(house, Consent) >= 1


@pytest.mark.timeout(120)
@pytest.mark.parametrize("network", NETWORKS)
async def test_R4_a_full_disk_is_waited_for_and_nothing_confirmed_is_lost(network, sqlite_url, clock):
    """Anna stands in the middle of a dialog when forty newcomers find the disk full."""
    async with House.open(network, sqlite_url, clock) as house:
        anna = house.person("Анна")
        await agrees(anna)
        crowd = [house.person(f"Гость {number}") for number in range(40)]
        trouble, consents = Trouble(house.database), await rows(house, Consent)
        await trouble.comes("max_page_count=1")  # no page more than there are
        for guest in crowd:
            await guest.opens("test_drive__flyer__november")
        await anna.says("кроссовер")
        await trouble.is_felt("full")
        assert await rows(house, Consent) == consents  # reads go on, and what was confirmed is there
        assert not all(guest.screen for guest in crowd)
        await trouble.comes("max_page_count=1000000")
        for guest in crowd:
            await guest.sees("Здравствуйте", 30)
        await goes_on(anna)
        assert not any(doubles(person) for person in (anna, *crowd))


@asynccontextmanager
async def another_program_writes(path: Path):
    """A backup or an antivirus of somebody's: it holds the write lock until we let it go."""
    holds = "import sqlite3,sys;d=sqlite3.connect(sys.argv[1],isolation_level=None);d.execute('BEGIN IMMEDIATE');"
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", holds + "print('held',flush=True);sys.stdin.read()", str(path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert program.stdin is not None and program.stdout is not None
    assert (await program.stdout.readline()).strip() == b"held"
    try:
        yield
    finally:
        program.stdin.close()
        await program.wait()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("network", NETWORKS)
async def test_R3_locked_beyond_the_timeout_by_another_process_people_wait_and_are_served_once(
    network, sqlite_url, clock, tmp_path
):
    async with House.open(network, sqlite_url, clock) as house:
        anna = house.person("Анна")
        await agrees(anna)
        trouble, served, screen = Trouble(house.database), await rows(house, ServedEvent), len(anna.screen)
        await trouble.comes("busy_timeout=50")  # five seconds in earnest
        async with another_program_writes(tmp_path / "leads.db"):
            await anna.says("кроссовер")
            await trouble.is_felt("locked")
            assert await rows(house, ServedEvent) == served and len(anna.screen) == screen
        await goes_on(anna)
        assert not doubles(anna)


# ---------------------------------------------------------------- a damaged file


def filled(path: Path, people: int = 3000) -> Path:
    with sqlite3.connect(path) as db:
        keys = [("telegram", str(number), "2026-11-23 09:00:00.000000") for number in range(people)]
        db.executemany("INSERT INTO served_event (channel, event_id, at) VALUES (?, ?, ?)", keys)
    db.close()
    return path


def strike(path: Path, *, dice: random.Random) -> None:
    """A bad sector: one page of noise, not the first."""
    page, size = 4096, path.stat().st_size
    with path.open("r+b") as file:
        file.seek(dice.randrange(1, size // page) * page)
        file.write(dice.randbytes(page))


@pytest.fixture
def spoiled(tmp_path: Path, sqlite_template: Path) -> Path:
    path = filled(Path(shutil.copy(sqlite_template, tmp_path / "spoiled.db")))
    strike(path, dice=random.Random(5))
    return path


async def test_R5_a_damaged_file_is_found_at_the_start_and_not_written_to(spoiled, tmp_path):
    before = spoiled.read_bytes()
    known = dict.fromkeys(("TELEGRAM_TOKEN", "VK_TOKEN", "VK_GROUP_ID", "ADMINS", "WEB_PASSWORD"), "")
    env = known | {"FLOWS_DIR": str(FLOWS), "DATABASE_URL": f"sqlite:///{spoiled}"}
    async with nursery(env, tmp_path / "log.txt") as bot:
        await bot.start()
        assert await bot.ends(within=40) == 1
        said = bot.log.read_text()
    assert f"{spoiled} is damaged" in said and "put your last backup in its place" in said
    assert "Traceback" not in said and spoiled.read_bytes() == before


@pytest.mark.parametrize("seed", range(20))
async def test_R5_every_stricken_page_is_noticed(seed, tmp_path, sqlite_template):
    path = filled(Path(shutil.copy(sqlite_template, tmp_path / "leads.db")), 500)
    database = Database(f"sqlite+aiosqlite:///{path}")
    await ensure_sound(database)
    strike(path, dice=random.Random(seed))
    with pytest.raises(Damaged, match=r"\.recover"):
        await ensure_sound(database)
    assert find_damage(path) is not None
    await database.close()


async def test_R14_a_silence_rule_that_meets_a_lock_of_postgresql_is_due_as_before(postgresql_url, clock):
    """Its driver's errors are of a kind of their own; the reminder is not to blame and goes out when there is room."""
    await _say(postgresql_url, "ALTER DATABASE leads SET lock_timeout = '200ms'")
    database, other = Database(postgresql_url), Database(postgresql_url)
    try:
        play = await Play.begin(database, clock)
        anna = play.person("Анна", "7001")
        await anna.agrees()
        before = anna.heard()
        clock.forward(timedelta(minutes=25))
        async with other.write() as db:
            await db.execute(select(Conversation).with_for_update())
            with pytest.raises(DBAPIError):
                await play.app.pulse()
        await play.app.delivery.drain()
        assert anna.heard() == before
        await play.forward(timedelta(minutes=1))
        assert "До записи" in anna.last.text
    finally:
        await database.close()
        await other.close()
        await _say(postgresql_url, "ALTER DATABASE leads RESET lock_timeout")


async def _say(url: str, statement: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(statement)
    await database.close()


@pytest.mark.parametrize("garbage", [b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_R5_a_file_that_is_no_database_is_named_and_counts_against_no_event(garbage, tmp_path):
    path = tmp_path / "leads.db"
    path.write_bytes(garbage)
    database = Database(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(Damaged):
        await ensure_sound(database)
    assert path.read_bytes() == garbage
    with pytest.raises((SQLAlchemyError, sqlite3.DatabaseError)) as met:
        await database.ping()
    assert is_database_down(met.value)
    await database.close()


async def test_R5_a_start_looks_no_longer_than_it_may_and_a_new_database_is_none(spoiled, tmp_path):
    assert find_damage(spoiled, seconds=-1) is None  # the time was over before it found anything: doctor's part
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}")
    await ensure_sound(database)
    assert not (tmp_path / "none.db").exists()
    await database.close()


async def test_R5_the_doctor_reads_the_whole_file(spoiled, tmp_path):
    found = await examine(Settings(_env_file=None, flows_dir=FLOWS, database_url=f"sqlite:///{spoiled}"))
    (told,) = [one for one in found if one.what == "database file"]
    assert told.well is False and "keep it aside" in told.told


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_R8_versions_that_may_lose_a_part_of_the_log(version, faulty):
    assert has_reset_fault(version) is faulty


async def test_R8_the_doctor_shows_the_version_and_its_fault(sqlite_url):
    found = {one.what: one for one in await examine(Settings(_env_file=None, flows_dir=FLOWS, database_url=sqlite_url))}
    told = found["log of SQLite"].told
    assert sqlite3.sqlite_version in told and ("has the WAL-reset fault" in told) is has_reset_fault()


async def test_R8_a_checkpoint_and_a_write_take_turns(sqlite: Database):
    """Nobody checkpoints while somebody writes: the fault needs both at one moment. SQLite's own patience is off."""
    await Trouble(sqlite).comes("busy_timeout=0")
    async with sqlite.write() as db:
        db.add(Setting(key="half", value="way"))
        await db.flush()
        wiping = asyncio.create_task(sqlite.forget_deleted())
        await asyncio.wait({wiping}, timeout=0.2)
        assert not wiping.done()
    await wiping
    assert Path(f"{sqlite.url.database}-wal").stat().st_size == 0


# ---------------------------------------------------------------- torn


async def test_R7_a_torn_log_leaves_a_clean_prefix(sqlite: Database, tmp_path):
    """The plug is pulled at 300 random places of the write-ahead file; some tails are noise instead of nothing."""
    await numbers(sqlite, range(1, 41))
    await sqlite.forget_deleted()  # a checkpoint: these forty are in the database itself
    await numbers(sqlite, range(41, 121))
    base = Path(str(sqlite.url.database))
    log = Path(f"{base}-wal").read_bytes()
    dice, found = random.Random(7), set()
    for number in range(300):
        cut = dice.randrange(len(log) + 1)
        torn = Path(shutil.copy(base, tmp_path / "torn.db"))
        tail = dice.randbytes(len(log) - cut) if number % 3 == 0 else b""
        Path(f"{torn}-wal").write_bytes(log[:cut] + tail)
        Path(f"{torn}-shm").unlink(missing_ok=True)
        found.add(kept(torn))
    assert len(found) > 50 and min(found) >= 40 and max(found) <= 120


async def test_R6_the_guides_backup_is_the_engines_own_and_a_copy_of_the_file_lacks_the_newest(sqlite, tmp_path):
    guide = (Path(__file__).parents[1] / "docs" / "operations.md").read_text("utf-8")
    shown = guide[guide.index("## Backups") : guide.index("## Restore")]
    assert '".backup ' in shown and "VACUUM INTO" in shown and "Never `cp leads.db`" in shown
    await numbers(sqlite, range(1, 31))
    live = Path(str(sqlite.url.database))
    by_copy, whole, compact = (tmp_path / name for name in ("copy.db", "whole.db", "compact.db"))
    shutil.copy(live, by_copy)
    with sqlite3.connect(live) as db, sqlite3.connect(whole) as target:
        db.backup(target)  # what the shell's .backup calls
    db.execute("VACUUM INTO ?", (str(compact),))
    for one in (db, target):
        one.close()
    assert (kept(by_copy), kept(whole), kept(compact)) == (0, 30, 30)
    assert find_damage(whole) is None is find_damage(compact)


async def numbers(database: Database, which: range) -> None:
    for number in which:
        async with database.write() as db:
            intake.record_served(db, [("telegram", str(number))], now=NOON)


def kept(path: Path) -> int:
    """How many of the rows are there: all up to the last one, or it is no prefix."""
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        there = sorted(int(key) for (key,) in db.execute("SELECT event_id FROM served_event"))
    finally:
        db.close()
    assert there == list(range(1, len(there) + 1))
    return len(there)

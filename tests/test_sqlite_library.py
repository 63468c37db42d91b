"""SQLite's library is told to count no memory before anybody has a connection, and left alone when somebody has one."""

from __future__ import annotations

import subprocess
import sys

import pytest

COUNTED = """
import _sqlite3, ctypes, sqlite3
from storage.sqlite_library import count_no_memory
used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
used.restype = ctypes.c_int64
"""


def run(program: str) -> str:
    """In a process of its own: the setting is the whole process's."""
    return subprocess.run(
        [sys.executable, "-c", COUNTED + program], capture_output=True, text=True, check=True, timeout=60
    ).stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="left as it is elsewhere")
def test_no_memory_is_counted_and_files_are_read_and_written_as_ever() -> None:
    told = run(
        "print(count_no_memory(), count_no_memory())\n"
        "one = sqlite3.connect(':memory:')\n"
        "one.execute('CREATE TABLE a (b)'), one.execute('INSERT INTO a VALUES (7)')\n"
        "print(*one.execute('SELECT b FROM a').fetchone(), used())"
    )
    assert told.split() == ["True", "True", "7", "0"]


def test_who_has_a_connection_already_keeps_it_and_the_library_counts_on() -> None:
    told = run(
        "one = sqlite3.connect(':memory:')\n"
        "one.execute('CREATE TABLE a (b)')\n"
        "print(count_no_memory())\n"
        "one.execute('INSERT INTO a VALUES (7)')\n"
        "print(*one.execute('SELECT b FROM a').fetchone(), used() > 0)"
    )
    assert told.split() == ["False", "7", "True"]


@pytest.mark.skipif(sys.platform != "linux", reason="left as it is elsewhere")
def test_a_database_opens_its_file_with_a_library_that_counts_nothing() -> None:
    told = run(
        "import asyncio, tempfile\n"
        "from storage.database import Database\n"
        "async def main():\n"
        "    database = Database(f'sqlite+aiosqlite:///{tempfile.mkdtemp()}/leads.db')\n"
        "    await database.ping()\n"
        "    print(used())\n"
        "    await database.close()\n"
        "asyncio.run(main())"
    )
    assert told == "0"

"""Does an answer cost more when the database is old? A million leads and three million events against an empty one.

``python -m bench.aged`` fills a database, then measures leadbot on it and on an empty one in turn. ``--file aged.db``
keeps it for the next time; ``--database postgresql://…`` only fills that one (make it by ``leadbot publish`` before).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from bench.aged_rows import COLUMNS, YEARS, Aged, Row
from bench.load import Run
from bench.subjects import ROOT, published
from storage.tables import Row as Base

GOAL, START = 1.2, 5.0  # times the cost on an empty base; seconds to the first answer
AT_ONCE = 10_000
TOLD = ("cpu_per_1000", "answers_per_second", "p99", "peak_mib", "first_answer", "others")
DIGEST = "d" * 64  # of the consent that everybody gave
CLOCK = [f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(24 * 3600)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--leads", type=int, default=1_000_000)
    arguments.add_argument("--people", type=int, default=50)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=6.0)
    arguments.add_argument("--file", type=Path, help="the aged database: made if it is not there, kept")
    arguments.add_argument("--database", help="only fill this PostgreSQL database, which has been published to")
    given = arguments.parse_args()
    if given.database:
        asyncio.run(fill_postgresql(given.database, leads=given.leads, now=datetime.now(UTC)))
        return
    with tempfile.TemporaryDirectory(prefix="leadbot-aged-") as made:
        empty = asyncio.run(published(Path(made)))
        aged = given.file or Path(made) / "aged.db"
        if not aged.exists():
            shutil.copy(empty, aged)
            began = time.monotonic()
            counts = fill(aged, leads=given.leads, now=datetime.now(UTC))
            print(f"{sum(counts.values()):,} rows in {time.monotonic() - began:.0f} s, "
                  f"{aged.stat().st_size / 2**20:,.0f} MiB: {counts}", flush=True)  # fmt: skip
        print(_told(_measured(empty, aged.absolute(), given)))


# ---------------------------------------------------------------- filling


def fill(path: Path, *, leads: int, now: datetime) -> dict[str, int]:
    """Fill a published SQLite database; rows by table. Indexes are made when all rows are there."""
    began = now - timedelta(seconds=YEARS)
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-500000"):
        db.execute(f"PRAGMA {pragma}")
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        db.execute(f'DROP INDEX "{name}"')
    codes = db.execute("SELECT max(id) FROM promo_code").fetchone()[0] or 0
    aged = Aged(leads, YEARS, _written(began, " ", ".000000"), _written(began, "T", "+00:00"), codes, DIGEST)
    db.execute("BEGIN")
    _consent_text(lambda sql: db.execute(sql), aged.digest)
    counts = {table: _insert(db, table, aged) for table in COLUMNS}
    for _, sql in indexes:
        db.execute(sql)
    db.execute("COMMIT")
    db.close()
    with sqlite3.connect(path) as whole:
        whole.execute("PRAGMA journal_mode=WAL")
    return counts


def _consent_text(execute: Callable[[str], object], digest: str) -> None:
    execute(f"INSERT INTO consent_text (digest, purpose, text) VALUES ('{digest}', 'personal_data', 'Согласие')")  # noqa: S608


def _insert(db: sqlite3.Connection, table: str, aged: Aged) -> int:
    names, constants = _columns(table)
    marks = ", ".join(["?"] * len(names) + [json.dumps(value) for value in constants.values()])
    listed = ", ".join(f'"{name}"' for name in (*names, *constants))
    before = db.total_changes
    db.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", aged.rows(table))  # noqa: S608
    return db.total_changes - before


def _columns(table: str) -> tuple[Sequence[str], dict[str, Any]]:
    """Columns that the rows give, and those that have a plain default and are not given: a table may have grown."""
    given = COLUMNS[table]
    rest = [one for one in Base.metadata.tables[table].columns if one.name not in given and not one.nullable]
    defaults = {one.name: one.default for one in rest if one.default is not None}
    return given, {name: one.arg for name, one in defaults.items() if one.is_scalar}  # type: ignore[attr-defined]


def _written(began: datetime, middle: str, end: str) -> Callable[[int], str]:
    """Seconds since ``began`` as text; ``middle`` stands between day and time."""
    first = began.replace(hour=0, minute=0, second=0, microsecond=0)
    shift = int((began - first).total_seconds())
    days = [f"{first + timedelta(days=day):%Y-%m-%d}{middle}" for day in range(YEARS // 86400 + 60)]

    def moment(seconds: int) -> str:
        day, second = divmod(seconds + shift, 86400)
        return days[day] + CLOCK[second] + end

    return moment


async def fill_postgresql(url: str, *, leads: int, now: datetime) -> dict[str, int]:
    """Fill a published PostgreSQL database by COPY. ``url``: as asyncpg takes it."""
    import asyncpg  # type: ignore[import-untyped]

    began = now - timedelta(seconds=YEARS)
    db = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        codes = await db.fetchval("SELECT max(id) FROM promo_code") or 0
        iso = _written(began, "T", "+00:00")
        aged = Aged(leads, YEARS, lambda seconds: began + timedelta(seconds=seconds), iso, codes, DIGEST)
        await db.execute("INSERT INTO consent_text (digest, purpose, text) VALUES ($1, 'personal_data', 'Согласие') "
                         "ON CONFLICT DO NOTHING", aged.digest)  # fmt: skip
        counts = {table: await _copy(db, table, aged) for table in COLUMNS}
        await db.execute("ANALYZE")
    finally:
        await db.close()
    return counts


async def _copy(db: Any, table: str, aged: Aged) -> int:
    names, constants = _columns(table)
    rows, count = aged.rows(table), 0
    rest: Row = tuple(constants.values())
    while batch := [(*row, *rest) for row in islice(rows, AT_ONCE)]:
        await db.copy_records_to_table(table, records=batch, columns=[*names, *constants])
        count += len(batch)
    if "id" in names:
        await db.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
    return count


# ---------------------------------------------------------------- measuring


def _measured(empty: Path, aged: Path, given: argparse.Namespace) -> dict[str, list[Run]]:
    """Empty, aged, empty, aged, …"""
    runs: dict[str, list[Run]] = {"empty": [], "aged": []}
    for _ in range(given.rounds):
        for name, how in (("empty", ["--template", str(empty)]), ("aged", ["--keep", str(aged)])):
            command = [sys.executable, "-m", "bench.load", "--subject", "leadbot", "--people", str(given.people),
                       "--seconds", str(given.seconds), *how]  # fmt: skip
            done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"leadbot on the {name} database failed: {done.stderr.strip()}")
            runs[name].append(Run(**json.loads(done.stdout)))
    return runs


def _told(runs: dict[str, list[Run]]) -> str:
    lines = [f"{'':8}{'CPU s per 1000':>16}{'answers/s':>12}{'p99 ms':>9}{'MiB':>7}{'first s':>9}{'others':>8}"]
    for name, of_it in runs.items():
        mid = {one: median(getattr(run, one) for run in of_it) for one in TOLD}
        lines.append(f"{name:8}{mid['cpu_per_1000']:>16.3f}{mid['answers_per_second']:>12.0f}{1000 * mid['p99']:>9.1f}"
                     f"{mid['peak_mib']:>7.0f}{mid['first_answer']:>9.2f}{mid['others']:>8.2f}")  # fmt: skip
    costs = {name: median(run.cpu_per_1000 for run in of_it) for name, of_it in runs.items()}
    first = median(run.first_answer for run in runs["aged"])
    ratio = costs["aged"] / costs["empty"]
    lines.append(
        f"aged is {ratio:.2f} × empty (goal: at most {GOAL}), first answer in {first:.1f} s (goal: {START:.0f})"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""``make bench``: every bot in turn, round after round, then the table, ``bench/results.json`` and the chart.

``python -m bench --people 50 --rounds 3 --only telegram --seconds 6``; ``--subjects leadbot aiogram-echo`` for some of
them; ``--draw`` shows the last results anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine
from bench.chart import drawn
from bench.load import Run
from bench.subjects import PEERS_PYTHON, ROOT, SUBJECTS, Subject, published
from bench.table import printed, summed_up

RESULTS = ROOT / "bench" / "results.json"
CHART = ROOT / "docs" / "performance.svg"


def main() -> None:
    given = _arguments()
    if not PEERS_PYTHON.exists():
        raise SystemExit(f"The peers have no environment at {PEERS_PYTHON.parent.parent}: start this by make bench.")
    if given.draw:
        runs, imports = _kept(given.results)
    else:
        runs, imports = _measured(given)
        _keep(runs, imports, given)
    rows = summed_up(runs)
    print(printed(rows, imports))
    if picture := drawn(rows, people=50):
        given.chart.parent.mkdir(exist_ok=True)
        given.chart.write_text(picture)
        print(f"\nThe chart: {given.chart}")


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, nargs="+", default=[50, 500], help="at once")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=float, default=6.0, help="of load, a run")
    arguments.add_argument("--warm", type=float, default=2.0, help="seconds of load before, not counted")
    arguments.add_argument("--only", choices=["telegram", "vk"])
    arguments.add_argument("--subjects", nargs="+", choices=[one.name for one in SUBJECTS])
    arguments.add_argument("--results", type=Path, default=RESULTS)
    arguments.add_argument("--chart", type=Path, default=CHART)
    arguments.add_argument("--draw", action="store_true", help="measure nothing, show the last results")
    return arguments.parse_args()


def _chosen(given: argparse.Namespace) -> list[Subject]:
    return [one for one in SUBJECTS
            if given.only in (None, one.network) and one.name in (given.subjects or [one.name])]  # fmt: skip


def _measured(given: argparse.Namespace) -> tuple[list[Run], dict[str, float]]:
    """A B C D, A B C D, …: whatever disturbs the machine for a while disturbs all of them."""
    subjects = _chosen(given)
    libraries = sorted({one.library for one in subjects})
    runs: list[Run] = []
    imports: dict[str, list[float]] = {library: [] for library in libraries}
    with tempfile.TemporaryDirectory(prefix="leadbot-bench-") as folder:
        template = asyncio.run(published(Path(folder)))
        for number in range(given.rounds):
            for library in libraries:
                imports[library].append(_import_seconds(library))
            for people in given.people:
                for subject in subjects:
                    runs += _run(subject, people, given, template)
                    _tell(f"round {number + 1} of {given.rounds}", runs[-1] if runs else None)
    return runs, {library: median(times) for library, times in imports.items()}


def _run(subject: Subject, people: int, given: argparse.Namespace, template: Path) -> list[Run]:
    """In a process of its own. A run that failed is told of and left out."""
    command = [sys.executable, "-m", "bench.load", "--subject", subject.name, "--people", str(people), "--seconds",
               str(given.seconds), "--warm", str(given.warm), "--template", str(template)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(f"FAILED: {subject.name} with {people}: {done.stderr.strip()}", file=sys.stderr, flush=True)
        return []
    return [Run(**json.loads(done.stdout))]


def _import_seconds(library: str) -> float:
    """What a bare import takes where the bots run."""
    core, _ = machine.cores()
    began = time.perf_counter()
    subprocess.run(
        ["taskset", "-c", str(core), str(PEERS_PYTHON), "-c", f"import {library}"],
        check=True,
    )
    return time.perf_counter() - began


def _tell(when: str, run: Run | None) -> None:
    if run is not None:
        print(f"{when}: {run.subject} with {run.people}: {run.cpu_per_1000:.3f} s per 1000, "
              f"{run.answers_per_second:.0f}/s, others {run.others:.2f}", file=sys.stderr, flush=True)  # fmt: skip


def _keep(runs: Sequence[Run], imports: dict[str, float], given: argparse.Namespace) -> None:
    whole: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "command": " ".join(["python -m bench", *sys.argv[1:]]),
        "imports": imports,
        "runs": [asdict(one) for one in runs],
    }
    given.results.write_text(json.dumps(whole, indent=1) + "\n")


def _kept(results: Path) -> tuple[list[Run], dict[str, float]]:
    if not results.exists():
        raise SystemExit(f"There is no {results} yet: measure first, without --draw.")
    whole = json.loads(results.read_text())
    return [Run(**one) for one in whole["runs"]], whole["imports"]


def _commit() -> str:
    told = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return told.stdout.strip()


if __name__ == "__main__":
    main()

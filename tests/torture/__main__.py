"""The long form: everything that is done to the bot on purpose, within so many hours, and a table of what was found.

``make torture`` takes an hour, ``make torture HOURS=3`` three. Each part can be run by itself, as printed. The seed is
the day's number unless one is given; seeds that failed once are in ``corpus/`` and are run first.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of torture. ``share`` of the time; ``rate``: how many of its units two cores do in a second."""

    name: str
    module: str
    share: float
    rate: float
    options: str

    def arguments(self, seconds: float, seed: int) -> list[str]:
        span = seconds * self.share
        filled = self.options.format(seconds=round(span), n=max(1, round(span * self.rate)), seed=seed, workers=WORKERS)
        return ["-m", f"tests.torture.{self.module}", *filled.split()]


PARTS = (
    Part("one failure at every place", "nth", 0.31, 0, "--seconds {seconds} --seed {seed} --workers {workers}"),
    Part("days of a town", "simulate", 0.21, 0, "--seconds {seconds} --first {seed} --workers {workers}"),
    Part("kills of the process", "kills", 0.16, 1.1, "--kills {n} --seed {seed}"),
    Part("inputs at the edges", "fuzz", 0.08, 30_000, "--inputs {n} --seed {seed} --workers {workers}"),
    Part("spoiled flow files", "fuzz", 0.13, 215, "--edge yaml-set --inputs {n} --seed {seed} --workers {workers}"),
    Part("made-up flows", "flows", 0.05, 14, "--flows {n} --seed {seed} --workers {workers}"),
    Part("races for codes", "race", 0.04, 0.14, "--rounds {n}"),
    Part("one network dead", "one_network", 0.01, 0, ""),
    Part("a plain bot beside ours", "plain", 0.01, 0, "--kills 60 --seed {seed}"),
)  # fmt: skip


def run(seconds: float, seed: int, only: Sequence[str]) -> Iterator[tuple[Part, float, int]]:
    """Each part, how long it took and how it ended."""
    for part in PARTS:
        if only and part.module not in only:
            continue
        arguments = part.arguments(seconds, seed)
        print(f"\n## {part.name}\n\n    python {' '.join(arguments)}\n", flush=True)
        began = time.monotonic()
        ended = subprocess.run([sys.executable, *arguments], check=False)
        yield part, time.monotonic() - began, ended.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=datetime.now(UTC).toordinal())
    parser.add_argument("--only", default="", help="parts, with commas between: nth,simulate,kills,fuzz,flows,race…")
    asked = parser.parse_args()
    results = list(run(asked.hours * 3600, asked.seed, [one for one in asked.only.split(",") if one]))
    print(f"\n## All of it, seed {asked.seed}\n\n| what was tried | took | found |\n|---|---:|---|")
    for part, took, code in results:
        print(f"| {part.name} | {took / 60:.0f} min | {'nothing' if not code else 'SOMETHING: see above'} |")
    return int(any(code for _, _, code in results))


if __name__ == "__main__":
    sys.exit(main())

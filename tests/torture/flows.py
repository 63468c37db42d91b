"""Made-up flows by the thousand, each lived through by made-up people.

    python -m tests.torture.flows --flows 20000 --seed 7 [--workers 2]

Every flow has a seed of its own: what it broke is printed with it, and ``--flows 1 --seed SEED`` plays it again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
import traceback
from collections import Counter
from random import Random

from tests.generated_people import lived


def play(seed: int) -> str:
    """What became of one flow: «lived», «unsound», or what went wrong."""
    try:
        return "lived" if lived(Random(seed), people=3, turns=24) else "unsound"
    except Exception as failed:
        place = traceback.extract_tb(failed.__traceback__)[-1]
        return f"{type(failed).__name__} at {place.name}:{place.lineno}: {failed}"[:300]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--flows", type=int, default=2_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=1)
    given = asked.parse_args()
    begun, outcomes, found = time.monotonic(), Counter[str](), 0
    seeds = range(given.seed, given.seed + given.flows)
    with multiprocessing.get_context("fork").Pool(given.workers) as pool:
        for seed, outcome in zip(seeds, pool.imap(play, seeds, chunksize=20), strict=True):
            outcomes[outcome if outcome in ("lived", "unsound") else "broken"] += 1
            if outcome not in ("lived", "unsound"):
                found += 1
                print(f"seed {seed}: {outcome}", flush=True)
    numbers = ", ".join(f"{number:,} {name}" for name, number in outcomes.most_common())
    print(f"{given.flows:,} flows: {numbers}; {time.monotonic() - begun:.0f} s")
    return int(found > 0)


if __name__ == "__main__":
    raise SystemExit(main())

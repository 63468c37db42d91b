"""The processor's work in one dialog of the engine, in instructions, beside an older commit's.

``python -m bench.advance [--against COMMIT]``. Valgrind counts them, so that a busy machine changes nothing: two runs
of a tree, which differ by so many dialogs, are taken from each other. The other commit gets a work tree for as long.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.subjects import ROOT

BEFORE = "6f7e02b"  # the engine before the whole language came: no dialog may cost more than it did there
PLAYED = ROOT / "bench" / "played.py"
COUNT = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")


def counted(told: str) -> int:
    """Instructions, as valgrind tells them: «==7== I refs: 1,234»."""
    found = re.search(r"I\s+refs:\s+([\d,]+)", told)
    if found is None:
        raise SystemExit(f"valgrind counted nothing:\n{told[-2000:]}")
    return int(found[1].replace(",", ""))


def run(tree: Path, dialogs: int) -> int:
    """All instructions of a program that plays so many dialogs on the tree's engine."""
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(tree)}
    command = [*COUNT, sys.executable, "-P", str(PLAYED), str(dialogs)]
    ended = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stderr[-2000:])
    return counted(ended.stderr)


def per_dialog(tree: Path, dialogs: int) -> float:
    return (run(tree, dialogs) - run(tree, 0)) / dialogs


@contextmanager
def tree_of(commit: str) -> Iterator[Path]:
    """A work tree of the commit, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="leadbot-bench-") as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(tree), commit], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--against", default=BEFORE, metavar="COMMIT")
    arguments.add_argument("--dialogs", type=int, default=100)
    given = arguments.parse_args()
    with tree_of(given.against) as tree:
        before, now = per_dialog(tree, given.dialogs), per_dialog(ROOT, given.dialogs)
    print("million instructions a dialog of seven answers, each kept and read again")
    print(f"{given.against:9} {before / 1e6:5.2f}")
    print(f"now       {now / 1e6:5.2f}   {now / before:.0%}")
    return int(now > before)


if __name__ == "__main__":
    raise SystemExit(main())

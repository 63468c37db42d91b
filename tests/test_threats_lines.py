"""Each line of THREATS that touches what is built is named by a test, so that a lost test is noticed.

A test names the lines it proves at the beginning of its name: ``test_R3_N5_a_database_that_is_away…``.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

LINES = [f"{letter}{number}" for letter, last in (("N", 16), ("T", 11), ("R", 11), ("O", 11))
         for number in range(1, last + 1)]  # fmt: skip
NOT_BUILT: dict[str, str] = {
    "O8": "a lock file and the recorded payloads of the readers' tests; a rule for releases, not for the program",
    "O9": "one schema so far: there is no former version to roll back to (a newer one is refused, R11)",
}


@cache
def named() -> Counter[str]:
    """How many tests carry each line's mark."""
    found: Counter[str] = Counter()
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                found.update(marks(node.name))
    return found


def marks(name: str) -> list[str]:
    led = re.match(r"test_((?:[A-Z][0-9]{1,2}_)+)", name)
    return led[1].rstrip("_").split("_") if led else []


def test_a_name_tells_its_lines():
    assert marks("test_R3_N5_a_database_that_is_away") == ["R3", "N5"]
    assert marks("test_the_long_story_N5") == []


@pytest.mark.parametrize("line", LINES)
def test_each_line_has_its_test(line: str):
    assert named()[line] or line in NOT_BUILT, f"no test is named test_{line}_…: {line} is unproved"


def test_what_is_not_built_is_not_proved_either():
    """Built meanwhile? Then its reason goes."""
    assert {line for line in NOT_BUILT if named()[line]} == set()

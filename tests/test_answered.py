"""A condition is told to hold always only where everybody has answered: who skipped or went round is not forgotten."""

from __future__ import annotations

import pytest

from tests.flow_folder import problems

Change = tuple[str, str]
OWN = 'if: nights >= 7 and where == "sea"'
ROUND: Change = ("        go: nights\n", "        go: name\n")  # to the hills nobody asks for how many nights
OPTIONAL: Change = ("    answer: {type: number", "    optional: true\n    answer: {type: number")


def after(step: str, condition: str) -> Change:
    """A branch at the end of the step above this one."""
    branch = f"    go:\n      - if: {condition}\n        go: {step}\n      - go: {step}\n"
    return f"  - id: {step}\n", f"{branch}  - id: {step}\n"


def at_the_application(condition: str) -> Change:
    return ("silence:\n", f"hand_over:\n  - if: {condition}\nsilence:\n")


PART = """\
parts:
  home:
    - id: rooms
      ask: |
        Сколько комнат?
      answer: {type: number, from: 1, to: 5}
      purpose: подобрать дом
      go:
        - if: rooms >= 1
          go: return
        - go: return
silence:
"""
CALLED: tuple[Change, ...] = (
    ("silence:\n", PART),
    ("  - id: phone\n", "  - id: house\n    part: home\n  - id: phone\n"),
)
MANY: Change = ("if: rooms >= 1", "if: rooms >= 2")
SILENT: Change = (
    "    say: |\n      Продолжим?\n",
    "    say:\n      - if: nights >= 1\n        text: |\n          Продолжим?\n",
)


@pytest.mark.parametrize(
    ("changes", "always"),
    [
        ([(OWN, "if: nights >= 1")], True),
        ([(OWN, "if: nights >= 2")], False),
        ([(OWN, "if: nights >= 1"), OPTIONAL], False),
        ([(OWN, 'if: where in ("sea", "hills")')], True),
        ([(OWN, 'if: where in ("sea", "hills")'), ("    choices:\n", "    optional: true\n    choices:\n")], False),
        ([after("phone", "nights >= 1")], True),
        ([after("phone", "nights >= 1"), ROUND], False),
        ([after("phone", "nights >= 1"), OPTIONAL], False),
        ([at_the_application("nights <= 30")], True),
        ([at_the_application("nights <= 30"), ROUND], False),
        ([SILENT], False),
        ([*CALLED], True),
        ([*CALLED, MANY, after("done", "rooms <= 5")], True),
        ([*CALLED, MANY, after("done", "rooms <= 5"), ("        go: nights\n", "        go: phone\n")], False),
    ],
)
def test_always_is_said_only_where_everybody_has_answered(changes: list[Change], *, always: bool) -> None:
    found = problems("tour.yaml", *changes)
    assert ("always-true" in {one.name for one in found}) is always, "\n".join(map(str, found))

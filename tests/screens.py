"""What people saw, held against what they should have seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MARK = re.compile(r"^(?:↻ Повтор: (?:неясно, дошло ли с первого раза\.\s*)?)+")
CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b")


def plain(text: str) -> str:
    """Without what channels add or change: the mark of a repeat, joiners, blanks at the ends."""
    return MARK.sub("", text).replace("\u2060", "").strip()


def misread(
    screen: Sequence[str], expected: Sequence[str], *, repeats: int = 0, before: Iterable[str] = ()
) -> list[str]:
    """Where what a person saw is not what they should have seen; empty: all is well.

    Both are texts in order; of an expected one its beginning is enough. A marked repeat («↻ Повтор») of what is there
    already is passed over; of unmarked ones ``repeats`` are, and of those that expected ones had ``before`` an edit:
    the first copy of a message of unknown outcome is not edited any more. Promo codes are all alike.
    """
    lines = [_alike(text) for text in expected]
    former = [_alike(text) for text in before]
    found: list[str] = []
    at = 0
    for text in screen:
        marked, words = MARK.match(text) is not None, _alike(text)
        if at < len(lines) and words.startswith(lines[at]):
            at += 1
        elif any(words.startswith(line) for line in (*lines[:at], *former)) and (marked or repeats):
            repeats -= not marked
        else:
            found.append(f"seen and not expected: {words[:80]!r}")
    return found + [f"expected and not seen: {line[:80]!r}" for line in lines[at:]]


def _alike(text: str) -> str:
    return CODE.sub("CODE", plain(text))

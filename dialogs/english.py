"""Problems in English, for those whose computer speaks it.

Every problem is told in Russian, the language of our authors, where it is found. Here the finished sentence is looked
up among the known ones and said again; the author's own words stay. A test sees to it that no sentence is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dialogs.english_reading import READING
from dialogs.english_rules import RULES
from dialogs.problems import Problem

_CYRILLIC = re.compile("[А-Яа-яЁё]")
_GAP = "{}"
_LINE = re.compile(r"^строка (\d+): ")
_COUNTED = re.compile(r"^(\d+)\s(\w+)$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One known sentence. ``quoted``: which of its gaps hold the author's words, to be left alone."""

    russian: re.Pattern[str]
    english: tuple[str, ...]
    quoted: tuple[bool, ...]


def in_english(problem: Problem) -> Problem:
    """The same problem, told in English."""
    return replace(problem, message=english(problem.message), fix=english(problem.fix), tongue="en")


def english(text: str) -> str:
    """The text in English, as far as it is known; case and full stop as they were."""
    if not _CYRILLIC.search(text):
        return text
    known = _said(text)
    if known is not None:
        return known
    if line := _LINE.match(text):
        return f"line {line[1]}: {english(text[line.end() :])}"
    if counted := _COUNTED.match(text):
        return f"{counted[1]} {english(counted[2])}"
    for mark in (". ", "; "):
        first, _, rest = text.partition(mark)
        if rest and _said(first) is not None:
            return f"{english(first)}{mark}{english(rest)}"
    return text


def _said(text: str) -> str | None:
    plain = _plain(text)
    for sentence in _SENTENCES.get(plain, ()) or _WITH_GAPS:
        if found := sentence.russian.fullmatch(plain):
            values = [
                value if quoted else english(value)
                for value, quoted in zip(found.groups(), sentence.quoted, strict=True)
            ]
            return _dressed(_filled(sentence.english, values), text)
    return None


def _plain(text: str) -> str:
    """As the tables have it: with a small first letter and without a full stop."""
    return text[:1].lower() + text[1:].removesuffix(".")


def _dressed(said: str, like: str) -> str:
    said = said[:1].upper() + said[1:] if like[:1].isupper() else said
    return f"{said}." if like.endswith(".") and not said.endswith((".", "?")) else said


def _filled(parts: tuple[str, ...], values: list[str]) -> str:
    """Gaps are filled in order; «{0}» alone says that the rest is left out."""
    return parts[0] + "".join(value + part for value, part in zip(values, parts[1:], strict=False))


# ---------------------------------------------------------------- the tables


def pairs() -> Iterator[tuple[str, str]]:
    """Every known sentence in both languages."""
    lines = [line for line in (RULES + READING).split("\n") if line.strip()]
    return ((russian, said.strip()) for russian, said in zip(lines[::2], lines[1::2], strict=True))


def _sentence(russian: str, said: str) -> _Sentence:
    parts = russian.split(_GAP)
    pattern = "(.+?)".join(map(re.escape, parts))
    quoted = tuple(before.endswith(("«", '"')) for before in parts[:-1])
    return _Sentence(re.compile(pattern, re.S), tuple(said.replace("{0}", _GAP).split(_GAP)), quoted)


_SENTENCES = {russian: (_sentence(russian, said),) for russian, said in pairs() if _GAP not in russian}
_WITH_GAPS = sorted(
    (_sentence(russian, said) for russian, said in pairs() if _GAP in russian),
    key=lambda one: len(one.russian.pattern),
    reverse=True,
)

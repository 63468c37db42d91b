"""Sentences looked up among the known ones and said again in another language; the words in them stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

CYRILLIC = re.compile("[А-Яа-яЁё]")
_GAP = "{}"
_LINE = re.compile(r"^строка (\d+): ")
_COUNTED = re.compile(r"^(\d+)\s(\w+)$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One known sentence. ``quoted``: which of its gaps hold somebody's own words, to be left alone."""

    russian: re.Pattern[str]
    said: tuple[str, ...]
    quoted: tuple[bool, ...]


class Catalogue:
    """A table of sentences, made of lines: a Russian one, below it the same in the other language, with «{}» for each
    gap. ``also`` knows how to say what is no sentence; it is asked about quoted words too. ``script``: the letters of
    what is looked up, where that is not Russian."""

    def __init__(
        self,
        table: str,
        also: Callable[[str], str | None] = lambda text: None,
        *,
        script: re.Pattern[str] = CYRILLIC,
    ) -> None:
        self._also, self._script = also, script
        lines = [line for line in table.split("\n") if line.strip()]
        self._lines = tuple((russian, said.strip()) for russian, said in zip(lines[::2], lines[1::2], strict=True))
        self._whole = {_plain(russian): said for russian, said in self._lines if _GAP not in russian}

    @cached_property
    def _with_gaps(self) -> list[_Sentence]:
        """The longest first. Patterns take time: a command that has nothing to say makes none."""
        made = (_sentence(russian, said) for russian, said in self._lines if _GAP in russian)
        return sorted(made, key=lambda one: len(one.russian.pattern), reverse=True)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every known sentence in both languages."""
        return iter(self._lines)

    def said(self, text: str) -> str:
        """The text in the other language, as far as it is known; case and full stop as they were."""
        if not self._script.search(text):
            return text
        known = self._also(text) or self._known(text)
        if known is not None:
            return known
        if line := _LINE.match(text):
            return f"line {line[1]}: {self.said(text[line.end() :])}"
        if counted := _COUNTED.match(text):
            return f"{counted[1]} {self.said(counted[2])}"
        for mark in (". ", "; "):
            parts = text.split(mark)
            for size in range(1, len(parts)):
                first = mark.join(parts[:size])
                if not self._script.search(first) or self._also(first) or self._known(first) is not None:
                    return f"{self.said(first)}{mark}{self.said(mark.join(parts[size:]))}"
        return text

    def _known(self, text: str) -> str | None:
        plain = _plain(text)
        if whole := self._whole.get(plain):
            return _dressed(whole, text)
        for sentence in self._with_gaps:
            if found := sentence.russian.fullmatch(plain):
                values = [
                    (self._also(value) or value) if quoted else self.said(value)
                    for value, quoted in zip(found.groups(), sentence.quoted, strict=True)
                ]
                return _dressed(_filled(sentence.said, values), text)
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


def _sentence(russian: str, said: str) -> _Sentence:
    parts = _plain(russian).split(_GAP)
    pattern = "(.+?)".join(map(re.escape, parts))
    quoted = tuple(before.endswith(("«", '"')) for before in parts[:-1])
    return _Sentence(re.compile(pattern, re.S), tuple(said.replace("{0}", _GAP).split(_GAP)), quoted)

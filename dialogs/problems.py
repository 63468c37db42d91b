"""A mistake in an author's file: where, what, and the way out, in the author's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

Level = Literal["error", "warning"]
WIDEST = 100
_WARNING = {"ru": "предупреждение", "en": "warning"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. ``line`` and ``column`` count from 1. ``message`` has no final full stop, ``fix`` has one; both are
    Russian where they are made (``tongue``). ``name`` is kebab-case: a file confirms warnings by it. ``excerpt`` is the
    offending line as written.
    """

    file: str
    line: int
    column: int
    message: str
    fix: str
    level: Level = "error"
    name: str = ""
    excerpt: str = ""
    tongue: Literal["ru", "en"] = "ru"

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.headline, *self.pointer)))

    @property
    def headline(self) -> str:
        """``path/file.yaml:42:13: message. Fix.``"""
        warning = f" [{self.name}]" if self.level == "warning" else ""
        kind = f"{_WARNING[self.tongue]}: " if self.level == "warning" else ""
        text = self.message if self.message.endswith((".", "?", "!")) else f"{self.message}."
        return f"{self.file}:{self.line}:{self.column}: {kind}{text} {self.fix}{warning}".rstrip()

    @property
    def pointer(self) -> tuple[str, ...]:
        """The line and a caret under the place; lines too long for a terminal are shown around it."""
        if not self.excerpt.strip():
            return ()
        start = max(0, self.column - 1 - WIDEST // 2) if len(self.excerpt) > WIDEST else 0
        shown = self.excerpt[start : start + WIDEST].replace("\t", " ").replace("\xa0", " ")
        number = f"{self.line:>5}"
        return f"{number} | {shown}", f"{' ' * len(number)} | {' ' * (self.column - 1 - start)}^"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file, line and column; the same thing said twice is said once."""
    return tuple(dict.fromkeys(sorted(problems, key=lambda one: (one.file, one.line, one.column, one.level))))


def nearest(word: str, known: Iterable[str]) -> str:
    """The way out for an unknown word: the nearest known one, or all of them."""
    words = sorted(set(known))
    if meant := likely(word, words):
        return f"Возможно, вы имели в виду «{meant}»."
    return f"Известные: {listed(words)}." if words else ""


def likely(word: str, known: Iterable[str]) -> str | None:
    """The known word that was meant, if one is near enough."""
    words = sorted(set(known))
    near = process.extractOne(word, words, scorer=fuzz.ratio, score_cutoff=60)
    return near[0] if near else next((one for one in words if one.lower() == word.lower()), None)


def listed(words: Sequence[str], most: int = 20) -> str:
    """«a, b, c» with «…» for the rest."""
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")

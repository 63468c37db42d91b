"""Prose with values in it: checked when it is loaded, filled in when it is said (A9, A10, P30)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from dialogs.catalogue import CYRILLIC
from dialogs.cleaning import cut
from dialogs.placeholders import Slot, line_of, read, way_out
from dialogs.wording import ENGLISH_FILTERS, FILTERS, english_plain, plain

LONGEST = 4096
SPOKEN = ".language"
"""The key of ``values`` that tells in which language filters speak; no author can name it."""
_SINGLE = re.compile(r"(?<!\{)\{\s*([a-z_][a-z0-9_.]*)\s*\}(?!\})")


class ForbiddenTemplate(ValueError):
    """The text holds more than values and filters, or cannot be read. The message is one Russian problem a line."""


def check(template: str, names: Collection[str]) -> list[str]:
    """Every problem of the text, each a Russian line with its line number and the way out; [] when it is well.

    ``names`` are dotted: «name», «code», «code.until», «offers.spring.left».
    """
    reading = read(template)
    found = list(reading.problems)
    for name, line in reading.names.items():
        if name not in names:
            found.append(f"строка {line}: имени «{name}» нет. {way_out(name, names)}")
    for single in _SINGLE.finditer(template):
        if single[1] in names:
            said = f"{{{single[1]}}} люди увидят как есть; нужны две скобки: {{{{ {single[1]} }}}}"
            found.append(f"строка {line_of(template, single.start())}: {said}")
    return found


def names_in(template: str) -> frozenset[str]:
    """The dotted names a text uses; empty when it cannot be read."""
    return frozenset(read(template).names)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """``said``: how a text that names nothing reads, to everybody and always."""

    parts: tuple[str | Slot, ...]
    names: frozenset[str]
    said: str | None


@lru_cache(maxsize=1024)
def _compiled(template: str) -> _Compiled:
    reading = read(template)
    if reading.parts is None or reading.problems:
        raise ForbiddenTemplate("\n".join(reading.problems))
    said = None if reading.names else cut("".join(map(str, reading.parts)).strip(), LONGEST)
    return _Compiled(tuple(reading.parts), frozenset(reading.names), said)


def render(template: str, values: Mapping[str, object]) -> str:
    """The text with its values; what is missing is left out neatly. At most 4096 UTF-16 units (A10).

    ``values`` has dotted keys. A value is put in as it is and never read as a template (P30).
    Raises ForbiddenTemplate for a text that ``check`` refuses.
    """
    compiled = _compiled(template)
    if compiled.said is not None:
        return compiled.said
    language = str(values.get(SPOKEN, ""))
    if language and CYRILLIC.search(template):
        language = ""  # nobody has translated it
    tongue = _TONGUES.get(language, _RUSSIAN)
    given = {name: values.get(name) for name in compiled.names}
    missing = None in given.values() or "" in given.values()
    filled = [part if isinstance(part, str) else _filled(part, given[part.name], tongue) for part in compiled.parts]
    text = "".join(filled)
    return cut(_tidied(text) if missing else text.strip(), LONGEST)


class _Tongue(NamedTuple):
    """``plain``: how a value reads that no filter makes a text of."""

    filters: Mapping[str, Callable[..., str]]
    plain: Callable[[object], object]


_RUSSIAN = _Tongue(FILTERS, plain)
_TONGUES = {"en": _Tongue(ENGLISH_FILTERS, english_plain)}


def _filled(slot: Slot, value: object, tongue: _Tongue) -> str:
    value = "" if value is None else value
    for name, words in slot.filters:
        value = tongue.filters[name](value, *words)
    return str(tongue.plain(value))


_TIDY = (
    (re.compile(r"(?:(?<=[.!?…\n])|^)[^.!?…,;:\n]*:[^\S\n]*[.!?…]+"), ""),  # «Ваш город: .» says nothing
    (re.compile(r",[^.!?…,;:\n]*:[^\S\n]*(?=[.!?…])"), ""),
    (re.compile(r"[^\S\n]{2,}"), " "),
    (re.compile(r"(?<![^\S\n])(?<!,)(?:,|[^\S\n])+(?=[!?.…;])|(?<![^\S\n])[^\S\n]+(?=[,:\n])"), ""),
    (re.compile(r",(?:[^\S\n]*,)+"), ","),
    (re.compile(r"\n{3,}"), "\n\n"),
)


def _tidied(text: str) -> str:
    """«Здравствуйте, !» -> «Здравствуйте!»"""
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text.strip()

"""YAML as a tree that knows where each word stands. Guesses little, and refuses what nobody needs in a dialog.

A parser gives events; the tree is built from them one by one, so that a bomb (aliases, thousands of brackets, a hundred
thousand nodes) is refused while it is being read, in bounded time and memory (A5).

Two parsers read the same YAML: libyaml is several times as quick, ruamel.yaml follows the newer standard and knows
better what is wrong. What libyaml does not take, and texts with a character that they see otherwise, are ruamel's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from dialogs.text_files import UNSEEN
from dialogs.yaml_mistakes import explain

MOST_NODES = 20_000
DEEPEST = 32


@dataclass(slots=True)
class Scalar:
    """``text`` as written, ``value`` as understood. ``style``: None for a plain one, else | > ' or "."""

    line: int
    column: int
    last_line: int
    text: str
    value: object
    style: str | None


@dataclass(slots=True)
class Items:
    line: int
    column: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Keys:
    """``repeated``: how many keys running have stood here before."""

    line: int
    column: int
    pairs: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    repeated: int = 0


Node = Scalar | Items | Keys
Loc = tuple[str | int, ...]


class Unreadable(Exception):
    """The file cannot be read further. ``column`` and ``line`` count from 1."""

    def __init__(self, line: int, column: int, message: str, fix: str, name: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message, self.fix, self.name = line, column, message, fix, name


def grow(text: str) -> tuple[Node | None, list[Unreadable]]:
    """The tree of one document (None: nothing in it) and what is wrong with it but does not stop the reading.

    Raises Unreadable at the first thing that does.
    """
    if not _OTHERWISE.search(text):
        with suppress(yaml.YAMLError):
            return built(quick_events(text))
    try:
        return built(careful_events(text))
    except (ValueError, OverflowError):  # of chr: ruamel does not look whether there is such a letter
        raise Unreadable(*_no_letter(text), *_NO_LETTER) from None
    except MarkedYAMLError as broken:
        raise Unreadable(*explain(broken, text.split("\n")), "yaml-syntax") from None
    except YAMLError as broken:
        raise Unreadable(1, 1, f"файл не читается как YAML: {broken}", "Проверьте его начало.", "yaml-syntax") from None


def quick_events(text: str) -> Iterator[Any]:
    """Events of libyaml. Raises yaml.YAMLError where it sees no YAML."""
    parser = yaml.CBaseLoader(text)
    while parser.check_event():
        yield parser.get_event()


def careful_events(text: str) -> Iterator[Any]:
    """Events of ruamel.yaml."""
    yield from YAML(typ="safe", pure=True).parse(text)


def built(events: Iterable[Any]) -> tuple[Node | None, list[Unreadable]]:
    builder = _Builder()
    for event in events:
        builder.take(event)
    return builder.root, builder.oddities


def plain(node: Node) -> Any:
    """The tree as plain values."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(one) for one in node.items]
    return {key: plain(value) for key, (_, value) in node.pairs.items()}


def walk(node: Node, loc: Loc = ()) -> Iterator[tuple[Loc, Node]]:
    """Every node with its place, top down."""
    yield loc, node
    if isinstance(node, Items):
        for index, one in enumerate(node.items):
            yield from walk(one, (*loc, index))
    elif isinstance(node, Keys):
        for key, (_, value) in node.pairs.items():
            yield from walk(value, (*loc, key))


def down(node: Node, loc: Sequence[str | int]) -> tuple[Node, int]:
    """The node at ``loc`` as far as it exists, and how many parts of ``loc`` led there (unknown parts are passed)."""
    reached = 0
    for depth, part in enumerate(loc):
        if isinstance(node, Keys) and part in node.pairs:
            node, reached = node.pairs[str(part)][1], depth + 1
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node, reached = node.items[part], depth + 1
    return node, reached


class _Builder:
    """Takes events one by one, which both parsers call alike; ``open`` is the stack of unfinished parts, ``keys`` their
    waiting keys."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.oddities: list[Unreadable] = []
        self.open: list[Items | Keys] = []
        self.keys: list[Scalar | None] = []
        self.count = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if kind == "AliasEvent":
            raise Unreadable(line, column, *_ALIAS)
        if kind == "DocumentStartEvent" and self.root is not None:
            raise Unreadable(line, column, *_SECOND_DOCUMENT)
        if kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.open.pop()
            self.keys.pop()
        elif kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
            node = _node(event, kind, line, column)
            self._refuse(event, node, line, column)
            if isinstance(node, Scalar):
                self._bare(node)
            self._place(node)

    def _refuse(self, event: Any, node: Node, line: int, column: int) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            raise Unreadable(line, column, *_TOO_MANY)
        if len(self.open) >= DEEPEST and not isinstance(node, Scalar):
            raise Unreadable(line, column, *_TOO_DEEP)
        if event.anchor:
            raise Unreadable(line, column, *_ANCHOR)
        if event.tag:
            raise Unreadable(line, column, *_TAG)

    def _bare(self, node: Scalar) -> None:
        """Characters that nobody sees do not get in by their code either: ``"\\x07"``, half a ``"\\ud83d"``."""
        if node.style == '"' and (hidden := UNSEEN.search(node.text)):
            message = f"в кавычках записан управляющий знак (U+{ord(hidden[0]):04X})"
            fix = "Уберите обратную черту и код после неё."
            self.oddities.append(Unreadable(node.line, node.column, message, fix, "hidden-character"))
            node.text = node.value = UNSEEN.sub("", node.text)

    def _place(self, node: Node) -> None:
        if not self.open:
            self.root = node
        elif isinstance(self.open[-1], Items):
            self.open[-1].items.append(node)
        elif self.keys[-1] is None:
            self.keys[-1] = self._key(node)
            return
        else:
            self._pair(self.open[-1], self.keys[-1], node)
            self.keys[-1] = None
        if not isinstance(node, Scalar):
            self.open.append(node)
            self.keys.append(None)

    def _key(self, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            raise Unreadable(node.line, node.column, *_BRACKET_KEY)
        if node.text == "<<":
            raise Unreadable(node.line, node.column, *_MERGE)
        if hidden := _HIDDEN.search(node.text):
            message = f"в ключе «{_HIDDEN.sub('␣', node.text)}» спрятан невидимый знак (U+{ord(hidden[0]):04X})"
            place = node.column + hidden.start() + (1 if node.style else 0)
            fix = "Сотрите его и поставьте обычный пробел или ничего."
            self.oddities.append(Unreadable(node.line, place, message, fix, "hidden-character"))
            node.text = _HIDDEN.sub("", node.text)  # so that nobody is told that the key is unknown
        return node

    def _pair(self, into: Keys, key: Scalar, value: Node) -> None:
        if isinstance(value, Scalar) and value.style is None and not value.text:
            value.line = value.last_line = key.line  # YAML puts nothing at the next word, lines below
            value.column = key.column
        if key.text in into.pairs:
            into.repeated += 1
            if into.repeated > 1:
                return  # a dash was forgotten: one mistake, however many keys follow
            first = into.pairs[key.text][0]
            message = f"ключ «{key.text}» стоит дважды: строка {first.line} и строка {key.line}"
            fix = "Оставьте один и соберите под ним всё; если это новый пункт списка, начните его с «- »."
            self.oddities.append(Unreadable(key.line, key.column, message, fix, "duplicate-key"))
            return
        into.repeated = 0
        into.pairs[key.text] = (key, value)


def _node(event: Any, kind: str, line: int, column: int) -> Node:
    if kind == "MappingStartEvent":
        return Keys(line, column)
    if kind == "SequenceStartEvent":
        return Items(line, column)
    value = event.value if event.style else understood(event.value)
    return Scalar(line, column, event.end_mark.line + 1, event.value, value, event.style or None)


def _no_letter(text: str) -> tuple[int, int]:
    """Line and column of the first number of a letter that Unicode does not know."""
    found = next((one for one in _NUMBERED.finditer(text) if int(one[1], 16) > sys.maxunicode), None)
    before = text[: found.start() if found else 0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def understood(text: str) -> object:
    """An unquoted word. Only what is beyond doubt is not text (A6): ``no``, ``12:30`` and ``0123`` are text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


_OTHERWISE = re.compile("[\t\x85\u2028\u2029\ufeff\ud800-\udfff]")
"""libyaml takes tabs where ruamel.yaml refuses them, ends lines as YAML 1.1 did, and cannot encode half a letter."""
_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18}([eE][-+]?[0-9]{1,3})?|[eE][-+]?[0-9]{1,2})", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_HIDDEN = re.compile("[\xa0\xad\u200b-\u200f\u2028-\u202f\u2060\ufeff\t]")
_NUMBERED = re.compile(r"\\U([0-9A-Fa-f]{8})")

_BLOCK = "Начните текст с «|» на следующей строке или возьмите в кавычки."
_ALIAS = ("«*» в начале — это ссылка YAML; здесь ссылок нет", _BLOCK, "yaml-alias")
_ANCHOR = ("«&» в начале — это якорь YAML; здесь якорей нет", _BLOCK, "yaml-alias")
_TAG = ("«!» в начале — это тег YAML; здесь тегов нет", _BLOCK, "yaml-tag")
_NO_LETTER = ("знака с таким кодом нет", "Уберите обратную черту и код после неё.", "yaml-syntax")
_MERGE = ("ключ «<<» вставляет один кусок файла в другой; здесь так нельзя", "Напишите ключи прямо.", "yaml-merge")
_SECOND_DOCUMENT = ("«---» начинает второй документ в том же файле", "Разнесите их по двум файлам.", "yaml-document")
_BRACKET_KEY = ("значение начинается со скобки, и YAML читает его как вложенные ключи", _BLOCK, "yaml-bracket")
_TOO_MANY = (f"в файле больше {MOST_NODES} значений", "Разделите сценарий на несколько.", "file-too-large")
_TOO_DEEP = (f"вложенность больше {DEEPEST} уровней", "Проверьте скобки и отступы.", "file-too-deep")

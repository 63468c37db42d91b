"""Reading of ``{{ name }}`` and ``{{ code.until | day }}`` in prose: names and filters, all else is a problem."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError, nodes

from dialogs.catalogue import CYRILLIC
from dialogs.problems import nearest
from dialogs.wording import FILTERS

LONGEST = 20_000
MOST_FILTERS = 3
_EXAMPLE = "пишите, например, {{ name }}"
_STATEMENT = "{% %}: команд в текстах нет; текст по условию пишется списком: у каждого свои if и text"
_COMMENT = "{# #}: примечаний в текстах нет"
_NOT_A_NAME = "в {{ }} можно только имя и фильтры, например {{ name }} или {{ code.until | day }}"


_JINJA = Environment(autoescape=True)  # its language without its machine: it reads a text and never runs it


class Slot(NamedTuple):
    """``{{ name | filter('word') }}``: what is put in there, and its filters with their words, the first one first."""

    name: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(slots=True)
class Reading:
    """What a text holds. ``names``: dotted name -> line. ``parts``: words and what stands between them, in order; None
    when it cannot be read."""

    names: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    parts: list[str | Slot] | None = None


@lru_cache(maxsize=8)  # a text is checked, then asked for its names: parsed once
def read(template: str) -> Reading:
    """Every problem that the text has by itself (whether its names exist is for the caller to say)."""
    if len(template) > LONGEST:
        return Reading(problems=[f"текст длиннее {LONGEST} знаков"])
    marks = (("{%", _STATEMENT), ("{#", _COMMENT))
    problems = [f"строка {line_of(template, template.index(mark))}: {said}" for mark, said in marks if mark in template]
    if problems:
        return Reading(problems=problems)
    try:
        return _reading(_JINJA.parse(template))
    except TemplateSyntaxError as error:
        return Reading(problems=[_syntax(error)])
    except (SyntaxError, ValueError):  # a number to Jinja and to nobody else: «{{ １.５ }}», or five thousand digits
        return Reading(problems=["подстановка не понята; пишите, например, {{ name }}"])
    except RecursionError:
        return Reading(problems=["слишком много скобок одна в другой"])


def _reading(tree: nodes.Template) -> Reading:
    parts: list[str | Slot] = []
    reading = Reading(parts=parts)
    for output in tree.body:
        assert isinstance(output, nodes.Output)  # everything else begins with {%
        parts += [part for node in output.nodes if (part := _part(node, reading)) is not None]
    return reading


def _part(node: nodes.Node, reading: Reading) -> str | Slot | None:
    if isinstance(node, nodes.TemplateData):
        if "}}" in node.data:
            place = node.lineno + node.data[: node.data.index("}}")].count("\n")
            reading.problems.append(f"строка {place}: лишние скобки }}}}: люди увидят их как есть")
        return node.data
    filters: list[nodes.Filter] = []
    inner: nodes.Node | None = node
    while isinstance(inner, nodes.Filter):
        filters.append(inner)
        inner = inner.node
    name = _dotted(inner)
    reading.problems += _problems(node, name, filters)
    if name is None:
        return None
    reading.names.setdefault(name, node.lineno)
    return Slot(name, tuple((one.name, _words(one)) for one in reversed(filters)))


def _words(one: nodes.Filter) -> tuple[str, ...]:
    return tuple(argument.value for argument in one.args if isinstance(argument, nodes.Const))


def _dotted(node: nodes.Node | None) -> str | None:
    """«offers.spring.left» for the chain of names that it is; None for anything else."""
    attributes: list[str] = []
    while isinstance(node, nodes.Getattr):
        attributes.append(node.attr)
        node = node.node
    return ".".join([node.name, *reversed(attributes)]) if isinstance(node, nodes.Name) else None


def _problems(node: nodes.Node, name: str | None, filters: list[nodes.Filter]) -> Iterator[str]:
    line = f"строка {node.lineno}: "
    if name is None:
        yield line + _NOT_A_NAME
    if len(filters) > MOST_FILTERS:
        yield line + f"фильтров подряд не больше {MOST_FILTERS}"
    for one in filters[:MOST_FILTERS]:
        if problem := _filter_problem(one):
            yield line + problem


def _filter_problem(one: nodes.Filter) -> str:
    words = all(isinstance(argument, nodes.Const) and isinstance(argument.value, str) for argument in one.args)
    if one.name not in FILTERS:
        return f"фильтра «{one.name}» нет. {way_out(one.name, FILTERS)}"
    if one.kwargs or one.dyn_args or one.dyn_kwargs or not words:
        return f"у фильтра «{one.name}» в скобках могут быть только слова в кавычках"
    if one.name == "count" and len(one.args) != (3 if CYRILLIC.search(str(one.args)) or len(one.args) == 3 else 2):
        return "фильтру «count» нужны три слова: count('вопрос', 'вопроса', 'вопросов')"
    return f"фильтру «{one.name}» скобки не нужны" if one.name != "count" and one.args else ""


_SYNTAX: Mapping[str, str] = {
    r"expected token|unexpected end of template|unexpected '}'": "скобки {{ }} не закрыты или в них не одно имя",
    r"Expected an expression, got 'end of print statement'": "в {{ }} пусто",
    r"unexpected char|not properly closed": "в {{ }} непонятный знак: проверьте скобки и кавычки",
}


def _syntax(error: TemplateSyntaxError) -> str:
    reasons = (said for pattern, said in _SYNTAX.items() if re.search(pattern, str(error.message)))
    return f"строка {error.lineno}: {next(reasons, 'подстановка не понята')}; {_EXAMPLE}"


def line_of(template: str, place: int) -> int:
    """The line, from 1, of a place in the text."""
    return template.count("\n", 0, place) + 1


def way_out(name: str, known: Collection[str]) -> str:
    """The nearest known name, or all of them."""
    return nearest(name, known) or "Здесь не известно ни одного имени."

"""Prose with values in it: ``{{ name }}``, ``{{ code.until | day }}``. Values and filters, no program (A9, A10)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from rapidfuzz import fuzz, process

from dialogs.cleaning import cut
from dialogs.wording import FILTERS, plain

LONGEST = 4096
_DOT = "·"  # allowed in an identifier and typed by nobody: «code» and «code.until» are two plain names for Jinja


class ForbiddenTemplate(ValueError):
    """The text holds more than values and filters, or cannot be read. The message is one Russian problem a line."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    template: Template
    names: frozenset[str]


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, finalize=plain, cache_size=0)
    made.globals.clear()
    made.tests.clear()
    made.filters.clear()
    made.filters.update(FILTERS)
    return made


_ENVIRONMENT = _environment()


# ---------------------------------------------------------------- reading


def _dotted(node: nodes.Node) -> str | None:
    """«offers.spring.left» for the chain of names that it is; None for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        left = _dotted(node.node)
        return f"{left}.{node.attr}" if left else None
    return None


def _line(node: nodes.Node) -> str:
    return f"строка {node.lineno}: "


@dataclass(slots=True)
class _Reading:
    """Walks a parsed text once: turns dotted names into flat ones, collects names and problems."""

    names: dict[str, int]  # name -> line where it stands first
    problems: list[str]

    def output(self, node: nodes.Node) -> nodes.Expr | None:
        if isinstance(node, nodes.TemplateData):
            if "}}" in node.data:
                self.problems.append(_line(node) + "лишние скобки }}: люди увидят их как есть")
            return node
        if isinstance(node, nodes.Filter):
            return self._filter(node)
        if name := _dotted(node):
            self.names.setdefault(name, node.lineno)
            return nodes.Name("v" + _DOT + name.replace(".", _DOT), "load", lineno=node.lineno)
        self.problems.append(
            _line(node) + "в {{ }} можно только имя и фильтры, например {{ name }} или {{ code.until | day }}"
        )
        return None

    def _filter(self, node: nodes.Filter) -> nodes.Expr | None:
        self.problems += _filter_problems(node)
        inner = self.output(node.node) if node.node is not None else None
        if inner is not None:
            node.node = inner
        return node


def _filter_problems(node: nodes.Filter) -> Iterator[str]:
    constant = all(isinstance(argument, nodes.Const) and isinstance(argument.value, str) for argument in node.args)
    if node.kwargs or node.dyn_args or node.dyn_kwargs or not constant:
        yield _line(node) + f"у фильтра «{node.name}» в скобках могут быть только слова в кавычках"
    elif node.name not in FILTERS:
        yield _line(node) + f"фильтра «{node.name}» нет. {_way_out(node.name, FILTERS)}"
    elif node.name == "count" and len(node.args) != 3:
        yield _line(node) + "фильтру «count» нужны три слова: count('вопрос', 'вопроса', 'вопросов')"
    elif node.name != "count" and node.args:
        yield _line(node) + f"фильтру «{node.name}» скобки не нужны"


def _way_out(name: str, known: Collection[str]) -> str:
    near = process.extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=60)
    if near:
        return f"Может быть, «{near[0]}»?"
    return f"Есть: {', '.join(sorted(known))}." if known else "Здесь не известно ни одного имени."


_SYNTAX = (
    (r"expected token|unexpected end of template|unexpected '}'", "скобки {{ }} не закрыты или в них не одно имя"),
    (r"Expected an expression, got 'end of print statement'", "в {{ }} пусто"),
    (r"unexpected char|not properly closed", "в {{ }} непонятный знак: проверьте скобки и кавычки"),
)


def _syntax(error: TemplateSyntaxError) -> str:
    reason = next(
        (said for pattern, said in _SYNTAX if re.search(pattern, str(error.message))), "подстановка не понята"
    )
    return f"строка {error.lineno}: {reason}; пишите, например, {{{{ name }}}}"


_STATEMENT = "{% %}: команд в текстах нет; что зависит от условия, пишется отдельными шагами"
_COMMENT = "{# #}: примечаний в текстах нет, люди их не увидят"


def _parsed(template: str) -> tuple[nodes.Template | None, _Reading]:
    """The flat form of the text and what was found in it; None when it cannot be read at all."""
    reading = _Reading({}, [])
    for mark, problem in (("{%", _STATEMENT), ("{#", _COMMENT)):
        if mark in template:
            reading.problems.append(f"строка {template[: template.index(mark)].count(chr(10)) + 1}: {problem}")
    if reading.problems:
        return None, reading
    try:
        tree = _ENVIRONMENT.parse(template)
    except TemplateSyntaxError as error:
        reading.problems.append(_syntax(error))
        return None, reading
    except RecursionError:
        reading.problems.append("слишком много скобок одна в другой")
        return None, reading
    for part in tree.body:
        if isinstance(part, nodes.Output):
            part.nodes = [kept for node in part.nodes if (kept := reading.output(node)) is not None]
        else:
            reading.problems.append(_line(part) + _STATEMENT)
    return tree, reading


_SINGLE = re.compile(r"(?<!\{)\{\s*([a-z_][a-z0-9_.]*)\s*\}(?!\})")


def check(template: str, names: Collection[str]) -> list[str]:
    """Every problem of the text, each a Russian line with its line number and the way out; [] when it is well.

    ``names`` are dotted: «name», «code», «code.until», «offers.spring.left».
    """
    _, reading = _parsed(template)
    found = list(reading.problems)
    for name, line in reading.names.items():
        if name not in names:
            found.append(f"строка {line}: имени «{name}» нет. {_way_out(name, names)}")
    for single in _SINGLE.finditer(template):
        if single[1] in names:
            line = template[: single.start()].count("\n") + 1
            found.append(
                f"строка {line}: {{{single[1]}}} люди увидят как есть; нужны две скобки: {{{{ {single[1]} }}}}"
            )
    return found


def names_in(template: str) -> frozenset[str]:
    """The dotted names a text uses; empty when it cannot be read."""
    return frozenset(_parsed(template)[1].names)


# ---------------------------------------------------------------- writing


@lru_cache(maxsize=1024)
def _compiled(template: str) -> _Compiled:
    tree, reading = _parsed(template)
    if tree is None or reading.problems:
        raise ForbiddenTemplate("\n".join(reading.problems))
    return _Compiled(_ENVIRONMENT.from_string(tree), frozenset(reading.names))


def render(template: str, values: Mapping[str, object]) -> str:
    """The text with its values; what is missing is left out neatly. At most 4096 UTF-16 units (A10).

    A value is put in as it is and never read as a template (P30). Raises ForbiddenTemplate for what ``check`` refuses.
    """
    compiled = _compiled(template)
    given = {name: values.get(name) for name in compiled.names}
    missing = any(value is None or value == "" for value in given.values())
    flat = {"v" + _DOT + name.replace(".", _DOT): "" if value is None else value for name, value in given.items()}
    text = compiled.template.render(flat)
    return cut(_tidied(text) if missing else text.strip(), LONGEST)


_TIDY = (
    (re.compile(r"[^\S\n]{2,}"), " "),
    (re.compile(r"(?:,|[^\S\n])+(?=[!?.…;])|[^\S\n]+(?=[,:\n])"), ""),
    (re.compile(r"\n{3,}"), "\n\n"),
)


def _tidied(text: str) -> str:
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return text.strip()

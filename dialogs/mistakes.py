"""pydantic's complaints in the author's words, each with its exact place and a way out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dialogs.key_names import meant_by, way_out
from dialogs.pages import Page
from dialogs.problems import Problem, listed, nearest
from dialogs.schema import known_keys, meaning
from dialogs.yaml_mistakes import spaced
from dialogs.yaml_tree import Items, Keys, Loc, Node, Scalar, down, walk

_GLUED = re.compile(r"([a-z_]+):(\S+)")
_FOR_SCALARS = {"tuple_type", "model_type", "dict_type", "mapping_type", "list_type"}
_FOR_PARTS = {"string_type", "bool_type", "int_type", "literal_error"}


def check(model: type[BaseModel], page: Page, values: Any) -> Iterator[Problem]:
    """Every mistake in ``values`` (the page's tree as plain values) against the model."""
    yield from empty_values(page)
    try:
        model.model_validate(values)
    except ValidationError as wrong:
        for error in meant(page, wrong.errors(include_url=False, include_context=True)):
            yield _problem(model, page, error)


def empty(page: Page) -> Iterator[tuple[Loc, Scalar]]:
    """Every place where nothing stands."""
    return ((loc, node) for loc, node in walk(page.tree) if isinstance(node, Scalar) and node.value is None and loc)


def empty_values(page: Page) -> Iterator[Problem]:
    """A key without a value is a line somebody forgot to finish."""
    for loc, node in empty(page):
        what = f"после «{loc[-1]}:»" if isinstance(loc[-1], str) else "в пункте списка"
        name = "empty-value"
        if node.text:
            yield page.problem(loc, name, f"«{node.text}» значит «ничего»", f'Возьмите в кавычки: "{node.text}".')
        elif glued := _GLUED.fullmatch(str(loc[-1])):
            message, fix = f"после «{glued[1]}:» нет пробела", spaced(*glued.groups())
            yield page.problem(loc, "yaml-syntax", message, fix, on_key=True)
        else:
            yield page.problem(loc, name, f"{what} ничего нет", "Допишите значение или уберите строку.", on_key=True)


def meant(page: Page, errors: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """One error a place: of the variants of a union, the one that fits what was written."""
    told: dict[tuple[Loc, str], ErrorDetails] = {}
    for error in errors:
        loc = error["loc"]
        node, reached = down(page.tree, loc)
        if isinstance(node, Scalar) and node.value is None:
            continue  # an empty value is told already
        kind = error["type"]
        if kind == "too_short" and _has_enough(node, error):
            continue  # its items are wrong, and told one by one
        # a missing or unknown key is a matter of its own; the variants of one value are one matter
        place = (tuple(loc), kind) if kind in ("missing", "extra_forbidden") else (tuple(loc[:reached]), "value")
        former = told.get(place)
        if former is None or _fits(node, error) > _fits(node, former):
            told[place] = error
    for (loc, _), error in told.items():
        if error["type"] == "missing" and _misspelt(page, errors, loc):
            continue
        deeper = any(len(other) > len(loc) and other[: len(loc)] == loc for other, _ in told)
        if not (deeper and _fits(down(page.tree, loc)[0], error) < 0):  # another variant is meant, and told deeper
            yield error


def _misspelt(page: Page, errors: Sequence[ErrorDetails], loc: Loc) -> bool:
    """Is the missing key there after all, but for its spelling? That is told of the unknown one."""
    beside = {str(one["loc"][-1]) for one in errors if one["type"] == "extra_forbidden" and one["loc"][:-1] == loc[:-1]}
    return any(meant_by(key, [str(loc[-1])]) for key in beside)


def _has_enough(node: Node, error: ErrorDetails) -> bool:
    return isinstance(node, Items) and len(node.items) >= int(error.get("ctx", {}).get("min_length", 1))


def _fits(node: Node, error: ErrorDetails) -> int:
    if isinstance(node, Scalar):
        return -1 if error["type"] in _FOR_SCALARS else 2 if error["type"] == "literal_error" else 1
    if isinstance(node, Keys) and error["type"] == "tuple_type":
        return -1  # keys where a text or a list may stand: a text is meant
    return -1 if error["type"] in _FOR_PARTS else 1


def _problem(model: type[BaseModel], page: Page, error: ErrorDetails) -> Problem:
    loc = tuple(error["loc"])
    node, reached = down(page.tree, loc)
    if error["type"] == "missing":
        return _missing(model, page, loc, node)
    if error["type"] == "extra_forbidden":
        known = known_keys(model, loc[:-1])
        fix = way_out(str(loc[-1]), known)
        return page.problem(loc, "unknown-key", f"ключ «{loc[-1]}» здесь неизвестен", fix, on_key=True)
    if loc[-1] == "[key]":
        key = page.key(loc[:-1]) or node
        name, message, fix = _TELL.get(error["type"], _other)(loc[:-1], key, error)
        return page.problem(loc[:-1], name, message, fix, on_key=True)
    tell = _TELL.get(error["type"], _other)
    name, message, fix = tell(loc[:reached], node, error)
    return page.problem(loc[:reached], name, message, fix)


def _missing(model: type[BaseModel], page: Page, loc: Loc, node: Node) -> Problem:
    key = str(loc[-1])
    if isinstance(node, Scalar):  # a word where a part with keys is expected
        return page.problem(loc[:-1], "wrong-kind", f"здесь нужны вложенные ключи, среди них «{key}»", f"{key}: …")
    described = meaning(model, loc)
    fix = f"Добавьте строку «{key}: …»." + (f" {described}" if described else "")
    return page.problem(loc[:-1], "missing-key", f"не хватает ключа «{key}»", fix)


Told = tuple[str, str, str]  # name, message, fix


def _text(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    if isinstance(node, Scalar):
        kind = _kind(node.value)
        message = f"здесь нужен текст, а {node.text} без кавычек читается как {kind}"
        return "guessed-type", message, f'Возьмите в кавычки: "{node.text}".'
    what = "вложенные ключи" if isinstance(node, Keys) else "список"
    return "wrong-kind", f"здесь нужен текст, а не {what}", "Начните текст с «|» на следующей строке."


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "да или нет"
    return "дата" if isinstance(value, date) else "число"


def _number(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    text = node.text if isinstance(node, Scalar) else "это"
    return "wrong-kind", f"здесь нужно целое число, а не «{text}»", "Напишите цифрами, без кавычек и пробелов."


def _yes_no(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    text = node.text if isinstance(node, Scalar) else "это"
    return "wrong-kind", f"здесь нужно true (да) или false (нет), а не «{text}»", "Напишите true или false без кавычек."


def _one_of(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    text = node.text if isinstance(node, Scalar) else "это"
    known = [part.strip("' ") for part in str(error["ctx"]["expected"]).replace(" or ", ",").split(",")]
    near = nearest(text, known)
    fix = near if near.startswith("Известные") else f"{near} Можно: {listed(known)}."
    return "unknown-word", f"«{text}» здесь не подходит", fix


def _pattern(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    message = f"имя «{getattr(node, 'text', '')}» не годится"
    return (
        "wrong-name",
        message,
        "Строчные латинские буквы, цифры и «_», первая — буква, до 32 знаков: например hello_2.",
    )


def _list(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    return "wrong-kind", f"«{loc[-1]}» — это список", "Напишите каждый пункт с новой строки и с «- », или в [скобках]."


def _keys(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    what = f"в «{loc[-1]}»" if loc and isinstance(loc[-1], str) else "здесь"
    return "wrong-kind", f"{what} нужны вложенные ключи", "Напишите их с новой строки и с отступом: «ключ: значение»."


def _bounds(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    ctx: dict[str, Any] = error.get("ctx", {})
    bound = f"не меньше {ctx['ge']}" if "ge" in ctx else f"не больше {ctx['le']}"
    return "out-of-bounds", f"число {getattr(node, 'text', '')} вне пределов", f"Напишите {bound}."


def _short(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    message = f"«{loc[-1]}» — пусто" if loc and isinstance(loc[-1], str) else "здесь пусто"
    return "empty-value", message, "Напишите хотя бы один пункт." if isinstance(node, Items) else "Напишите текст."


def _long(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    most = error.get("ctx", {}).get("max_length")
    if isinstance(node, Items):
        message = f"в «{loc[-1]}» слишком много пунктов: {len(node.items)}"
        return "too-long", message, f"Оставьте не больше {most}."
    return "too-long", f"«{loc[-1]}» длиннее {most} знаков: их {len(getattr(node, 'text', ''))}", "Сократите."


def _own(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    """Our own validators speak for themselves: «что не так; как надо»."""
    message, _, fix = str(error["ctx"]["error"]).partition("; ")
    return "wrong-value", message, f"{fix[:1].upper()}{fix[1:]}." if fix else ""


def _other(loc: Loc, node: Node, error: ErrorDetails) -> Told:
    return (
        "wrong-value",
        f"значение «{getattr(node, 'text', '…')}» здесь не подходит",
        "Посмотрите пример в docs/flows.ru.md.",
    )


_TELL: dict[str, Callable[[Loc, Node, ErrorDetails], Told]] = {
    "string_type": _text,
    "int_type": _number,
    "bool_type": _yes_no,
    "literal_error": _one_of,
    "string_pattern_mismatch": _pattern,
    "tuple_type": _list,
    "model_type": _keys,
    "dict_type": _keys,
    "mapping_type": _keys,
    "greater_than_equal": _bounds,
    "less_than_equal": _bounds,
    "too_short": _short,
    "string_too_short": _short,
    "too_long": _long,
    "string_too_long": _long,
    "value_error": _own,
}

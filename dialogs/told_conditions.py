"""A condition as the author would say it, for drawings: by the labels of buttons, «да», «нет», «и», «или»."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from dialogs.conditions import ConditionError, parse
from dialogs.flow import Flow, Step

_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "", ast.NotEq: "не ", ast.In: "", ast.NotIn: "не ",
    ast.Lt: "< ", ast.LtE: "≤ ", ast.Gt: "> ", ast.GtE: "≥ ",
}  # fmt: skip
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_YES_NO: Mapping[str, tuple[str, str]] = {
    "open_now": ("рабочее время", "нерабочее время"),
    "returning": ("уже обращались", "впервые у нас"),
    "advertising": ("согласие на рекламу", "без рекламы"),
}
_FACTS: Mapping[str, str] = {
    "score": "баллы", "source": "источник", "campaign": "кампания", "channel": "канал", "hour": "час",
    "weekday": "день",
}  # fmt: skip
_VALUES: Mapping[str, Mapping[object, str]] = {
    "channel": {"telegram": "Telegram", "vk": "ВКонтакте", "web": "сайт"},
    "weekday": {"mon": "пн", "tue": "вт", "wed": "ср", "thu": "чт", "fri": "пт", "sat": "сб", "sun": "вс"},
}


def told(text: str, flow: Flow, here: Step | None = None) -> str:
    """``here``: the step that asks it; about itself alone its name goes without saying. What is not understood is left
    as it was written."""
    try:
        tree = parse(text).tree
        return _Telling(flow, None if isinstance(tree, ast.BoolOp) else here).part(tree)
    except (ConditionError, _Unknown):
        return text


class _Unknown(Exception):
    """A form that no author of ours writes."""


class _Telling:
    def __init__(self, flow: Flow, here: Step | None) -> None:
        self.flow, self.here = flow, here

    def part(self, node: ast.expr, *, within: bool = False) -> str:
        match node:
            case ast.BoolOp(op=ast.And(), values=values):
                return " и ".join(self.part(one, within=True) for one in values)
            case ast.BoolOp(values=values):
                said = " или ".join(self.part(one) for one in values)
                return f"({said})" if within else said
            case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
                return self.yes_no(name, yes=False)
            case ast.Name(id=name):
                return self.yes_no(name, yes=True)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self.compared(left, op, right)
        raise _Unknown

    def yes_no(self, name: str, *, yes: bool) -> str:
        if name in _YES_NO and name not in self.flow.by_id:
            return _YES_NO[name][not yes]
        return self.about(name, "да" if yes else "нет")

    def compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(left, ast.Constant) and isinstance(right, ast.Name) and isinstance(op, ast.In | ast.NotIn):
            left, right = right, left  # "sea" in rest
        if not isinstance(left, ast.Name):
            raise _Unknown
        values = right.elts if isinstance(right, ast.Tuple | ast.List) else [right]
        said = " или ".join(self.value(left.id, one) for one in values)
        return self.about(left.id, f"{_SIGNS[type(op)]}{said}", colon=not isinstance(op, _ORDER))

    def value(self, name: str, node: ast.expr) -> str:
        if not isinstance(node, ast.Constant):
            raise _Unknown
        if isinstance(node.value, bool):
            return "да" if node.value else "нет"
        step = self.flow.by_id.get(name)
        label = (
            next((one.label for one in step.choices if not one.do and one.meaning == node.value), "") if step else ""
        )
        return label or _VALUES.get(name, {}).get(node.value) or str(node.value)

    def about(self, name: str, said: str, *, colon: bool = True) -> str:
        if self.here is not None and name == self.here.id:
            return said
        called = name if name in self.flow.by_id else _FACTS.get(name, name)
        return f"{called}{':' if colon else ''} {said}"

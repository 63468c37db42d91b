"""The parts of a flow that a conversation can visit: where they stand in the file, how an author is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialogs.flow import DatedRule, Flow, Place, SilenceRule
from dialogs.pages import Page
from dialogs.paths import Graph
from dialogs.phrases import SKIP
from dialogs.reading import BUSINESS, read
from dialogs.rules import Text
from dialogs.yaml_tree import Loc, Scalar


def places(flow: Flow) -> Iterator[Place]:
    """All of them, in the author's order."""
    returning = _returning(flow)
    for step in flow.every_step:
        here: Place = ("steps", step.id)
        yield here
        yield from ((*here, "choices", number) for number in range(len(step.choices)))
        if isinstance(step.go, tuple):
            yield from ((*here, "go", number) for number in range(len(step.go)))
        if step.refused:
            yield (*here, "refused")
        if step.optional:
            yield (*here, "optional")
        if step.part in returning:
            yield (*here, "part")
        for key, text in (("say", step.say), ("ask", step.ask), ("hint", step.hint)):
            yield from _texts((*here, key), text)
    for _, silent_at, rules in flow.silences:
        base: Place = ("steps", silent_at.id, "silence") if silent_at else ("silence",)
        for number, rule in enumerate(rules):
            yield (*base, number)
            yield from _texts((*base, number, "say"), rule.say)
    for number, dated in enumerate(flow.dates):
        yield ("dates", number)
        yield from _texts(("dates", number, "say"), dated.say)
    for number, question in enumerate(flow.questions):
        yield from _texts(("questions", number, "answer"), question.answer)
    for name, weights in flow.variants.items():
        yield from (("variants", name, one) for one in weights)


def _texts(base: Place, text: Text | None) -> Iterator[Place]:
    """Texts that are chosen by a condition."""
    yield from ((*base, number) for number in range(len(text) if isinstance(text, tuple) else 0))


def _returning(flow: Flow) -> set[str]:
    """Parts that come back to the step that called them: a part may as well lead to another end."""
    out = Graph(flow).out if flow.parts else {}
    return {way.through for ways in out.values() for way in ways if way.through}


def told(flow: Flow, place: Place) -> str:
    """«шаг «visit», кнопка «Нет»»; a place of another version of the flow is told by its step alone."""
    match place:
        case ("silence", int(number), *rest):
            return f"{number + 1}-е правило молчания{_said(flow.silence, number, rest)}"
        case ("dates", int(number), *rest):
            return f"{number + 1}-е напоминание о дате{_said(flow.dates, number, rest)}"
        case ("questions", int(number), "answer", *rest) if number < len(flow.questions):
            return f"частый вопрос «{flow.questions[number].name}»{_text(flow.questions[number].answer, rest, 'ответ')}"
        case ("variants", str(name), str(variant)):
            return f"вариант «{variant}» («{name}»)"
        case ("steps", str(step), *rest):
            return f"шаг «{step}»{_part(flow, step, rest)}"
    return ""


def _part(flow: Flow, step_id: str, rest: Sequence[str | int]) -> str:
    step = flow.by_id.get(step_id)
    match step, rest:
        case None, _:
            return ""
        case _, ["choices", int(number)]:
            return f", кнопка «{step.choices[number].label}»"
        case _, ["go", int(number)] if isinstance(step.go, tuple):
            condition = step.go[number].condition
            return f", ветка «{condition}»" if condition else ", ветка «иначе»"
        case _, ["silence", int(number), *rest]:
            return f", {number + 1}-е правило молчания{_said(step.silence or (), number, rest)}"
        case _, ["hint", *number]:
            return _text(step.hint, number, "подсказка")
        case _, ["say" | "ask", *number]:
            return _text(step.text, number)
        case _, ["part"]:
            return f", возврат из части «{step.part}»"
        case _, ["refused"]:
            return ", отказ от согласия"
        case _, ["optional"]:
            return f", «{SKIP}»"
    return ""


def _said(rules: Sequence[SilenceRule | DatedRule], number: int, rest: Sequence[str | int]) -> str:
    return _text(rules[number].say, rest[1:]) if rest and number < len(rules) else ""


def _text(text: Text | None, rest: Sequence[str | int], called: str = "текст") -> str:
    """«, текст «year >= 2020»»: which of several."""
    match rest:
        case [int(number)] if isinstance(text, tuple) and number < len(text):
            return f", {called} «{text[number].condition or 'иначе'}»"
    return ""


@dataclass(frozen=True, slots=True)
class Atlas:
    """Which file and line every place of a set stands at."""

    pages: Mapping[str, Page]  # by flow

    @classmethod
    def of(cls, files: Mapping[str, str | bytes]) -> Atlas:
        """What was judged a moment ago is not read again."""
        pages: dict[str, Page] = {}
        for page in read(files)[0].pages:
            name = page.node(("flow",))
            if page.path != BUSINESS and isinstance(name, Scalar):
                pages[name.text] = page
        return cls(pages)

    def file(self, flow: str) -> str:
        """Raises KeyError for a flow that is not in the set."""
        return self.pages[flow].path

    def line(self, flow: Flow, place: Place) -> str:
        """``test_drive.yaml:52``"""
        page = self.pages[flow.flow]
        loc = _loc(flow, place)
        node = page.key(loc) if isinstance(loc[-1], str) else None
        return f"{page.path}:{(node or page.node(loc)).line}"


def _loc(flow: Flow, place: Place) -> Loc:
    """The same with the step's number in place of its id, as the file's tree has it."""
    if place[0] != "steps":
        return place
    return (*flow.places[flow.order.get(str(place[1]), 0)], *place[2:])

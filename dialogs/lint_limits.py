"""What every channel of a flow can show: lengths with the widest values, labels, rows of buttons (A11, M16).

Button keys fit by construction: step and flow ids are bounded by the language itself, so they need no rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from operator import attrgetter

from dialogs import phrases
from dialogs.answers import LONGEST_TEXT
from dialogs.business import Business, Menu
from dialogs.capabilities import CHANNELS, Capabilities, rows
from dialogs.cities import LONGEST as LONGEST_CITY
from dialogs.cleaning import units
from dialogs.flow import Flow, Step
from dialogs.lint_texts import texts
from dialogs.names import LONGEST as LONGEST_NAME
from dialogs.offering import widest_labels
from dialogs.pages import Draft, Page
from dialogs.problems import Problem
from dialogs.rules import texts_of
from dialogs.several import TICK
from dialogs.wording import count
from dialogs.yaml_tree import Loc

_VALUE = re.compile(r"\{\{\s*([\w.]+)\s*(\|\s*count\(([^)]*)\)|\|[^}]*)?\}\}")
_WIDEST = {
    "phone": 20, "email": 254, "name": LONGEST_NAME, "text": LONGEST_TEXT, "number": 20, "yes_no": 3, "date": 20,
    "time": 27, "call_time": 33, "city": LONGEST_CITY, "rating": 2, "photo": 300, "file": 300, "location": 40,
}  # fmt: skip
_PROMISE = 160
_SHORT = 40  # codes, dates, counters
MESSAGE, BUTTON = attrgetter("text"), attrgetter("label")  # which limit of a channel


def lint_limits(draft: Draft) -> Iterator[Problem]:
    """All rules of this page, for each channel each flow is published to."""
    for flow, page in draft.flows:
        channels = list(draft.channels(flow.flow))
        for titles, limit in limits(channels, MESSAGE):
            yield from _lengths(draft, flow, page, titles, limit)
        for titles, limit in limits(channels, BUTTON):
            yield from _labels(flow, page, titles, limit)
        for channel in channels:
            for place, step in zip(flow.places, flow.every_step, strict=True):
                yield from _buttons(page, place, step, channel)
    yield from _menu(draft)


def limits(channels: Collection[str], of: Callable[[Capabilities], int]) -> Iterator[tuple[str, int]]:
    """Limits ``of`` a message or a button, each with the names of the channels that have it."""
    for limit in sorted({of(CHANNELS[channel]) for channel in channels}):
        yield ", ".join(CHANNELS[one].title for one in channels if of(CHANNELS[one]) == limit), limit


def _signs(number: int, one: str = "знак") -> str:
    few = "знаков" if one == "знака" else "знака"  # «до 2 знаков», «2 знака»
    return count(number, one, few, "знаков")


def widest(text: str, flow: Flow, business: Business) -> int:
    """The text's length with the longest value in each place."""
    return units(_VALUE.sub(lambda found: "x" * _width(found[1], found[3], flow, business), text))


def _width(name: str, forms: str | None, flow: Flow, business: Business) -> int:
    if forms is not None:  # count('день', 'дня', 'дней')
        return 8 + max((len(form.strip(" '\"")) for form in forms.split(",")), default=0)
    step = flow.by_id.get(name)
    if step:
        labels = [units(choice.label) for choice in step.choices]
        if step.answer and step.answer.type == "several":
            return sum(labels) + 2 * len(labels)
        return max([_WIDEST[step.answer.type], *labels] if step.answer else labels, default=0)
    told = {"company": business.company, "policy": business.policy, "managers": business.managers_shown_as}
    if name in told:
        return units(told[name])
    parts = name.split(".")
    if parts[0] == "offers" and len(parts) == 3 and parts[1] in flow.offers:
        return max(_SHORT, units(str(getattr(flow.offers[parts[1]], parts[2], ""))))
    return _PROMISE if name == "promise" else _SHORT


def _lengths(draft: Draft, flow: Flow, page: Page, titles: str, limit: int) -> Iterator[Problem]:
    assert draft.business is not None
    for loc, text, step_id in texts(flow):
        length = longest(text, flow.by_id.get(step_id or ""), flow, draft.business)
        if length > limit:
            yield too_long(page, loc, titles, length, limit)
    for key, path in (("personal_data", flow.consent.personal_data), ("advertising", flow.consent.advertising)):
        wordings = [one for name, one in draft.consents.items() if path and name.startswith(path.removesuffix("md"))]
        for wording in (one for one in wordings if units(one.text) > limit):
            message = f"{titles}: в тексте согласия {_signs(units(wording.text))}, предел — {limit}"
            yield page.problem(
                ("consent", key), "text-too-long", message, "Сократите: он должен уместиться в одно сообщение."
            )


def longest(text: str, step: Step | None, flow: Flow, business: Business) -> int:
    """How long the message may grow: with its values, and with the hint and the example of the question it asks."""
    hint = max(map(units, texts_of(step.hint)), default=0) if step else 0
    spare = hint + units(step.example or "") + _SHORT if step and step.waits else 0
    return widest(text, flow, business) + spare


def too_long(page: Page, loc: Loc, titles: str, length: int, limit: int) -> Problem:
    message = f"{titles}: сообщение может вырасти до {_signs(length, 'знака')}, предел — {limit}"
    return page.problem(loc, "text-too-long", message, "Сократите или разделите на два шага.", on_key=True)


def label_too_long(page: Page, loc: Loc, titles: str, length: int, limit: int) -> Problem:
    message = f"{titles}: на кнопке {_signs(length)}, предел — {limit}"
    return page.problem(loc, "label-too-long", message, "Сократите надпись.")


def _labels(flow: Flow, page: Page, titles: str, limit: int) -> Iterator[Problem]:
    for index, step in enumerate(flow.every_step):
        for number, choice in enumerate(step.choices):
            length = units(choice.label) + mark(step)
            if length > limit:
                loc: Loc = (*flow.places[index], "choices", number, "label")
                yield label_too_long(page, loc, titles, length, limit)


def mark(step: Step) -> int:
    """What a tick adds to a label."""
    return units(TICK) if step.answer and step.answer.type == "several" else 0


def _buttons(page: Page, loc: Loc, step: Step, channel: str) -> Iterator[Problem]:
    """With every button the bot may add: «Пропустить», the profile's name, «Позвать менеджера»."""
    can = CHANNELS[channel]
    tick = "x" * mark(step)
    labels = [*widest_labels(step), *(tick + choice.label for choice in step.choices)]
    if not labels:
        return
    key = "choices" if step.choices else "answer"
    labels += [phrases.SKIP] if step.optional else []
    labels += [phrases.CALL_PERSON]
    own = len(labels) - len(step.choices)
    if len(labels) > can.buttons:
        message = f"{can.title}: кнопок {len(labels)} (из них {own} добавит бот), предел — {can.buttons}"
        yield page.problem((*loc, key), "too-many-buttons", message, "Разделите вопрос на два.", on_key=True)
        return
    laid = rows(labels, channel)
    if len(laid) > can.rows or max(map(len, laid)) > can.in_row:
        message = f"{can.title}: кнопки не помещаются в {can.rows} рядов по {can.in_row}"
        yield page.problem((*loc, key), "too-many-buttons", message, "Сократите надписи или их число.", on_key=True)


def _menu(draft: Draft) -> Iterator[Problem]:
    """The menu's buttons are the flows' titles."""
    business, page = draft.business, draft.business_page
    if business is None or page is None or not isinstance(business.start, Menu):
        return
    titles = {flow.flow: flow.title for flow, _ in draft.flows}
    for channel in business.published:
        can = CHANNELS[channel]
        for number, flow in enumerate(business.start.flows):
            length = units(titles.get(flow, ""))
            if length > can.label:
                message = f"{can.title}: название «{titles[flow]}» — {_signs(length)}, предел кнопки — {can.label}"
                yield page.problem(("start", "flows", number), "label-too-long", message, "Сократите title сценария.")
        if len(business.start.flows) > can.rows:
            message = f"{can.title}: в меню {len(business.start.flows)} кнопок, предел — {can.rows}"
            yield page.problem(("start", "flows"), "too-many-buttons", message, "Оставьте главные.", on_key=True)
        if units(business.start.say) > can.text:
            message = f"{can.title}: приветствие длиннее {can.text} знаков"
            yield page.problem(("start", "say"), "text-too-long", message, "Сократите.")

"""Translations that outgrow what the channels can show: the same limits as in Russian, told in the translation's file.

How many buttons a step has is the same in every language, and so are pictures: of those the flow's own file is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dialogs.business import Business, Menu
from dialogs.cleaning import units
from dialogs.flow import Flow
from dialogs.lint_limits import BUTTON, MESSAGE, label_too_long, limits, longest, mark, too_long
from dialogs.pages import Draft
from dialogs.problems import Problem
from dialogs.translation import Place, spoken, translated

_MESSAGES = ("say", "ask", "silence", "dates", "questions")


def lint_longer(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all translations."""
    business, flows = draft.business, {flow.flow: flow for flow, _ in draft.flows}
    for one, page in draft.translations:
        flow = flows.get(one.translation)
        if business is None or flow is None:
            continue
        texts, channels = one.texts, list(draft.channels(flow.flow))
        said = translated(flow, texts)
        found = spoken(said)
        for titles, limit in limits(channels, MESSAGE):
            for place, length in _messages(said, found, business):
                if length > limit and (at := _told_at(place, texts)):
                    yield too_long(page, at, titles, length, limit)
        for titles, limit in limits(channels, BUTTON):
            for place, length in _buttons(said, found, business):
                if length > limit and place in texts:
                    yield label_too_long(page, place, titles, length, limit)


def _messages(said: Flow, found: Mapping[Place, str], business: Business) -> Iterator[tuple[Place, int]]:
    """Each message with its greatest length."""
    for place, text in found.items():
        own = place[0] == "steps"
        if place[2 if own else 0] in _MESSAGES:
            yield place, longest(text, said.by_id[str(place[1])] if own else None, said, business)


def _buttons(said: Flow, found: Mapping[Place, str], business: Business) -> Iterator[tuple[Place, int]]:
    """Each button's label with its length; in the menu that is the title."""
    for place, text in found.items():
        if place[0] == "steps" and place[2] == "choices":
            yield place, units(text) + mark(said.by_id[str(place[1])])
    if isinstance(business.start, Menu) and said.flow in business.start.flows:
        yield ("title",), units(said.title)


def _told_at(place: Place, texts: Collection[Place]) -> Place | None:
    """The text, if it is translated; else what is said with it and is."""
    with_it = ((*place[:2], "hint"), (*place[:2], "hint", 0), (*place[:2], "example")) if place[0] == "steps" else ()
    return next((one for one in (place, *with_it) if one in texts), None)

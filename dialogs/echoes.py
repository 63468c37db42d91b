"""What the rules say of a file that its model refused, but for what may be so only because of the refused place.

``answer: fone`` is told as it is; that the application lacks a phone then follows from it, and is not told. A jump to
nowhere ten steps below has nothing to do with it, and is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialogs.business import Business
from dialogs.confirming import IN_VAIN
from dialogs.flow import Flow
from dialogs.pages import Draft, Page, Refused, Spot
from dialogs.problems import Problem
from dialogs.translation import Translation
from dialogs.yaml_tree import Items, Keys, Node, Scalar

_SURE = frozenset({
    "secret", "prose-outside-block", "shouting", "markup", "untrue-urgency", "template-not-here", "condition",
    "sensitive-question", "wrong-media", "media-outside", "media-too-large", "picture-too-large", "no-media",
})  # fmt: skip
"""Judged by one text or one file alone: true wherever it is told."""

_BESIDE = frozenset({"jump-to-nowhere", "duplicate-step", "unknown-part", "consent-file", "condition-name", "template"})
"""Told in a step of which another key was refused."""

_WAYS = {
    "unreachable-step", "endless-circle", "dead-end", "application-without-consent", "application-without-contact",
    "personal-before-consent", "refusal-after-application", "name-too-early", "no-thanks", "always-true",
    "impossible-condition", "unused-part",
}  # fmt: skip
_VALUES = {"impossible-condition", "always-true"}
_NAMES = _VALUES | {"template", "condition-name", "name-too-early", "date-of-nothing", "reserved-name"}
_KINDS = _VALUES | {"application-without-contact", "personal-before-consent", "date-of-nothing", "text-too-long"}
_OFFERS = {"unknown-offer", "template", "name-too-early", "empty-name", "counter-without-stock"}
_IDS = _WAYS | _NAMES | {
    "jump-to-nowhere", "jump-into-part", "return-outside-part", "duplicate-step", "renamed-still-here", "renamed-twice",
    "no-greeting", "no-policy-link", "offer-unused", "advertising-without-consent", "variant-unused", "unknown-part",
}  # fmt: skip
_CHANNELS = {
    "text-too-long", "label-too-long", "too-many-buttons", "files-not-here", "closed-flow", "closed-channel",
    "flow-unpublished", "nothing-published", "empty-start", "wrong-media", "media-too-large", "picture-too-large",
}  # fmt: skip

_OF_STEP: Mapping[str, set[str]] = {
    "id": _IDS,
    "say": {"no-greeting", "no-policy-link", "no-thanks", "variant-unused"},
    "ask": {"no-greeting", "no-policy-link", "variant-unused"},
    "hint": {"variant-unused"},
    "score": {"variant-unused"},
    "silence": {"variant-unused", "silence-order"},
    "answer": _KINDS,
    "choices": _WAYS | _NAMES,
    "optional": _KINDS,
    "consent": _WAYS | {"advertising-without-consent"},
    "refused": _WAYS | {"guilt"},
    "application": _WAYS | {"offer-unused"},
    "review": _WAYS,
    "part": _WAYS,
    "go": _WAYS | {"variant-unused"},
}
"""A step's key -> what may be told elsewhere only because it could not be read; of other keys nothing is."""
_OF_CHOICE: Mapping[str, set[str]] = {"label": _VALUES, "value": _VALUES, "go": _WAYS, "do": _WAYS | _VALUES}
_OF_FLOW: Mapping[str, set[str]] = {
    "flow": {"word-of-two-flows", "duplicate-flow", "file-name", "flow-unpublished", "unknown-flow"},
    "closed": _CHANNELS,
    "consent": {"consent-without-text", "consent-shared", "consent-file", "consent-swapped"},
    "offers": _OFFERS,
    "parts": _IDS | {"unused-part"},
    "silence": {"variant-unused", "silence-order"},
    "dates": {"variant-unused"},
    "worth": {"variant-unused"},
    "tags": {"variant-unused"},
    "hand_over": {"variant-unused"},
    "variants": _NAMES,
}
_OF_BUSINESS: Mapping[str, set[str]] = {
    "operator": {"consent-incomplete"},
    "published": _CHANNELS,
    "start": {"empty-start", "label-too-long", "too-many-buttons"},
    "company": {"text-too-long", "left-from-sample"},
    "policy": {"text-too-long"},
    "managers_shown_as": {"text-too-long"},
    "switches": {"closed-channel"},
}


_OF_TRANSLATION = {
    "not-translated", "value-lost", "unknown-place", "template", "left-in-russian", "text-too-long", "label-too-long",
}  # fmt: skip


_TRANSLATED = {None, "id", "say", "ask", "hint", "example", "card", "purpose", "choices", "silence"}


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What a refused place casts doubt upon. ``warnings``: upon every warning, for they may be confirmed there."""

    names: Collection[str] = ()
    warnings: bool = False

    def falls_on(self, problem: Problem) -> bool:
        return problem.name in self.names or (self.warnings and problem.level == "warning")


def without_echoes(draft: Draft, found: Iterable[Problem]) -> Iterator[Problem]:
    """Of what was ``found`` in ``draft.guessed``, that which holds however the refused places are put right."""
    refused = {one.page.path: one for one in draft.refused}
    spoilt = {page.path: _Spoilt(page, refused[page.path]) for page in draft.pages if page.path in refused}
    doubts = {path: [_doubt(one.model, spot) for spot in one.spots] for path, one in refused.items()}
    unsaid = {name for one in draft.refused if any(map(_said, one.spots)) for name in _called(one)}
    foreign = {page.path for one, page in draft.translations if one.translation in unsaid}
    for problem in found:
        sure = problem.name in _SURE
        near = [one for one in draft.refused if _reaches(one, problem.file)]
        if (near or draft.business is None) and problem.name == IN_VAIN:
            continue  # what it confirms may be kept back here
        if problem.file in spoilt and not sure and problem in spoilt[problem.file]:
            continue
        if problem.file in foreign and not sure:
            continue
        if not any(doubt.falls_on(problem) for one in near for doubt in doubts[one.page.path]):
            yield problem


def _said(spot: Spot) -> bool:
    """Does a translation have its place for what stands here?"""
    top, *below = spot.keys
    if top in ("steps", "parts"):
        key = below[0 if top == "steps" else 1 :][:1]
        return not key or key[0] in _TRANSLATED
    return top in (None, "flow", "title", "offers", "questions", "silence", "dates")


def _called(one: Refused) -> set[str]:
    """What a refused flow is called by its translations; nothing if it is no flow."""
    stem = one.page.path.rsplit("/", 1)[-1].removesuffix(".yaml")
    return {one.model.flow, stem} if isinstance(one.model, Flow) else set()


def _reaches(one: Refused, file: str) -> bool:
    """May what the refused file holds have a say in what is told of the other?"""
    if isinstance(one.model, Business):
        return True
    own = file == one.page.path
    return own or (isinstance(one.model, Flow) and (file == "business.yaml" or file.endswith(".md")))


class _Spoilt:
    """The steps, offers, rules and keys of a file in which something was refused."""

    def __init__(self, page: Page, refused: Refused) -> None:
        self.starts = sorted(set(_starts(page.tree)))
        tops = (page.key((spot.keys[0],)) for spot in refused.spots if spot.keys[0])
        lines = [*(spot.line for spot in refused.spots), *(top.line for top in tops if top)]
        self.parts = {bisect_right(self.starts, line) for line in lines}

    def __contains__(self, problem: Problem) -> bool:
        return problem.name not in _BESIDE and bisect_right(self.starts, problem.line) in self.parts


def _starts(node: Node, depth: int = 0) -> Iterator[int]:
    """The lines where a part of the file begins."""
    if isinstance(node, Items):
        yield from (one.line for one in node.items)
    elif isinstance(node, Keys) and depth < 2:
        for key, value in node.pairs.values():
            yield key.line
            yield from _starts(value, depth + 1)


def _doubt(model: Flow | Business | Translation, spot: Spot) -> _Doubt:
    top = spot.keys[0]
    if top == "confirmed":
        return _Doubt(warnings=True)
    if isinstance(model, Translation):
        return _Doubt(_OF_TRANSLATION)
    if isinstance(model, Business):
        return _Doubt(_all(_OF_BUSINESS) if top is None else _OF_BUSINESS.get(top, ()))
    if top is None:
        plain = isinstance(spot.value, Scalar)  # neither offers, nor parts, nor any rules
        return _Doubt((), warnings=False) if plain else _Doubt(_all(_OF_FLOW), warnings=True)
    if top in ("steps", "parts"):
        return _Doubt(_of_step(spot.keys[1 if top == "steps" else 2 :]))
    if top == "offers" and len(spot.keys) > 2 and spot.keys[2] != "kind":
        return _Doubt({"counter-without-stock", "empty-name"})
    return _Doubt(_OF_FLOW.get(top, ()))


def _of_step(keys: Sequence[str | None]) -> Collection[str]:
    if not keys:
        return _IDS  # the whole step
    if keys[0] is None:
        return _all({key: names for key, names in _OF_STEP.items() if key != "id"})
    if keys[0] == "choices" and len(keys) > 1:
        return _all(_OF_CHOICE) if keys[1] is None else _OF_CHOICE.get(keys[1], ())
    return _OF_STEP.get(keys[0], ())


def _all(table: Mapping[str, set[str]]) -> set[str]:
    return set().union(*table.values())

"""A file that its model refused, mended as its author most likely will, so that the rules can tell the rest at once.

What stands there is nobody's wish: no such file goes live. ``dialogs.echoes`` says which rules' words to believe.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dialogs.key_names import meant_by
from dialogs.mistakes import empty, meant
from dialogs.pages import Page, Refused, Spot
from dialogs.schema import known_keys
from dialogs.yaml_tree import Items, Keys, Loc, Node, Scalar, down, plain

MOST_ROUNDS = 8
"""What is put right may show what is wrong below it, or above; so many times."""
_INSTEAD: dict[str, Any] = {
    "title": "…", "label": "…", "text": "…", "reason": "…", "say": "…", "tag": "…", "answer": "…", "add": 1,
    "after": "1 day", "type": "text", "go": "end", "personal_data": "…", "language": "en",
    "consent": {"personal_data": "…"}, "words": ["…"],
    "company": "…", "name": "…", "address": "…", "withdraw": "…",
    "operator": {"name": "…", "address": "…", "withdraw": "…"},
    "policy": "https://example.ru", "working_hours": {"mon": "09:00-18:00"}, "published": {}, "start": "…",
    "flow": "…", "step": "hello", "safe_step": {"flow": "…", "step": "hello"}, "lost": ["…"], "junk": ["…"],
    "reasons": {"lost": ["…"], "junk": ["…"]},
}  # fmt: skip
"""Something to stand for a key that must be there."""


def mended(model: type[BaseModel], page: Page) -> Refused | None:
    """None where nothing can be made of it: there are no steps, or the mistakes go too deep."""
    mender = _Mender(model, page)
    for _ in range(MOST_ROUNDS):
        for loc, node in reversed(list(empty(mender.page))):
            mender.note(loc, node)
            mender.drop(loc)
        mender.gone.clear()
        try:
            found = model.model_validate(plain(mender.page.tree))
        except ValidationError as wrong:
            errors = list(meant(mender.page, wrong.errors(include_url=False, include_context=True)))
            done = [mender.mend(error) for error in _last_first(errors)]
            if not all(done):
                return None
            continue
        return Refused(found, mender.page, tuple(mender.spots))  # type: ignore[arg-type]  # one of three models
    return None


def _last_first(errors: Iterable[ErrorDetails]) -> list[ErrorDetails]:
    """So that what is dropped moves nothing that is dropped after it."""
    return sorted(errors, key=lambda one: [(isinstance(part, int), str(part).zfill(9)) for part in one["loc"]])[::-1]


class _Mender:
    """Changes a copy of the page's tree, and notes the ``spots`` where it did."""

    def __init__(self, model: type[BaseModel], page: Page) -> None:
        self.model = model
        self.page = Page(page.path, page.lines, deepcopy(page.tree))
        self.spots: list[Spot] = []
        self.gone: set[Loc] = set()  # what was dropped in this round

    def note(self, loc: Loc, node: Node, key: str | None = "") -> None:
        """``key``: what is meant by the last part of ``loc``, if that is another word (None: nobody knows)."""
        keys: list[str | None] = [part for part in loc if isinstance(part, str)]
        if key != "":
            keys = [*keys[:-1], key]
        self.spots.append(Spot(node.line, tuple(keys), node))

    def mend(self, error: ErrorDetails) -> bool:
        """Put one mistake right; False if that cannot be done."""
        loc, kind = tuple(error["loc"]), error["type"]
        if any(loc[:depth] in self.gone for depth in range(len(loc))):
            return True
        if kind == "missing":
            return self._add(loc)
        node, reached = down(self.page.tree, loc)
        if kind == "extra_forbidden":
            self._rename(loc, node)
            return True
        place = loc[:-1] if loc[-1] == "[key]" else loc[:reached]
        self.note(place, node)
        return self.drop(place)

    def _add(self, loc: Loc) -> bool:
        above, reached = down(self.page.tree, loc[:-1])
        key = str(loc[-1])
        place = loc[:reached]
        self.note((*place, key), above)
        instead = f"step_{above.line}" if key == "id" else _INSTEAD.get(key)
        if key in ("flow", "title") and not place:
            instead = self.page.path.rsplit("/", 1)[-1].removesuffix(".yaml")
        if isinstance(above, Keys) and instead is not None:
            above.pairs[key] = (Scalar(above.line, above.column, above.line, key, key, None), _node(instead, above))
            return True
        return self.drop(place)

    def _rename(self, loc: Loc, node: Node) -> None:
        """An unknown key is the known one that it is like, if that is not there."""
        above = down(self.page.tree, loc[:-1])[0]
        if not isinstance(above, Keys):
            return
        key = str(loc[-1])
        known = [one for one in known_keys(self.model, loc[:-1]) if one not in above.pairs]
        right = meant_by(key, known)
        self.note(loc, node, right)
        written = {right if one == key and right else one: pair for one, pair in above.pairs.items()}
        above.pairs = written if right else {one: pair for one, pair in written.items() if one != key}

    def drop(self, loc: Loc) -> bool:
        """False for the whole file. Steps keep their kind of waiting: an answer that cannot be read is some answer."""
        if not loc:
            return False
        above, reached = down(self.page.tree, loc[:-1])
        last = loc[-1]
        if reached < len(loc) - 1:
            return True  # it went with what it stood in
        self.gone.add(loc)
        if isinstance(above, Items) and isinstance(last, int):
            del above.items[last]
        elif isinstance(above, Keys):
            key, value = above.pairs.pop(str(last), (None, None))
            if key and value and last == "answer" and plain(value) != "text":
                above.pairs["answer"] = key, _node("text", value)
        return True


def _node(value: Any, at: Node) -> Node:
    """The value as a tree that stands at the place of another."""
    if isinstance(value, dict):
        pairs = {
            key: (Scalar(at.line, at.column, at.line, key, key, None), _node(one, at)) for key, one in value.items()
        }
        return Keys(at.line, at.column, pairs)
    if isinstance(value, list):
        return Items(at.line, at.column, [_node(one, at) for one in value])
    return Scalar(at.line, at.column, at.line, str(value), value, '"')

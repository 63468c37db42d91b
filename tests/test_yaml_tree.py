"""Two parsers read flows: whichever reads a text, its author cannot tell which it was."""

from __future__ import annotations

from random import Random

import pytest

from dialogs.yaml_tree import Node, Unreadable, built, careful_events, grow, quick_events
from tests.torture import seeds
from tests.torture.mutation import mangled

TEXTS = [raw.decode() for path, raw in sorted(seeds.shipped().items()) if path.endswith(".yaml")]


def read(text: str, events: object) -> tuple[Node | None, list[str]]:
    root, oddities = built(events(text))  # type: ignore[operator]
    return root, [f"{one.line}:{one.column} {one.name}" for one in oddities]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.partition("title: ")[2].partition("\n")[0] or "—")
def test_a_sound_file_is_the_same_tree_place_by_place(text: str) -> None:
    assert read(text, quick_events) == read(text, careful_events)


def test_a_spoiled_file_is_the_same_tree_or_the_same_mistake() -> None:
    dice, both, refused = Random(26), 0, 0
    for _ in range(400):
        text = mangled(dice.choice(TEXTS)[:2500], dice)
        try:
            expected = read(text, careful_events)
        except Exception:
            refused += 1
            with pytest.raises(Unreadable):
                grow(text)
            continue
        root, oddities = grow(text)
        assert (root, [f"{one.line}:{one.column} {one.name}" for one in oddities]) == expected
        both += 1
    assert both > 50 and refused > 50


@pytest.mark.parametrize(
    "text",
    ["words: [кредит, за\tём]", "title: Туры\n\u2028sent:\n  a: 1", "title: \ud83d", "title: Туры\nsteps: ["],
    ids=["a tab", "a line's end of old", "half a letter", "a bracket"],
)
def test_what_the_quick_one_would_take_is_refused_with_care(text: str) -> None:
    with pytest.raises(Unreadable) as told:
        grow(text)
    assert told.value.name == "yaml-syntax"

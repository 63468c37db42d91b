"""The editor's schemas are the models', in Russian, and lie beside the flows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dialogs.business import Business
from dialogs.flow import Flow
from dialogs.meanings import ACTS, VALUES
from dialogs.reading import STORIES, is_translation
from dialogs.schema import FILES, known_keys, meaning, stories_schema, written
from dialogs.stories import parse
from dialogs.verbs import VERBS
from dialogs.yaml_tree import grow, plain

FLOWS = Path(__file__).parent.parent / "dialogs" / "flows"


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_what_the_models_say(name: str) -> None:
    """If this fails: .venv/bin/python -m dialogs.schema NAME > dialogs/flows/schema/NAME"""
    assert (FLOWS / "schema" / name).read_text(encoding="utf-8") == written(name)


def properties(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "properties":
                yield from ((f"{path}.{one}", schema) for one, schema in value.items())
            yield from properties(value, f"{path}.{key}")
    elif isinstance(part, list):
        for one in part:
            yield from properties(one, path)


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_explained_in_russian(name: str) -> None:
    described = dict(properties(FILES[name]()))
    assert len(described) > 15
    silent = [path for path, schema in described.items() if not re.search("[а-яё]{3}", schema.get("description", ""))]
    assert silent == []


@pytest.mark.parametrize("name", FILES)
def test_unknown_keys_are_refused_by_the_editor_too(name: str) -> None:
    schema = FILES[name]()
    parts = list(objects(schema))
    assert len(parts) > 2
    assert all(part["additionalProperties"] is False for part in parts)


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every part with keys of its own."""
    if isinstance(part, dict):
        if "properties" in part and part.get("type") == "object":
            yield part
        for one in part.values():
            yield from objects(one)
    elif isinstance(part, list):
        for one in part:
            yield from objects(one)


def enums(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield part
        for one in part.values():
            yield from enums(one)
    elif isinstance(part, list):
        for one in part:
            yield from enums(one)


@pytest.mark.parametrize("name", FILES)
def test_every_fixed_word_is_explained_beside_it_and_nothing_offers_null(name: str) -> None:
    found = list(enums(FILES[name]()))
    assert len(found) >= 2 or name == "translation.schema.json"  # nothing but texts
    for part in found:
        assert len(part["enum"]) == len(part["enumDescriptions"])
        assert all(re.search("[а-яё]{3}", told, re.IGNORECASE) for told in part["enumDescriptions"])
    assert '"type": "null"' not in written(name)


def test_no_word_is_explained_that_nobody_can_write() -> None:
    used = {word for name in FILES for part in enums(FILES[name]()) for word in part["enum"]}
    assert set(VALUES) <= used and tuple(ACTS) == VERBS


def test_words_for_programmers_are_left_out() -> None:
    for name in FILES:
        text = json.loads(written(name))
        assert "Every part of" not in str(text)
        assert all("title" not in part for part in objects(text) if part is not text)


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.yaml")), ids=lambda path: path.name)
def test_shipped_files_name_their_schema_in_the_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(schema/\w+\.schema\.json)", first)
    assert named, first
    assert (FLOWS / named[1]).is_file()
    assert named[1] == f"schema/{kind_of(path.name)}.schema.json"


def kind_of(path: str) -> str:
    if path.endswith(STORIES):
        return "stories"
    return "translation" if is_translation(path) else "business" if path == "business.yaml" else "flow"


# ---------------------------------------------------------------- the editor agrees with the check


def fits(value: Any, part: dict[str, Any], whole: dict[str, Any]) -> bool:
    """What our schemas use of JSON Schema, as an editor judges it."""
    if "$ref" in part and not fits(value, whole["$defs"][part["$ref"].rpartition("/")[2]], whole):
        return False
    if "anyOf" in part and not any(fits(value, one, whole) for one in part["anyOf"]):
        return False
    if "enum" in part and value not in part["enum"]:
        return False
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    if "type" in part and not isinstance(value, kinds[part["type"]]):
        return False
    if isinstance(value, str):
        return len(value) >= part.get("minLength", 0) and bool(re.search(part.get("pattern", ""), value))
    if isinstance(value, list):
        return len(value) >= part.get("minItems", 0) and all(fits(one, part.get("items", {}), whole) for one in value)
    return not isinstance(value, dict) or _keys_fit(value, part, whole)


def _keys_fit(value: dict[str, Any], part: dict[str, Any], whole: dict[str, Any]) -> bool:
    own, wide = part.get("properties", {}), part.get("additionalProperties", True)
    patterns = part.get("patternProperties", {})
    most, least = part.get("maxProperties", len(value)), part.get("minProperties", 0)
    for key, one in value.items():
        within = own.get(key) or next((held for shape, held in patterns.items() if re.search(shape, key)), wide)
        if within is False or (isinstance(within, dict) and not fits(one, within, whole)):
            return False
        if "propertyNames" in part and not fits(key, part["propertyNames"], whole):
            return False
    return least <= len(value) <= most and set(part.get("required", ())) <= value.keys()


def schema_of(path: str) -> dict[str, Any]:
    return FILES[f"{kind_of(path)}.schema.json"]()


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_editor_finds_nothing_wrong_with_what_is_shipped(path: Path) -> None:
    tree, _ = grow(path.read_text("utf-8"))
    assert tree is not None
    schema = schema_of(path.name)
    assert fits(plain(tree), schema, schema)


@pytest.mark.parametrize(
    "talk",
    [
        "- opens\n- sees: [а, б]\n- sees nothing\n- waits: 20 min\n- shares phone\n- shares phone: '+79001234567'",
        "- opens: tour__flyer\n- sends: sticker\n- managers see: а",
        "- says",
        "- sees nothing: а",
        "- shouts: а",
        "- says: а\n  taps: б",
        "- waits: скоро",
        "- sends: слон",
        "- sees: []",
        "- says: [а, б]",
    ],
)
def test_the_editor_takes_the_same_stories_as_the_check(talk: str) -> None:
    text = "stories:\n- story: Анна\n  talk:\n" + "\n".join(f"  {line}" for line in talk.split("\n")) + "\n"
    tree, _ = grow(text)
    assert tree is not None
    schema = stories_schema()
    assert fits(plain(tree), schema, schema) == (not parse({f"tour{STORIES}": text})[1])


@pytest.mark.parametrize(
    ("loc", "key"),
    [
        ((), "steps"),
        (("steps", 0), "refused"),
        (("steps", 3, "choices", 1), "label"),
        (("steps", 3, "go", "tuple[Branch, ...]", 0), "if"),
        (("steps", 1, "answer"), "from"),
        (("offers", "spring"), "stock"),
        (("silence", 0), "mark"),
    ],
)
def test_known_keys_are_found_at_every_place(loc: tuple[str | int, ...], key: str) -> None:
    assert key in known_keys(Flow, loc)
    assert re.search("[а-яё]{3}", meaning(Flow, (*loc, key)))


def test_keys_of_business_are_known_too() -> None:
    assert known_keys(Business, ("touches",)) == ["per_day", "per_week"]
    assert known_keys(Business, ("switches", "telegram_advertising")) == ["by", "date"]
    assert "flows" in known_keys(Business, ("start",))
    assert meaning(Business, ("nothing",)) == ""

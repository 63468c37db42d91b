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
from dialogs.schema import FILES, business_schema, flow_schema, known_keys, meaning, written

FLOWS = Path(__file__).parent.parent / "dialogs" / "flows"
SCHEMAS = {"flow.schema.json": flow_schema, "business.schema.json": business_schema}


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
    described = dict(properties(SCHEMAS[name]()))
    assert len(described) > 15
    silent = [path for path, schema in described.items() if not re.search("[а-яё]{3}", schema.get("description", ""))]
    assert silent == []


@pytest.mark.parametrize("name", FILES)
def test_unknown_keys_are_refused_by_the_editor_too(name: str) -> None:
    schema = SCHEMAS[name]()
    parts = [schema, *schema["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in parts if part.get("type") == "object")


def test_words_for_programmers_are_left_out() -> None:
    for name in FILES:
        text = json.loads(written(name))
        assert "Every part of" not in str(text)
        assert all("title" not in part for part in text["$defs"].values())


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.yaml")), ids=lambda path: path.name)
def test_shipped_files_name_their_schema_in_the_first_line(path: Path) -> None:
    if path.name.endswith(".stories.yaml"):
        return
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(schema/\w+\.schema\.json)", first)
    assert named, first
    assert (FLOWS / named[1]).is_file()
    assert ("business" in named[1]) == (path.name == "business.yaml")


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

"""The JSON Schemas of the authors' files, from the same models that check them.

Written to ``dialogs/flows/schema/`` by ``python -m dialogs.schema FILE`` for each file; a test compares them.
Editors read them through the first line of a flow: ``# yaml-language-server: $schema=schema/flow.schema.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from dialogs.business import Business
from dialogs.flow import Flow

Schema = dict[str, Any]
FILES = {"flow.schema.json": "flow", "business.schema.json": "business"}


def flow_schema() -> Schema:
    """For ``FLOW.yaml``."""
    return _schema(Flow, "Сценарий leadbot")


def business_schema() -> Schema:
    """For ``business.yaml``."""
    return _schema(Business, "Компания: business.yaml")


def written(name: str) -> str:
    """The text of ``flow.schema.json`` or ``business.schema.json``. Raises KeyError for another name."""
    schema = {"flow": flow_schema, "business": business_schema}[FILES[name]]()
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that the part at ``loc`` may have."""
    return sorted({key for part in _parts(model, tuple(loc)) for key in part.get("properties", {})})


def meaning(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    """What the key at ``loc`` is for, in Russian; empty if unknown."""
    for part in _parts(model, tuple(loc[:-1])):
        described = part.get("properties", {}).get(loc[-1], {}).get("description")
        if described:
            return str(described)
    return ""


def _schema(model: type[BaseModel], title: str) -> Schema:
    """The model's schema without what is meant for programmers: titles and docstrings of classes."""
    schema = model.model_json_schema(by_alias=True)
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("description", None)
    _untitled(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def _untitled(part: Any) -> None:
    if isinstance(part, dict):
        if isinstance(part.get("title"), str):
            del part["title"]
        for one in part.values():
            _untitled(one)
    elif isinstance(part, list):
        for one in part:
            _untitled(one)


@cache
def _raw(model: type[BaseModel]) -> Schema:
    return model.model_json_schema(by_alias=True)


def _parts(model: type[BaseModel], loc: tuple[str | int, ...]) -> list[Schema]:
    """The schemas that may hold at ``loc`` (several, where there is a choice)."""
    whole = _raw(model)
    here = _unfold(whole, whole)
    for step in loc:
        below = [one for part in here for one in _below(part, step, whole)]
        here = below or here  # a union's tag is no step down
    return here


def _below(part: Schema, step: str | int, whole: Schema) -> list[Schema]:
    if isinstance(step, int):
        return _unfold(part["items"], whole) if "items" in part else []
    if step in part.get("properties", {}):
        return _unfold(part["properties"][step], whole)
    wide = part.get("additionalProperties") or next(iter(part.get("patternProperties", {}).values()), None)
    return _unfold(wide, whole) if isinstance(wide, dict) else []


def _unfold(part: Schema, whole: Schema) -> list[Schema]:
    """References followed, choices laid side by side."""
    if "$ref" in part:
        return _unfold(whole["$defs"][part["$ref"].rsplit("/", 1)[1]], whole)
    if "anyOf" in part:
        return [one for variant in part["anyOf"] for one in _unfold(variant, whole)]
    return [part]


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(written(name))

"""The JSON Schemas of the authors' files, from the same models that check them.

Written to ``dialogs/flows/schema/`` by ``python -m dialogs.schema FILE`` for each file; a test compares them.
Editors read them through the first line of a flow: ``# yaml-language-server: $schema=schema/flow.schema.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from dialogs.business import Business
from dialogs.durations import Duration
from dialogs.flow import Flow
from dialogs.meanings import ACTS, VALUES
from dialogs.translation import Translation
from dialogs.verbs import BARE, CHANNELS, EITHER, PAIR, TEXTS, THINGS, VERBS

Schema = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def flow_schema() -> Schema:
    """For ``FLOW.yaml``."""
    return _schema(Flow, "Сценарий leadbot")


def business_schema() -> Schema:
    """For ``business.yaml``."""
    return _schema(Business, "Компания: business.yaml")


def translation_schema() -> Schema:
    """For ``FLOW.en.yaml``."""
    return _schema(Translation, "Перевод сценария leadbot")


def stories_schema() -> Schema:
    """For ``FLOW.stories.yaml``, which ``dialogs.stories`` reads without models."""
    string: Schema = {"type": "string", "minLength": 1}
    texts: Schema = {"anyOf": [string, {"type": "array", "items": string, "minItems": 1}]}
    values = dict.fromkeys(VERBS, string) | dict.fromkeys(TEXTS, texts)
    values |= {verb: {"type": "array", "items": string, "minItems": 2, "maxItems": 2} for verb in PAIR}
    values |= {"sends": _explained({"enum": list(THINGS)}), "waits": TypeAdapter(Duration).json_schema()}
    said = {verb: {"description": ACTS[verb], **values[verb]} for verb in VERBS if verb not in BARE}
    alone = [verb for verb in VERBS if verb in BARE | EITHER]
    act: Schema = {
        "anyOf": [
            {
                "type": "object",
                "properties": said,
                "additionalProperties": False,
                "minProperties": 1,
                "maxProperties": 1,
            },
            {"enum": alone, "enumDescriptions": [ACTS[verb] for verb in alone]},
        ]
    }
    story: Schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["story", "talk"],
        "properties": {
            "story": {"description": "Название истории: кто и что делает.", **string},
            "channel": _explained({"description": "В каком канале; без ключа — telegram.", "enum": list(CHANNELS)}),
            "language": {
                "description": "Язык приложения у человека, двумя буквами: en; без ключа — русский.",
                "type": "string",
                "pattern": "^[a-z]{2}$",
            },
            "starts": {
                "description": 'Первая минута на часах, по времени компании: "2026-11-23 12:00".',
                "type": "string",
                "pattern": r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d",
            },
            "variants": {
                "description": "Какие варианты встретит человек этой истории: {greeting: warm}.",
                "type": "object",
                "additionalProperties": string,
            },
            "talk": {"description": "Разговор: действие за действием.", "type": "array", "minItems": 1, "items": act},
        },
    }
    listed: Schema = {"description": "Истории этого файла.", "type": "array", "items": story}
    top: Schema = {"type": "object", "additionalProperties": False, "required": ["stories"]}
    return {"$schema": DRAFT, "title": "Истории leadbot", **top, "properties": {"stories": listed}}


FILES: Mapping[str, Callable[[], Schema]] = {
    "flow.schema.json": flow_schema,
    "business.schema.json": business_schema,
    "translation.schema.json": translation_schema,
    "stories.schema.json": stories_schema,
}


def written(name: str) -> str:
    """The text of one of ``FILES``. Raises KeyError for another name."""
    return json.dumps(FILES[name](), ensure_ascii=False, indent=2) + "\n"


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
    return {"$schema": DRAFT, "title": title, **_explained(schema)}


def _explained(part: Any) -> Any:
    """The same for an editor: each fixed word with its meaning, and no ``null``, which nobody writes."""
    if isinstance(part, list):
        return [_explained(one) for one in part]
    if not isinstance(part, dict):
        return part
    told = {key: _explained(value) for key, value in part.items()}
    if "anyOf" in told and (kept := [one for one in told["anyOf"] if one != {"type": "null"}]) != told["anyOf"]:
        rest = {key: value for key, value in told.items() if key != "anyOf" and (key, value) != ("default", None)}
        told = {**kept[0], **rest} if len(kept) == 1 else {"anyOf": kept, **rest}
    if isinstance(told.get("const"), str):
        told["enum"] = [told.pop("const")]
    if isinstance(told.get("enum"), list):
        told["enumDescriptions"] = [VALUES[word] for word in told["enum"]]
    return told


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

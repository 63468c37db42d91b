"""JSON as a network sends it, read and written fast; what the fast way refuses is left to the patient one (P27)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson


def read_json(text: str | bytes, *, number: Callable[[str], Any]) -> Any:
    """Half pairs of letters and NaN are read too. ``number`` makes something of digits that are too many to be read; a
    number beyond 64 bits that can still be read is a float. Raises ValueError for what is no JSON, RecursionError for
    brackets without end."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, parse_int=number)


def write_json(value: Any) -> bytes:
    """Whatever ``read_json`` gave. Raises RecursionError for brackets without end."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()

"""Kinds of columns: moments, numbers of rows, and what is kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import TypeDecorator

Big = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by themselves only in INTEGER
_WITHOUT_ZONE = len("2026-11-23 09:00:00.000000")


class Moment(TypeDecorator[datetime]):
    """A UTC-aware moment; a naive one is refused on the way in. SQLite keeps it as text, so that texts are in the order
    of the moments; written and read here, for its driver takes several times as long."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _to_text if dialect.name == "sqlite" else _to_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        return _from_text if dialect.name == "sqlite" else _to_utc


class Json(TypeDecorator[Any]):
    """A dictionary or a list. SQLite keeps it as text, which is read and written here: SQLAlchemy's own way also looks
    for numbers and for its words for NULL, which ours are not."""

    impl = JSON
    cache_ok = True
    should_evaluate_none = True  # as of its own: None that is set is JSON's null

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return dumps if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        return _loads if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def dumps(value: Any) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False)  # a number beyond 64 bits


def _loads(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


def _to_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"a moment without a zone: {value!r}")
    return value.astimezone(UTC)


@lru_cache(maxsize=16)
def _to_text(value: datetime | None) -> str | None:
    """Most that is written at once is of the same moment."""
    moment = _to_utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]


@lru_cache(maxsize=256)
def _from_text(value: str | None) -> datetime | None:
    """Rows of one person, and those of one batch, repeat each other's moments."""
    if value is None:
        return None
    if len(value) == _WITHOUT_ZONE:
        return datetime.fromisoformat(f"{value}+00:00")
    moment = datetime.fromisoformat(value)  # somebody's own hand wrote it, perhaps with a zone
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

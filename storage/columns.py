"""Kinds of columns: moments, and numbers of rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.dialects.sqlite import DATETIME as SqliteDateTime
from sqlalchemy.types import TypeDecorator, TypeEngine

Big = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by themselves only in INTEGER
_WITHOUT_ZONE = len("2026-11-23 09:00:00.000000")


class _Text(SqliteDateTime):
    """SQLite's column as it is, its values left alone."""

    def bind_processor(self, dialect: Dialect) -> None:
        return None

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        return None


class Moment(TypeDecorator[datetime]):
    """A UTC-aware moment; a naive one is refused on the way in. SQLite keeps it as text, so that texts are in the order
    of the moments; written and read here, for its driver takes several times as long."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_Text() if dialect.name == "sqlite" else DateTime(timezone=True))  # type: ignore[no-untyped-call]

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a zone: {value!r}")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return value.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value.astimezone(UTC)  # type: ignore[no-any-return]

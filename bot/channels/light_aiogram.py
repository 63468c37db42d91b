"""aiogram as we take it: its models are built when they are first used, not all of them while it is imported.

aiogram asks pydantic for the validators of its four hundred models during its import, each with all that it can hold:
four fifths of the time until the bot listens and a hundred megabytes, whatever of it is used. We call Telegram in plain
JSON and use five. So each request (``model_rebuild``) is put off: pydantic makes it again by itself when an unfinished
model is first used, and gets the names then that aiogram's annotations mean.

Everything of aiogram is imported from here. Where it was imported before, as in a test of a plain bot, it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

_build: Any = BaseModel.model_rebuild.__func__  # type: ignore[attr-defined]
_names: dict[str, Any] = {}


def _put_off(model: type[BaseModel], /, **asked: Any) -> bool | None:
    if not model.__module__.startswith("aiogram."):
        return _build(model, **asked)  # type: ignore[no-any-return]
    _names.update(asked.get("_types_namespace") or {})
    return False


def _build_now(model: type[BaseModel], /, **asked: Any) -> bool | None:
    return _build(model, **{**asked, "_types_namespace": _names})  # type: ignore[no-any-return]


@contextmanager
def _unbuilt() -> Iterator[None]:
    whole = BaseModel.__dict__["model_rebuild"]
    setattr(BaseModel, "model_rebuild", classmethod(_put_off))  # noqa: B010
    try:
        yield
    finally:
        setattr(BaseModel, "model_rebuild", whole)  # noqa: B010


with _unbuilt():
    from aiogram import Bot, exceptions, types
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
    from aiogram.methods import Response, TelegramMethod

if _names:
    for _base in (types.TelegramObject, TelegramMethod, Response):
        setattr(_base, "model_rebuild", classmethod(_build_now))  # noqa: B010

__all__ = [
    "PRODUCTION",
    "AiohttpSession",
    "Bot",
    "Response",
    "TelegramAPIServer",
    "TelegramMethod",
    "exceptions",
    "types",
]

"""aiogram's session with a second door: a call as plain JSON, its answer as it came, its errors as aiogram's.

The typed door builds a model of the call, a multipart form of the model, and a model of the answer, of which we read
one number: two thirds of what a call costs.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from aiohttp import ClientError, ClientTimeout, FormData

from bot.channels.light_aiogram import AiohttpSession, Bot, TelegramMethod, exceptions
from bot.channels.plain_post import PlainPost
from bot.channels.raw_json import read_json, write_json

FAILURES = (TimeoutError, ClientError)  # of the wire
UPLOAD = ClientTimeout(total=75, connect=20)  # within the deadline of one act of delivery


class _Plain(TelegramMethod[Any]):
    """What aiogram's errors say they come from: nothing of the call, which may hold somebody's words."""

    __returning__: ClassVar[Any] = Any
    __api_method__: ClassVar[str] = "plain"


PLAIN = _Plain()


class Session(AiohttpSession):
    """``limits`` of one request."""

    def __init__(self, limits: ClientTimeout, **more: Any) -> None:
        super().__init__(
            timeout=cast(int, limits), **more
        )  # it calls them an int, and hands them to aiohttp as they are
        self._limits = limits
        self._plain: PlainPost | None = None

    async def post(self, bot: Bot, method: str, fields: dict[str, Any], *, limits: ClientTimeout | None = None) -> Any:
        """What stands under ``result``. Raises what a typed call raises."""
        http = await self.create_session()
        if self._plain is None or self._plain.http is not http:
            self._plain = PlainPost(http, kind="application/json")
        try:
            status, said = await self._plain(self._url(bot, method), write_json(fields), limits or self._limits)
        except FAILURES as failed:
            raise _told(failed) from failed
        return self._result(bot, status, said)

    async def upload(self, bot: Bot, method: str, fields: dict[str, Any], part: str, name: str, content: bytes) -> Any:
        """The same with a file, as a multipart form; it may take longer."""
        form = FormData(quote_fields=False)  # names of files go as they are, in UTF-8
        for key, value in fields.items():
            form.add_field(key, value if isinstance(value, str) else write_json(value).decode())
        form.add_field(part, content, filename=name, content_type="application/octet-stream")
        http = await self.create_session()
        try:
            async with http.post(self._url(bot, method), data=form, timeout=UPLOAD) as answer:
                said, status = await answer.read(), answer.status
        except FAILURES as failed:
            raise _told(failed) from failed
        return self._result(bot, status, said)

    def _url(self, bot: Bot, method: str) -> str:
        return self.api.api_url(token=bot.token, method=method)

    def _result(self, bot: Bot, status: int, said: bytes) -> Any:
        if status == 200:
            try:
                told = lenient_json(said)
                if told["ok"] is True:
                    return told["result"]
            except (ValueError, RecursionError, LookupError, TypeError):
                pass
        # not well: the session knows what each refusal is called, and what does not decode
        return self.check_response(bot, PLAIN, status, said.decode("utf-8", "replace")).result


def _told(failed: Exception) -> exceptions.TelegramNetworkError:
    """What fails on the wire is told as aiogram tells it."""
    message = "Request timeout error" if isinstance(failed, TimeoutError) else type(failed).__name__
    return exceptions.TelegramNetworkError(method=PLAIN, message=message)


def lenient_json(text: str | bytes) -> Any:
    """JSON in which a number of hundreds of digits is a text: Python refuses to make a number of it (P27)."""
    return read_json(text, number=lambda digits: int(digits) if len(digits) < 40 else digits)

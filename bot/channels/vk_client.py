"""VK's methods through vk_api, with what it lacks: other calls at the same time, a deadline, our own address.

vk_api stands still until it is answered. It runs in a greenlet here, so that only its own call does, and what it posts
goes over aiohttp's connections: a thread and requests cost each call more than all the rest of it. It writes VK's
address into its code; the session that it is given puts ours in its place. What it raises may hold the token and the
text of a message, so it is turned into three words here, with nothing of it left: refused, unsure, not sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import vk_api
from aiohttp import ClientConnectionError, ClientError, ClientTimeout
from jconfig import MemoryConfig
from sqlalchemy.util import await_only, greenlet_spawn

from bot.channels.plain_post import NEVER_LEFT
from bot.channels.vk_http import CONNECT, VkHttp, bounded_json, form

WRITTEN_IN = "https://api.vk.ru"  # by vk_api, in every call
VERSION = "5.199"
PATIENCE = 7.0  # seconds for a call
AT_ONCE = 3

log = logging.getLogger("leadbot.vk")


class VkRefused(Exception):
    """VK said no: nothing was done. ``code`` is its error code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"VK error {code}")
        self.code = code


class VkUnsure(Exception):
    """It may have been done: no answer, half an answer, an answer that means nothing. ``how`` is what is counted:
    ``no_answer``, ``server_error`` or ``garbage``."""

    def __init__(self, text: str, *, how: str = "garbage") -> None:
        super().__init__(text)
        self.how = how


class VkNotSent(Exception):
    """The call never left: nothing was done."""


class _Answer(NamedTuple):
    """As much of a response of requests as vk_api looks at."""

    status_code: int
    body: bytes

    @property
    def ok(self) -> bool:
        return self.status_code < 400

    def json(self) -> Any:
        return bounded_json(self.body)


class _Session:
    """As much of a session of requests as vk_api uses."""

    def __init__(self, http: VkHttp, base: str, patience: float) -> None:
        self._http, self._base = http, base.rstrip("/")
        self._limits = ClientTimeout(total=patience, connect=min(CONNECT, patience))

    def post(self, url: str, data: Mapping[str, str | int | bytes], **_more: object) -> _Answer:
        to = self._base + url.removeprefix(WRITTEN_IN)
        return _Answer(*await_only(self._http.post(to, form(data), self._limits)))


class _Api(vk_api.VkApi):  # type: ignore[misc]
    """No pause between calls (delivery keeps the pace), no repeats of its own, and nobody to be locked out: all its
    calls are made in one thread."""

    RPS_DELAY = -math.inf  # 0 would still sleep out what a clock was set back

    def __init__(self, token: str, session: _Session) -> None:
        super().__init__(token=token, api_version=VERSION, session=session, config=MemoryConfig)
        self.lock = contextlib.nullcontext()

    def too_many_rps_handler(self, error: Any) -> None:
        raise error


class VkClient:
    """Calls by name. ``api_url`` is what stands before ``/method/``; None is the public address. ``patience``:
    seconds for a call. ``http``: for what is no method."""

    def __init__(self, token: str, api_url: str | None = None, *, patience: float = PATIENCE) -> None:
        base = api_url or WRITTEN_IN
        self.http = VkHttp(base)
        self._api = _Api(token, _Session(self.http, base, patience))
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def call(self, method: str, **values: Any) -> Any:
        """What stands under ``response``. Raises VkRefused, VkUnsure, VkNotSent and nothing else."""
        return await self._perform(method, values, whole=False)

    async def execute(self, code: bytes) -> Any:
        """The whole answer to a script: the errors of its calls stand beside ``response``. Raises as ``call`` does."""
        return await self._perform("execute", {"code": code}, whole=True)

    async def _perform(self, method: str, values: dict[str, Any], *, whole: bool) -> Any:
        async with self._turn:
            if self.http.is_closed:
                raise VkNotSent("closed")
            try:
                return await greenlet_spawn(self._api.method, method, values, raw=whole)
            except Exception as failed:
                told = _told(failed)
            log.debug("%s: %s", method, told)
            raise told  # here, so that it leads nobody to the call, which has the token

    async def upload(self, address: str, field: str, name: str, content: bytes) -> Any:
        """Give a file to a server of VK's, at the address that VK named; its answer goes back to VK. Nothing that
        people see is done by it. Raises VkNotSent."""
        try:
            status, answer = await self.http.upload(address, field, name, content)
            return bounded_json(answer) if status == 200 else None
        except (*NEVER_LEFT, TimeoutError, ClientError, RuntimeError, ValueError) as failed:
            raise VkNotSent(type(failed).__name__) from None

    async def close(self) -> None:
        """Take no more calls; what is on the wire is lost."""
        await self.http.close()


def _told(failed: Exception) -> VkRefused | VkUnsure | VkNotSent:
    match failed:
        case vk_api.ApiError(code=int(code)):
            return VkRefused(code)
        case vk_api.Captcha():
            return VkRefused(14)
        case vk_api.ApiHttpError():
            return VkUnsure(f"HTTP {failed.response.status_code}", how="server_error")
    name = type(failed).__name__
    if isinstance(failed, NEVER_LEFT):
        return VkNotSent(name)
    return VkUnsure(name, how="no_answer" if isinstance(failed, TimeoutError | ClientConnectionError) else "garbage")

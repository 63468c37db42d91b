"""VK's methods through vk_api, with what it lacks: a deadline on every call, several calls at once, our own address.

vk_api holds one lock over a whole call, so there are a few objects, each used by one thread at a time. It writes the
address into its code; a session of our own changes it on the way out. What it raises may hold the token and the text
of a message, so it is turned into three words here, with nothing of it left: refused, unsure, not sent.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import queue
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import requests
import vk_api
from jconfig import MemoryConfig
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.exceptions import NewConnectionError

WRITTEN_IN = "https://api.vk.ru"  # by vk_api, in every call
VERSION = "5.199"
CONNECT, PATIENCE, WHOLE = 3.05, 7.0, 12.0  # seconds: to connect, to hear anything, for a call that drips
UPLOAD = 60.0  # seconds without a byte while a file is given
AT_ONCE = 3
HEADERS = {"User-Agent": "leadbot", "Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip"}


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


class _Api(vk_api.VkApi):  # type: ignore[misc]
    """No pause between calls (delivery keeps the pace) and no repeats of its own."""

    RPS_DELAY = 0

    def too_many_rps_handler(self, error: Any) -> None:
        raise error


class _Session(requests.Session):
    """Posts a form and nothing else: no cookies, no following elsewhere with the token, and the environment's proxy and
    certificates are looked up once, not with every call. A third of what a call costs is saved by that."""

    def __init__(self, base: str, adapter: BaseAdapter) -> None:
        super().__init__()
        self._adapter = adapter
        self._proxies = {} if is_loopback(base) else requests.utils.get_environ_proxies(base)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self.mount(WRITTEN_IN + "/", adapter)

    def post(self, url: Any, data: Any = None, json: Any = None, **more: Any) -> requests.Response:
        request = requests.PreparedRequest()
        request.method, request.url, request.hooks = "POST", url, {}
        request.body = body = form(data)
        request.headers = requests.structures.CaseInsensitiveDict(HEADERS)
        request.headers["Content-Length"] = str(len(body))
        return self._adapter.send(request, proxies=self._proxies, verify=self._verify)


def form(values: Mapping[str, str | int]) -> bytes:
    """Every byte of a value as %xx: longer than it need be, and made in a twentieth of the time."""
    return "&".join(f"{name}={_escaped(str(value).encode())}" for name, value in values.items()).encode()


def _escaped(value: bytes) -> str:
    return f"%{value.hex('%')}" if value else ""


class Redirected(HTTPAdapter):
    """Sends what is for VK's public address to ``base``, never without a timeout."""

    def __init__(self, base: str, patience: float) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._base, self._timeout = base.rstrip("/"), (CONNECT, patience)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = self._base + (request.url or "").removeprefix(WRITTEN_IN)
        return super().send(request, *args, **{**kwargs, "timeout": self._timeout})


class VkClient:
    """Calls by name. ``api_url`` is what stands before ``/method/``; None is the public address. ``patience``:
    seconds without a byte of an answer. ``adapter``: what carries the calls, made for ``api_url`` and ``patience``."""

    def __init__(
        self,
        token: str,
        api_url: str | None = None,
        *,
        patience: float = PATIENCE,
        adapter: Callable[[str, float], BaseAdapter] = Redirected,
    ) -> None:
        self.base = api_url or WRITTEN_IN
        self._apis = [_make_api(token, self.base, adapter(self.base, patience)) for _ in range(AT_ONCE)]
        self._idle: queue.SimpleQueue[_Api] = queue.SimpleQueue()
        for api in self._apis:
            self._idle.put(api)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="vk")
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def call(self, method: str, **values: Any) -> Any:
        """What stands under ``response``. Raises VkRefused, VkUnsure, VkNotSent and nothing else."""
        return await self._perform(method, values, whole=False)

    async def execute(self, code: str) -> Any:
        """The whole answer to a script: the errors of its calls stand beside ``response``. Raises as ``call`` does."""
        return await self._perform("execute", {"code": code}, whole=True)

    async def _perform(self, method: str, values: dict[str, Any], *, whole: bool) -> Any:
        async with self._turn:
            loop = asyncio.get_running_loop()
            try:
                work = loop.run_in_executor(self._threads, self._call, method, values, whole)
            except RuntimeError:
                raise VkNotSent("closed") from None
            try:
                async with asyncio.timeout(WHOLE):  # wait_for of 3.11 swallows a cancellation that meets the answer
                    return await work
            except TimeoutError:
                raise VkUnsure("no answer in time", how="no_answer") from None

    async def upload(self, address: str, field: str, name: str, content: bytes) -> Any:
        """Give a file to a server of VK's, at the address that VK named; its answer goes back to VK. Nothing that
        people see is done by it. Raises VkNotSent."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(UPLOAD + CONNECT):
                return await loop.run_in_executor(self._threads, self._give, address, field, name, content)
        except (TimeoutError, RuntimeError, requests.RequestException, ValueError) as failed:
            raise VkNotSent(type(failed).__name__) from None

    def _give(self, address: str, field: str, name: str, content: bytes) -> Any:
        with requests.Session() as http:
            http.trust_env = not is_loopback(address)
            answer = http.post(
                address, files={field: (name, content)}, timeout=(CONNECT, UPLOAD), allow_redirects=False
            )
            answer.raise_for_status()
            return answer.json()

    def close(self) -> None:
        """Take no more calls; those on the wire end by their own timeouts."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for api in self._apis:
            api.http.close()

    def _call(self, method: str, values: dict[str, Any], whole: bool) -> Any:
        api = self._idle.get()
        try:
            return api.method(method, values, raw=whole)
        except vk_api.ApiError as refused:
            raise VkRefused(int(refused.code)) from None
        except vk_api.Captcha:
            raise VkRefused(14) from None
        except vk_api.ApiHttpError as failed:
            raise VkUnsure(f"HTTP {failed.response.status_code}", how="server_error") from None
        except requests.ConnectionError as failed:
            if _never_left(failed):
                raise VkNotSent(type(failed).__name__) from None
            raise VkUnsure(type(failed).__name__, how="no_answer") from None
        except requests.Timeout as failed:
            raise VkUnsure(type(failed).__name__, how="no_answer") from None
        except (requests.RequestException, vk_api.VkApiError, ValueError, LookupError, TypeError) as failed:
            raise VkUnsure(type(failed).__name__) from None
        finally:
            self._idle.put(api)


def _make_api(token: str, base: str, adapter: BaseAdapter) -> _Api:
    return _Api(token=token, api_version=VERSION, session=_Session(base, adapter), config=MemoryConfig)


def is_loopback(url: str) -> bool:
    """A machine talking to itself uses no proxy of the environment."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _never_left(failed: requests.ConnectionError) -> bool:
    """No connection was made at all: refused, no route, no name, a proxy that is away."""
    if isinstance(failed, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    reason = getattr(failed.args[0], "reason", None) if failed.args else None
    return isinstance(reason, NewConnectionError)

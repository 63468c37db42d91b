"""What goes to VK's servers over HTTP: calls, long polls, files. One pool of connections, one trust, one proxy."""

from __future__ import annotations

import ipaddress
import os
import secrets
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import (
    BaseConnector,
    ClientConnectionError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
    TCPConnector,
)
from aiohttp_socks import ProxyConnector, ProxyError
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy

from bot.channels.plain_post import PlainPost
from bot.channels.raw_json import read_json

CONNECT = 3.05  # seconds to connect
UPLOAD = ClientTimeout(total=75, connect=10)  # within the deadline of one act of delivery
HEADERS = {"User-Agent": "leadbot"}
BOUNDARY = secrets.token_hex(16)  # of each process its own: nobody can write it into a text
FORM = f"multipart/form-data; boundary={BOUNDARY}"
_PART = b'--%b\r\nContent-Disposition: form-data; name="%%b"\r\n\r\n%%b\r\n' % BOUNDARY.encode()
_END = b"--%b--\r\n" % BOUNDARY.encode()


class VkHttp:
    """``base`` is the address of VK's methods: the environment's proxy and certificates for it hold for all. Nothing
    follows elsewhere with a token, and there are no cookies. What does not arrive raises what ``PlainPost`` raises."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._post: PlainPost | None = None
        self.is_closed = False

    async def post(self, url: str, form: bytes, limits: ClientTimeout) -> tuple[int, bytes]:
        """The status and the body."""
        post = self._post or self._open()
        return await post(url, form, limits)

    async def get(self, url: str, params: Mapping[str, str], limits: ClientTimeout) -> tuple[int, bytes]:
        """The status and the body."""
        plain = self._post or self._open()
        return await plain.get(url, urlencode(params), limits)

    async def upload(self, url: str, field: str, name: str, content: bytes) -> tuple[int, bytes]:
        """The status and the body. The name goes as it is, in UTF-8."""
        form = FormData(quote_fields=False)
        form.add_field(field, content, filename=name, content_type="application/octet-stream")
        http = (self._post or self._open()).http
        async with http.post(url, data=form, timeout=UPLOAD, allow_redirects=False) as answer:
            return answer.status, await answer.read()

    async def close(self) -> None:
        """What is on its way is lost."""
        self.is_closed = True
        if self._post is not None:
            await self._post.http.close()

    def _open(self) -> PlainPost:
        if self.is_closed:
            raise ClientConnectionError("closed")
        http = ClientSession(connector=_connector(self._base), headers=HEADERS, cookie_jar=DummyCookieJar())
        self._post = PlainPost(http, kind=FORM)
        return self._post


def _connector(base: str) -> BaseConnector:
    trust = _trust() if base.startswith("https:") else True
    proxy = None if _is_loopback(base) else select_proxy(base, get_environ_proxies(base))
    if not proxy:
        return TCPConnector(ssl=trust)
    try:
        address = proxy if "://" in proxy else f"http://{proxy}"
        return ProxyConnector.from_url(address.replace("socks5h:", "socks5:"), ssl=trust)  # names are its errand
    except ValueError:  # its text holds the password
        raise ProxyError("the environment names a proxy that cannot be used") from None


def _trust() -> ssl.SSLContext:
    """The certificates that requests would trust."""
    path = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    return ssl.create_default_context(capath=path) if os.path.isdir(path) else ssl.create_default_context(cafile=path)


def _is_loopback(url: str) -> bool:
    """A machine talking to itself uses no proxy of the environment."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def form(values: Mapping[str, str | int | bytes]) -> bytes:
    """As VK asks for whatever is longer than 2 KB: nothing is escaped, and a letter takes two bytes where %xx took six
    (https://dev.vk.com/api/api-requests)."""
    parts = [_PART % (name.encode(), _written(value)) for name, value in values.items()]
    return b"".join([*parts, _END])


def _written(value: str | int | bytes) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def bounded_json(body: bytes) -> Any:
    """JSON in which an endless number is 0: VK has none, and it must not stop the batch (P27).

    Raises ValueError for what is no JSON, RecursionError for brackets without end."""
    return read_json(body, number=lambda digits: int(digits) if len(digits) <= 20 else 0)

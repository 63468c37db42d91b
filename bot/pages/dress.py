"""Answers on their way out: headers that keep pages to themselves, and the nonce of their own scripts."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send


class Dress:
    """One answer on its way out."""

    def __init__(self, send: Send, *, static: bool) -> None:
        self._send, self._static = send, static
        self.cookie = ""
        self._start: Message | None = None
        self._parts: list[bytes] = []
        self._nonce = secrets.token_urlsafe(16)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._static:
            headers = MutableHeaders(scope=message)
            page = headers.get("x-nicegui-content") == "page"
            protect(headers, nonce=self._nonce if page else None)
            if self.cookie and message["status"] == 200:
                headers.append("set-cookie", self.cookie)
            if page:
                self._start = message
                return None
        if self._start is None or message["type"] != "http.response.body":
            return await self._send(message)
        self._parts.append(message.get("body", b""))
        if message.get("more_body"):
            return None
        body = b"".join(self._parts).replace(b"<script", f'<script nonce="{self._nonce}"'.encode())
        MutableHeaders(scope=self._start)["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})
        return None


def protect(headers: MutableHeaders, *, nonce: str | None) -> None:
    """Nothing from elsewhere, nothing inside foreign frames, nothing kept by browsers (S3, S10, S11).

    The pages' library compiles templates in the browser: 'unsafe-eval' is its need; inline scripts need the nonce.
    """
    scripts = f"'self' 'unsafe-eval' 'nonce-{nonce}'" if nonce else "'none'"
    headers["content-security-policy"] = (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    headers["x-frame-options"] = "DENY"
    headers["x-content-type-options"] = "nosniff"
    headers["referrer-policy"] = "same-origin"
    headers["cross-origin-opener-policy"] = "same-origin"
    headers["cache-control"] = "no-store"

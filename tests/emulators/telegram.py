"""The Bot API on a real socket of 127.0.0.1, strict to what Telegram's own server takes and answers.

``async with TelegramEmulator() as telegram:`` then ``Telegram(telegram.token, api_url=telegram.url)`` and
``telegram.person("Анна")``. ``python -m tests.emulators.telegram --port 8081`` runs it alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import socket
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, Self

from aiohttp import web

from tests.emulators.faults import Fault, Faults
from tests.emulators.ledger import Ledger
from tests.emulators.telegram_checks import BotApiError, Params, too_many
from tests.emulators.telegram_methods import Methods
from tests.emulators.telegram_people import Group, Person
from tests.emulators.telegram_rates import Rates
from tests.emulators.telegram_updates import Conflict
from tests.emulators.telegram_world import Chat, Kind, World

__all__ = ["SERVER_ERROR", "UNAUTHORIZED", "BotApiError", "Fault", "TelegramEmulator", "too_many"]

HANGING = 3600.0  # seconds: longer than any deadline of the bot
SERVER_ERROR = BotApiError(500, "Internal Server Error: restart")
UNAUTHORIZED = BotApiError(401, "Unauthorized")
HTML = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class Clock(Protocol):
    def now(self) -> datetime: ...


class TelegramEmulator:
    """One bot. ``clock``: whose time the network has (default: the machine's); ``forward`` moves it alone.

    ``faults`` takes names of methods (as the Bot API spells them); beside ``Fault`` it takes a ``BotApiError``
    (``SERVER_ERROR``, ``UNAUTHORIZED``, ``too_many(3)``), which refuses the call. ``revoked``: every call gets 401.
    ``rates`` is off until a test sets it. ``calls`` are the methods called, in order, with their parameters.
    """

    def __init__(self, *, token: str = "424242:emulated-Token_never-in-a-log", clock: Clock | None = None) -> None:
        self.token = token
        self.faults = Faults()
        self.ledger = Ledger("telegram")
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.revoked = False
        self.hangs = False  # takes connections, and neither does anything nor answers
        self._shift = 0.0
        self._machine: Callable[[], float] = (lambda: clock.now().timestamp()) if clock else time.time
        number = int(token.split(":")[0])
        self.world = World(
            {"id": number, "is_bot": True, "first_name": "Ромашка", "username": "romashka_bot"}, self._now
        )
        self.updates = self.world.updates
        self.updates.told, self.updates.dropped = self._told, self.ledger.forgotten.add
        self.rates = Rates(self._now)
        self.methods = Methods(self.world, self.ledger, self.rates)
        self.url = ""
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def _now(self) -> float:
        return self._machine() + self._shift

    def forward(self, span: timedelta) -> None:
        """Move the network's clock."""
        self._shift += span.total_seconds()

    def _told(self, key: str, text: str) -> None:
        """The bot is to hear of this: it stands in the ledger."""
        kind, chat = _about(text)
        self.ledger.hear(key, kind=kind, chat=chat, at=datetime.fromtimestamp(self._now(), UTC))

    # ------------------------------------------------------------ who is there

    def person(self, first_name: str, last_name: str = "", *, id: int | None = None, phone: str = "") -> Person:
        """Somebody with a profile. Numbers are beyond 2^31 (P52). ``phone``: their account's own number."""
        number = id or 5_000_500_100 + len(self.world.users)
        profile: dict[str, Any] = {"id": number, "is_bot": False, "first_name": first_name, "language_code": "ru"}
        if last_name:
            profile["last_name"] = last_name
        self.world.users[number] = profile
        names = {key: value for key, value in profile.items() if key in ("first_name", "last_name")}
        self.world.chats.setdefault(number, Chat(number, "private", names))
        return Person(self.world, number, phone or f"+7900{number % 10_000_000:07}")

    def group(self, title: str = "Заявки", *, id: int | None = None, kind: Kind = "supergroup") -> Group:
        """A group that has had the bot as a member for a while."""
        groups = len([chat for chat in self.world.chats.values() if chat.kind != "private"])
        number = id or (-1_001_234_567_890 if kind == "supergroup" else -4_567) - groups
        self.world.chats[number] = Chat(number, kind, {"title": title})
        return Group(self.world, number)

    # ------------------------------------------------------------ the socket

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen; with ``port`` of an earlier run the same address is there again."""
        self._stopping.clear()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_route("*", "/{rest:.*}", _not_found)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True).start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    async def stop(self) -> None:
        """The network is gone (everything it knows stays): ``start(port)`` brings it back."""
        if self._runner:
            self._stopping.set()
            self.updates.release()
            await self._runner.cleanup()
            self._runner = None

    @property
    def listening(self) -> bool:
        return self._runner is not None

    async def ready(self, timeout: float = 15) -> None:
        """Until somebody has asked for updates."""
        async with asyncio.timeout(timeout):
            while not self.updates.asked:
                await asyncio.sleep(0.01)

    # ------------------------------------------------------------ one call

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        try:
            given = await _given(request)
            self.calls.append((name, given))
            self._check_token(request.match_info["token"])
            return await self._with_faults(request, name, Params(given))
        except BotApiError as refused:
            return _refusal(refused)

    def _check_token(self, token: str) -> None:
        if not re.fullmatch(r"\d+:.+", token):
            raise BotApiError(401, "Unauthorized: invalid token specified")
        if token != self.token or self.revoked:
            raise UNAUTHORIZED

    async def _with_faults(self, request: web.Request, name: str, params: Params) -> web.StreamResponse:
        fault = self.faults.take(name)
        if isinstance(fault, BotApiError):
            raise fault
        if fault is Fault.SERVER_ERROR_HTML:
            return web.Response(status=502, text=HTML, content_type="text/html")
        if self.hangs:
            await self._rest(HANGING)
            return _reset(request)
        if fault is Fault.RESET_BEFORE:
            return _reset(request)
        answer = await self._said(name, params)
        if fault is Fault.RESET_AFTER:
            return _reset(request)
        if fault is Fault.SLOW:
            await self._rest(self.faults.slow_for)
        if fault is Fault.GARBAGE:
            answer.text = (answer.text or "")[: len(answer.text or "") // 2]
        return answer

    async def _rest(self, seconds: float) -> None:
        """Take one's time, but not beyond ``stop``."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _said(self, name: str, params: Params) -> web.Response:
        """The answer, a refusal too: what befalls the one on its way can befall the other."""
        try:
            if name.lower() == "getupdates":
                body = f'{{"ok":true,"result":[{",".join(await self._updates(params))}]}}'
            else:
                body = json.dumps(self.methods.call(name, params))
        except BotApiError as refused:
            return _refusal(refused)
        return web.Response(text=body, content_type="application/json")

    async def _updates(self, params: Params) -> list[str]:
        if self.methods.webhook:
            raise BotApiError(409, WEBHOOK_SET)
        limit = min(100, max(1, params.number("limit", 100)))
        timeout = min(50, max(0, params.number("timeout")))
        allowed = params.structure("allowed_updates", "allowed updates")
        try:
            return await self.updates.get(offset=params.number("offset"), limit=limit, timeout=timeout, allowed=allowed)
        except Conflict as ended:
            raise BotApiError(409, str(ended)) from None


async def _given(request: web.Request) -> dict[str, Any]:
    """Query, form, multipart or JSON: one dictionary."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise BotApiError(400, "Bad Request: can't parse request JSON object") from None
        return given | (body if isinstance(body, dict) else {})
    if request.can_read_body:
        given |= await request.post()
    if sum(len(value) for value in given.values() if isinstance(value, str)) > 2**20:
        raise BotApiError(413, "Request Entity Too Large: too many parameters")
    return given


def _about(text: str) -> tuple[str, str]:
    """Of an update: its kind and its chat, as far as it can be read at all."""
    try:
        update = json.loads(text)
        kind, what = next((key, value) for key, value in update.items() if key != "update_id")
        return str(kind), str(what.get("chat", what.get("message", {}).get("chat", {})).get("id", ""))
    except (ValueError, AttributeError, StopIteration):
        return "unreadable", ""


def _refusal(refused: BotApiError) -> web.Response:
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after is not None else None
    return web.json_response(refused.wire(), status=refused.code, headers=headers)


def _reset(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer, by RST."""
    if request.transport is not None:
        if wire := request.transport.get_extra_info("socket"):  # none where the network is memory
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


async def _not_found(request: web.Request) -> web.StreamResponse:
    return _refusal(BotApiError(404, "Not Found"))


async def _serve(port: int) -> None:
    async with TelegramEmulator() as telegram:
        await telegram.stop()
        await telegram.start(port)
        print(f"{telegram.url} token {telegram.token}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0)
    asyncio.run(_serve(arguments.parse_args().port))

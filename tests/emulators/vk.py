"""VK's API with Bots Long Poll on a real socket of 127.0.0.1.

``async with VkEmulator() as vk:`` then ``Vk(vk.token, vk.group_id, api_url=vk.url, …)`` and ``vk.person("Анна")``.
The first act of a person waits until somebody polls: what VK says before anybody listens for the first time is lost.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, Self

from aiohttp import web

from tests.emulators import vk_execute
from tests.emulators.faults import Fault, Faults
from tests.emulators.ledger import Ledger
from tests.emulators.vk_errors import VkError
from tests.emulators.vk_longpoll import LongPoll
from tests.emulators.vk_methods import Methods
from tests.emulators.vk_people import Group, Person
from tests.emulators.vk_world import CHATS, Profile, World

HANGING = 3600.0  # seconds: longer than any deadline of the bot
HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Clock(Protocol):
    def now(self) -> datetime: ...


class VkEmulator:
    """One community. ``clock``: whose time the network has (default: the machine's); ``forward`` moves it alone.

    ``faults`` takes method names and ``a_check`` (the long poll); beside ``Fault`` it takes a ``VkError``.
    ``calls_per_second``: None is no limit (VK's is 20). ``calls`` are the methods called, in order; those that came
    inside an ``execute`` stand after it, and ``executed`` says how many each brought.
    """

    def __init__(
        self, *, group_id: int = 200300, token: str = "vk1.a.emulated-token", clock: Clock | None = None
    ) -> None:
        self.group_id = group_id
        self.token = token
        self.ledger = Ledger("vk")
        self.faults = Faults()
        self.calls: list[str] = []
        self.executed: list[int] = []
        self.calls_per_second: int | None = None
        self.revoked = False
        self.hangs = False  # takes connections, and neither does anything nor answers
        self._shift = 0.0
        self._machine: Callable[[], float] = (lambda: clock.now().timestamp()) if clock else time.time
        self.world = World(group_id, self._now)
        self.world.told = self._told
        self.methods = Methods(self.world, self.ledger)
        self.longpoll = LongPoll(self.world)
        self.longpoll.passed_over = self.ledger.forgotten.add
        self.url = ""
        self._recent: deque[float] = deque()
        self._refusals: dict[int, VkError] = {}  # of the execute that is about to be answered: by number of the call
        self._runner: web.AppRunner | None = None

    def _now(self) -> float:
        return self._machine() + self._shift

    def forward(self, span: timedelta) -> None:
        """Move the network's clock."""
        self._shift += span.total_seconds()

    def _told(self, event: Any) -> None:
        """The bot is to hear of this: it stands in the ledger, unless it is an echo of the bot's own words."""
        if (about := _about(event)) is not None:
            key, kind, chat = about
            self.ledger.hear(key, kind=kind, chat=chat, at=datetime.fromtimestamp(self._now(), UTC))

    # ------------------------------------------------------------ who is there

    def person(self, first_name: str, last_name: str = "", *, id: int | None = None, callback: bool = True) -> Person:
        """Somebody with a profile. ``callback``: their application shows callback buttons."""
        number = id or 700_100 + len(self.world.profiles)
        self.world.profiles[number] = Profile(number, first_name, last_name, callback)
        return Person(self, number)

    def group(self, number: int = 1) -> Group:
        """A group chat that the community is a member of."""
        self.world.dialogue(CHATS + number)
        return Group(self, CHATS + number)

    def administrator_answers(self, person: Person, text: str, *, admin: int = 700_900) -> None:
        """A human of the community answers from VK's own inbox."""
        self.world.sent(person.id, text, admin=admin)

    # ------------------------------------------------------------ the socket

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen; with ``port`` of an earlier run the same address is there again."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/method/{name}", self._method)
        app.router.add_route("*", "/whp/{group}", self._a_check)
        app.router.add_route("POST", "/upload/{kind}", self._upload)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.url = self.methods.uploads.url = f"http://{host}:{bound}"

    async def stop(self) -> None:
        """The network is gone (everything it knows stays): ``start(port)`` brings it back."""
        if self._runner:
            self.world.emitted.ring()  # lets the waiting polls go
            await self._runner.cleanup()
            self._runner = None

    @property
    def listening(self) -> bool:
        return self._runner is not None

    async def ready(self, timeout: float = 10) -> None:
        """Until somebody has polled for the first time."""
        async with asyncio.timeout(timeout):
            while not self.longpoll.asked:
                await self.longpoll.polled.wait()

    async def _method(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        given = {key: str(value) for key, value in {**request.query, **await request.post()}.items()}
        if bearer := request.headers.get("Authorization", "").removeprefix("Bearer "):
            given.setdefault("access_token", bearer)
        return await self._with_faults(
            request, self.called(name, given), lambda: self.respond(name, given), name, given
        )

    def called(self, name: str, given: dict[str, str]) -> object | None:
        """A call has come: it is noted, and what goes wrong with it is drawn. Of the calls inside an ``execute`` each
        may be refused by itself; what befalls the wire befalls all of them."""
        self.calls.append(name)
        fault = self.faults.take(name)
        self._refusals = {}
        if name != "execute":
            return fault
        try:
            inside = [method for method, _ in vk_execute.read_script(given.get("code", ""))]
        except VkError:
            return fault
        self.calls += inside
        self.executed.append(len(inside))
        for number, method in enumerate(inside):
            found = self.faults.take(method, inside=True)
            if isinstance(found, VkError):
                self._refusals[number] = found
            fault = fault or (None if isinstance(found, VkError) else found)
        return fault

    async def _with_faults(
        self, request: web.Request, fault: object | None, work: Callable[[], Any], name: str, given: dict[str, str]
    ) -> web.StreamResponse:
        if isinstance(fault, VkError):
            return web.json_response(fault.wire(name, given))
        if fault is Fault.SERVER_ERROR_HTML:
            return web.Response(status=502, text=HTML, content_type="text/html")
        if self.hangs:
            await asyncio.sleep(HANGING)
            return _reset(request)
        if fault is Fault.RESET_BEFORE:
            return _reset(request)
        answer = work()
        if asyncio.iscoroutine(answer):
            answer = await answer
        if fault is Fault.RESET_AFTER:
            return _reset(request)
        if fault is Fault.SLOW:
            await asyncio.sleep(self.faults.slow_for)
        if fault is Fault.GARBAGE:
            return web.Response(text='{"response":[{"peer_id":7001', content_type="application/json")
        return web.json_response(answer)

    def respond(self, name: str, given: dict[str, str]) -> dict[str, Any]:
        """What VK says to one call."""
        try:
            if given.get("access_token") != self.token or self.revoked:
                raise VkError(5, "User authorization failed: invalid access_token (4).")
            if not given.get("v"):
                raise VkError(8, "Invalid request: v is required")
            self._count_call()
            if name == "execute":
                return self._execute(given)
            return {"response": self._answer(name, given)}
        except VkError as refused:
            return refused.wire(name, given)

    def _answer(self, name: str, given: dict[str, str]) -> Any:
        return self._session(given) if name == "groups.getLongPollServer" else self.methods.call(name, given)

    def _execute(self, given: dict[str, str]) -> dict[str, Any]:
        """Counts as one call, however many it brings."""
        refusals, numbers = self._refusals, itertools.count()

        def respond(name: str, inner: dict[str, str]) -> dict[str, Any]:
            try:
                if refused := refusals.get(next(numbers)):
                    raise refused
                return {"response": self._answer(name, inner)}
            except VkError as refused:
                return refused.wire(name, inner)

        common = {key: given[key] for key in ("access_token", "v") if key in given}
        return vk_execute.run(given.get("code", ""), common, respond)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        """An upload server: its address came with an answer, it wants no token."""
        kind, parts = request.match_info["kind"], dict(await request.post())
        fault = self.faults.take("upload")
        return await self._with_faults(request, fault, lambda: self.methods.uploads.taken(kind, parts), "upload", {})

    def _count_call(self) -> None:
        if self.calls_per_second is None:
            return
        now = self._now()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self.calls_per_second:
            raise VkError(6)
        self._recent.append(now)

    def _session(self, given: dict[str, str]) -> dict[str, str]:
        if given.get("group_id") != str(self.group_id) or "manage" not in self.methods.rights:
            raise VkError(15)
        return {**self.longpoll.session(), "server": f"{self.url}/whp/{self.group_id}"}

    async def _a_check(self, request: web.Request) -> web.StreamResponse:
        given = {key: str(value) for key, value in {**request.query, **await request.post()}.items()}
        if given.get("act") != "a_check":
            return web.Response(status=400)
        asked = (given.get("key", ""), given.get("ts", ""), float(given.get("wait", "25")))
        fault = self.faults.take("a_check")
        return await self._with_faults(request, fault, lambda: self.longpoll.answer(*asked), "a_check", given)


def _about(event: Any) -> tuple[str, str, str] | None:
    """Of an event of the long poll: the key the bot will know it by, its kind, its peer. None: an echo."""
    try:
        kind, what = event["type"], event["object"]
        if kind == "message_reply" and not what.get("admin_author_id"):
            return None
        if kind == "message_edit" and what["from_id"] < 0:
            return None
        message = what.get("message", what) if kind in ("message_new", "message_reply") else None
        if message is not None:
            letter = "m" if kind == "message_new" else "r"
            return f"{letter}{message['peer_id']}.{message['conversation_message_id']}", kind, str(message["peer_id"])
        return str(event["event_id"]), kind, str(what.get("peer_id", what.get("user_id", "")))
    except (LookupError, TypeError, AttributeError):
        envelope = event if isinstance(event, dict) else {}
        return (str(envelope["event_id"]), "unreadable", "") if envelope.get("event_id") else None


def _reset(request: web.Request) -> web.StreamResponse:
    """Cut the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()

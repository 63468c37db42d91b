"""Calls that go to VK together: up to 25 of them as one ``execute``, which costs and counts as one call.

Twenty-five together take hardly more of the processor's time than a call alone, and of VK's ceilings no more. Whoever
calls sees no difference: each call has its own answer or its own refusal, and a lone call goes as it is.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from bot.channels.vk_client import AT_ONCE, VkClient, VkNotSent, VkRefused, VkUnsure

CALLS = 25  # in one execute; with more VK refuses all of them
BYTES = 64_000  # of script; nobody says where VK's own limit is
COMPANY = 0.03  # seconds that calls wait for company while others are on the wire; a hung one holds nobody longer
OF_THE_SCRIPT = {3, 8, 12, 13, 23}  # no such method, bad request, does not compile, trouble while it ran, switched off
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
LINES = {one.encode(): rf"\u{ord(one):x}".encode() for one in "\u2028\u2029"}
"""JSON lets them stand in a text; in a script they end the line."""
AGAIN: Final = object()
"""What a call's answer is read as when the call is to go once more, with the values that it has by then."""

Read = Callable[[Any], Any]
"""From VK's answer to a call, or how it failed (VkRefused, VkUnsure, VkNotSent), to what whoever called is told."""


@dataclass(slots=True, eq=False)
class _Call:
    """``turn``: of those with the same one none overtakes another. ``until``: by the loop's clock, after which it does
    not leave any more. ``alone``: it has been in a script that VK would not run."""

    method: str
    values: dict[str, Any]
    text: bytes
    answer: asyncio.Future[Any]
    read: Read
    turn: str
    until: float
    alone: bool = False


class Together:
    """``call`` is what ``VkClient.call`` is. Calls of one turn of the event loop go together, and so do those that come
    while others are on the wire. They leave in the order in which they came, on no more connections than there are."""

    def __init__(self, client: VkClient) -> None:
        self._client = client
        self._waiting: deque[_Call] = deque()
        self._away: set[asyncio.Task[None]] = set()
        self._departure: asyncio.TimerHandle | None = None
        self._turns: set[str] = set()  # of those on the wire

    async def call(self, method: str, **values: Any) -> Any:
        """What stands under ``response``. Raises VkRefused, VkUnsure, VkNotSent and nothing else."""
        answer = await self.begin(method, values, read=_as_it_is)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def begin(
        self,
        method: str,
        values: dict[str, Any],
        *,
        read: Read,
        turn: str = "",
        patience: float = 0.0,
        within: float = math.inf,
    ) -> asyncio.Future[Any]:
        """The same for whoever waits for many, and without a task for each: nothing is raised, ``read`` makes of an
        answer and of a failure what is told; what it raises itself is raised. Of those with the same ``turn`` none
        overtakes another, unless that one has to go again. ``patience``: seconds this one can wait for company.
        ``within``: seconds after which it need not leave any more."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        call = _Call(method, values, b"", loop.create_future(), read, turn, now + within)
        try:
            call.text = call_text(method, values)
        except VkUnsure as failed:
            _settle(call, failed)
        else:
            self._waiting.append(call)
            self._schedule(patience, now)
        return call.answer

    def close(self) -> None:
        """Nothing that waits will leave any more. What has to go again after that meets a client that is closed."""
        if self._departure is not None:
            self._departure.cancel()
            self._departure = None
        while self._waiting:
            _settle(self._waiting.popleft(), VkNotSent("closed"))

    # ------------------------------------------------------------ when to go

    def _schedule(self, patience: float, now: float) -> None:
        if len(self._away) >= AT_ONCE or not self._waiting:
            return  # whoever comes back first looks again
        full = len(self._waiting) >= CALLS
        when = now + (0.0 if full else max(patience, COMPANY if self._away else 0.0))
        if self._departure is not None:
            if self._departure.when() <= when:
                return
            self._departure.cancel()
        self._departure = asyncio.get_running_loop().call_at(when, self._depart)

    def _depart(self) -> None:
        self._departure = None
        while len(self._away) < AT_ONCE and (calls := self._next()):
            task = asyncio.create_task(self._carry(calls))
            turns = {one.turn for one in calls if one.turn}
            self._turns |= turns
            self._away.add(task)
            task.add_done_callback(partial(self._back, turns))

    def _next(self) -> list[_Call]:
        """The oldest that wait, as many as fit; nobody waits any longer for one that was cancelled."""
        calls: list[_Call] = []
        held: list[_Call] = []
        size, now = 0, asyncio.get_running_loop().time()
        while self._waiting and len(calls) < CALLS:
            first = self._waiting.popleft()
            if first.answer.done():
                continue
            if first.until < now:
                _settle(first, VkNotSent("too late"))
                continue
            if first.turn in self._turns:
                held.append(first)  # and nobody else waits for its turn
                continue
            size += len(first.text)
            if calls and (size > BYTES or first.alone or calls[-1].alone):
                held.append(first)
                break
            calls.append(first)
        self._waiting.extendleft(reversed(held))
        return calls

    def _back(self, turns: set[str], task: asyncio.Task[None]) -> None:
        self._away.discard(task)
        self._turns -= turns
        self._schedule(0.0, asyncio.get_running_loop().time())

    # ------------------------------------------------------------ on the wire

    async def _carry(self, calls: list[_Call]) -> None:
        answers: Sequence[Any] = [VkUnsure("cut short", how="no_answer")] * len(calls)
        try:
            answers = await (self._bundle(calls) if len(calls) > 1 else self._alone(calls[0]))
        finally:
            again = [call for call, answer in zip(calls, answers, strict=False) if not _settle(call, answer)]
            self._waiting.extendleft(reversed(again))

    async def _alone(self, call: _Call) -> list[Any]:
        try:
            return [await self._client.call(call.method, **call.values)]
        except (VkRefused, VkUnsure, VkNotSent) as failed:
            return [failed]

    async def _bundle(self, calls: list[_Call]) -> list[Any]:
        """The answer to each, in order. When VK does not run the script they go one by one, next: none is refused for
        the others' sake, and what had been done all the same is recognised as done."""
        try:
            whole = await self._client.execute(script(one.text for one in calls))
        except VkRefused as refused:
            if refused.code not in OF_THE_SCRIPT:
                return [refused] * len(calls)
            for call in reversed(calls):
                call.alone = True
                self._waiting.appendleft(call)
            return []
        except (VkUnsure, VkNotSent) as failed:
            return [failed] * len(calls)
        return each(whole, [one.method for one in calls])


def _settle(call: _Call, answer: Any) -> bool:
    """False: it goes once more."""
    if call.answer.done():
        return True
    try:
        told = call.read(answer)
        if told is AGAIN:
            call.text = call_text(call.method, call.values)
            return False
    except Exception as broken:  # those behind it in the script have answers of their own
        call.answer.set_exception(broken)
    else:
        call.answer.set_result(told)
    return True


def _as_it_is(answer: Any) -> Any:
    return answer


# ---------------------------------------------------------------- the script


def call_text(method: str, values: dict[str, Any]) -> bytes:
    """One call in VKScript. Its parameters are JSON, so a text ends where JSON says and nothing in it is a command.
    Raises VkUnsure."""
    try:
        text = orjson.dumps(values)
    except TypeError:
        raise VkUnsure("a call that JSON cannot carry") from None
    for line, escaped in LINES.items():
        if line[-1] in text:  # a single byte, rare in Russian, is found twenty times as fast as three
            text = text.replace(line, escaped)
    return b"API.%b(%b)" % (method.encode(), text)


def script(calls: Iterable[bytes]) -> bytes:
    return b"return [%b];" % b",".join(calls)


def each(whole: Any, methods: Sequence[str]) -> list[Any]:
    """What ``execute`` says of each call: its response, VkRefused where it says ``false``, VkUnsure where the answer
    does not tell. The errors stand beside, in the order of the calls; some speak of ``execute`` itself."""
    try:
        found = whole["response"]
        told = [(one["method"], int(one["error_code"])) for one in whole.get("execute_errors") or ()]
    except MALFORMED:
        return [VkUnsure("an answer that does not decode")] * len(methods)
    if not isinstance(found, list) or len(found) != len(methods):
        return [VkUnsure("an answer that does not decode")] * len(methods)
    codes = [code for method, code in told if method != "execute"]
    named = [method for method, _ in told if method != "execute"]
    if named != [method for method, one in zip(methods, found, strict=True) if one is False]:
        return [VkUnsure("refused, and nobody knows why") if one is False else one for one in found]
    refused = iter(codes)
    return [VkRefused(next(refused)) if one is False else one for one in found]

"""vk_api's calls, carried to the emulator in line: no thread, no socket, the same words on both sides."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import NewConnectionError, ProtocolError

from tests.emulators.faults import Fault
from tests.emulators.vk import HTML, VkEmulator
from tests.emulators.vk_errors import VkError
from tests.sim.loop import VirtualLoop


class _Unreachable(Exception):
    """As urllib3 tells it: the reason says that no connection was made."""

    reason = NewConnectionError(None, "refused")  # type: ignore[arg-type]


class InLine(BaseAdapter):
    """``patience``: seconds after which an answer is not waited for any longer."""

    def __init__(self, vk: VkEmulator, loop: VirtualLoop, patience: float) -> None:
        super().__init__()
        self._vk, self._loop, self._patience = vk, loop, patience

    @classmethod
    def to(cls, vk: VkEmulator, loop: VirtualLoop) -> Callable[[str, float], BaseAdapter]:
        """What ``bot.channels.vk.Vk`` takes as its ``adapter``."""
        return lambda base, patience: cls(vk, loop, patience)

    def send(self, request: requests.PreparedRequest, *args: Any, **keywords: Any) -> requests.Response:
        name = urlsplit(request.url or "").path.rpartition("/")[2]
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        given = dict(parse_qsl(body, keep_blank_values=True))
        vk = self._vk
        if not vk.listening:
            raise requests.ConnectionError(_Unreachable())
        fault = vk.called(name, given)
        if isinstance(fault, VkError):
            return _answer(request, 200, json.dumps(fault.wire(name, given)))
        if fault is Fault.SERVER_ERROR_HTML:
            return _answer(request, 502, HTML)
        if fault is Fault.RESET_BEFORE:
            raise requests.ConnectionError(ProtocolError("reset"))
        answer = json.dumps(vk.respond(name, given))
        if fault is Fault.RESET_AFTER:
            raise requests.ConnectionError(ProtocolError("reset"))
        if fault is Fault.SLOW:
            self._loop.lag = self._patience
            raise requests.ReadTimeout
        return _answer(request, 200, answer[: len(answer) // 2] if fault is Fault.GARBAGE else answer)

    def close(self) -> None: ...


def _answer(request: requests.PreparedRequest, status: int, body: str) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content, response.encoding = status, body.encode(), "utf-8"
    response.request, response.url = request, request.url or ""
    return response

"""VK's ``execute``: of its language as much as our script speaks, ``return [API.messages.send({…}), …];``.

The reader knows nothing of how the bot writes the script. It takes texts as a script does: a line cannot end inside of
one, also not by the two characters that JSON lets pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulators.vk_errors import VkError

CALLS = 25
_BEGIN, _END = re.compile(r"\s*return\s*\[\s*"), re.compile(r"\s*\]\s*;\s*")
_CALL, _CLOSE, _COMMA = re.compile(r"API\.([a-zA-Z]+\.[a-zA-Z]+)\(\s*"), re.compile(r"\s*\)\s*"), re.compile(r",\s*")
_JSON = json.JSONDecoder(parse_constant=lambda name: _fail(f"{name} is no number"))

Call = tuple[str, dict[str, str]]
Respond = Callable[[str, dict[str, str]], dict[str, Any]]


def read_script(code: str) -> list[Call]:
    """The calls of a script, in order, their parameters as text. Raises VkError 12 when it is no such script."""
    if "\u2028" in code or "\u2029" in code:
        _fail("a line ends inside a text")
    calls: list[Call] = []
    at = _after(_BEGIN, code, 0)
    while not _END.match(code, at):
        if calls:
            at = _after(_COMMA, code, at)
        named = _CALL.match(code, at) or _fail(f"no call at {at}")
        try:
            values, at = _JSON.raw_decode(code, named.end())
        except ValueError as wrong:
            _fail(str(wrong))
        if not isinstance(values, dict):
            _fail("parameters are no object")
        at = _after(_CLOSE, code, at)
        calls.append((named[1], {name: _text(value) for name, value in values.items() if value is not None}))
    if _after(_END, code, at) != len(code):
        _fail("something stands after the end")
    return calls


def run(code: str, common: Mapping[str, str], respond: Respond) -> dict[str, Any]:
    """The answer to a whole ``execute``. ``common``: what holds for every call. The 26th call is one too many: those
    before it have been done."""
    answers: list[Any] = []
    errors: list[dict[str, Any]] = []
    for number, (method, values) in enumerate(read_script(code)):
        if number >= CALLS:
            raise VkError(13, "Runtime error occurred during code invocation: Too many api calls")
        answer = respond(method, {**common, **values})
        answers.append(answer.get("response", False))
        if error := answer.get("error"):
            errors.append({"method": method, "error_code": error["error_code"], "error_msg": error["error_msg"]})
    return {"response": answers, **({"execute_errors": errors} if errors else {})}


def _after(what: re.Pattern[str], code: str, at: int) -> int:
    found = what.match(code, at) or _fail(f"{what.pattern} is expected at {at}")
    return found.end()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def _fail(said: str) -> Any:
    raise VkError(12, said=said)

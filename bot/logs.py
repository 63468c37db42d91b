"""Logs: structlog over the standard library, one handler at the root, ids only (I11, O1).

Three nets, the last first: what looks like a token, a password, a phone or an e-mail is blotted out of every line,
whoever wrote it; the text of exceptions is left out, since it may quote anything (their type and places stay);
libraries speak only from WARNING on, since their debug lines carry whole requests and rows.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor

BLOT = "***"
OURS = "leadbot"
_SHORTEST = 6  # a shorter secret would blot out ordinary words

# None begins with \b: a token right behind a letter ("bot123:AA…") must be seen too.
_NETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}"), BLOT),  # Telegram
    (re.compile(r"vk1\.a\.[A-Za-z0-9_-]+"), BLOT),
    (
        re.compile(r"((?:access_token|secret|password|passwd)\\*[\"']?\s*[=:]\s*\\*[\"']?)[^\s&\"',}\\]+", re.I),
        rf"\1{BLOT}",
    ),
    (
        re.compile(r"((?:^|[?&\s\"'{])key\\*[\"']?\s*[=:]\s*\\*[\"']?)[0-9A-Za-z._-]{16,}", re.I),
        rf"\1{BLOT}",
    ),  # long poll
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), rf"\1{BLOT}@"),
    (re.compile(r"(?<![\w.+-])(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+)+"), BLOT),
    (
        re.compile(r"\+\d[\d\s().-]{8,16}\d|(?<!\d)[78][\s(-]{0,2}\d{3}[\s)-]{0,2}\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"),
        BLOT,
    ),
    (re.compile(r"(?<!\d)\(?9\d{2}[\s)-]{1,2}\d{3}[\s-]\d{2}[\s-]\d{2}(?!\d)"), BLOT),
    (re.compile(r"(exception=\w+\().*?\)>"), r"\1…)>"),  # asyncio quotes exceptions
    (re.compile(r"(\[parameters: ).*", re.S), rf"\1{BLOT}]"),  # so does SQLAlchemy
)


class Scrubber:
    """Blots out what must not be read. ``secrets`` are this installation's own."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long = {one for one in secrets if len(one) >= _SHORTEST}
        forms = sorted(
            {form for one in long for form in (one, quote(one, safe=""), json.dumps(one)[1:-1])}, key=len, reverse=True
        )
        self._own = re.compile("|".join(re.escape(form) for form in forms)) if forms else None

    def __call__(self, text: str) -> str:
        if self._own:
            text = self._own.sub(BLOT, text)
        for pattern, instead in _NETS:
            text = pattern.sub(instead, text)
        return text


def configure(
    *,
    form: Literal["console", "json"] = "console",
    level: str = "INFO",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Everything that logs goes to ``stream`` (stderr) through one handler. May be called again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(form, Scrubber(secrets)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    sys.excepthook = _died
    threading.excepthook = lambda args: _report(
        f"thread {args.thread.name if args.thread else ''} died", args.exc_value
    )


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """What nobody awaited is told by our own rules: the loop's own line quotes the exception."""
    loop.set_exception_handler(lambda _, context: _report(str(context["message"]), context.get("exception")))


def places(failed: BaseException) -> str:
    """An exception without its words: types and places in code, causes first."""
    cause = failed.__cause__ or (None if failed.__suppress_context__ else failed.__context__)
    told = [places(cause)] if cause is not None else []
    words = f" [{failed.strerror}]" if isinstance(failed, OSError) and failed.strerror else ""
    told.append(f"{type(failed).__module__}.{type(failed).__name__}{words}")
    for place in traceback.extract_tb(failed.__traceback__):
        told.append(f"  {place.filename}:{place.lineno} {place.name}")
    if isinstance(failed, BaseExceptionGroup):
        told += [places(one) for one in failed.exceptions]
    return "\n".join(told)


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Renders a line; the nets go over the whole of it, traceback included."""

    def __init__(self, form: Literal["console", "json"], scrub: Callable[[str], str]) -> None:
        renderer: Processor = (
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, sort_keys=False)
        )
        last: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        super().__init__(foreign_pre_chain=_SHARED, processors=last)
        self._scrub = scrub

    def format(self, record: logging.LogRecord) -> str:
        return self._scrub(super().format(record))


def _tell_places(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """``exc_info`` of whoever logged becomes types and places."""
    given = event.pop("exc_info", None)
    failed = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(failed, BaseException):
        event["exception"] = places(failed)
    return event


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _tell_places,
]


def _report(what: str, failed: BaseException | None) -> None:
    logging.getLogger(OURS).error("%s", what, exc_info=failed or False)


def _died(kind: type[BaseException], failed: BaseException, place: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, failed, place)
    else:
        _report("died", failed)

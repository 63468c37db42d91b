"""Our own getUpdates: the next request is the acknowledgement, so it is made only after the batch is committed (I1).

Nothing ends the loop but its cancellation. Every failure is waited out, longer each time, and the same updates are
asked for again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import ClientTimeout

from bot.channels import Note, Receive
from bot.channels.light_aiogram import Bot, exceptions
from bot.channels.telegram_reading import UPDATES, Reader
from bot.channels.telegram_session import Session
from handlers.inbound import Inbound

log = logging.getLogger("leadbot.telegram")

Report = Callable[[str, str], None]
Result = TypeVar("Result")

SPARE = 10.0  # seconds beyond the long poll before a call is given up
OFTEN = 3  # failures in a row before somebody is told that Telegram is not reachable
UNREADABLE = 3  # tries for one update by itself before it is parked unread
CAREFUL = 100  # updates asked for one by one once an answer did not decode: the culprit is among them
SOON = 0.2  # seconds until such an answer is asked for again
LONGEST = {"conflict": 60.0, "unauthorized": 300.0, "unreachable": 30.0}
FIRST = {"conflict": 5.0, "unauthorized": 30.0, "unreachable": 1.0}
SENTENCES = {
    "conflict": "Сообщения Telegram забирает кто-то ещё с тем же токеном. Если второго запуска бота нет, "
    "токен известен чужим: отзовите его в BotFather.",
    "unauthorized": "Telegram не принимает токен бота: он отозван или указан неверно. Проверьте TELEGRAM_TOKEN.",
    "unreachable": "Telegram не отвечает. Бот продолжает попытки; проверьте сеть, TELEGRAM_PROXY и TELEGRAM_API_URL.",
}


def within(seconds: float) -> ClientTimeout:
    """Limits of one request. A connection that does not come about is told apart: then nothing was sent (N13)."""
    return ClientTimeout(total=seconds, connect=min(10.0, seconds / 2))


class Polling:
    """``first_wait``: seconds, scales every wait (tests make it small). ``trouble``: why nothing comes in, or None."""

    def __init__(
        self,
        bot: Bot,
        session: Session,
        reader: Reader,
        *,
        seconds: int,
        report: Report,
        note: Note,
        first_wait: float,
    ) -> None:
        self._bot, self._session, self._reader, self._seconds = bot, session, reader, seconds
        self._report, self._note, self._first_wait = report, note, first_wait
        self.trouble: str | None = None
        self._failures = 0
        self._undecoded = 0
        self._careful = 0

    async def run(self, receive: Receive) -> None:
        """Until cancelled. The first call carries no offset: whatever was not committed comes again."""
        await self.insist(lambda: self._bot.delete_webhook())
        offset: int | None = None
        while True:
            updates = await self.insist(lambda offset=offset: self._ask(offset))  # type: ignore[misc]
            if updates:
                offset = await self._serve(receive, updates) or offset
            self._note("answered")  # only now: what is not committed waits at Telegram, and not for ever

    async def insist(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """The call's result, however long it takes to get one."""
        while True:
            try:
                async with asyncio.timeout(self._seconds + 1.5 * SPARE):
                    result = await call()
            except Exception as failure:
                await self._wait_out(failure)
            else:
                self.trouble, self._failures = None, 0
                return result

    async def _ask(self, offset: int | None) -> list[Any]:
        """One getUpdates. An update that never decodes is found by asking for one at a time, and given unread."""
        asked = {"limit": 1 if self._careful else 100, "timeout": self._seconds, "allowed_updates": UPDATES}
        if offset is not None:
            asked["offset"] = offset
        try:
            updates = await self._session.post(self._bot, "getUpdates", asked, limits=within(self._seconds + SPARE))
            if not isinstance(updates, list):
                raise exceptions.ClientDecodeError("no list of updates", TypeError(), None)
        except exceptions.ClientDecodeError as failure:
            number = _update_id(failure.data)
            if number is None:
                raise
            self._undecoded += 1 if self._careful else 0
            self._careful = self._careful or CAREFUL
            if self._undecoded < UNREADABLE:
                raise
            updates = [self._reader.unread(str(number), "not JSON", str(failure.data).encode("utf-8", "replace"))]
            self._careful = 0
        self._undecoded, self._careful = 0, max(0, self._careful - 1)
        return updates

    async def _serve(self, receive: Receive, updates: list[Any]) -> int | None:
        """Hand a batch over until it is taken; the offset that acknowledges it."""
        batch = [one if isinstance(one, Inbound) else self._reader.read(one) for one in updates]
        wait = self._first_wait
        while True:
            try:
                await receive(batch)
            except Exception as failure:
                self._note("not_taken")
                log.warning("a batch of %d was not taken (%s); again", len(batch), type(failure).__name__)
                await asyncio.sleep(wait)
                wait = min(2 * wait, 10 * self._first_wait)
            else:
                newest = max(map(_number, batch))
                if not newest:
                    await asyncio.sleep(self._first_wait)  # nothing to acknowledge: no hot loop
                return newest + 1 if newest else None

    async def _wait_out(self, failure: Exception) -> None:
        """Only the kind of a failure is told: its text may hold the address, and the address holds the token."""
        self._failures += 1
        self._note(_cause(failure))
        if isinstance(failure, exceptions.TelegramRetryAfter):
            await asyncio.sleep(failure.retry_after)
            return
        if isinstance(failure, exceptions.ClientDecodeError) and self._careful and self._failures <= UNREADABLE:
            await asyncio.sleep(SOON * self._first_wait)
            return
        kind = _kind(failure)
        log.warning("getting updates: %s (%s), failure %d in a row", kind, type(failure).__name__, self._failures)
        if kind != "unreachable" or self._failures >= OFTEN:
            self._tell(kind)
        wait = min(FIRST[kind] * 2 ** min(self._failures - 1, 10), LONGEST[kind])
        await asyncio.sleep(wait * self._first_wait)
        if isinstance(failure, exceptions.TelegramConflictError) and "webhook" in failure.message.lower():
            await self.insist(lambda: self._bot.delete_webhook())

    def _tell(self, kind: str) -> None:
        """Once per trouble, not once per failure."""
        if self.trouble != kind:
            self.trouble = kind
            self._report(f"{kind}:telegram", SENTENCES[kind])


def _kind(failure: Exception) -> str:
    if isinstance(failure, exceptions.TelegramConflictError):
        return "conflict"
    return (
        "unauthorized"
        if isinstance(failure, exceptions.TelegramUnauthorizedError | exceptions.TelegramNotFound)
        else "unreachable"
    )


def _cause(failure: Exception) -> str:
    """What is counted. A page of HTML is a server in front of Telegram's that fails."""
    match failure:
        case exceptions.TelegramRetryAfter():
            return "flood"
        case exceptions.TelegramConflictError():
            return "conflict"
        case exceptions.TelegramUnauthorizedError() | exceptions.TelegramNotFound():
            return "unauthorized"
        case exceptions.ClientDecodeError():
            return "server_error" if str(failure.data).lstrip().startswith("<") else "garbage"
        case exceptions.TelegramServerError():
            return "server_error"
        case exceptions.TelegramNetworkError() | TimeoutError():
            return "no_answer"
    return "refused"


def _number(event: Inbound) -> int:
    """The update's number; 0 for what carries none."""
    return int(event.event_id) if re.fullmatch(r"[0-9]{1,18}", event.event_id) else 0


def _update_id(body: object) -> int | None:
    """Whose answer does not decode, if it is an update's at all."""
    found = re.search(r'"update_id"\s*:\s*(\d{1,18})\b', body) if isinstance(body, str) else None
    return int(found[1]) if found else None

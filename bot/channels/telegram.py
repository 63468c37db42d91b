"""Telegram: private dialogs and managers' groups through the Bot API. aiogram is the typed client, the loop is ours.

Telegram has no key that makes a repeat harmless and no history to look into: a send whose outcome is unknown stays
unknown (M13). Texts go out plain, without a parse mode, so whatever a prospect typed appears as typed (P28).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.channels import NOTICE, Note, Outcome, Outgoing, Receive, Refused, Sent, note_nothing
from bot.channels.light_aiogram import PRODUCTION, Bot, Response, TelegramAPIServer, exceptions, types
from bot.channels.telegram_files import TelegramFiles
from bot.channels.telegram_polling import Polling, Report, within
from bot.channels.telegram_reading import Reader
from bot.channels.telegram_sending import edit, outcome, say, shortened
from bot.channels.telegram_session import Session, lenient_json
from bot.files import Files, NoFiles
from handlers.inbound import Notice

log = logging.getLogger("leadbot.telegram")

DEADLINE = 20.0  # seconds for one act; what is not answered by then is unknown
_NOTICE = within(NOTICE)
TOAST = 200  # letters of an answer to a press
COMMANDS = {
    "start": "Начать",
    "help": "Что умеет бот",
    "stop": "Не писать мне первыми",
    "mydata": "Какие данные обо мне хранятся",
}
KEPT = tuple(Response[one] for one in (bool, types.User, Any))  # type: ignore[valid-type]
"""Answers' types: pydantic forgets a generic type that nobody holds, and makes it anew for milliseconds a call."""


def _log_report(kind: str, text: str) -> None:
    log.error("%s: %s", kind, text)


class Telegram:
    """A ``Channel``. ``api_url``: the Bot API's base, None for the public one; ``proxy``: socks5:// or http://.

    ``report`` takes (kind, Russian sentence) of what an admin has to act on: ``conflict:telegram``,
    ``unauthorized:telegram``, ``unreachable:telegram``; ``note`` counts all that is met. ``deadline``: seconds for one
    act. ``first_wait`` scales the waits after failures. ``now`` is the time of events without one. Raises aiogram's
    TokenValidationError when the token is not ``digits:text``.
    """

    name = "telegram"
    keeps_order = False

    def __init__(
        self,
        token: str,
        *,
        api_url: str | None = None,
        proxy: str | None = None,
        long_poll_seconds: int = 25,
        report: Report = _log_report,
        note: Note = note_nothing,
        deadline: float = DEADLINE,
        files: Files | None = None,
        first_wait: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        api = TelegramAPIServer.from_base(api_url.rstrip("/")) if api_url else PRODUCTION
        # every call ends within the deadline: aiohttp's total holds from the connection to the last byte
        self._session = Session(within(deadline), proxy=proxy, api=api, json_loads=lenient_json)
        self._bot = Bot(token, session=self._session)
        self._reader, self._note = Reader(now), note
        self._files = TelegramFiles(self._bot, self._session, files or NoFiles())
        self._polling = Polling(
            self._bot,
            self._session,
            self._reader,
            seconds=long_poll_seconds,
            report=report,
            note=note,
            first_wait=first_wait,
        )
        self._me: types.User | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing comes in just now: conflict, unauthorized, unreachable; None when all is well."""
        return self._polling.trouble

    @property
    def bot_id(self) -> int:
        """The bot's own id, known from the token alone: a database belongs to one bot (N11)."""
        return self._bot.id

    async def username(self) -> str:
        """The bot's name without @, for links. Raises ConnectionError when Telegram does not give it."""
        try:
            return (await self._get_me()).username or ""
        except Exception as failure:  # its own text, or its cause's, may hold the address and so the token
            raise ConnectionError(f"Telegram did not give the bot's name: {type(failure).__name__}") from None

    async def listen(self, receive: Receive) -> None:
        self._reader.username = (await self._polling.insist(self._get_me)).username
        async with asyncio.TaskGroup() as together:
            together.create_task(self._set_commands())
            await self._polling.run(receive)

    async def send(self, message: Outgoing) -> Outcome:
        if not message.to.lstrip("-").isdecimal():
            return Refused("not a chat of Telegram")
        try:
            return await (self._edit(message) if message.act == "edit" else self._say(message))
        except Exception as failure:
            result = outcome(failure, message)
            log.info("outbox %d: %s", message.id, type(result).__name__)
            return result

    async def answers(self) -> bool:
        """Is Telegram there? A refusal is an answer too."""
        try:
            await self._session.post(self._bot, "getMe", {})
        except exceptions.TelegramAPIError as failure:
            return not isinstance(failure, exceptions.TelegramNetworkError | exceptions.TelegramServerError)
        except Exception:
            return False
        return True

    async def notify(self, notice: Notice) -> None:
        fields = {"callback_query_id": notice.query}
        if text := shortened(notice.text, TOAST):
            fields["text"] = text
        try:
            await self._session.post(self._bot, "answerCallbackQuery", fields, limits=_NOTICE)
        except Exception:  # nobody's business, but counted
            self._note("spinner_failed")

    async def close(self) -> None:
        await self._session.close()

    # ------------------------------------------------------------ one act

    async def _say(self, message: Outgoing) -> Outcome:
        if message.file:
            return await self._files.show(message, message.file)
        if message.forward and (copied := await self._files.copy(message, message.forward)):
            return copied
        sent = await self._session.post(self._bot, "sendMessage", say(message))
        try:
            return Sent(str(int(sent["message_id"])))
        except (LookupError, TypeError, ValueError) as odd:
            raise exceptions.ClientDecodeError("an answer that is no message", odd, None) from None

    async def _edit(self, message: Outgoing) -> Outcome:
        if message.message_id is None or not message.message_id.isdecimal():
            return Refused("an edit of no message", edit_gone=True)
        if message.takes_back:
            await self._session.post(
                self._bot, "deleteMessage", {"chat_id": int(message.to), "message_id": int(message.message_id)}
            )
            return Sent(message.message_id)
        await self._session.post(self._bot, "editMessageText", edit(message, int(message.message_id)))
        return Sent(message.message_id)

    async def _get_me(self) -> types.User:
        if self._me is None:
            self._me = await self._bot.get_me()
        return self._me

    async def _set_commands(self) -> None:
        """What the menu beside the line of input lists. A bot without it works as well."""
        commands = [types.BotCommand(command=name, description=text) for name, text in COMMANDS.items()]
        try:
            await self._bot.set_my_commands(commands, scope=types.BotCommandScopeAllPrivateChats())
        except Exception:
            self._note("commands_failed")

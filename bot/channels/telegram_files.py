"""Files in Telegram: given once, then called by the name that Telegram gave them; people's own are copied, not read."""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.channels import File, Forward, Outcome, Outgoing, Refused, Sent, TryLater
from bot.channels.light_aiogram import Bot, exceptions
from bot.channels.telegram_sending import around
from bot.channels.telegram_session import Session
from bot.files import Files

METHODS = {"picture": ("sendPhoto", "photo"), "document": ("sendDocument", "document")}
FORGOTTEN = ("wrong file identifier", "wrong remote file", "file_id", "file reference", "temporarily unavailable")
NOT_COPIED = ("chat_write_forbidden", "not enough rights", "chat not found")  # of the chat that is written to
SOON = 1.0  # seconds: somebody else is just giving Telegram the same file, or the database is away


class TelegramFiles:
    """``files`` gives the bytes and remembers the names. Raises what a call raises."""

    def __init__(self, bot: Bot, session: Session, files: Files) -> None:
        self._bot, self._session, self._files = bot, session, files
        self._account = f"telegram:{bot.id}"

    async def show(self, message: Outgoing, file: File) -> Outcome:
        """``sendPhoto`` or ``sendDocument``. A refused call did nothing, so a name that Telegram has forgotten costs
        one more call and no doubt."""
        method, part = METHODS[file.kind]
        try:
            known = await self._files.reference(self._account, file.digest)
        except (SQLAlchemyError, OSError):
            return TryLater(SOON)
        if known is not None:
            try:
                return _sent(await self._session.post(self._bot, method, {**around(message), part: known}))
            except exceptions.TelegramBadRequest as refused:
                if not any(words in refused.message.lower() for words in FORGOTTEN):
                    raise
            await self._remember(file, None)
        return await self._give(message, file, method, part)

    async def _give(self, message: Outgoing, file: File, method: str, part: str) -> Outcome:
        giving = self._files.uploading(self._account, file.digest)
        if giving.locked():
            return TryLater(SOON)
        async with giving:
            try:
                content = await self._files.content(file.digest)
            except (SQLAlchemyError, OSError):
                return TryLater(SOON)
            if content is None:
                return Refused("the file is not in the database")
            answer = await self._session.upload(self._bot, method, around(message), part, file.name, content)
            sent = _sent(answer)
            with contextlib.suppress(LookupError, TypeError):
                shown = answer[part]
                await self._remember(file, str((shown[-1] if isinstance(shown, list) else shown)["file_id"]))
            return sent

    async def _remember(self, file: File, reference: str | None) -> None:
        """Not remembered, it is given once more the next time."""
        with contextlib.suppress(SQLAlchemyError, OSError):
            await self._files.remember(self._account, file.digest, reference)

    async def copy(self, message: Outgoing, forward: Forward) -> Outcome | None:
        """``copyMessage``, so that the photo is an answer to the card and whoever answers it answers the person. None:
        Telegram has nothing to copy, nothing was done."""
        if not (forward.chat.lstrip("-").isdecimal() and forward.message_id.isdecimal()):
            return None
        what = {"from_chat_id": int(forward.chat), "message_id": int(forward.message_id)}
        try:
            return _sent(await self._session.post(self._bot, "copyMessage", {**around(message), **what}))
        except exceptions.TelegramBadRequest as refused:
            if any(words in refused.message.lower() for words in NOT_COPIED):
                raise
            return None


def _sent(answer: Any) -> Sent:
    try:
        return Sent(str(int(answer["message_id"])))
    except (LookupError, TypeError, ValueError) as odd:
        raise exceptions.ClientDecodeError("an answer that is no message", odd, None) from None

"""What goes out to Telegram: texts and keyboards as the Bot API takes them, and its answers as our outcomes."""

from __future__ import annotations

import re
from typing import Any

from bot.channels import Halted, Moved, Outcome, Outgoing, Refused, Sent, TryLater, Unknown, Unreachable
from bot.channels.light_aiogram import exceptions
from bot.channels.plain_post import NEVER_LEFT
from dialogs.capabilities import CHANNELS
from dialogs.effects import Button

SHARE_PHONE = "📱 Отправить мой номер"
SHARE_PLACE = "📍 Отправить моё место"
REPEAT = "↻ Повтор: "
NOT_THROUGH = 5.0  # seconds until the next try when no connection could be made

BLOCKED = ("blocked by the user", "can't initiate conversation")
GONE = ("user is deactivated", "to the bot", "to bots")
UNCHANGED = "message is not modified"
EDIT_GONE = (
    "message to edit not found",
    "message can't be edited",
    "no text in the message",
    "message_id_invalid",
    "message to delete not found",
    "message can't be deleted",
)
HALF = re.compile("[\ud800-\udfff]")
NO_PREVIEW = {"is_disabled": True}
SENT_AND_DELETED = "sent message was immediately deleted"

Json = dict[str, Any]


def shortened(text: str, limit: int) -> str:
    """At most ``limit`` UTF-16 units, and nothing that UTF-8 cannot carry."""
    if 2 * len(text) <= limit and not HALF.search(text):
        return text
    units = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode("utf-16-le")
    if len(units) <= 2 * limit:
        return units.decode("utf-16-le")
    return units[: 2 * (limit - 1)].decode("utf-16-le", "ignore") + "…"


def text_of(message: Outgoing) -> str:
    """A repeat after an unknown outcome says that it is one (M13). An edit changes nothing twice: it need not."""
    text = message.text
    if message.asks_phone or message.asks_place:  # a reply keyboard cannot carry links
        text += "".join(f"\n{one.label}: {one.url}" for row in message.buttons for one in row if one.url)
    again = message.act == "say" and message.attempt > 1 and not text.startswith(REPEAT)  # a card says more about it
    repeat = REPEAT if again else ""
    return shortened(repeat + text, CHANNELS["telegram"].text)


def say(message: Outgoing) -> Json:
    """``sendMessage``: plain text, without a parse mode (P28)."""
    return {"text": text_of(message), "link_preview_options": NO_PREVIEW, **around(message)}


def around(message: Outgoing) -> Json:
    """What every new message has, whatever it shows: its chat, its keyboard, what it answers. That may
    be gone, which is no reason to keep silent."""
    fields: Json = {"chat_id": int(message.to)}
    if markup := keyboard(message):
        fields["reply_markup"] = markup
    if message.reply_to is not None and message.reply_to.isdecimal():
        fields["reply_parameters"] = {"message_id": int(message.reply_to), "allow_sending_without_reply": True}
    return fields


def edit(message: Outgoing, message_id: int) -> Json:
    """``editMessageText``: buttons that do not go again are gone."""
    fields: Json = {"chat_id": int(message.to), "message_id": message_id, "text": text_of(message),
                    "link_preview_options": NO_PREVIEW}  # fmt: skip
    if markup := inline_keyboard(message):
        fields["reply_markup"] = markup
    return fields


def inline_keyboard(message: Outgoing) -> Json | None:
    rows = [[_button(one) for one in row] for row in message.buttons]
    return {"inline_keyboard": rows} if rows else None


def _button(button: Button) -> Json:
    does = {"url": button.url} if button.url else {"callback_data": button.key}
    return {"text": button.label, **does}


def keyboard(message: Outgoing) -> Json | None:
    """One message carries one keyboard: sharing the number goes before buttons, buttons before taking it away."""
    if message.asks_phone or message.asks_place:
        shares = {"text": SHARE_PHONE, "request_contact": True}
        rows: list[list[Json]] = [[shares if message.asks_phone else {"text": SHARE_PLACE, "request_location": True}]]
        rows += [labels for row in message.buttons if (labels := [{"text": b.label} for b in row if b.key])]
        return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    inline = inline_keyboard(message)
    return {"remove_keyboard": True} if message.drops_keyboard and inline is None else inline


def outcome(failure: Exception, message: Outgoing) -> Outcome:
    """What an exception of aiogram says about the act. What is not understood is Unknown: it may have arrived."""
    said = failure.message.lower() if isinstance(failure, exceptions.TelegramAPIError) else ""
    match failure:
        case exceptions.TelegramRetryAfter():
            return TryLater(float(failure.retry_after))
        case exceptions.TelegramMigrateToChat():
            return Moved(str(failure.migrate_to_chat_id))
        case exceptions.TelegramForbiddenError():
            return _forbidden(said, private=not message.to.startswith("-"))
        case exceptions.TelegramBadRequest():
            return _bad_request(said, message)
        case exceptions.TelegramUnauthorizedError():
            return Halted("unauthorized: the token was revoked or is wrong")
        case exceptions.TelegramNotFound() if "method" not in said:
            return Halted("not found: look at the token and TELEGRAM_API_URL")
        case exceptions.TelegramEntityTooLarge() | exceptions.TelegramNotFound():
            return Refused(_reason(said))
        case exceptions.TelegramServerError() if SENT_AND_DELETED in said:
            return Sent(message.message_id or "0")
    return _broken(failure)


def _forbidden(said: str, *, private: bool) -> Outcome:
    if any(words in said for words in GONE):
        return Unreachable(_reason(said), for_good=True)
    if private or any(words in said for words in BLOCKED):
        return Unreachable(_reason(said))
    return Refused(_reason(said))


def _bad_request(said: str, message: Outgoing) -> Outcome:
    if message.act == "edit" and message.message_id is not None:
        if UNCHANGED in said:
            return Sent(message.message_id)
        if any(words in said for words in EDIT_GONE):
            return Refused(_reason(said), edit_gone=True)
    return Refused(_reason(said))


def _broken(failure: Exception) -> Outcome:
    """No connection: nothing was said. Anything later: nobody knows (N3)."""
    if isinstance(failure, NEVER_LEFT) or isinstance(failure.__cause__, NEVER_LEFT):
        return TryLater(NOT_THROUGH, everybody=True)
    kind = failure.__cause__ if isinstance(failure, exceptions.TelegramNetworkError) and failure.__cause__ else failure
    answer = (
        "an answer that does not decode" if isinstance(failure, exceptions.ClientDecodeError) else type(kind).__name__
    )
    return Unknown(answer)


def _reason(said: str) -> str:
    """Telegram's own words without the prefix; they may quote what was sent, so only the known part stays."""
    return said.partition(": ")[2].partition(":")[0][:100] or "refused"

"""What the Bot API refuses, in its own words: parameters, texts and keyboards."""

from __future__ import annotations

import json
import math
import re
from typing import Any

Json = dict[str, Any]
ROW, KEYBOARD = 12, 300  # the server cuts silently at these
ACTIONS = {
    "callback_data", "url", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "pay", "callback_game",
}  # fmt: skip


class BotApiError(Exception):
    """A refusal: ``code`` is the HTTP status too."""

    def __init__(
        self, code: int, description: str, *, retry_after: int | None = None, moved: int | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after
        self.moved = moved

    def wire(self) -> Json:
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        if self.moved is not None:
            body["parameters"] = {"migrate_to_chat_id": self.moved}
        return body


def bad(text: str) -> BotApiError:
    return BotApiError(400, f"Bad Request: {text}")


def too_many(seconds: float) -> BotApiError:
    wait = max(1, math.ceil(seconds))
    return BotApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


class Params:
    """The parameters of one call. From a form everything is text; from JSON it has its own type."""

    def __init__(self, given: Json) -> None:
        self.given = {key: value for key, value in given.items() if value is not None}

    def text(self, name: str) -> str:
        value = self.given.get(name, "")
        return value if isinstance(value, str) else str(value)

    def number(self, name: str, default: int = 0) -> int:
        found = re.match(r"\s*(-?\d+)", self.text(name))
        return int(found[1]) if found else default

    def truth(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "yes", "1")

    def structure(self, name: str, kind: str) -> Any:
        """A structured value: JSON text in a form, itself in a JSON body. None when absent."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {kind} JSON object") from None


def message_text(params: Params) -> str:
    """The text as it will be shown. Raises BotApiError by length; formatting is refused: our bot writes plain text."""
    raw = params.text("text")
    if len(raw.encode()) > 32_768:
        raise bad("text is too long")
    if params.text("parse_mode"):
        raise bad("can't parse entities: this emulator takes plain text only")
    if not raw:
        raise bad("message text is empty")
    shown = "".join(" " if ord(one) < 32 and one != "\n" else one for one in raw).strip()
    if not shown:
        raise bad("text must be non-empty")
    if len(shown) > 4096:
        raise bad("message is too long")
    return shown


def reply_markup(params: Params, *, private: bool) -> Json | None:
    """A keyboard that the server would take, cut as it cuts. None when there is none."""
    markup = params.structure("reply_markup", "reply keyboard markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in markup:
        return _rows(markup, "inline_keyboard", inline_button)
    if "keyboard" in markup:
        return _rows(markup, "keyboard", lambda button: reply_button(button, private=private))
    return markup


def inline_markup(params: Params) -> Json | None:
    """The same for an edit: inline or nothing."""
    markup = reply_markup(params, private=True)
    if markup and "inline_keyboard" not in markup:
        raise bad("inline keyboard expected")
    return markup


def _rows(markup: Json, name: str, check: Any) -> Json:
    rows = markup[name]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad(f'field "{name}" must be of type Array')
    kept, count = [], 0
    for row in rows:
        row = [check(button) for button in row][: min(ROW, KEYBOARD - count)]
        count += len(row)
        kept += [row] if row else []
    return {**markup, name: kept}


def inline_button(button: Json) -> Json:
    if not button.get("text"):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    actions = ACTIONS & {key for key, value in button.items() if value is not None}
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad("can't parse inline keyboard button: exactly one action is allowed")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    if "url" in actions and not re.match(r"(https?|tg)://[^\s]+$", button["url"]):
        raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    return button


def reply_button(button: Any, *, private: bool) -> Json:
    button = {"text": button} if isinstance(button, str) else button
    if not button.get("text"):
        raise bad("can't parse keyboard button: Can't find field \"text\"")
    if button.get("callback_data"):
        raise bad("can't parse keyboard button: callback_data is unallowed in a reply keyboard")
    if button.get("request_contact") and not private:
        raise bad("phone number can be requested in private chats only")
    if button.get("request_location") and not private:
        raise bad("location can be requested in private chats only")
    return dict(button)

"""VK's refusals: a code, its text from the schema, and the envelope they come in (HTTP 200)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXTS = {
    1: "Unknown error occurred",
    3: "Unknown method passed",
    5: "User authorization failed",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request",
    9: "Flood control",
    10: "Internal server error",
    12: "Unable to compile code",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    18: "User was deleted or banned",
    29: "Rate limit reached",
    100: "One of the parameters specified was missing or invalid",
    104: "Not found",
    113: "Invalid user id",
    900: "Can't send messages for users from blacklist",
    901: "Can't send messages for users without permission",
    902: "Can't send messages to this user due to their privacy settings",
    909: "Can't edit this message, because it's too old",
    911: "Keyboard format is invalid",
    912: "This is a chat bot feature, change this status in settings",
    914: "Message is too long",
    917: "You don't have access to this chat",
    921: "Can't forward these messages",
    924: "Can't delete this message for everybody",
    927: "Chat does not exist",
    936: "Contact not found",
}


class VkError(Exception):
    """One refusal. ``said`` is the emulator's own word on why, for the failing test; VK would not say it."""

    def __init__(self, code: int, text: str = "", *, said: str = "") -> None:
        super().__init__(f"{code} {text or TEXTS.get(code, '')} {said}")
        self.code = code
        self.text = text or TEXTS.get(code, f"Error {code}")
        self.said = said

    def wire(self, method: str, given: Mapping[str, str]) -> dict[str, Any]:
        """With the call's parameters echoed, texts and all, as VK does (never to be logged)."""
        echoed = [{"key": name, "value": value} for name, value in given.items() if name != "access_token"]
        told: dict[str, Any] = {"error_code": self.code, "error_msg": self.text,
                                "request_params": [*echoed, {"key": "method", "value": method}]}  # fmt: skip
        if self.code == 14:
            told |= {"captcha_sid": "239633676097", "captcha_img": "https://api.vk.ru/captcha.php?sid=239633676097"}
        return {"error": told}


def parameter(what: str) -> VkError:
    """Error 100 with its usual tail."""
    return VkError(100, f"{TEXTS[100]}: {what}")

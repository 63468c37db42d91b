"""Files at Telegram: given once with a message, then called by a name that only this bot may use."""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp.web import FileField

from tests.emulators.telegram_checks import BotApiError, Params, bad

Json = dict[str, Any]
PHOTO, FILE = 10 * 2**20, 50 * 2**20
CONTENT = {
    "text", "caption", "photo", "document", "location", "venue", "video", "voice", "audio", "sticker", "animation",
    "video_note", "contact", "dice",
}  # fmt: skip


class Uploads:
    """``given``: names of files, as often as their bytes came. ``forget``: names are no longer good."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self._known: dict[str, Json] = {}

    def forget(self) -> None:
        self._known.clear()

    def take(self, part: str, params: Params) -> Any:
        """What stands in the message. Raises BotApiError."""
        value = params.given.get(part)
        if isinstance(value, str) and value.startswith("attach://"):
            value = params.given.get(value.removeprefix("attach://"))
        if isinstance(value, FileField):
            return self._keep(part, value)
        if not value:
            raise bad(f"there is no {part} in the request")
        known = self._known.get(str(value))
        if known is None or known["part"] != part:
            raise bad("wrong file identifier/HTTP URL specified")
        return known["shown"]

    def _keep(self, part: str, field: FileField) -> Any:
        raw = field.file.read()
        if not raw:
            raise bad("file must be non-empty")
        if len(raw) > (PHOTO if part == "photo" else FILE):
            raise BotApiError(413, "Request Entity Too Large")
        self.given.append(field.filename)
        digest = hashlib.sha256(raw).hexdigest()
        file = {"file_id": f"AgAC-{digest[:20]}", "file_unique_id": f"AQAD-{digest[:12]}", "file_size": len(raw)}
        shown: Any = {**file, "file_name": field.filename}
        if part == "photo":
            if not raw.startswith((b"\xff\xd8\xff", b"\x89PNG", b"RIFF")):
                raise bad("IMAGE_PROCESS_FAILED")
            small = {**file, "file_id": f"{file['file_id']}-s", "width": 90, "height": 60}
            shown = [small, {**file, "width": 1280, "height": 853}]
        self._known[str(file["file_id"])] = {"part": part, "shown": shown}
        return shown


def shown_as(wire: Json) -> str:
    """A message without words, as a screen shows it."""
    if document := wire.get("document"):
        return f"[document {document['file_name']}]"
    return next((f"[{kind}]" for kind in sorted(CONTENT - {"text", "caption"}) if kind in wire), "")

"""Files at VK: an address to give them to, what comes back is saved, the saved one is attached by its name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp.web import FileField

from tests.emulators.vk_errors import VkError, parameter
from tests.emulators.vk_params import Params
from tests.emulators.vk_world import Message

OWNER = -200300
PARTS = {"photo": "photo", "doc": "file"}


class Uploads:
    """``given``: names of files, as often as their bytes came. ``forget``: names are no longer good."""

    def __init__(self) -> None:
        self.url = ""
        self.given: list[str] = []
        self._taken: dict[str, str] = {}  # what the upload server said -> the file's name
        self._saved: dict[str, dict[str, Any]] = {}
        self.by_name: dict[str, Callable[[Params], Any]] = {
            "photos.getMessagesUploadServer": lambda p: self._server("photo", p),
            "photos.saveMessagesPhoto": self._save_photo,
            "docs.getMessagesUploadServer": lambda p: self._server("doc", p),
            "docs.save": self._save_doc,
        }

    def forget(self) -> None:
        self._saved.clear()

    def taken(self, kind: str, parts: Mapping[str, Any]) -> dict[str, Any]:
        """The upload server's answer: of a photo it may be an empty list, as VK has it for what is none."""
        field = parts.get(PARTS.get(kind, ""))
        if not isinstance(field, FileField):
            return {"error": "bad_request"}
        raw = field.file.read()
        token = hashlib.sha256(raw).hexdigest()[:16]
        self.given.append(field.filename)
        if kind == "doc":
            self._taken[token] = field.filename
            return {"file": token}
        drawn = raw.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8"))
        photo = json.dumps([{"photo": token}] if drawn else [])
        self._taken[photo] = field.filename
        return {"server": 626627, "photo": photo, "hash": "e1d2c3"}

    def attached(self, names: str) -> list[dict[str, Any]]:
        """Raises VkError 100 for a name that nobody saved."""
        wanted = [one for one in names.split(",") if one]
        if len(wanted) > 10 or any(one not in self._saved for one in wanted):
            raise parameter("attachment is invalid")
        return [self._saved[one] for one in wanted]

    def _server(self, kind: str, p: Params) -> dict[str, Any]:
        if not p.number("peer_id"):
            raise parameter("peer_id is undefined")
        if kind == "doc" and p.text("type", "doc") not in ("doc", "audio_message"):
            raise parameter("type is invalid")
        return {"upload_url": f"{self.url}/upload/{kind}", "album_id": -64, "group_id": -OWNER}

    def _save_photo(self, p: Params) -> list[dict[str, Any]]:
        if p.text("photo") == "[]":
            raise VkError(129, "Invalid photo")
        if p.text("photo") not in self._taken or not p.text("server") or not p.text("hash"):
            raise VkError(121, "Invalid hash")
        saved = {"id": 457239017 + len(self._saved), "owner_id": OWNER, "access_key": "a1b2", "album_id": -64}
        self._keep("photo", saved)
        return [saved]

    def _save_doc(self, p: Params) -> dict[str, Any]:
        if p.text("file") not in self._taken:
            raise VkError(105, "Couldn't save file")
        title = p.text("title") or self._taken[p.text("file")]
        saved = {"id": 457239017 + len(self._saved), "owner_id": OWNER, "access_key": "c3d4", "title": title}
        self._keep("doc", saved)
        return {"type": "doc", "doc": saved}

    def _keep(self, kind: str, saved: dict[str, Any]) -> None:
        self._saved[f"{kind}{saved['owner_id']}_{saved['id']}_{saved['access_key']}"] = {"type": kind, kind: saved}


def shown_as(message: Message) -> str:
    """A message without words, as a screen shows it."""
    inner = [one for forwarded in message.forwarded for one in forwarded.attachments]
    for one in (*message.attachments, *inner):
        title = one[one["type"]].get("title")
        return f"[document {title}]" if title else f"[{one['type']}]"
    return ""

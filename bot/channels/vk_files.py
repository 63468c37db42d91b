"""Files in VK: given to an upload server once, saved, then attached by the name that VK gave them."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.channels import File
from bot.channels.vk_client import VkClient, VkNotSent, VkRefused, VkUnsure
from bot.channels.vk_outcomes import CAPTCHA, REVOKED
from bot.files import Files

SOON = 1.0  # seconds: somebody else is just giving VK the same file, or the database is away
TRIES = 5
PASSING = {1, 6, 9, 10, 22, 29, 36}  # trouble of VK's, or too much at once


class FileLater(Exception):
    """Not now: nothing was sent. Again after ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again after {seconds} s")
        self.seconds = seconds


class FileRefused(Exception):
    """VK does not take it, or cannot for so long that the words must not wait for it."""


class VkFiles:
    """``files`` gives the bytes and remembers the names. Nobody sees anything before the message goes: whatever fails
    here, nothing was sent."""

    def __init__(self, client: VkClient, group_id: int, files: Files) -> None:
        self._client, self._files = client, files
        self._account = f"vk:{group_id}"
        self._failed: Counter[str] = Counter()  # uploads in a row, by digest

    async def name_of(self, file: File, peer: str) -> str:
        """«photo-1_2_key»: what ``attachment`` takes. Raises FileLater, FileRefused, and VkRefused for what is no fault
        of the file's."""
        try:
            if known := await self._files.reference(self._account, file.digest):
                return known
            giving = self._files.uploading(self._account, file.digest)
            if giving.locked():
                raise FileLater(SOON)
            async with giving:
                content = await self._files.content(file.digest)
                if content is None:
                    raise FileRefused("the file is not in the database")
                name = await self._give(file, peer, content)
        except (SQLAlchemyError, OSError):
            raise FileLater(SOON) from None
        except VkRefused as refused:
            if refused.code in REVOKED | CAPTCHA:
                raise
            if refused.code not in PASSING:
                raise FileRefused(f"VK {refused.code}") from None
            raise self._once_more(file) from None
        except (VkNotSent, VkUnsure):
            raise self._once_more(file) from None
        self._failed.pop(file.digest, None)
        await self._remember(file, name)
        return name

    def _once_more(self, file: File) -> FileLater | FileRefused:
        """A chat's words wait behind its picture: not for ever."""
        self._failed[file.digest] += 1
        if self._failed[file.digest] < TRIES:
            return FileLater(2.0 ** self._failed[file.digest])
        del self._failed[file.digest]
        return FileRefused("VK takes no files just now")

    async def forget(self, file: File) -> bool:
        """VK does not know it by that name. False: it had just been given."""
        known = await self._files.reference(self._account, file.digest)
        await self._remember(file, None)
        return known is not None

    async def _remember(self, file: File, name: str | None) -> None:
        with contextlib.suppress(SQLAlchemyError, OSError):
            await self._files.remember(self._account, file.digest, name)

    async def _give(self, file: File, peer: str, content: bytes) -> str:
        """With the peer, or VK counts it against a limit of a few thousand a day."""
        try:
            if file.kind == "picture":
                where = await self._client.call("photos.getMessagesUploadServer", peer_id=peer)
                got = await self._client.upload(str(where["upload_url"]), "photo", file.name, content)
                told = {name: got[name] for name in ("server", "photo", "hash")}
                (saved,) = await self._client.call("photos.saveMessagesPhoto", **told)
                return _name("photo", saved)
            where = await self._client.call("docs.getMessagesUploadServer", type="doc", peer_id=peer)
            got = await self._client.upload(str(where["upload_url"]), "file", file.name, content)
            saved = await self._client.call("docs.save", file=got["file"], title=file.name)
            return _name("doc", saved["doc"])
        except (LookupError, TypeError, ValueError):
            raise VkUnsure("an answer that does not decode") from None


def _name(kind: str, saved: Any) -> str:
    key = f"_{saved['access_key']}" if saved.get("access_key") else ""
    return f"{kind}{int(saved['owner_id'])}_{int(saved['id'])}{key}"

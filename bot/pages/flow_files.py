"""Pictures and documents of flows, by digest.

Those of published flows are as public as the chats that show them: they were put there to be shown to everybody. Those
of a draft are the workshop's, and as private as its page (``bot/pages/guard.py``).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.files import KeptFiles
from bot.pages.edited import Edited

_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document", "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
}  # fmt: skip
ALONE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
DRAFT = "/draft/"
FOR_EVER = "public, max-age=31536000, immutable"  # another content has another digest


def serve_files(outer: FastAPI, files: KeptFiles) -> None:
    @outer.get("/files/{digest}")
    async def flow_file(digest: str) -> Response:
        return await _answer(files.find, digest)


def serve_draft(outer: FastAPI, edited: Edited, files: KeptFiles) -> None:
    """What the workshop plays: the folder's, or, where there is no folder, the published set's."""

    async def find(digest: str) -> tuple[str, bytes] | None:
        return edited.media(digest) or await files.find(digest)

    @outer.get(f"{DRAFT}{{digest}}")
    async def draft_file(digest: str) -> Response:
        return await _answer(find, digest)


async def _answer(find: Callable[[str], Awaitable[tuple[str, bytes] | None]], digest: str) -> Response:
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        return PlainTextResponse("Такого файла нет.", 404)
    try:
        found = await find(digest)
    except (SQLAlchemyError, OSError):
        return PlainTextResponse("Файл сейчас не открыть, попробуйте через минуту.", 503, {"Retry-After": "60"})
    if found is None or found[0] not in TYPES:
        return PlainTextResponse("Такого файла нет.", 404)
    kind, content = found
    shown = "inline" if kind in ("jpg", "png", "webp") else f'attachment; filename="document.{kind}"'
    return Response(
        content,
        media_type=TYPES[kind],
        headers={"Cache-Control": FOR_EVER, "Content-Disposition": shown, **ALONE},
    )

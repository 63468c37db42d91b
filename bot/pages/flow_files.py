"""Pictures and documents of published flows, by digest: as public as the chats that show them.

What is here was put beside a flow by its author to be shown to everybody who talks to it. The digest is not guessed.
"""

from __future__ import annotations

import re

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from bot.files import KeptFiles

_OFFICE = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf",
    "docx": f"{_OFFICE}wordprocessingml.document", "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
}  # fmt: skip
ALONE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
FOR_EVER = "public, max-age=31536000, immutable"  # another content has another digest


def serve_files(outer: FastAPI, files: KeptFiles) -> None:
    @outer.get("/files/{digest}")
    async def flow_file(digest: str) -> Response:
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            return PlainTextResponse("Такого файла нет.", 404)
        try:
            found = await files.find(digest)
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

"""Pictures and documents that lie beside the flows: what they are by their content, how large, what channels take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

PICTURES = frozenset({"jpg", "png", "webp"})
DOCUMENTS = frozenset({"pdf", "docx", "xlsx", "pptx"})
MOST_BYTES = 50_000_000  # of one file: what Telegram takes, and what is held in memory
_SAME = {"jpeg": "jpg"}
_OFFICE = {b"word/": "docx", b"xl/": "xlsx", b"ppt/": "pptx"}
_REFERENCE = re.compile(r"file:(?P<digest>[0-9a-f]{64}):(?P<kind>[a-z]+):(?P<size>\d+):(?P<wide>\d+)x(?P<high>\d+)")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file as a version keeps it: not the bytes, but what they are. ``kind`` by content, "" when it is none that
    channels show; ``digest`` is the sha256 of the bytes. ``wide`` and ``high`` in pixels, 0 for what is no picture."""

    path: str
    digest: str
    kind: str
    size: int
    wide: int = 0
    high: int = 0

    @property
    def name(self) -> str:
        """What the document is called on the other side."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def reference(self) -> str:
        """In place of the bytes, where a version keeps its texts; ``media`` reads it."""
        return f"file:{self.digest}:{self.kind or 'unknown'}:{self.size}:{self.wide}x{self.high}"


def is_media(path: str) -> bool:
    """By the suffix: what may be a picture or a document."""
    return suffix(path) in PICTURES | DOCUMENTS


def suffix(path: str) -> str:
    told = path.rsplit(".", 1)[-1].lower() if "." in path else ""
    return _SAME.get(told, told)


def media(path: str, raw: str | bytes) -> MediaFile:
    """A file from its bytes, or from the reference that a version kept of it."""
    if isinstance(raw, bytes):
        kind = kind_of(raw)
        wide, high = pixels(raw, kind)
        return MediaFile(path, sha256(raw).hexdigest(), kind, len(raw), wide, high)
    kept = _REFERENCE.fullmatch(raw)
    if kept is None:
        return MediaFile(path, "", "", len(raw))
    return MediaFile(path, kept["digest"], kept["kind"], int(kept["size"]), int(kept["wide"]), int(kept["high"]))


def kind_of(raw: bytes) -> str:
    """What the bytes are, whatever the file is called; "" for anything else."""
    if raw.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "webp"
    if raw.startswith(b"%PDF-"):
        return "pdf"
    if raw.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in raw:
        return next((kind for part, kind in _OFFICE.items() if part in raw), "")
    return ""


def pixels(raw: bytes, kind: str) -> tuple[int, int]:
    """Width and height; (0, 0) for what is no picture, or a broken one."""
    if kind == "png" and raw[12:16] == b"IHDR":
        return int.from_bytes(raw[16:20], "big"), int.from_bytes(raw[20:24], "big")
    if kind == "jpg":
        return _jpeg(raw)
    return _webp(raw) if kind == "webp" else (0, 0)


def _jpeg(raw: bytes) -> tuple[int, int]:
    """The size stands in the segment that starts the frame; the others are passed by their lengths."""
    at = 2
    while at + 9 <= len(raw) and raw[at] == 0xFF:
        mark, length = raw[at + 1], int.from_bytes(raw[at + 2 : at + 4], "big")
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(raw[at + 7 : at + 9], "big"), int.from_bytes(raw[at + 5 : at + 7], "big")
        at += 1 if mark == 0xFF else 2 + length
    return 0, 0


def _webp(raw: bytes) -> tuple[int, int]:
    """Three ways to write it: lossy, lossless, extended."""
    chunk = raw[12:16]
    if chunk == b"VP8 " and len(raw) >= 30:
        return int.from_bytes(raw[26:28], "little") & 0x3FFF, int.from_bytes(raw[28:30], "little") & 0x3FFF
    if chunk == b"VP8L" and len(raw) >= 25:
        bits = int.from_bytes(raw[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8X" and len(raw) >= 30:
        return int.from_bytes(raw[24:27], "little") + 1, int.from_bytes(raw[27:30], "little") + 1
    return 0, 0

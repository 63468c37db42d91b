"""Small true files: what a picture and a document are by their bytes."""

from __future__ import annotations

import struct
import zlib


def png(wide: int = 3, high: int = 2, *, more: int = 0) -> bytes:
    """A grey picture; ``more``: so many bytes behind its end."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (wide + 1) * min(high, 100))
    drawn = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + drawn + b"\0" * more


def jpg(wide: int = 3, high: int = 2) -> bytes:
    """As much of one as says what it is."""
    exif = b"\xff\xe1\x00\x08Exif\0\0"
    return (
        b"\xff\xd8" + exif + b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", high, wide) + b"\x01\x01\x11\0" + b"\xff\xd9"
    )


PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
DOCX = b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml" + b"word/document.xml"

"""Bytes of an author's file into text, as editors of all kinds leave it (A2)."""

from __future__ import annotations

import re

from dialogs.problems import Problem

MOST_BYTES = 1_000_000
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def is_ours(path: str) -> bool:
    """Not a swap, backup or half-saved file of an editor, not a hidden one."""
    parts = path.split("/")
    return not any(part.startswith((".", "#")) for part in parts) and not path.endswith(("~", ".swp", ".tmp", ".bak"))


def decode(path: str, raw: str | bytes) -> tuple[str, Problem | None]:
    """The text with plain line ends and no BOM; or the one problem for which it cannot be read."""
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        message = f"файл больше {MOST_BYTES // 1_000_000} МБ"
        return "", Problem(path, 1, 1, message, "Разделите его: один сценарий — один файл.", name="file-too-large")
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as wrong:
        return "", _encoding(path, wrong)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return text, _hidden(path, text)


def _encoding(path: str, wrong: UnicodeDecodeError) -> Problem:
    """Name the encoding if it can be told: Windows editors like two of them."""
    raw, meant = wrong.object, "utf-8"
    message = "файл не в UTF-8"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "файл в кодировке UTF-16, а не UTF-8"
    elif re.search(r"[а-яё]{3}", raw.decode("cp1251", "replace").lower()):
        message, meant = "файл, похоже, в кодировке Windows-1251, а не UTF-8", "cp1251"
    start = raw.rfind(b"\n", 0, wrong.start) + 1
    line, column = raw[:start].count(b"\n") + 1, len(raw[start : wrong.start].decode(meant, "replace")) + 1
    excerpt = (
        ""
        if "UTF-16" in message
        else UNSEEN.sub("␣", raw[start:].split(b"\n", 1)[0].decode(meant, "replace")).rstrip("\r")
    )
    fix = "Сохраните его в UTF-8: в редакторе «Сохранить как…», кодировка UTF-8."
    return Problem(path, line, column, message, fix, name="encoding", excerpt=excerpt)


def _hidden(path: str, text: str) -> Problem | None:
    found = UNSEEN.search(text)
    if not found:
        return None
    start = text.rfind("\n", 0, found.start()) + 1
    line = text.count("\n", 0, start) + 1
    excerpt = UNSEEN.sub("␣", text[start:].split("\n", 1)[0])
    message = f"в тексте спрятан управляющий знак (U+{ord(found[0]):04X})"
    fix = "Сотрите его: он попал сюда при копировании."
    return Problem(path, line, found.start() - start + 1, message, fix, name="hidden-character", excerpt=excerpt)

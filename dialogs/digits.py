"""Digits of any script, read as the ones that our patterns look for."""

from __future__ import annotations

import unicodedata


def plain_digits(text: str) -> str:
    """«٣» and «３» as «3», letter for letter: places hold."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)

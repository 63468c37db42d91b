"""New promo codes: dice live here, not in storage."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O 1 I L: a code is read aloud and typed
LENGTH = 6


def fresh_codes(prefix: str, n: int) -> Iterator[str]:
    """``n`` different codes such as ``SPRING-K7PX4M``, and spare ones after them for those that are taken already.

    ``prefix`` is an offer's name; nobody guesses the rest: 31^6 possibilities from the system's dice.
    """
    head = re.sub(r"[^A-Z0-9]", "", prefix.upper())[:16]
    given: set[str] = set()
    spare = 100
    while len(given) < n + spare:
        tail = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        code = f"{head}-{tail}" if head else tail
        if code not in given:
            given.add(code)
            yield code

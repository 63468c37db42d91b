"""How long to wait for more words before an answer is read: ``4 seconds``, or ``0`` for no wait at all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

USUAL = timedelta(seconds=3)
LONGEST = timedelta(seconds=30)
_FORM = re.compile(r"^\s*(\d{1,5})\s*seconds?\s*$")


def pause(text: object) -> timedelta:
    """«4 seconds» -> timedelta. Raises ValueError with the way out; who writes for longer than that has gone away."""
    if isinstance(text, timedelta):
        return text
    if type(text) is int and text == 0:
        return timedelta()
    found = _FORM.match(text) if isinstance(text, str) else None
    if not found:
        raise ValueError(f"пауза «{text}» не понята; пишите, например: 4 seconds, а без паузы — 0")
    value = timedelta(seconds=int(found[1]))
    if not timedelta() < value <= LONGEST:
        raise ValueError(f"пауза «{text}» вне пределов; напишите от 1 second до 30 seconds, а без паузы — 0")
    return value


Pause = Annotated[
    timedelta,
    BeforeValidator(pause),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": r"^\d{1,2} ?seconds?$"}, {"const": 0}]}),
]

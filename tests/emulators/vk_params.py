"""A call's parameters as they come: text, to be read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.emulators.vk_errors import parameter


class Params:
    """A call's parameters; everything is text on the wire."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given

    def text(self, name: str, default: str = "") -> str:
        return self.given.get(name, default)

    def number(self, name: str, default: int | None = None) -> int:
        found = self.given.get(name, "")
        if not found and default is not None:
            return default
        if not re.fullmatch(r"-?\d{1,19}", found):
            raise parameter(f"{name} is {'undefined' if not found else 'not integer'}")
        return int(found)

    def numbers(self, name: str) -> list[int]:
        listed = [one for one in self.given.get(name, "").split(",") if one]
        if not all(re.fullmatch(r"-?\d{1,19}", one) for one in listed):
            raise parameter(f"{name} is invalid")
        return [int(one) for one in listed]

    def flag(self, name: str) -> bool:
        return self.given.get(name, "0") not in ("", "0")

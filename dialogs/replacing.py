"""A conversation with other values: ``dataclasses.replace``, but at the price of a copy.

The standard one asks every field anew; a turn calls it thirty times, and a conversation has two dozen fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import replace as replace  # the checkers know its arguments
else:

    def replace(one: Any, /, **changes: Any) -> Any:
        """For frozen dataclasses without slots and without ``__post_init__``. Raises TypeError for an unknown name."""
        kept = one.__dict__  # ``vars`` asks for the same at twice the price
        values = {**kept, **changes}
        if len(values) != len(kept):
            raise TypeError(f"{type(one).__name__} has no {', '.join(changes.keys() - kept.keys())}")
        return made(type(one), values)


def made(cls: type[T], values: dict[str, Any]) -> T:
    """One of these with all its values: whole at once, as ``__init__`` sets a frozen one's field by field."""
    one = object.__new__(cls)
    object.__setattr__(one, "__dict__", values)
    return one

"""A conversation with other values: ``dataclasses.replace``, but at the price of a copy.

The standard one asks every field anew; a turn calls it thirty times, and a conversation has two dozen fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import replace as replace  # the checkers know its arguments
else:

    def replace(one: Any, /, **changes: Any) -> Any:
        """For frozen dataclasses without slots and without ``__post_init__``. Raises TypeError for an unknown name."""
        kept = vars(one)
        if not changes.keys() <= kept.keys():
            raise TypeError(f"{type(one).__name__} has no {', '.join(changes.keys() - kept.keys())}")
        other = object.__new__(type(one))
        vars(other).update(kept, **changes)
        return other

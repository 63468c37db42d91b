"""Named crash points: the places where dying is interesting. In production they do nothing.

They live on the lowest floor because every room passes some: in the middle of a transaction, between a commit and what
follows from it, on either side of a network call.
"""

from __future__ import annotations

from collections.abc import Callable

_hook: Callable[[str], None] | None = None


def crash(name: str) -> None:
    """Pass the point ``name``. A hook may end the process here (kill tests) or raise a BaseException (simulation)."""
    if _hook is not None:
        _hook(name)


def arm(hook: Callable[[str], None] | None) -> None:
    """Tests only: call ``hook`` with each point's name as it is passed; None disarms."""
    global _hook
    _hook = hook

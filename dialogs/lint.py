"""Placeholder until the rooms below are built."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dialogs.pages import Draft
from dialogs.problems import Problem


def lint(draft: Draft, *, today: date | None = None) -> Iterator[Problem]:
    """Every rule over the whole set."""
    yield from ()

"""Everything that is wrong with a set of flows although each file can be read. Each page of rules is one module."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dialogs.consents import lint_consents
from dialogs.lint_business import lint_business
from dialogs.lint_conditions import lint_conditions
from dialogs.lint_limits import lint_limits
from dialogs.lint_offers import lint_offers
from dialogs.lint_paths import lint_paths
from dialogs.lint_secrets import lint_secrets
from dialogs.lint_steps import lint_steps
from dialogs.lint_texts import lint_texts
from dialogs.lint_variants import lint_variants
from dialogs.pages import Draft
from dialogs.problems import Problem

PAGES = (
    lint_steps, lint_paths, lint_texts, lint_variants, lint_conditions, lint_limits, lint_business, lint_consents,
    lint_secrets,
)  # fmt: skip


def lint(draft: Draft, *, today: date | None = None) -> Iterator[Problem]:
    """Every rule over the whole set. ``today``: see ``dialogs.reading.load``."""
    for page in PAGES:
        yield from page(draft)
    yield from lint_offers(draft, today=today)

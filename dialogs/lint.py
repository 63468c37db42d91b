"""Everything that is wrong with a set of flows although each file can be read. Each page of rules is one module."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from weakref import WeakKeyDictionary

from dialogs.business import Business
from dialogs.consents import lint_consents
from dialogs.lint_business import lint_business
from dialogs.lint_choices import lint_choices
from dialogs.lint_conditions import lint_conditions
from dialogs.lint_courtesy import lint_courtesy
from dialogs.lint_former import lint_former
from dialogs.lint_limits import lint_limits
from dialogs.lint_longer import lint_longer
from dialogs.lint_media import lint_media
from dialogs.lint_offers import lint_offers
from dialogs.lint_parts import lint_parts
from dialogs.lint_paths import lint_paths
from dialogs.lint_sample import lint_sample
from dialogs.lint_secrets import lint_secrets
from dialogs.lint_steps import lint_steps
from dialogs.lint_texts import lint_texts
from dialogs.lint_translations import lint_translations
from dialogs.lint_unasked import lint_unasked
from dialogs.lint_variants import lint_variants
from dialogs.pages import Draft, Page
from dialogs.problems import Problem

OWN = (
    lint_steps, lint_choices, lint_parts, lint_paths, lint_texts, lint_variants, lint_courtesy, lint_conditions,
    lint_secrets, lint_unasked,
)  # fmt: skip
"""Rules that look at one file, and at business.yaml at most: what was said of a file holds until either changes."""

TOGETHER = (
    lint_limits, lint_media, lint_business, lint_consents, lint_former, lint_translations, lint_longer, lint_sample,
)  # fmt: skip

_told: WeakKeyDictionary[Page, tuple[Business | None, tuple[Problem, ...]]] = WeakKeyDictionary()


def lint(draft: Draft, *, today: date | None = None) -> Iterator[Problem]:
    """Every rule over the whole set. ``today``: see ``dialogs.reading.load``."""
    flows = {page: flow for flow, page in draft.flows}
    for page in draft.pages:
        business, problems = _told.get(page, (None, None))
        if problems is None or business is not draft.business:
            flow = flows.get(page)
            alone = replace(draft, flows=((flow, page),) if flow else (), pages=(page,), consents={})
            problems = tuple(problem for rules in OWN for problem in rules(alone))
            _told[page] = (draft.business, problems)
        yield from problems
    yield from lint_secrets(replace(draft, pages=()))
    for rules in TOGETHER:
        yield from rules(draft)
    yield from lint_offers(draft, today=today)

"""Answers are not offered for longer than the consent to process them lasts."""

from __future__ import annotations

from collections.abc import Iterator

from dialogs.durations import spelled
from dialogs.pages import Draft
from dialogs.problems import Problem
from dialogs.terms import term_of


def lint_former(draft: Draft) -> Iterator[Problem]:
    """All rules of this page over all flows."""
    for flow, page in draft.flows:
        wording = draft.consents.get(flow.consent.personal_data)
        term = term_of(wording.text) if wording and flow.answers_stay else None
        if term and flow.answers_stay and flow.answers_stay > term.lasts:
            message = f"ответы предлагаются дольше, чем действует согласие: «{term.told}»"
            fix = f"Напишите срок не больше этого: {spelled(term.lasts)}."
            yield page.problem(("answers_stay",), "answers-outstay-consent", message, fix, level="warning")

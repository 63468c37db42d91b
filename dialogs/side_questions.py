"""What people ask besides (FAQ): which of the prepared answers a message asks for."""

from __future__ import annotations

from dialogs.business import CommonQuestion
from dialogs.choosing import named
from dialogs.flow import FlowQuestion
from dialogs.flow_set import Script


def asked(script: Script, text: str) -> FlowQuestion | CommonQuestion | None:
    """The side question that is meant: the flow's own before the business's, the first where several are meant."""
    every: tuple[tuple[FlowQuestion | CommonQuestion, ...], ...] = (script.flow.questions, script.business.questions)
    for questions in every:
        if found := named([one.words for one in questions], text) if questions else ():
            return questions[found[0]]
    return None

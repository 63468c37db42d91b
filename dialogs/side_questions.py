"""What people ask besides (FAQ): which of the prepared answers a message asks for."""

from __future__ import annotations

from dialogs.business import SideQuestion
from dialogs.choosing import named
from dialogs.flow_set import Script


def asked(script: Script, text: str) -> SideQuestion | None:
    """The side question that is meant: the flow's own before the business's, the first where several are meant."""
    for questions in (script.flow.questions, script.business.questions):
        if found := named([one.words for one in questions], text) if questions else ():
            return questions[found[0]]
    return None

"""How a step reads: its text with the values put in, and its buttons."""

from __future__ import annotations

import zlib

from dialogs import phrases
from dialogs.conversation import Conversation, Pending
from dialogs.effects import Button, Say
from dialogs.flow import Step
from dialogs.flow_set import Script
from dialogs.offering import buttons
from dialogs.situation import Situation
from dialogs.values import Values, told_to_answer


def key(at: Conversation, step: str, choice: str) -> str:
    """What a button carries: version, run, step, choice. 64 bytes hold it by construction (M16)."""
    return f"{at.version}.{at.run}.{step}.{choice}"


def question(here: Situation, step: Step, before: str = "") -> Say:
    """The step's question, with ``before`` as its first lines."""
    if step.consent:
        return consent(here.script, here.at, step)
    asked = here.chosen(step.text, "steps", step.id, "ask" if step.ask else "say")
    text, before = told_to_answer(asked, Values(here)) or phrases.CHOOSE, before.strip()
    wanted = step.answer.type if step.answer else ""
    return Say(
        f"{before}\n\n{text}" if before else text,
        tuple(_buttons(here, step, wanted)),
        asks_phone=wanted == "phone",
        asks_place=wanted == "location",
    )


def consent(script: Script, at: Conversation, step: Step) -> Say:
    """The wording alone, one meaning, two buttons (L1, L2)."""
    assert step.consent is not None
    wording = script.consents[step.consent]
    buttons = (
        Button(phrases.AGREE, key(at, step.id, "yes")),
        Button(phrases.DISAGREE, key(at, step.id, "no")),
    )
    return Say(wording.text, buttons, consent=step.consent, digest=wording.digest)


def confirmation(at: Conversation, step: Step, question: str) -> Say:
    """«Проверьте номер…»: what was understood, to be confirmed or mended."""
    right = f"ok.{mark(at.pending)}" if at.pending else "ok"
    buttons = (Button(phrases.RIGHT, key(at, step.id, right)), Button(phrases.MEND, key(at, step.id, "fix")))
    return Say(question, buttons)


def mark(pending: Pending) -> str:
    """Tells one value waiting to be confirmed from another, on a button; too short to say what it is."""
    return f"{zlib.crc32(str(pending.value).encode()) & 0xFFF:x}"


def person_button(at: Conversation, step: Step) -> Button:
    """The way to a human, at any question."""
    return Button(phrases.CALL_PERSON, key(at, step.id, "person"))


def _buttons(here: Situation, step: Step, wanted: str) -> list[Button]:
    prefix = key(here.at, step.id, "")
    laid = buttons(step, here.at, prefix, now=here.now, business=here.script.business)
    if wanted == "name" and (name := here.known.profile_name):
        laid.append(Button(name, f"{prefix}name"))
    if step.optional:
        laid.append(Button(phrases.SKIP, f"{prefix}skip"))
    return laid

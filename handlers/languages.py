"""Which language a flow speaks to a person in: their network app's, until they name another."""

from __future__ import annotations

from dialogs.cleaning import folded
from dialogs.events import Resumed
from dialogs.flow_set import FlowSet
from dialogs.translation import RUSSIAN
from handlers import pauses
from handlers.person import Person
from handlers.turns import play
from handlers.work import Work

NAMES = {
    "en": ("english", "in english", "english please", "на английском", "по английски"),
    RUSSIAN: ("по русски", "на русском", "in russian", "русский язык"),
}
CALLED = {folded(name): language for language, names in NAMES.items() for name in names}


def spoken_to(flow: str, before: str | None, person: Person, live: FlowSet) -> str:
    """The language of a new run; empty: nothing but Russian fits. ``before``: of the run before this one."""
    language = before or person.language
    return language if language == RUSSIAN or language in live.translations.get(flow, {}) else ""


def asked_for(person: Person) -> str:
    """The language they named, or else their app's, where no flow is open yet."""
    named = person.conversation.state.get("language") if person.conversation else ""
    return str(named or person.language)


async def switched(work: Work, person: Person, text: str, *, event_id: str) -> bool:
    """A message that only names a language («English», «по-русски») which the flow has and does not speak now: the
    question again in it. True if it did."""
    conversation, language = person.conversation, CALLED.get(folded(text))
    if conversation is None or language is None:
        return False
    present = conversation.state.get("language") or RUSSIAN
    flows = work.flows_at(conversation.version) or work.library.live
    if language == present or (language != RUSSIAN and language not in flows.translations.get(conversation.flow, {})):
        return False
    conversation.state = {**conversation.state, "language": language}
    if await pauses.read_now(work, person):
        return True
    await play(work, person, Resumed(), event_id=event_id)
    return True

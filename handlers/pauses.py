"""Words that wait for more of them (P16): held in the conversation, read after the pause or before what comes next.

What is held is a row, so a restart in the pause loses nothing. Whatever else a person does is served after their words.
"""

from __future__ import annotations

from dialogs.conversation import Conversation as Position
from dialogs.correcting import joined
from dialogs.events import Read
from handlers import cards
from handlers.person import Person, lead_of
from handlers.turns import play
from handlers.work import Work
from storage.tables import FollowUp


async def read_now(work: Work, person: Person) -> bool:
    """Read what is held, in its turn before whatever comes next. False: nothing was."""
    conversation = person.conversation
    if conversation is None or not conversation.state.get("held"):
        return False
    if not conversation.with_person(work.now):
        await play(work, person, Read())
        return True
    lead = await lead_of(work, conversation)
    held = Position.load(conversation.state).held
    conversation.state = {key: kept for key, kept in conversation.state.items() if key not in ("held", "held_until")}
    await cards.relay(work, person.identity, conversation, lead, joined(held))  # meanwhile a human took the word
    return True


async def after_words(work: Work, person: Person, key: str) -> str | None:
    """The press is served after the words that were held, but for a demand to erase them. None: they were an answer,
    and the next question is asked already: whatever the button would have brought them back to is past."""
    if key == "!erase":
        return key
    conversation = person.conversation
    if conversation is None or not conversation.state.get("held"):
        return key
    before = Position.load(conversation.state)
    await read_now(work, person)
    assert person.conversation is not None
    if person.conversation.step == before.step or (key.startswith("!") and key != "!resume"):
        return key
    return "!person" if key == f"{before.version}.{before.run}.{before.step}.person" else None


async def over(work: Work, person: Person, row: FollowUp) -> None:
    """The pause is over, unless more was said in it, or all of it was read meanwhile."""
    conversation = person.conversation
    assert conversation is not None
    position = Position.load(conversation.state)
    person.name = row.detail.get("name", "")
    row.detail = {}
    if not position.held:
        row.status, row.reason = "cancelled", "read before"
    elif position.held_until and position.held_until > work.now:
        row.status, row.reason = "cancelled", "more was said"
    else:
        row.status, row.reason = "done", None
        await read_now(work, person)

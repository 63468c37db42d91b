"""Messages that people have edited (P17): the engine knows which answer they are about; other edits mean nothing."""

from __future__ import annotations

from dialogs.conversation import Conversation as Position
from dialogs.events import Edited as Rewritten
from dialogs.words import meaning
from handlers import cards, pauses, privacy
from handlers.inbound import Inbound
from handlers.person import Person, lead_of
from handlers.turns import play
from handlers.work import Work

EDITED = "[исправленное сообщение] {text}"
LAW = frozenset({"stop", "erase", "withdraw"})


async def hear(work: Work, person: Person, message_id: str, text: str, inbound: Inbound) -> None:
    """A message of theirs reads otherwise now. A word of the law counts however it was written (P46)."""
    work.counts["edits"] += 1
    conversation, word = person.conversation, meaning(text)
    if word in LAW:
        if word != "withdraw":
            await pauses.read_now(work, person)
        return await privacy.hear(work, person.identity, conversation, word, inbound)
    if conversation is None or not text:
        return None
    if conversation.with_person(work.now):
        lead = await lead_of(work, conversation)
        return await cards.relay(work, person.identity, conversation, lead, EDITED.format(text=text))
    if message_id not in dict(Position.load(conversation.state).held):
        await pauses.read_now(work, person)
    return await play(work, person, Rewritten(message_id, text), event_id=inbound.event_id)

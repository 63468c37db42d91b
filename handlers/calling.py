"""Who has the word: a human is called, or nobody answers any more."""

from __future__ import annotations

from dialogs.hours import opens_at
from handlers import cards
from handlers.person import Person, lead_of
from handlers.work import Work
from storage import follow_ups, leads
from storage.tables import Conversation, Lead


async def call_person(work: Work, person: Person, why: str) -> None:
    """A human gets the word: the bot is silent until they give it back, or the time is over."""
    conversation = person.conversation
    assert conversation is not None
    lead = await give_word(work, conversation, why)
    await work.db.flush()
    await cards.call(work, person.identity, conversation, lead, why)


async def give_word(work: Work, conversation: Conversation, why: str) -> Lead | None:
    """The same without a word to the managers; the lead, if there is one."""
    business = work.library.live.business
    conversation.person_asked_at = work.now
    conversation.person_until = opens_at(business, work.now) + business.person_returns_after
    follow_ups.cancel(work.db, conversation_id=conversation.id, reason="person")
    lead = await lead_of(work, conversation)
    if lead is not None:
        leads.record_event(work.db, lead_id=lead.id, what="person_asked", now=work.now, detail={"why": why})
    work.counts["person_asked"] += 1
    return lead


async def go_cold(work: Work, conversation: Conversation) -> None:
    """The silence rules are at their end."""
    lead = await lead_of(work, conversation)
    work.counts["cold"] += 1
    if lead is not None and await leads.move(work.db, lead, "cold", now=work.now):
        await cards.refresh(work, lead)

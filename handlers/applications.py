"""Applications: scored at once, in the turn that made them; their cards are drawn together, at the end of the batch.

A card asks a dozen questions of the database. Asked for all applications of a batch they cost what one costs. Whoever
needs a card earlier (the same person goes on, a manager presses) calls ``settle`` first, so nobody sees it missing.
"""

from __future__ import annotations

from dialogs.assessment import assess
from dialogs.former import kind_of as kind_of_answer
from dialogs.situation import Situation
from handlers import cards
from handlers.calling import give_word
from handlers.card_facts import kind_of
from handlers.playing import Playing
from handlers.work import Work
from storage import leads


async def make(playing: Playing) -> None:
    """The application is complete: its score and worth now, status and card when the batch is settled."""
    work, conversation, lead = playing.work, playing.conversation, playing.lead
    assert lead is not None
    found = assess(Situation(playing.stands_in, playing.position, playing.known, work.now))
    lead.score, lead.reasons = found.points, list(found.reasons)
    lead.worth, lead.tags = found.worth, list(found.tags)
    lead.kind = _kind(playing)
    if playing.handed_over:
        await give_word(work, conversation, "hand_over")
    lead.applications += 1
    lead.applied_at = lead.applied_at or work.now
    work.applied.append((lead, conversation))
    work.counts["applications"] += 1


def _kind(playing: Playing) -> str | None:
    """By the answers of this dialog; its card may know of others."""
    steps = [playing.stands_in.flow.by_id.get(step) for step in playing.position.answers]
    kinds = [kind_of_answer(step) for step in steps if step and (step.answer or step.card)]
    flow = playing.work.library.live.flows.get(playing.conversation.flow)
    return kind_of(flow.contact_kind if flow else None, kinds)


async def settle(work: Work) -> None:
    """Status, history and cards of what was applied for so far."""
    made, work.applied = work.applied, []
    if not made:
        return
    await leads.move_all(work.db, [lead for lead, _ in made], "application", now=work.now)
    for lead, _ in made:
        detail = {"n": lead.applications}
        leads.record_event(work.db, lead_id=lead.id, what="application", now=work.now, detail=detail)
    await cards.applications(work, made)

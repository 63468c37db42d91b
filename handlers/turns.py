"""Playing a turn: the engine decides, ``effects`` writes what follows, in one place for prospects and follow-ups."""

from __future__ import annotations

from dialogs.conversation import Conversation as Position
from dialogs.effects import Rename
from dialogs.events import Event, Resumed
from dialogs.flow import Flow
from dialogs.moving import settled
from dialogs.translation import RUSSIAN
from handlers import applications, cards, reminders
from handlers.effects import carry_out, decide
from handlers.inbound import Attachment, Inbound
from handlers.knowing import learn
from handlers.person import Person, lead_of, scripts
from handlers.playing import Playing
from handlers.work import Work
from storage import follow_ups, leads
from storage.crash import crash
from storage.outbox import cancel_unsolicited
from storage.tables import Conversation, Lead


async def play(
    work: Work,
    person: Person,
    event: Event,
    *,
    event_id: str = "",
    unsolicited: bool = False,
    of_itself: bool = False,
    sent: tuple[Attachment, Inbound] | None = None,
) -> None:
    """Advance the person's current conversation by one event and write all that follows. No commit.

    ``of_itself``: the bot goes on without a word of theirs; they are expected to answer all the same.
    ``sent``: what the event is about, where that is no words.
    """
    conversation = person.conversation
    assert conversation is not None
    position = Position.load(conversation.state)
    script, newest = scripts(work, position)
    language = "" if position.language == RUSSIAN else position.language
    if person.identity.language != language:
        person.identity.language = language
    renames: tuple[Rename, ...] = ()
    if position.version != script.version:  # their version cannot be read any more (I10)
        position, renames, gone = settled(position, script)
        event = Resumed(moved=True) if gone else event
    by_person = not unsolicited and not of_itself
    lead = await heard(work, person, conversation) if by_person else await lead_of(work, conversation)
    known = await learn(work, person, conversation, script, newest, position)
    playing = Playing(
        work, person, conversation, script, newest, event_id, unsolicited, position, position, known, lead, sent
    )
    turn = decide(playing, event)
    crash("turn decided")
    await carry_out(playing, (*renames, *turn.effects))
    position, before, flow = playing.position, playing.before, playing.stands_in.flow
    conversation.state, conversation.touched_at = position.dump(), work.now
    conversation.step = position.step
    if conversation.version != position.version:
        conversation.version = position.version
    if playing.applied:
        await applications.make(playing)
    if flow.dates:
        await reminders.plan(playing)
    if position.held_until and position.held != before.held:
        follow_ups.plan_reading(
            work.db,
            conversation_id=conversation.id,
            due_at=position.held_until,
            detail={"name": person.name},
            now=work.now,
        )
    if not unsolicited:
        plan_silence(work, person, position, flow)


# ---------------------------------------------------------------- what a sign of life means


async def noticed(work: Work, person: Person) -> None:
    """They did something that moves no step: their silence counts from now (I7)."""
    conversation = person.conversation
    if conversation is not None:
        conversation.touched_at = work.now
        await heard(work, person, conversation)
        position = Position.load(conversation.state)
        plan_silence(work, person, position, scripts(work, position)[0].flow)


async def heard(work: Work, person: Person, conversation: Conversation) -> Lead | None:
    """The person did something: whatever was planned for their silence is void, in this transaction (G5), and their
    lead, which is given, is a lead again if it had gone cold. What an event before planned is dropped, not written:
    nothing is asked of the database before."""
    follow_ups.cancel(work.db, conversation_id=conversation.id, reason="answered")
    identity = person.identity
    cancel_unsolicited(work.db, channel=identity.channel, to=identity.external_id, now=work.now, reason="answered")
    lead = person.leads.get(conversation.lead_id or 0) or await lead_of(work, conversation)
    if lead is not None and lead.status == "cold":
        await leads.move(work.db, lead, "application" if lead.applied_at else "new", now=work.now)
        await cards.refresh(work, lead)
    return lead


def plan_silence(work: Work, person: Person, position: Position, flow: Flow) -> None:
    """If the person is expected to answer, their silence will be noticed: the first rule of their version of the flow
    is planned (T8)."""
    conversation = person.conversation
    assert conversation is not None
    rules = flow.silence_at(position.step)
    quiet = position.step is None or position.applied or position.refused or conversation.person_until
    if quiet or not rules or person.identity.stopped_at:
        return
    follow_ups.plan(
        work.db,
        conversation_id=conversation.id,
        rule=0,
        kind=rules[0].kind,
        due_at=work.now + rules[0].after,
        silent_since=work.now,
    )

"""Playing a turn: the engine decides, this writes what follows, in one place for prospects and follow-ups."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy import delete, select

from dialogs import engine
from dialogs.asking import deadline, shown_value
from dialogs.conversation import (
    Apply,
    CallPerson,
    CodeIssued,
    CodesEnded,
    Effect,
    Event,
    Forget,
    IssueCode,
    Known,
    MarkCold,
    PassOn,
    RecordConsent,
    Remember,
    Resumed,
    Say,
    Turn,
)
from dialogs.conversation import Conversation as Position
from dialogs.flow import Script
from dialogs.hours import opens_at
from dialogs.phrases import LABELS
from dialogs.score import score
from handlers import cards
from handlers.person import Person, say, scripts
from handlers.work import Work
from storage import codes, consents, follow_ups, leads, people
from storage.crash import crash
from storage.outbox import cancel_unsolicited
from storage.tables import Answer, Contact, Conversation, Lead, Outbox


@dataclass(slots=True)
class Playing:
    """One turn being written down. ``unsolicited``: nobody asked for it, a silence rule did."""

    work: Work
    person: Person
    conversation: Conversation
    script: Script
    newest: Script | None
    event_id: str
    unsolicited: bool
    applied: bool = False


async def play(
    work: Work,
    person: Person,
    event: Event,
    *,
    event_id: str = "",
    unsolicited: bool = False,
    of_itself: bool = False,
) -> None:
    """Advance the person's current conversation by one event and write all that follows. No commit.

    ``of_itself``: the bot goes on without a word of theirs; they are expected to answer all the same.
    """
    conversation = person.conversation
    assert conversation is not None
    script, newest = scripts(work, conversation)
    playing = Playing(work, person, conversation, script, newest, event_id, unsolicited)
    position = Position.load(conversation.state)
    if position.version != script.version:
        position, event = _settled(work, position, script, event)
    if not unsolicited and not of_itself:
        await heard(work, person)
    turn = await _advance(playing, position, event)
    crash("turn decided")
    for effect in turn.effects:
        turn = await _carry_out(playing, effect, turn)
    _keep(work, conversation, turn.conversation)
    if playing.applied:
        await _application(playing)
    if not unsolicited:
        await plan_silence(work, person)


def _settled(work: Work, position: Position, script: Script, event: Event) -> tuple[Position, Event]:
    """Their version cannot be read any more: they stand in this one, at a step that it has (I10)."""
    safe = script.business.safe_step
    moved = replace(position, version=script.version, pending=None, shown=None, tries=0)
    if position.step is None or position.step in script.flow.by_id:
        return moved, event
    step = safe.step if safe.flow == position.flow else script.flow.steps[0].id
    return replace(moved, step=step), Resumed()


async def noticed(work: Work, person: Person) -> None:
    """They did something that moves no step: their silence counts from now (I7)."""
    if person.conversation is not None:
        await heard(work, person)
        await plan_silence(work, person)


async def heard(work: Work, person: Person) -> None:
    """The person did something: whatever was planned for their silence is void, in this transaction (G5)."""
    conversation = person.conversation
    if conversation is not None:
        await follow_ups.cancel(work.db, conversation_id=conversation.id, now=work.now, reason="answered")
        conversation.touched_at = work.now
        await _warm(work, conversation)
    await cancel_unsolicited(work.db, identity_id=person.identity.id, now=work.now, reason="answered")


async def _warm(work: Work, conversation: Conversation) -> None:
    """A lead gone cold that writes again is a lead again."""
    if conversation.lead_id is None:
        return
    lead = await work.db.get(Lead, conversation.lead_id)
    if lead is not None and lead.status == "cold":
        await leads.move(work.db, lead, "application" if lead.applied_at else "new", now=work.now)
        await cards.refresh(work, lead)


async def _advance(playing: Playing, position: Position, event: Event) -> Turn:
    known = await _known(playing)
    return engine.advance(playing.script, position, event, now=playing.work.now, known=known, newest=playing.newest)


async def _known(playing: Playing) -> Known:
    work, business = playing.work, playing.script.business
    names = {name for one in (playing.script, playing.newest) if one for name in one.flow.counted}
    return Known(
        channel=playing.person.identity.channel,
        consents=playing.person.consents,
        profile_name=playing.person.name,
        left=await codes.left(work.db, sorted(names)) if names else {},
        open_now=business.is_open(work.now),
        opens_at=opens_at(business, work.now),
    )


def _keep(work: Work, conversation: Conversation, position: Position) -> None:
    conversation.state = position.dump()
    conversation.step, conversation.version = position.step, position.version
    conversation.touched_at = work.now


# ---------------------------------------------------------------- effects


async def _carry_out(playing: Playing, effect: Effect, turn: Turn) -> Turn:
    """Write one effect down. A code's result goes back to the engine, whose turn goes on from there."""
    work = playing.work
    match effect:
        case Say():
            await _say(playing, effect)
        case Remember():
            await _remember(playing, effect)
        case Forget(step):
            if lead := await _lead(playing):
                await work.db.execute(delete(Answer).where(Answer.lead_id == lead.id, Answer.step == step))
        case RecordConsent():
            await _consent(playing, effect, turn.conversation)
        case Apply(offer):
            await _apply(playing, offer)
        case IssueCode(offer):
            return await _issue(playing, offer, turn)
        case CallPerson(why):
            await call_person(work, playing.person, why)
        case PassOn(text):
            await cards.relay(work, playing.person.identity, playing.conversation, await _lead(playing), text)
        case MarkCold():
            await go_cold(work, playing.conversation)
    return turn


async def _say(playing: Playing, one: Say) -> None:
    consent_id = None
    if one.kind == "advertising":
        pseudonym = playing.person.identity.pseudonym
        consent_id = await consents.consent_id(playing.work.db, pseudonym, "advertising")
    say(
        playing.work,
        playing.person.identity,
        one.text,
        one.buttons,
        role=f"consent:{one.consent}" if one.consent else "follow_up" if playing.unsolicited else "reply",
        kind=one.kind,
        asks_phone=one.asks_phone,
        conversation_id=playing.conversation.id,
        lead_id=playing.conversation.lead_id,
        unsolicited=playing.unsolicited,
        priority=1 if playing.unsolicited else 0,
        consent_id=consent_id,
    )


async def _remember(playing: Playing, one: Remember) -> None:
    """Keep an answer: with the lead, and a name, phone or e-mail with the contact too."""
    work = playing.work
    lead = await _lead(playing)
    if lead is None:
        return
    await _answer(work, lead, one)
    if one.kind not in ("name", "phone", "email"):
        return
    contact = await people.record_contact(work.db, playing.person.identity, now=work.now)
    if one.kind == "name":
        contact.name = str(one.value)
    else:
        await people.record_contact_point(
            work.db, contact_id=contact.id, kind=one.kind, value=str(one.value), verified=one.verified, now=work.now
        )


async def _answer(work: Work, lead: Lead, one: Remember) -> None:
    await leads.record_answer(
        work.db,
        lead_id=lead.id,
        step=one.step,
        kind=one.kind,
        label=one.label,
        value=str(one.value),
        shown=one.shown,
        now=work.now,
    )


async def _consent(playing: Playing, one: RecordConsent, position: Position) -> None:
    """The ledger first; then, with the consent to personal data, the lead begins."""
    work, identity = playing.work, playing.person.identity
    shown = await work.db.scalar(
        select(Outbox)
        .where(Outbox.identity_id == identity.id, Outbox.role == f"consent:{one.purpose}")
        .order_by(Outbox.id.desc())
        .limit(1)
    )
    await consents.record_consent(
        work.db,
        pseudonym=identity.pseudonym,
        purpose=one.purpose,
        act="given" if one.given else "refused",
        digest=one.digest,
        text=_wording(playing, one),
        channel=identity.channel,
        shown_outbox_id=shown.id if shown else None,
        shown_message_id=shown.message_id if shown else None,
        event_id=playing.event_id,
        now=work.now,
    )
    crash("consent recorded")
    work.counts[f"consent_{one.purpose}_{'given' if one.given else 'refused'}"] += 1
    if not one.given:
        return
    playing.person.consents[one.purpose] = one.digest
    if one.purpose == "advertising":
        identity.stopped_at = None
        return
    await _lead(playing)


def _wording(playing: Playing, one: RecordConsent) -> str:
    for script in (playing.script, playing.newest):
        found = script.consents.get(one.purpose) if script else None
        if found and found.digest == one.digest:
            return found.text
    raise LookupError(f"no wording with the digest that was shown for {one.purpose}")


async def _lead(playing: Playing) -> Lead | None:
    """The conversation's lead; it begins with the consent, and takes along what was chosen before."""
    work, person, conversation = playing.work, playing.person, playing.conversation
    lead = await work.db.get(Lead, conversation.lead_id) if conversation.lead_id is not None else None
    closed = lead is not None and lead.status in leads.FINAL
    if lead is not None and not (closed and not Position.load(conversation.state).applied):
        return lead
    if "personal_data" not in person.consents:
        return None
    contact = await people.record_contact(work.db, person.identity, now=work.now)
    lead = await leads.begin_lead(
        work.db,
        contact_id=contact.id,
        channel=person.identity.channel,
        flow=conversation.flow,
        source=conversation.source,
        campaign=conversation.campaign,
        now=work.now,
    )
    conversation.lead_id = lead.id
    crash("lead written")
    work.counts["leads"] += 1
    position = Position.load(conversation.state)
    for step_id, value in position.answers.items():
        step = playing.script.flow.by_id.get(step_id)
        kind = step.answer.type if step and step.answer else "choice"
        if step is not None and (step.card or kind in LABELS):
            shown = str(shown_value(step, value))
            await _answer(work, lead, Remember(step_id, kind, step.card or LABELS[kind], value, shown))
    return lead


async def _apply(playing: Playing, offer: str | None) -> None:
    lead = await _lead(playing)
    if lead is None:
        raise LookupError("an application without consent: the flow's check must have refused it")
    lead.offer = offer or lead.offer
    playing.applied = True


async def _issue(playing: Playing, offer: str, turn: Turn) -> Turn:
    """Take a code from the stock and let the engine go on with the result."""
    work, conversation = playing.work, playing.conversation
    assert conversation.lead_id is not None
    terms = playing.script.flow.offers[offer]
    zone = playing.script.business.zone
    ends = datetime.combine(terms.until, time(23, 59, 59), zone) if terms.until else None
    until = deadline(terms.valid, ends, work.now)
    event: Event = CodesEnded(offer)
    if ends is None or ends >= work.now:  # an offer whose last day is over gives nothing out (A24)
        with contextlib.suppress(codes.OutOfPromoCodes):
            code = await codes.issue_promo_code(
                work.db,
                offer=f"{conversation.flow}.{offer}",
                lead_id=conversation.lead_id,
                valid_until=until,
                now=work.now,
            )
            until = await codes.deadline_of(work.db, offer=f"{conversation.flow}.{offer}", lead_id=conversation.lead_id)
            event = CodeIssued(offer, code, until)
    crash("code claimed")
    work.counts["codes_issued" if isinstance(event, CodeIssued) else "codes_ended"] += 1
    following = await _advance(playing, turn.conversation, event)
    for effect in following.effects:
        following = await _carry_out(playing, effect, following)
    return following


async def call_person(work: Work, person: Person, why: str) -> None:
    """A human gets the word: the bot is silent until they give it back, or the time is over."""
    conversation = person.conversation
    assert conversation is not None
    business = work.library.live.business
    conversation.person_asked_at = work.now
    conversation.person_until = opens_at(business, work.now) + business.person_returns_after
    await follow_ups.cancel(work.db, conversation_id=conversation.id, now=work.now, reason="person")
    lead = await work.db.get(Lead, conversation.lead_id) if conversation.lead_id else None
    if lead is not None:
        leads.record_event(work.db, lead_id=lead.id, what="person_asked", now=work.now, detail={"why": why})
    await work.db.flush()
    await cards.call(work, person.identity, conversation, lead, why)
    work.counts["person_asked"] += 1


async def go_cold(work: Work, conversation: Conversation) -> None:
    """The silence rules are at their end."""
    lead = await work.db.get(Lead, conversation.lead_id) if conversation.lead_id else None
    work.counts["cold"] += 1
    if lead is not None and await leads.move(work.db, lead, "cold", now=work.now):
        await cards.refresh(work, lead)


async def _application(playing: Playing) -> None:
    """The application is complete: status, score and card, once the whole turn is known."""
    work, conversation = playing.work, playing.conversation
    lead = await _lead(playing)
    assert lead is not None
    position = Position.load(conversation.state)
    counted = score(playing.script.flow, position.answers)
    lead.score, lead.reasons = counted.points, list(counted.reasons)
    lead.applications += 1
    lead.applied_at = lead.applied_at or work.now
    await leads.move(work.db, lead, "application", now=work.now)
    leads.record_event(work.db, lead_id=lead.id, what="application", now=work.now, detail={"n": lead.applications})
    contact = await work.db.get(Contact, lead.contact_id) if lead.contact_id else None
    assert contact is not None
    await work.db.flush()
    await cards.application(work, lead, playing.person.identity, conversation)
    work.counts["applications"] += 1


# ---------------------------------------------------------------- silence


async def plan_silence(work: Work, person: Person) -> None:
    """If the person is expected to answer, their silence will be noticed: the first rule of their version is planned
    (T8)."""
    conversation = person.conversation
    assert conversation is not None
    position = Position.load(conversation.state)
    rules = scripts(work, conversation)[0].flow.silence
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

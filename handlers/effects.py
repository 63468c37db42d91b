"""What follows from a turn, written down: one effect of the engine, one function here."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time

from dialogs import engine
from dialogs.asking import deadline, shown_value
from dialogs.conversation import Conversation as Position
from dialogs.conversation import Known, Value
from dialogs.effects import (
    Apply,
    Asked,
    CallPerson,
    Effect,
    Forget,
    IssueCode,
    MarkCold,
    PassOn,
    RecordConsent,
    RecordVariant,
    Remember,
    Rename,
    Say,
    Show,
    Turn,
)
from dialogs.events import CodeIssued, CodesEnded, Event
from dialogs.flow_set import Script
from dialogs.phrases import LABELS
from dialogs.things import THINGS
from handlers import cards, things
from handlers.calling import call_person, go_cold
from handlers.inbound import Attachment, Inbound
from handlers.knowing import learn
from handlers.person import Person, lead_of, say
from handlers.work import Work
from storage import codes, consents, leads, people
from storage.answer_files import forget_files, rename_files
from storage.crash import crash
from storage.outbox import UNASKED
from storage.tables import Conversation, Lead


@dataclass(slots=True)
class Playing:
    """One turn being written down. ``unsolicited``: nobody asked for it, a silence rule did. ``position``: where the
    engine has brought the conversation so far. ``told``: variants that the lead's history has got in this turn."""

    work: Work
    person: Person
    conversation: Conversation
    script: Script
    newest: Script | None
    event_id: str
    unsolicited: bool
    position: Position
    sent: tuple[Attachment, Inbound] | None = None
    applied: bool = False
    handed_over: bool = False
    known: Known | None = None
    told: set[str] = field(default_factory=set)

    @property
    def stands_in(self) -> Script:
        """The version that the engine has brought the conversation to."""
        moved = self.newest is not None and self.newest.version == self.position.version
        return self.newest if moved and self.newest else self.script


async def decide(playing: Playing, event: Event) -> Turn:
    """The engine's turn from where the conversation stands; it stands there then."""
    playing.known = await learn(
        playing.work,
        playing.person,
        playing.conversation,
        (playing.script, playing.newest),
        playing.position,
        playing.known,
    )
    turn = engine.advance(
        playing.stands_in,  # the turn may go on (a code was issued) where it has come to
        playing.position,
        event,
        now=playing.work.now,
        known=playing.known,
        newest=playing.newest,
    )
    playing.position = turn.conversation
    return turn


async def carry_out(playing: Playing, effect: Effect) -> None:
    """Write one effect down. A code's result goes back to the engine, whose turn goes on from there."""
    work = playing.work
    match effect:
        case Say():
            await _say(playing, effect)
        case Show():
            _show(playing, effect)
        case Remember():
            await _remember(playing, effect)
        case Forget(step):
            if lead := await _lead(playing):
                await leads.forget_answer(work.db, lead_id=lead.id, step=step)
                if step in files_of(playing.stands_in):
                    await forget_files(work.db, lead_ids=[lead.id], step=step)
        case Rename(step, to):
            if lead := await _lead(playing):
                await leads.rename_answer(work.db, lead_id=lead.id, step=step, to=to)
                if to in files_of(playing.stands_in):
                    await rename_files(work.db, lead_id=lead.id, step=step, to=to)
        case Asked(question):
            await _asked(playing, question)
        case RecordConsent():
            await _consent(playing, effect)
        case Apply(offer):
            await _apply(playing, offer)
        case IssueCode(offer):
            await _issue(playing, offer)
        case CallPerson("hand_over"):
            playing.handed_over = True  # with the application's card: ``applications.make``
        case RecordVariant():
            _tell_variants(playing, {effect.name: effect.variant})
        case CallPerson(why):
            await call_person(work, playing.person, why)
        case PassOn() if playing.sent:
            await things.relay(work, playing.person, *playing.sent)
        case PassOn(text):
            await cards.relay(work, playing.person.identity, playing.conversation, await _lead(playing), text)
        case MarkCold():
            await go_cold(work, playing.conversation)


def _tell_variants(playing: Playing, met: Mapping[str, str]) -> None:
    """Into the lead's history, once; before there is a lead the position keeps them."""
    lead_id = playing.conversation.lead_id
    fresh = {name: variant for name, variant in met.items() if name not in playing.told}
    if lead_id is not None and fresh:
        leads.record_event(playing.work.db, lead_id=lead_id, what="variants", detail=fresh, now=playing.work.now)
        playing.told |= fresh.keys()


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
        asks_place=one.asks_place,
        conversation_id=playing.conversation.id,
        lead_id=playing.conversation.lead_id,
        unsolicited=playing.unsolicited,
        priority=UNASKED if playing.unsolicited else 0,
        consent_id=consent_id,
        verbatim=one.consent is not None,
    )


def _show(playing: Playing, one: Show) -> None:
    say(
        playing.work,
        playing.person.identity,
        "",
        role="reply",
        conversation_id=playing.conversation.id,
        lead_id=playing.conversation.lead_id,
        things={"file": {"kind": one.kind, "digest": one.digest, "name": one.name}},
    )


# ---------------------------------------------------------------- answers, consents, the lead


async def _remember(playing: Playing, one: Remember) -> None:
    """Keep an answer: with the lead, and a name, phone or e-mail with the contact too."""
    work = playing.work
    lead = await _lead(playing)
    if lead is None:
        return
    _answer(work, lead, one)
    if playing.sent and one.kind in THINGS:
        await things.keep(work, lead, one, *playing.sent)
    if one.kind not in ("name", "phone", "email"):
        return
    contact = await people.record_contact(work.db, playing.person.identity, now=work.now)
    if one.kind == "name":
        contact.name = str(one.value)
    else:
        people.record_contact_point(
            work.db, contact_id=contact.id, kind=one.kind, value=str(one.value), verified=one.verified, now=work.now
        )


def _kept(value: Value) -> str:
    """An answer in a column of text: words and numbers as they are; yes, no and several as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | tuple) else str(value)


def files_of(script: Script) -> frozenset[str]:
    """Steps whose answers are things."""
    return frozenset(one.id for one in script.flow.every_step if one.answer and one.answer.type in THINGS)


def _answer(work: Work, lead: Lead, one: Remember) -> None:
    leads.record_answer(
        work.db,
        lead_id=lead.id,
        step=one.step,
        kind=one.kind,
        label=one.label,
        value=_kept(one.value),
        shown=one.shown,
        now=work.now,
    )


async def _asked(playing: Playing, question: str) -> None:
    """What people ask besides: counted, and a line in their lead's history if there is one."""
    playing.work.counts["side_questions"] += 1
    if lead := await _lead(playing):
        detail = {"question": question, "flow": playing.conversation.flow}
        leads.record_event(playing.work.db, lead_id=lead.id, what="asked", now=playing.work.now, detail=detail)


async def _consent(playing: Playing, one: RecordConsent) -> None:
    """The ledger first; then, with the consent to personal data, the lead begins."""
    work, identity = playing.work, playing.person.identity
    consents.record_consent(
        work.db,
        identity_id=identity.id,
        pseudonym=identity.pseudonym,
        purpose=one.purpose,
        act="given" if one.given else "refused",
        digest=one.digest,
        text=_wording(playing, one),
        channel=identity.channel,
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
        if script and (found := script.wording(one.purpose, one.digest)):
            return found.text
    raise LookupError(f"no wording with the digest that was shown for {one.purpose}")


async def _lead(playing: Playing) -> Lead | None:
    """The conversation's lead; it begins with the consent, and takes along what was chosen before."""
    work, person, conversation = playing.work, playing.person, playing.conversation
    lead = await lead_of(work, conversation)
    closed = lead is not None and lead.status in leads.FINAL
    stood = Position.load(conversation.state) if closed else None
    if lead is not None and not (stood and not stood.applied):
        return lead
    if "personal_data" not in person.consents:
        return None
    contact = await people.record_contact(work.db, person.identity, now=work.now)
    lead = await leads.begin_lead(
        work.db,
        contact=contact,
        channel=person.identity.channel,
        flow=conversation.flow,
        source=conversation.source,
        campaign=conversation.campaign,
        now=work.now,
    )
    conversation.lead_id = lead.id
    person.known += [lead, contact]
    crash("lead written")
    playing.told.clear()
    _tell_variants(playing, playing.position.variants)
    work.counts["leads"] += 1
    for step_id, value in Position.load(conversation.state).answers.items():
        step = playing.stands_in.russian.by_id.get(step_id)  # managers read Russian
        kind = step.answer.type if step and step.answer else "choice"
        if step is not None and (step.card or kind in LABELS):
            shown = str(shown_value(step, value, work.now, playing.stands_in.business.zone))
            _answer(work, lead, Remember(step_id, kind, step.card or LABELS[kind], value, shown))
    return lead


# ---------------------------------------------------------------- the application and its code


async def _apply(playing: Playing, offer: str | None) -> None:
    lead = await _lead(playing)
    if lead is None:
        raise LookupError("an application without consent: the flow's check must have refused it")
    lead.offer = offer or lead.offer
    playing.applied = True


async def _issue(playing: Playing, offer: str) -> None:
    """Take a code from the stock and let the engine go on with the result."""
    event = await _claim(playing, offer)
    crash("code claimed")
    playing.work.counts["codes_issued" if isinstance(event, CodeIssued) else "codes_ended"] += 1
    for effect in (await decide(playing, event)).effects:
        await carry_out(playing, effect)


async def _claim(playing: Playing, offer: str) -> CodeIssued | CodesEnded:
    work, lead = playing.work, await _lead(playing)
    assert lead is not None
    terms = playing.stands_in.flow.offers[offer]
    zone = playing.stands_in.business.zone
    ends = datetime.combine(terms.until, time(23, 59, 59), zone) if terms.until else None
    if terms.ended(work.now, zone):  # it gives nothing out any more (A24)
        return CodesEnded(offer)
    if lead in work.db.new:
        await work.db.flush()
    stock = f"{playing.conversation.flow}.{offer}"
    until = deadline(terms.valid, ends, work.now)
    with contextlib.suppress(codes.OutOfPromoCodes):
        issued = await codes.issue_promo_code(work.db, offer=stock, lead_id=lead.id, valid_until=until, now=work.now)
        if stock in work.left and not issued.again:
            work.left[stock] -= 1
        return CodeIssued(offer, issued.code, issued.valid_until)
    return CodesEnded(offer)

"""What follows from a turn, written down: one effect of the engine, one function here."""

from __future__ import annotations

from collections.abc import Iterable

from dialogs import engine
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
from dialogs.events import CodeIssued, Event
from handlers import cards, lead_rows, things
from handlers.calling import call_person, go_cold
from handlers.person import say
from handlers.playing import Playing
from storage import consents
from storage.crash import crash
from storage.outbox import UNASKED


def decide(playing: Playing, event: Event) -> Turn:
    """The engine's turn from where the conversation stands; it stands there then."""
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


async def carry_out(playing: Playing, effects: Iterable[Effect]) -> None:
    """Write down what follows. A code's result goes back to the engine, whose turn goes on from there."""
    work = playing.work
    for effect in effects:
        match effect:
            case Say(kind="advertising"):
                pseudonym = playing.person.identity.pseudonym
                _say(playing, effect, await consents.consent_id(work.db, pseudonym, "advertising"))
            case Say():
                _say(playing, effect)
            case Show():
                _show(playing, effect)
            case Remember():
                await lead_rows.remember(playing, effect)
            case Forget(step):
                await lead_rows.forget(playing, step)
            case Rename(step, to):
                await lead_rows.rename(playing, step, to)
            case Asked(question):
                await lead_rows.asked(playing, question)
            case RecordConsent():
                await lead_rows.record_consent(playing, effect)
            case Apply(offer):
                await _apply(playing, offer)
            case IssueCode(offer):
                await _issue(playing, offer)
            case CallPerson("hand_over"):
                playing.handed_over = True  # with the application's card: ``applications.make``
            case RecordVariant():
                lead_rows.tell_variants(playing, {effect.name: effect.variant})
            case CallPerson(why):
                await call_person(work, playing.person, why)
            case PassOn() if playing.sent:
                await things.relay(work, playing.person, *playing.sent)
            case PassOn(text):
                lead = await lead_rows.lead_of_turn(playing)
                await cards.relay(work, playing.person.identity, playing.conversation, lead, text)
            case MarkCold():
                await go_cold(work, playing.conversation)


def _say(playing: Playing, one: Say, consent_id: int | None = None) -> None:
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


async def _apply(playing: Playing, offer: str | None) -> None:
    lead = await lead_rows.lead_of_turn(playing)
    if lead is None:
        raise LookupError("an application without consent: the flow's check must have refused it")
    lead.offer = offer or lead.offer
    playing.applied = True


async def _issue(playing: Playing, offer: str) -> None:
    """Take a code from the stock and let the engine go on with the result."""
    event = await lead_rows.claim_code(playing, offer)
    crash("code claimed")
    playing.work.counts["codes_issued" if isinstance(event, CodeIssued) else "codes_ended"] += 1
    await carry_out(playing, decide(playing, event).effects)

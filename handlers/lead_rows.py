"""What a turn leaves with the lead: the consent it begins with, answers, the contact, what was asked, a promo code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time

from dialogs.conversation import Value
from dialogs.effects import RecordConsent, Remember
from dialogs.events import CodeIssued, CodesEnded
from dialogs.flow_set import Script
from dialogs.phrases import LABELS
from dialogs.promising import deadline
from dialogs.shown import shown_value
from dialogs.things import THINGS
from handlers import things
from handlers.playing import Playing
from handlers.work import Work
from storage import codes, consents, leads, people
from storage.answer_files import forget_files, rename_files
from storage.crash import crash
from storage.gathered import is_fresh
from storage.tables import Lead


def tell_variants(playing: Playing, met: Mapping[str, str]) -> None:
    """Into the lead's history, once; before there is a lead the position keeps them."""
    lead_id = playing.conversation.lead_id
    fresh = {name: variant for name, variant in met.items() if name not in playing.told}
    if lead_id is not None and fresh:
        leads.record_event(playing.work.db, lead_id=lead_id, what="variants", detail=fresh, now=playing.work.now)
        playing.told |= fresh.keys()


async def remember(playing: Playing, one: Remember) -> None:
    """Keep an answer: with the lead, and a name, phone or e-mail with the contact too."""
    work = playing.work
    lead = await lead_of_turn(playing)
    if lead is None:
        return
    _answer(work, lead, one)
    if playing.sent and one.kind in THINGS:
        await things.keep(work, lead, one, *playing.sent)
    if one.kind not in ("name", "phone", "email"):
        return
    identity = playing.person.identity
    contact_id = identity.contact_id or (await people.record_contact(work.db, identity, now=work.now)).id
    if one.kind == "name":
        people.name_contact(work.db, contact_id, str(one.value))
    else:
        people.record_contact_point(
            work.db, contact_id=contact_id, kind=one.kind, value=str(one.value), verified=one.verified, now=work.now
        )


def _kept(value: Value) -> str:
    """An answer in a column of text: words and numbers as they are; yes, no and several as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | tuple) else str(value)


def _files_of(script: Script) -> frozenset[str]:
    """Steps whose answers are things."""
    return frozenset(one.id for one in script.flow.every_step if one.answer and one.answer.type in THINGS)


async def forget(playing: Playing, step: str) -> None:
    """An answer is taken back."""
    if lead := await lead_of_turn(playing):
        await leads.forget_answer(playing.work.db, lead_id=lead.id, step=step)
        if step in _files_of(playing.stands_in):
            await forget_files(playing.work.db, lead_ids=[lead.id], step=step)


async def rename(playing: Playing, step: str, to: str) -> None:
    """The flow was edited: the step has another name now."""
    if lead := await lead_of_turn(playing):
        await leads.rename_answer(playing.work.db, lead_id=lead.id, step=step, to=to)
        if to in _files_of(playing.stands_in):
            await rename_files(playing.work.db, lead_id=lead.id, step=step, to=to)


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


async def asked(playing: Playing, question: str) -> None:
    """What people ask besides: counted, and a line in their lead's history if there is one."""
    playing.work.counts["side_questions"] += 1
    if lead := await lead_of_turn(playing):
        detail = {"question": question, "flow": playing.conversation.flow}
        leads.record_event(playing.work.db, lead_id=lead.id, what="asked", now=playing.work.now, detail=detail)


async def record_consent(playing: Playing, one: RecordConsent) -> None:
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
    await lead_of_turn(playing)


def _wording(playing: Playing, one: RecordConsent) -> str:
    for script in (playing.script, playing.newest):
        if script and (found := script.wording(one.purpose, one.digest)):
            return found.text
    raise LookupError(f"no wording with the digest that was shown for {one.purpose}")


async def lead_of_turn(playing: Playing) -> Lead | None:
    """The conversation's lead; it begins with the consent, and takes along what was chosen before."""
    work, person, conversation, lead = playing.work, playing.person, playing.conversation, playing.lead
    if lead is not None and (lead.status not in leads.FINAL or playing.before.applied):
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
    conversation.lead_id, playing.lead = lead.id, lead
    person.leads[lead.id] = lead
    crash("lead written")
    playing.told.clear()
    tell_variants(playing, playing.position.variants)
    work.counts["leads"] += 1
    for step_id, value in playing.before.answers.items():
        step = playing.stands_in.russian.by_id.get(step_id)  # managers read Russian
        kind = step.answer.type if step and step.answer else "choice"
        if step is not None and (step.card or kind in LABELS):
            shown = str(shown_value(step, value, work.now, playing.stands_in.business.zone))
            _answer(work, lead, Remember(step_id, kind, step.card or LABELS[kind], value, shown))
    return lead


async def claim_code(playing: Playing, offer: str) -> CodeIssued | CodesEnded:
    work, lead = playing.work, await lead_of_turn(playing)
    assert lead is not None
    terms = playing.stands_in.flow.offers[offer]
    zone = playing.stands_in.business.zone
    ends = datetime.combine(terms.until, time(23, 59, 59), zone) if terms.until else None
    if terms.ended(work.now, zone):  # it gives nothing out any more (A24)
        return CodesEnded(offer)
    if is_fresh(work.db, lead):
        await work.db.flush()
    stock = f"{playing.conversation.flow}.{offer}"
    until = deadline(terms.valid, ends, work.now)
    try:
        issued = await codes.issue_promo_code(work.db, offer=stock, lead_id=lead.id, valid_until=until, now=work.now)
    except codes.OutOfPromoCodes:
        return CodesEnded(offer)
    work.issued[lead.id, offer] = issued
    if stock in work.left and not issued.again:
        work.left[stock] -= 1
    return CodeIssued(offer, issued.code, issued.valid_until)

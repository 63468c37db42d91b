"""Reminders of dates: planned when the application is made, looked at again when they are due.

They belong to the application, not to where the person stands: a row keeps what its message needs, so it survives edits
of the flow, another dialog, and a new run of the same one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from dialogs.conversation import Conversation as Position
from dialogs.events import Led, Resumed
from dialogs.flow import DatedRule
from dialogs.flow_set import Script
from dialogs.hours import is_quiet, next_allowed
from dialogs.reminding import reminder, reminders
from handlers.effects import carry_out
from handlers.knowing import learn
from handlers.person import Person, lead_of
from handlers.playing import Playing
from handlers.work import Work
from storage import follow_ups
from storage.crash import crash
from storage.tables import FollowUp, Lead

LEAST_GRACE = timedelta(hours=1)


async def plan(playing: Playing) -> None:
    """After a turn of a flow with dates: the application was made, or an answer that a reminder hangs on has changed
    since."""
    before, position, dates = playing.before, playing.position, playing.stands_in.flow.dates
    if not position.applied or playing.lead is None:
        return
    changed = any(before.answers.get(rule.of) != position.answers.get(rule.of) for rule in dates)
    if not (playing.applied or changed):
        return
    work, conversation, script = playing.work, playing.conversation, playing.stands_in
    for row in await follow_ups.find_dated(work.db, conversation_id=conversation.id):
        if row.detail.get("lead") == conversation.lead_id:
            _end(row, "cancelled", "planned anew")
    for one in reminders(script, position, work.now):
        follow_ups.plan_dated(
            work.db,
            conversation_id=conversation.id,
            rule=one.rule,
            kind=one.kind,
            due_at=one.due,
            detail={"lead": conversation.lead_id, "state": one.state.dump(), "at": one.at.isoformat()},
            now=work.now,
        )


async def remind(work: Work, person: Person, row: FollowUp, held: str | None) -> None:
    """A reminder fell due. ``held``: why nothing of its kind may be sent to this person just now."""
    found = _rule(work, person, row)
    if found is None:
        return _end(row, "cancelled", "the rule is gone")
    script, rule = found
    if why := await _void(work, person, row):
        return _end(row, "cancelled", why)
    business = work.library.live.business
    if is_quiet(business, work.now) and not _late(work, rule, row):
        row.due_at = next_allowed(business, work.now)
        return None
    if why := held or ("too late" if _late(work, rule, row) else None):
        work.counts["follow_ups_skipped"] += 1
        return _end(row, "skipped", why)
    assert person.conversation is not None
    state = Position.load(row.detail["state"])
    lead = await lead_of(work, person.conversation)
    known = await learn(work, person, person.conversation, script, None, state)
    event_id = f"follow_up:{row.id}"
    playing = Playing(work, person, person.conversation, script, None, event_id, True, state, state, known, lead)
    said = reminder(script, rule, state, known, work.now, f"!date.{row.id}")
    if said is None:
        return _end(row, "skipped", "its condition does not hold")
    work.counts["follow_ups"] += 1
    _end(row, "done", None)
    crash("follow-up claimed")
    await carry_out(playing, [said])
    crash("follow-up promised")
    return None


def _rule(work: Work, person: Person, row: FollowUp) -> tuple[Script, DatedRule] | None:
    """As it stood in the version by which it was planned (T8)."""
    conversation = person.conversation
    flows = work.flows_at(row.detail.get("state", {}).get("version", 0))
    if flows is None or conversation is None or conversation.flow not in flows.flows:
        return None
    script = flows.script(conversation.flow, conversation.state.get("language", ""))
    return (script, script.flow.dates[row.rule]) if row.rule < len(script.flow.dates) else None


async def _void(work: Work, person: Person, row: FollowUp) -> str | None:
    identity = person.identity
    if not identity.reachable:
        return "unreachable"
    if identity.stopped_at:
        return "stopped"
    if "personal_data" not in person.consents:
        return "withdrawn"
    lead = await work.db.get(Lead, row.detail["lead"], populate_existing=True)
    if lead is None or lead.contact_id is None:
        return "erased"
    return lead.status if lead.status in ("lost", "junk") else None


def _late(work: Work, rule: DatedRule, row: FollowUp) -> bool:
    """What comes before a day is good until that day; what comes after it, for as long again (T2)."""
    if rule.before is not None:
        return work.now >= datetime.fromisoformat(row.detail["at"])
    return work.now - row.due_at > max(LEAST_GRACE, rule.after or LEAST_GRACE)


def _end(row: FollowUp, status: str, reason: str | None) -> None:
    """What it kept of the person is not needed any more; its version is, by the button."""
    version = row.detail.get("state", {}).get("version", 0)
    row.status, row.reason, row.detail = status, reason, {"version": version}


async def led_by(work: Work, person: Person, number: str) -> Led | Resumed:
    """Where the button of this reminder leads; the person stands in its dialog then. A forged one leads nowhere."""
    row = (
        await work.db.get(FollowUp, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    )
    theirs = {one.id: one for one in person.dialogs.values()}
    if row is None or row.what != "date" or row.status != "done" or row.conversation_id not in theirs:
        return Resumed()
    conversation = theirs[row.conversation_id]
    flows = work.flows_at(row.detail.get("version", 0))
    dates = flows.flows[conversation.flow].dates if flows and conversation.flow in flows.flows else ()
    step = dates[row.rule].go if row.rule < len(dates) else None
    person.conversation, person.identity.conversation_id = conversation, conversation.id
    return Led(step) if step else Resumed()

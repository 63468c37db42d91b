"""What time brings: silence rules that fall due, and people whose turn to have the word is over."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from dialogs.conversation import Conversation as Position
from dialogs.events import Silent
from dialogs.flow import SilenceRule
from dialogs.hours import is_quiet, next_allowed
from handlers import pauses
from handlers.applications import settle
from handlers.calling import go_cold
from handlers.person import Person, persons, scripts
from handlers.reminders import remind
from handlers.turns import play
from handlers.with_person import bot_returns, question_left
from handlers.work import Work
from storage import follow_ups
from storage.blame import is_database_down
from storage.crash import crash
from storage.tables import Conversation, FollowUp, Identity

log = logging.getLogger("leadbot.followups")

LEAST_GRACE = timedelta(hours=1)
NOT_YET_ANSWERED = "Менеджер пока не смог ответить — вопрос у него, он вернётся к вам. А мы можем продолжить:"


async def follow_up(work: Work) -> int:
    """Serve what is due at ``work.now``; how many rows. Called again while there are any."""
    rows = await follow_ups.due_follow_ups(work.db, now=work.now)
    if words := [row for row in rows if row.what == "reading"]:
        rows = words  # first of all: what people said makes what was planned for their silence void
    for row_id, row in [(row.id, row) for row in rows]:
        await asyncio.sleep(0)  # a morning has hundreds: others may run between them
        await _guarded(work, row_id, row)
    returns = await follow_ups.due_returns(work.db, now=work.now)
    for conversation_id, conversation, identity in [(one.id, one, other) for one, other in returns]:
        await asyncio.sleep(0)
        await _guarded_return(work, conversation_id, conversation, identity)
    return len(rows) + len(returns)


async def _guarded(work: Work, row_id: int, row: FollowUp) -> None:
    """One that fails must not hold up the others, nor come again for ever: it is ended, and counted."""
    try:
        async with work.db.begin_nested():
            await _serve(work, row)
            await settle(work)
            await work.db.flush()  # what fails, fails alone
    except Exception as failed:
        if is_database_down(failed):
            raise  # not this row's fault: it is still due
        log.error("follow-up %d failed: %s", row_id, type(failed).__name__)
        work.take_back()
        work.counts["follow_ups_failed"] += 1
        await follow_ups.end(work.db, row_id, status="failed", reason=type(failed).__name__)


async def _guarded_return(work: Work, conversation_id: int, conversation: Conversation, identity: Identity) -> None:
    """The same for a return: the bot has the word again, though it finds nothing to say."""
    try:
        async with work.db.begin_nested():
            await _give_back(work, conversation, identity)
            await settle(work)
            await work.db.flush()
    except Exception as failed:
        if is_database_down(failed):
            raise
        log.error("the return to conversation %d failed: %s", conversation_id, type(failed).__name__)
        work.take_back()
        work.counts["returns_failed"] += 1
        await follow_ups.end_person(work.db, conversation_id)


async def _serve(work: Work, row: FollowUp) -> None:
    """One row: checked against the world as it is now, then played like any other event."""
    conversation = await work.db.get(Conversation, row.conversation_id)
    identity = await work.db.get(Identity, conversation.identity_id) if conversation else None
    if conversation is None or identity is None:
        return _end(row, "cancelled", "gone")
    person = (await persons(work, [identity]))[0]
    person.conversation = conversation
    if row.what == "reading":
        return await pauses.over(work, person, row)
    if row.what == "date":
        return await remind(work, person, row, await _held(work, person, row.kind) or _with_person(work, person))
    rules = scripts(work, Position.load(conversation.state))[0].flow.silence_at(conversation.step)
    if row.rule >= len(rules):
        return _end(row, "cancelled", "the rule is gone")
    if why := _void(work, person):
        return _end(row, "cancelled", why)
    rule = rules[row.rule]
    business = work.library.live.business
    if rule.say and is_quiet(business, work.now) and not _late(work, rule, row):
        row.due_at = next_allowed(business, work.now)
        return None
    why = None
    if rule.say:
        why = await _held(work, person, rule.kind) or ("too late" if _late(work, rule, row) else None)
    last = rule.mark is not None or row.rule + 1 >= len(rules)
    if why:
        work.counts["follow_ups_skipped"] += 1
        _end(row, "skipped", why)
    else:
        work.counts["follow_ups"] += 1
        _end(row, "done", None)
        crash("follow-up claimed")
        await play(work, person, Silent(row.rule), event_id=f"follow_up:{row.id}", unsolicited=True)
        crash("follow-up promised")
    if not last:
        _plan_next(work, row, rules)
    elif why:
        await go_cold(work, conversation)
    return None


def _with_person(work: Work, person: Person) -> str | None:
    """A human has the word with them, in whatever dialog they are now."""
    now = [one for one in person.dialogs.values() if one.id == person.identity.conversation_id]
    return "with a person" if any(one.with_person(work.now) for one in now) else None


def _end(row: FollowUp, status: str, reason: str | None) -> None:
    row.status, row.reason = status, reason


def _void(work: Work, person: Person) -> str | None:
    """Reasons for which the whole plan is at its end (T7)."""
    identity, conversation = person.identity, person.conversation
    assert conversation is not None
    position = Position.load(conversation.state)
    if not identity.reachable:
        return "unreachable"
    if identity.stopped_at:
        return "stopped"
    if identity.conversation_id != conversation.id:
        return "went on elsewhere"
    if conversation.with_person(work.now):
        return "with a person"
    return "nothing waits" if position.step is None or position.applied or position.refused else None


async def _held(work: Work, person: Person, kind: str) -> str | None:
    """Reasons for which this one message is not sent, though later ones may be (L27, L30, A15)."""
    business, identity = work.library.live.business, person.identity
    if kind == "advertising":
        if "advertising" not in person.consents:
            return "no consent to advertising"
        if identity.channel == "telegram" and business.switches.telegram_advertising is None:
            return "advertising in Telegram is off"
    for cap, span in ((business.touches.per_day, timedelta(days=1)), (business.touches.per_week, timedelta(days=7))):
        if await follow_ups.touches_since(work.db, identity_id=identity.id, since=work.now - span) >= cap:
            return "enough touches"
    return None


def _late(work: Work, rule: SilenceRule, row: FollowUp) -> bool:
    """It fell due while nobody was there to send it; waiting for allowed hours does not make it timely (T2)."""
    return work.now - row.due_at > max(LEAST_GRACE, rule.after)


def _plan_next(work: Work, row: FollowUp, rules: tuple[SilenceRule, ...]) -> None:
    """The next rule at its own time, but never sooner after this one than the file spaces them (T2)."""
    this, following = rules[row.rule], rules[row.rule + 1]
    planned = row.silent_since + following.after
    spaced = work.now + (following.after - this.after)
    follow_ups.plan(
        work.db,
        conversation_id=row.conversation_id,
        rule=row.rule + 1,
        kind=following.kind,
        due_at=max(planned, spaced),
        silent_since=row.silent_since,
    )


async def _give_back(work: Work, conversation: Conversation, identity: Identity) -> None:
    """A person's time to have the word is over: the bot goes on, kindly, in allowed hours."""
    business = work.library.live.business
    asked: datetime | None = conversation.person_asked_at
    if identity.stopped_at or not identity.reachable or identity.conversation_id != conversation.id:
        conversation.person_until = conversation.person_asked_at = None
        return
    if is_quiet(business, work.now):
        conversation.person_until = next_allowed(business, work.now)
        return
    if await question_left(work, conversation) is None:
        conversation.person_until = conversation.person_asked_at = None
        return
    if asked:
        await bot_returns(work, identity, conversation, said=NOT_YET_ANSWERED, unsolicited=True)
    else:
        await bot_returns(work, identity, conversation, unsolicited=True)

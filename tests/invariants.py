"""What is true of the database after every event, fault and restart (THREATS I2, I4–I10, I12).

``broken`` looks at the rows alone, so that any test may ask: after a story, a kill, a simulated day. It returns a
sentence for everything that is not so, [] when all is well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dialogs.conversation import Conversation as Position
from dialogs.flow_set import FlowSet
from handlers.work import Desk
from storage.database import Database
from storage.leads import OPEN as OPEN_LEADS
from storage.partial import OPEN
from storage.tables import (
    Consent,
    Contact,
    ContactPoint,
    Conversation,
    FollowUp,
    Identity,
    Lead,
    Outbox,
    PromoCode,
    Row,
)

Flows = Callable[[int], FlowSet | None]


async def broken(
    database: Database,
    *,
    now: datetime,
    desks: Collection[Desk] = (),
    flows: Flows | None = None,
    stocks: Mapping[str, int] | None = None,
    absent: Collection[str] = (),
    quiet: bool = False,
) -> list[str]:
    """Every sentence that should not be true, at ``now`` (UTC-aware).

    ``desks``: where each application must have its card. ``flows``: the set of a version, None if it is gone;
    without it steps are not judged. ``stocks``: codes of each ``flow.offer`` that were ever made. ``absent``:
    personal values that nobody told us since they were erased. ``quiet``: all that was due has been given time to go.
    """
    async with database.read() as db:
        seen = await _Rows.all(db)
        found = [*_people(seen, now), *_leads(seen, desks), *_codes(seen, stocks or {}), *_outbox(seen, now, quiet)]
        found += [*_advertising(seen), *_follow_ups(seen)]
        found += _steps(seen, flows) if flows else []
        found += [sentence async for sentence in _remains(db, absent)] if absent else []
    return found


class _Rows:
    """The rows that the sentences are about, by id."""

    def __init__(self, tables: Mapping[type[Row], list[Any]]) -> None:
        self.identities: dict[int, Identity] = {one.id: one for one in tables[Identity]}
        self.contacts: dict[int, Contact] = {one.id: one for one in tables[Contact]}
        self.points: list[ContactPoint] = tables[ContactPoint]
        self.conversations: dict[int, Conversation] = {one.id: one for one in tables[Conversation]}
        self.leads: dict[int, Lead] = {one.id: one for one in tables[Lead]}
        self.codes: list[PromoCode] = tables[PromoCode]
        self.consents: list[Consent] = sorted(tables[Consent], key=lambda one: one.id)
        self.follow_ups: list[FollowUp] = tables[FollowUp]
        self.outbox: dict[int, Outbox] = {one.id: one for one in tables[Outbox]}

    @classmethod
    async def all(cls, db: AsyncSession) -> _Rows:
        tables = (Identity, Contact, ContactPoint, Conversation, Lead, PromoCode, Consent, FollowUp, Outbox)
        return cls({table: list(await db.scalars(select(table))) for table in tables})

    def consent_of(self, contact_id: int, purpose: str) -> datetime | None:
        """When somebody behind this contact first agreed."""
        names = {one.pseudonym for one in self.identities.values() if one.contact_id == contact_id}
        given = (one for one in self.consents if one.pseudonym in names and one.purpose == purpose)
        return next((one.at for one in given if one.act == "given"), None)

    def standing(self, pseudonym: str, purpose: str) -> Consent | None:
        """The newest word of this person on this purpose."""
        said = [one for one in self.consents if (one.pseudonym, one.purpose) == (pseudonym, purpose)]
        return said[-1] if said else None


# ---------------------------------------------------------------- people and leads


def _people(seen: _Rows, now: datetime) -> Iterator[str]:
    acts: set[tuple[str, str, str, str]] = set()
    for one in seen.consents:
        act = (one.pseudonym, one.purpose, one.act, one.event_id)
        if act in acts and one.event_id:
            yield f"I2: event {one.event_id} made two rows in the ledger: {one.purpose} {one.act}"
        acts.add(act)
    for conversation in seen.conversations.values():
        if conversation.identity_id not in seen.identities:
            yield f"conversation {conversation.id} is nobody's"
        lead = seen.leads.get(conversation.lead_id or 0)
        if conversation.lead_id and (lead is None or lead.flow != conversation.flow):
            yield f"conversation {conversation.id} points to lead {conversation.lead_id} of another flow, or to none"
    talks = Counter(one.lead_id for one in seen.conversations.values() if one.lead_id)
    for lead_id, number in talks.items():
        if number > 1:  # ``cards.applications`` shows the one it applied in
            yield f"P36: lead {lead_id} talks to us in {number} dialogs"
    for identity in seen.identities.values():
        if identity.conversation_id and identity.conversation_id not in seen.conversations:
            yield f"identity {identity.id} talks in conversation {identity.conversation_id}, which is gone"


def _leads(seen: _Rows, desks: Collection[Desk]) -> Iterator[str]:
    open_leads: set[tuple[int, str]] = set()
    for lead in seen.leads.values():
        if lead.contact_id is None:
            if lead.status in OPEN_LEADS:
                yield f"lead {lead.id} is open and has no contact"
            continue
        if lead.status in OPEN_LEADS:
            if (lead.contact_id, lead.flow) in open_leads:
                yield f"P36: contact {lead.contact_id} has two open leads of {lead.flow}"
            open_leads.add((lead.contact_id, lead.flow))
        agreed = seen.consent_of(lead.contact_id, "personal_data")
        if agreed is None or agreed > lead.created_at:
            yield f"I8: lead {lead.id} began without a consent before it"
        if lead.applied_at:
            yield from _cards(seen, lead, desks)
    for point in seen.points:
        if seen.consent_of(point.contact_id, "personal_data") is None:
            yield f"I8: contact {point.contact_id} has a {point.kind} and never consented"


def _cards(seen: _Rows, lead: Lead, desks: Collection[Desk]) -> Iterator[str]:
    """I9: a confirmed application has a card, or an alarm that there is none."""
    cards = [one for one in seen.outbox.values() if one.lead_id == lead.id and one.role in ("card", "call")]
    said = [str(one.body.get("text", "")) for one in seen.outbox.values() if one.role == "alarm"]
    alarmed = any(f"лида №{lead.id} " in text for text in said)
    for desk in desks:
        here = [one for one in cards if (one.channel, one.to) == (desk.channel, desk.chat)]
        if not any(one.status not in ("refused", "cancelled") for one in here) and not alarmed:
            yield f"I9: the application of lead {lead.id} has no card in {desk.channel}:{desk.chat} and no alarm"


def _codes(seen: _Rows, stocks: Mapping[str, int]) -> Iterator[str]:
    held: set[tuple[str, int]] = set()
    for code in seen.codes:
        if code.lead_id is None:
            continue
        if code.issued_at is None:
            yield f"I6: code {code.id} belongs to lead {code.lead_id} and was never issued"
        if (code.offer, code.lead_id) in held:
            yield f"I6: lead {code.lead_id} has two codes of {code.offer}"
        held.add((code.offer, code.lead_id))
    for offer, stock in stocks.items():
        issued = sum(code.offer == offer and code.issued_at is not None for code in seen.codes)
        if issued > stock:
            yield f"I6: {issued} codes of {offer} were issued of a stock of {stock}"


# ---------------------------------------------------------------- what goes out


def _outbox(seen: _Rows, now: datetime, quiet: bool) -> Iterator[str]:
    for row in seen.outbox.values():
        if row.status not in (*OPEN, "sent", "unknown", "refused", "cancelled"):
            yield f"I5: message {row.id} is {row.status}"
        if row.status in ("refused", "cancelled") and not row.reason:
            yield f"I5: message {row.id} is {row.status} without a reason"
        if (row.status in OPEN) != (row.done_at is None):
            yield f"I5: message {row.id} is {row.status} and has ended {row.done_at or 'never'}"
        if row.status in OPEN:
            yield from _promised(seen, row)
            yield from _disturbing(seen, row)
        if quiet and (row.status == "sending" or (row.status == "due" and row.due_at <= now)):
            yield f"I5: message {row.id} ({row.role}) is still {row.status} though all had time to go"


def _promised(seen: _Rows, row: Outbox) -> Iterator[str]:
    """I4: an open row is to somebody, about something that is there."""
    if not row.to:
        yield f"I4: message {row.id} ({row.role}) is due to nobody"
    about = (
        ("identity", row.identity_id, seen.identities),
        ("conversation", row.conversation_id, seen.conversations),
        ("lead", row.lead_id, seen.leads),
        ("message", row.target_id, seen.outbox),
        ("message", row.reply_to_id, seen.outbox),
    )
    for kind, number, rows in about:
        if number is not None and number not in rows:
            yield f"I4: message {row.id} ({row.role}) is about {kind} {number}, which is gone"
    if row.act == "edit" and row.target_id is None:
        yield f"I4: message {row.id} edits nothing"


def _disturbing(seen: _Rows, row: Outbox) -> Iterator[str]:
    """I7: nothing nobody asked for is due to somebody who stopped, withdrew, or cannot be written to."""
    identity = seen.identities.get(row.identity_id or 0)
    if not row.unsolicited or identity is None:
        return
    since = row.first_tried_at if row.status == "sending" else None  # on the wire already: that one may arrive (P47)
    if identity.stopped_at and not (since and since < identity.stopped_at):
        yield f"I7: message {row.id} is {row.status} to identity {identity.id}, who said stop"
    if not identity.reachable and not since:
        yield f"I7: message {row.id} is {row.status} to identity {identity.id}, who cannot be written to"
    word = seen.standing(identity.pseudonym, "personal_data")
    if word is not None and word.act == "withdrawn" and row.created_at < word.at and not since:
        yield f"I7: message {row.id} is {row.status} to identity {identity.id}, who withdrew after it was promised"


def _advertising(seen: _Rows) -> Iterator[str]:
    """I8: each advertisement names a consent that was in force when it went."""
    consents = {one.id: one for one in seen.consents}
    for row in seen.outbox.values():
        if row.kind != "advertising" or row.status in ("cancelled", "refused"):
            continue
        consent = consents.get(row.consent_id or 0)
        if consent is None or (consent.purpose, consent.act) != ("advertising", "given"):
            yield f"I8: advertisement {row.id} names no consent"
            continue
        ended = (
            one
            for one in seen.consents
            if one.id > consent.id and (one.pseudonym, one.purpose) == (consent.pseudonym, consent.purpose)
        )
        if any(one.act != "given" and row.first_tried_at and one.at < row.first_tried_at for one in ended):
            yield f"I8: advertisement {row.id} went out after its consent had ended"


def _follow_ups(seen: _Rows) -> Iterator[str]:
    """Silence is noticed only where an answer is waited for (T7), once a conversation (T8)."""
    planned: set[int] = set()
    for row in seen.follow_ups:
        if row.status != "planned":
            continue
        if row.what != "silence":
            yield from _dated(seen, row)
            continue
        conversation = seen.conversations.get(row.conversation_id)
        if conversation is None:
            yield f"T7: follow-up {row.id} belongs to no conversation"
            continue
        if conversation.id in planned:
            yield f"T8: conversation {conversation.id} has two follow-ups planned"
        planned.add(conversation.id)
        yield from _waited_for(seen, row, conversation)


def _dated(seen: _Rows, row: FollowUp) -> Iterator[str]:
    """A reminder belongs to an application: it does not wait for an answer, but a stop ends it as well."""
    conversation = seen.conversations.get(row.conversation_id)
    if conversation is None:
        yield f"T7: follow-up {row.id} belongs to no conversation"
    elif row.what == "date" and seen.identities[conversation.identity_id].stopped_at is not None:
        yield f"T7: reminder {row.id} is planned though stop was said"


def _waited_for(seen: _Rows, row: FollowUp, conversation: Conversation) -> Iterator[str]:
    position, identity = Position.load(conversation.state), seen.identities[conversation.identity_id]
    reasons = {
        "where nothing waits": position.step is None,
        "after the application": position.applied,
        "after a refusal": position.refused,
        "while a person has the word": conversation.person_until is not None,
        "though stop was said": identity.stopped_at is not None,
        "though nobody can be written to": not identity.reachable,
    }
    for why, so in reasons.items():
        if so:
            yield f"T7: follow-up {row.id} of conversation {conversation.id} is planned {why}"


def _steps(seen: _Rows, flows: Flows) -> Iterator[str]:
    """I10: everybody stands at a step that their version has, or at none."""
    for one in seen.conversations.values():
        position = Position.load(one.state) if one.state else None
        if position is None or (position.step, position.version) != (one.step, one.version):
            yield f"I10: conversation {one.id} does not stand where its row says"
            continue
        flow_set = flows(one.version)
        if one.step is None or flow_set is None:
            continue  # a version that no program can read any more is settled at the next word
        if one.flow not in flow_set.flows or one.step not in flow_set.flows[one.flow].by_id:
            yield f"I10: conversation {one.id} stands at {one.step}, which version {one.version} does not have"


# ---------------------------------------------------------------- what must be gone


async def _remains(db: AsyncSession, absent: Collection[str]) -> Any:
    """I12: a personal value that was erased stands in no column of any table."""
    for table in Row.metadata.sorted_tables:
        for row in await db.execute(select(table)):
            for name, value in row._mapping.items():
                if isinstance(value, datetime | timedelta | bool | int) or value is None:
                    continue
                told = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for one in absent:
                    if one in told:
                        yield f"I12: {one!r} is still in {table.name}.{name}"

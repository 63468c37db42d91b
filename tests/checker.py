"""The checker: what the platforms took, what the database says, what people did; do the three agree?

Run it when everything has drained. Each rule is a pure function over ``Evidence`` and names what it holds up: the
promises G1-G12, the invariants I1-I14. An act has three ends: ok, refused, unknown. ok: its effect is there exactly
once; refused: it is not there; unknown: not, or once for each try. On Telegram a message of unknown outcome is sent
once more, so there may be one copy for each unknown try; VK knows a repeat, there every message is there once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.consents import digest_of
from storage.database import Database
from storage.tables import (
    Consent,
    Identity,
    Outbox,
)
from tests.emulators.ledger import Accepted, Ledger
from tests.evidence import Address, Evidence, gather
from tests.screens import plain

SAYS = frozenset({"sendMessage", "copyMessage", "forwardMessage", "messages.send"})
EDITS = frozenset({"editMessageText", "editMessageReplyMarkup", "messages.edit"})
ALARM_QUIET = timedelta(minutes=10)


async def violations(
    database: Database, ledgers: Iterable[Ledger], *, now: datetime, desks: Collection[Address] = (),
    forgiven: Collection[str] = (),
) -> list[str]:  # fmt: skip
    """Everything that should not be, a sentence each; empty: all is well.

    ``now``: the bot's clock; what falls due later may wait. ``desks``: the managers' chats, each of which has to have
    every application's card. ``forgiven``: keys of events that a test knows to be lost (its network was away too long).
    """
    return check(await gather(database, ledgers, now=now, desks=desks, forgiven=forgiven))


@dataclass(frozen=True, slots=True)
class Tally:
    """How much there was to check. ``repeats``: second copies on Telegram. ``unknown``: tries whose outcome nobody
    knew. ``recognised``: repeats that VK knew and did not show. ``doubles``: second copies on VK, of which there may be
    none."""

    events: int
    messages: int
    edits: int
    unknown: int
    repeats: int
    recognised: int
    doubles: int
    parked: int
    leads: int
    applications: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


NOTHING = Tally(*[0] * 10)


def count(evidence: Evidence) -> Tally:
    """The numbers of a town that has been checked."""
    says = [one for one in evidence.entries if one.method in SAYS]
    copies = {name: sum(n - 1 for n in _copies(evidence, name).values()) for name in evidence.channels}
    return Tally(
        events=sum(len(one.acts) for one in evidence.ledgers),
        messages=len(says),
        edits=sum(one.method in EDITS for one in evidence.entries),
        unknown=sum(_unknown_tries(row) for row in evidence.rows.values() if row.channel != "web" and row.act == "say"),
        repeats=sum(n for name, n in copies.items() if name != "vk"),
        recognised=sum(one.recognised for one in evidence.ledgers),
        doubles=copies.get("vk", 0),
        parked=len(evidence.parked),
        leads=len(evidence.leads),
        applications=sum(lead.applications for lead in evidence.leads),
    )


# ---------------------------------------------------------------- the rules


def check(evidence: Evidence) -> list[str]:
    """All rules, one after the other."""
    return [sentence for rule in RULES for sentence in rule(evidence)]


def everything_has_a_row(evidence: Evidence) -> Iterator[str]:
    """I4: nothing goes out that no transaction promised, and it says what the row says."""
    for entry in evidence.entries:
        if entry.method not in SAYS | EDITS:
            continue
        row = evidence.rows.get(entry.row or 0)
        if row is None:
            if not _erased_chat(evidence, entry):
                yield f"I4: {_what(entry)} was accepted, and no outbox row promised it"
        elif row.to and (row.channel, row.to) != (entry.channel, entry.to) and not _has_moved(evidence, row):
            yield f"I4: {_what(entry)} is of outbox row {row.id}, which was for chat {row.to}"
        elif not _same_words(str(row.body.get("text", "")), entry.text):
            yield f"I4: {_what(entry)} does not say what its outbox row {row.id} says"


def every_row_ended(evidence: Evidence) -> Iterator[str]:
    """I5: nothing that was due is left over, and nothing is being sent for ever."""
    for row in evidence.rows.values():
        if row.status == "sending" or (row.status == "due" and row.due_at <= evidence.now):
            yield f"I5: outbox row {row.id} ({row.channel}, {row.role}) is still {row.status!r}"


def accepted_as_told(evidence: Evidence) -> Iterator[str]:
    """G3: sent, refused, cancelled or unknown: the network took it as often as that allows."""
    for row in evidence.rows.values():
        if row.channel not in evidence.channels or row.act != "say":
            continue
        taken = [one for one in evidence.by_row.get(row.id, ()) if one.method in SAYS]
        least, most = _bounds(row)
        if not row.to and row.role != "farewell" and row.channel != "vk":
            least = 0  # erased: its chat is no longer known, so the witness could not tell
        if not least <= len(taken) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            yield (
                f"G3: outbox row {row.id} ({row.channel}, {row.role}) is {row.status!r} after {row.attempt} tries and "
                f"was accepted {len(taken)} times instead of {wanted}"
            )
        if row.channel == "telegram" and row.attempt > 2:
            yield f"G3: outbox row {row.id} was tried {row.attempt} times on Telegram"
        if row.channel == "telegram" and row.kind != "service" and row.attempt > 1:
            yield f"G3: outbox row {row.id} is advertising and was tried {row.attempt} times"


def _bounds(row: Outbox) -> tuple[int, int]:
    """How often at least and at most a message of this state may have been accepted."""
    if row.status == "sent":
        return 1, 1 if row.channel == "vk" else max(1, row.attempt)
    before = row.attempt - (row.status == "refused")
    return 0, max(0, min(before, 1) if row.channel == "vk" else before)


def edits_arrived(evidence: Evidence) -> Iterator[str]:
    """G3: an edit that counts as done was taken, or the message looked so already; a void one was never tried."""
    shown = {(one.channel, one.to, one.message_id, plain(one.text)) for one in evidence.entries}
    for row in evidence.rows.values():
        if row.channel not in evidence.channels or row.act != "edit":
            continue
        taken = evidence.by_row.get(row.id, ())
        text = str(row.body.get("text", ""))
        if row.status == "sent" and not taken and text:
            target = (row.channel, row.to, row.message_id or "", plain(text))
            if target not in shown:
                yield f"G3: the edit of outbox row {row.id} counts as done and was never accepted"
        if row.status == "cancelled" and not row.first_tried_at and taken:
            yield f"G3: outbox row {row.id} was cancelled before it was tried and was accepted all the same"


def random_ids_are_unique(evidence: Evidence) -> Iterator[str]:
    """G3: VK shows no message twice; each of ours has a ``random_id``."""
    for ledger in evidence.ledgers:
        if ledger.channel != "vk":
            continue
        says = [one for one in ledger.entries if one.method in SAYS]
        for entry in says:
            if entry.key is None:
                yield f"G3: {_what(entry)} has no random_id"
        for (key, chat), times in Counter((one.key, one.to) for one in says).items():
            if key is not None and times > 1:
                yield f"G3: VK took random_id {key} in chat {chat} {times} times"


def repeats_are_accounted_for(evidence: Evidence) -> Iterator[str]:
    """G3: on Telegram a second copy needs an unknown outcome; no message has a third."""
    for row_id, times in _copies(evidence, "telegram").items():
        row = evidence.rows[row_id]
        if times > 2:
            yield f"G3: outbox row {row_id} stands {times} times on Telegram"
        elif times - 1 > _unknown_tries(row):
            yield f"G3: outbox row {row_id} stands twice on Telegram without an unknown outcome"


def in_order(evidence: Evidence) -> Iterator[str]:
    """G2: in each chat messages arrive in the order in which they were promised."""
    newest: dict[Address, int] = {}
    seen: set[int] = set()
    for entry in evidence.entries:
        row = evidence.rows.get(entry.row or 0)
        if row is None or row.id in seen or entry.method not in SAYS | EDITS or _has_moved(evidence, row):
            continue
        seen.add(row.id)
        chat = (entry.channel, entry.to)
        if row.id < newest.get(chat, 0):
            yield f"G2: in chat {entry.to} outbox row {row.id} arrived after row {newest[chat]}"
        newest[chat] = max(row.id, newest.get(chat, 0))


def every_act_was_served(evidence: Evidence) -> Iterator[str]:
    """I1, G1: what a person did has its key in the database, or it is parked, with an alarm."""
    parked = {(one.channel, one.event_id) for one in evidence.parked}
    for ledger in evidence.ledgers:
        for act in ledger.acts:
            key = (ledger.channel, act.key)
            if act.key in evidence.forgiven or act.key in ledger.forgotten or key in evidence.served or key in parked:
                continue
            yield f"G1: event {act.key} of {ledger.channel} ({act.kind}) was never served"


def parked_once_with_an_alarm(evidence: Evidence) -> Iterator[str]:
    """N5, I14: what is put aside is put aside once, and somebody is told."""
    told = [row.created_at for row in evidence.rows.values() if row.role == "alarm" and "отложено" in _said(row)]
    for (channel, event_id), times in Counter((one.channel, one.event_id) for one in evidence.parked).items():
        if times > 1:
            yield f"N5: event {event_id} of {channel} is parked {times} times"
    for one in evidence.parked:
        if not any(at >= one.at - ALARM_QUIET for at in told):
            yield f"I14: event {one.event_id} of {one.channel} is parked and no alarm says so"


def silence_is_kept(evidence: Evidence) -> Iterator[str]:
    """G5, I7: nothing unsolicited is begun after a stop; an address that is gone gets nothing either."""
    people = {one.id: one for one in evidence.identities}
    for row in evidence.rows.values():
        person = people.get(row.identity_id or 0)
        if person is None or not row.unsolicited or row.first_tried_at is None or row.id not in evidence.by_row:
            continue
        if person.stopped_at and row.first_tried_at > person.stopped_at:
            yield f"G5: outbox row {row.id} is unsolicited and went out after identity {person.id} had said stop"
        gone = _unreachable_since(evidence, person)
        if gone and row.first_tried_at > gone:
            yield f"G5: outbox row {row.id} is unsolicited and went out after identity {person.id} was unreachable"


def farewell_is_the_last_word(evidence: Evidence) -> Iterator[str]:
    """P46, P47: after a withdrawal one line is said, then nothing until the person writes again; what was on the wire
    at that moment may arrive."""
    acts = {one.channel: one.acts for one in evidence.ledgers}
    last: dict[Address, tuple[Outbox, int]] = {}
    said: dict[Address, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=UTC))
    for entry in evidence.entries:
        row, chat = evidence.rows.get(entry.row or 0), (entry.channel, entry.to)
        if row is None:
            continue
        if chat in last and row.id != last[chat][0].id:
            farewell, together = last[chat]
            spoke_since = any(
                act.chat == entry.to and act.at > farewell.created_at for act in acts[entry.channel][: entry.heard]
            )
            one_batch = row.created_at == farewell.created_at and together > 1
            if not (spoke_since or one_batch or _on_the_wire(row, farewell.created_at)):
                yield f"P46: outbox row {row.id} was said in chat {entry.to} after the farewell of row {farewell.id}"
        if row.role == "farewell":
            unserved = [
                act for act in acts[entry.channel][: entry.heard] if act.chat == entry.to and act.at > said[chat]
            ]
            last[chat] = (row, len(unserved))  # served together: what they wrote after the stop is answered after it
        said[chat] = row.created_at


def advertising_has_consent(evidence: Evidence) -> Iterator[str]:
    """G6, I8: an advertisement goes out once at most, and only under a consent in force at that moment."""
    given = {one.id: one for one in evidence.consents}
    for row in evidence.rows.values():
        if row.kind != "advertising" or not (taken := evidence.by_row.get(row.id)):
            continue
        if len(taken) > 1:
            yield f"G3: the advertisement of outbox row {row.id} was accepted {len(taken)} times"
        consent = given.get(row.consent_id or 0)
        if consent is None or consent.act != "given" or consent.purpose != "advertising":
            yield f"I8: the advertisement of outbox row {row.id} points to no advertising consent"
        elif any(_ends(later, consent) and later.at < (row.first_tried_at or later.at) for later in evidence.consents):
            yield f"I8: the advertisement of outbox row {row.id} went out after its consent {consent.id} had ended"


def contacts_have_consent(evidence: Evidence) -> Iterator[str]:
    """I8, G6: whoever is stored as a contact has agreed to processing, from one of their addresses."""
    newest = {(one.pseudonym, one.purpose): one.act for one in sorted(evidence.consents, key=lambda one: one.id)}
    names: dict[int, set[str]] = defaultdict(set)
    for one in evidence.identities:
        if one.contact_id is not None:
            names[one.contact_id].add(one.pseudonym)
        if one.pseudonym != digest_of(evidence.salt, one.channel, one.external_id):
            yield f"L36: identity {one.id} has a pseudonym that its address does not give"
    for contact in evidence.contacts:
        if not any(newest.get((name, "personal_data")) == "given" for name in names[contact.id]):
            yield f"I8: contact {contact.id} is stored without a processing consent in force"


def codes_are_kept(evidence: Evidence) -> Iterator[str]:
    """I6, G4: a code goes to one person, and only what was issued is ever said."""
    said: dict[str, set[Address]] = defaultdict(set)
    known = {one.code: one for one in evidence.codes}
    pattern = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, known)) + r")(?![\w-])") if known else None
    for entry in evidence.entries:
        if pattern and (entry.channel, entry.to) not in evidence.desks:
            for code in pattern.findall(entry.text):
                said[code].add((entry.channel, entry.to))
    for code, chats in said.items():
        if known[code].issued_at is None:
            yield f"I6: a code of offer {known[code].offer} was said to somebody and counts as free"
        if len(chats) > 1:
            yield f"I6: a code of offer {known[code].offer} was said in {len(chats)} chats"
    for one in evidence.codes:
        if one.lead_id is not None and one.issued_at is None:
            yield f"I6: code {one.id} belongs to lead {one.lead_id} and was never issued"
    for (offer, lead), times in Counter((one.offer, one.lead_id) for one in evidence.codes if one.lead_id).items():
        if times > 1:
            yield f"I6: lead {lead} has {times} codes of offer {offer}"


def applications_have_cards(evidence: Evidence) -> Iterator[str]:
    """I9, G9: an application has its lead, its history, and in every desk one card or an alarm."""
    happened: dict[int, Counter[str]] = defaultdict(Counter)
    for event in evidence.history:
        happened[event.lead_id][event.what] += 1
    cards: dict[tuple[int, str, str], list[Outbox]] = defaultdict(list)
    for row in evidence.rows.values():
        if row.role == "card" and row.act == "say" and row.lead_id is not None and row.target_id is None:
            cards[row.lead_id, row.channel, row.to].append(row)
    alarms = [_said(row) for row in evidence.rows.values() if row.role == "alarm" and "не доставлена" in _said(row)]
    for lead in evidence.leads:
        if not lead.applications or lead.contact_id is None:
            continue
        if not happened[lead.id]:
            yield f"I9: lead {lead.id} has applied and has no history"
        alarmed = any(f"лида №{lead.id} " in said for said in alarms)  # of this lead, not of any
        for channel, chat in evidence.desks:
            live = [row for row in cards[lead.id, channel, chat] if row.status in ("sent", "due", "sending")]
            if len(live) > 1:
                yield f"I9: lead {lead.id} has {len(live)} cards in {channel} {chat}"
            if not live and not alarmed:
                yield f"I9: lead {lead.id} has applied and has no card in {channel} {chat}, and no alarm says so"


def dialogs_can_go_on(evidence: Evidence) -> Iterator[str]:
    """I10: a conversation stands in a version that is kept; its state says the same."""
    for one in evidence.conversations:
        if one.version not in evidence.versions:
            yield f"I10: conversation {one.id} stands in version {one.version}, which is not kept"
        if (one.state or {}).get("step") != one.step:
            yield f"I10: conversation {one.id} is at {one.step!r} and its state says {one.state.get('step')!r}"


RULES = (
    everything_has_a_row, every_row_ended, accepted_as_told, edits_arrived, random_ids_are_unique,
    repeats_are_accounted_for, in_order, every_act_was_served, parked_once_with_an_alarm, silence_is_kept,
    farewell_is_the_last_word, advertising_has_consent, contacts_have_consent, codes_are_kept, applications_have_cards,
    dialogs_can_go_on,
)  # fmt: skip


# ---------------------------------------------------------------- parts


def _copies(evidence: Evidence, channel: str) -> dict[int, int]:
    """Row -> how many copies of it stand in the channel; only rows that stand there at all."""
    says = (one for one in evidence.entries if one.channel == channel and one.method in SAYS)
    return dict(Counter(one.row for one in says if one.row is not None and one.row in evidence.rows))


def _unknown_tries(row: Outbox) -> int:
    """Sends that may have arrived and of which nobody heard."""
    return max(0, row.attempt - (row.status in ("sent", "refused")))


def _ends(later: Consent, consent: Consent) -> bool:
    same = (later.pseudonym, later.purpose) == (consent.pseudonym, consent.purpose)
    return same and later.id > consent.id and later.act != "given"


def _unreachable_since(evidence: Evidence, person: Identity) -> datetime | None:
    """When a send told that nobody is there any more; None if that is not so, or came to be known another way."""
    if person.reachable:
        return None
    told = (row.done_at for row in evidence.rows.values() if row.identity_id == person.id and row.status == "refused")
    return max(filter(None, told), default=None)


def _on_the_wire(row: Outbox, at: datetime) -> bool:
    """Was it tried by then and had not ended?"""
    begun = row.first_tried_at is not None and row.first_tried_at <= at
    return begun and (row.done_at is None or row.done_at >= at)


def _erased_chat(evidence: Evidence, entry: Accepted) -> bool:
    """Somebody was erased while a message was on the wire: its row no longer knows the chat (I12), so no witness could
    find it. VK's key finds it all the same."""
    return entry.key is None and any(
        row.channel == entry.channel and not row.to and row.first_tried_at and row.first_tried_at <= entry.at
        and (row.done_at is None or entry.at <= row.done_at + timedelta(seconds=5))
        for row in evidence.rows.values()
    )  # fmt: skip


def _has_moved(evidence: Evidence, row: Outbox) -> bool:
    """The chat got a new id while rows waited for the old one (M10)."""
    return any(one.method in SAYS | EDITS and row.to and one.to != row.to for one in evidence.by_row.get(row.id, ()))


def _said(row: Outbox) -> str:
    return str((row.body or {}).get("text", ""))


def _same_words(promised: str, taken: str) -> bool:
    """Erased rows are empty, a keyboard's edit has no text, and long texts are cut."""
    promised, taken = plain(promised), plain(taken)
    return not promised or not taken or promised == taken or promised.startswith(taken.rstrip("…"))


def _what(entry: Accepted) -> str:
    return f"{entry.method} number {entry.sequence} to {entry.channel} chat {entry.to}"

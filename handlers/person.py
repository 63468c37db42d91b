"""A prospect as a handler meets them: who, where they stand, what they have agreed to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogs import capabilities
from dialogs.conversation import Conversation as Position
from dialogs.conversation import Kind
from dialogs.effects import Button
from dialogs.flow_set import FlowSet, Script
from dialogs.tags import Touch
from dialogs.tongues import in_language
from handlers.inbound import Inbound
from handlers.work import Work
from storage import consents, people
from storage.outbox import promise
from storage.tables import Conversation, Identity, Lead


@dataclass(slots=True)
class Person:
    """``dialogs``: every conversation of theirs, by flow; ``conversation`` is the present one. ``consents``: purpose ->
    digest of the wording in force. ``name``, ``language``: the profile's, for this turn only. ``leads``: those of the
    dialogs, by number; while they are held, the session knows them too."""

    identity: Identity
    conversation: Conversation | None
    consents: dict[str, str]
    dialogs: dict[str, Conversation] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    name: str = ""
    language: str = ""


async def meet(work: Work, keys: Collection[people.Key]) -> dict[people.Key, Person]:
    """Everybody of a batch who has written before: three statements, however many there are."""
    identities = await people.find_identities(work.db, keys)
    return dict(zip(identities, await persons(work, identities.values()), strict=True))


async def persons(work: Work, identities: Collection[Identity]) -> list[Person]:
    """The same for identities already found."""
    agreed = await consents.in_force(work.db, [one.pseudonym for one in identities])
    met = {one.id: Person(one, None, agreed.get(one.pseudonym, {})) for one in identities}
    for conversation, lead in await people.find_dialogs(work.db, met):
        person = met[conversation.identity_id]
        person.dialogs[conversation.flow] = conversation
        if lead is not None:
            person.leads[lead.id] = lead
        if conversation.id == person.identity.conversation_id:
            person.conversation = conversation
    return list(met.values())


async def welcome(work: Work, inbound: Inbound) -> Person:
    """Somebody who writes for the first time: only the channel's id and a position (L5)."""
    identity = await people.record_identity(
        work.db,
        channel=inbound.channel,
        external_id=inbound.sender,
        pseudonym=await consents.pseudonym(work.db, inbound.channel, inbound.sender),
        touch={},
        now=work.now,
    )
    work.counts["identities"] += 1
    return Person(identity, None, {})


async def stand(work: Work, person: Person) -> None:
    """Their present conversation may be another by now: a human's word took them there."""
    present = person.identity.conversation_id
    if present != (person.conversation.id if person.conversation else None):
        theirs = (one for one in person.dialogs.values() if one.id == present)
        person.conversation = next(theirs, None) or await work.db.get(Conversation, present or 0)


def remember_touch(work: Work, identity: Identity, touch: Touch) -> None:
    """First and last touch: where the person came from, the first time and the last."""
    told = {"flow": touch.flow, "source": touch.source, "campaign": touch.campaign, "at": work.now.isoformat()}
    if not identity.first_touch:
        identity.first_touch = told
    identity.last_touch = told


def say(
    work: Work,
    identity: Identity,
    text: str,
    buttons: Sequence[Button] = (),
    *,
    role: str = "reply",
    kind: Kind = "service",
    conversation_id: int | None = None,
    lead_id: int | None = None,
    consent_id: int | None = None,
    unsolicited: bool = False,
    priority: int = 0,
    asks_phone: bool = False,
    asks_place: bool = False,
    verbatim: bool = False,
    things: Mapping[str, Any] | None = None,
) -> None:
    """Promise one message to a prospect, laid out for their channel; a number keyboard left on screen is taken away.
    The longer ago they wrote, the more others pass (T10). Phrases of ours are said in the language that is spoken to
    them; ``verbatim``: these words are not ours."""
    channel, language = identity.channel, identity.language
    if language:
        text = text if verbatim else in_language(text, language)
        buttons = [one._replace(label=in_language(one.label, language)) for one in buttons]
    laid = capabilities.rows([button.label for button in buttons], channel)
    can = capabilities.CHANNELS[channel]
    place = asks_place and can.place_button
    number = asks_phone and can.phone_button
    shows = number or (place and channel == "telegram")
    showed = identity.phone_keyboard
    if showed != shows:
        identity.phone_keyboard = shows
    if place:
        things = {"asks_place": True}
    promise(
        work.db,
        now=work.now,
        channel=channel,
        to=identity.external_id,
        role=role,
        text=text,
        buttons=[[buttons[index] for index in row] for row in laid],
        identity_id=identity.id,
        asks_phone=number,
        drops_keyboard=showed and not shows,
        priority=max(priority, work.late),
        kind=kind,
        conversation_id=conversation_id,
        lead_id=lead_id,
        consent_id=consent_id,
        unsolicited=unsolicited,
        things=things,
    )


def published(flow_set: FlowSet, channel: str) -> tuple[str, ...]:
    """Flows that are live in this channel; none in Telegram for those whom 41-FZ forbids it (L33)."""
    if channel == "telegram" and flow_set.business.switches.no_foreign_messengers:
        return ()
    return flow_set.business.published.get(channel, ())  # type: ignore[call-overload, no-any-return]


def scripts(work: Work, at: Position) -> tuple[Script, Script | None]:
    """The version that the position is pinned to, and the newest one of the same flow if it still exists.

    A version that this program cannot read is the newest (I10); raises LookupError when there is none either.
    """
    live, flow, version, language = work.library.live, at.flow, at.version, at.language
    newest = live.script(flow, language) if flow in live.flows else None
    if newest and newest.version == version:
        return newest, newest
    pinned = work.flows_at(version)
    script = pinned.script(flow, language) if pinned else newest
    if script is None:
        raise LookupError(f"flow {flow}, version {version}, is nowhere to be read")
    return script, newest


async def lead_of(work: Work, conversation: Conversation) -> Lead | None:
    """The lead that this dialog is about, if there is one yet."""
    lead_id = conversation.lead_id
    return None if lead_id is None else await work.db.get(Lead, lead_id)

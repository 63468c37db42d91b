"""A prospect as a handler meets them: who, where they stand, what they have agreed to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dialogs import capabilities
from dialogs.conversation import Button
from dialogs.flow import FlowSet, Script
from dialogs.tags import Touch
from handlers.inbound import Inbound
from handlers.work import Work
from storage import consents, people
from storage.outbox import promise
from storage.tables import Conversation, Identity, Outbox


@dataclass(slots=True)
class Person:
    """``consents``: purpose -> digest of the wording in force. ``name``: the profile's, for this turn only."""

    identity: Identity
    conversation: Conversation | None
    consents: dict[str, str]
    name: str = ""


async def meet(work: Work, keys: Collection[people.Key]) -> dict[people.Key, Person]:
    """Everybody of a batch who has written before: three statements, however many there are."""
    identities = await people.find_identities(work.db, keys)
    return {(one.identity.channel, one.identity.external_id): one for one in await persons(work, identities.values())}


async def persons(work: Work, identities: Collection[Identity]) -> list[Person]:
    """The same for identities already found."""
    current = [one.conversation_id for one in identities if one.conversation_id is not None]
    conversations = await people.find_conversations(work.db, current)
    agreed = await consents.in_force(work.db, [one.pseudonym for one in identities])
    return [
        Person(one, conversations.get(one.conversation_id or 0), dict(agreed.get(one.pseudonym, {})))
        for one in identities
    ]


async def welcome(work: Work, inbound: Inbound) -> Person:
    """Somebody who writes for the first time: only the channel's id and a position (L5)."""
    pseudonym = await consents.pseudonym(work.db, inbound.channel, inbound.sender)
    identity = people.record_identity(
        work.db,
        channel=inbound.channel,
        external_id=inbound.sender,
        pseudonym=pseudonym,
        touch={},
        now=work.now,
    )
    await work.db.flush()
    work.counts["identities"] += 1
    return Person(identity, None, {})


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
    asks_phone: bool = False,
    **more: object,
) -> Outbox:
    """Promise one message to a prospect, laid out for their channel; a number keyboard left on screen is taken away."""
    channel = identity.channel
    laid = capabilities.rows([button.label for button in buttons], channel)
    shows = asks_phone and capabilities.CHANNELS[channel].phone_button
    drops, identity.phone_keyboard = identity.phone_keyboard and not shows, shows
    return promise(
        work.db,
        now=work.now,
        channel=channel,
        to=identity.external_id,
        role=role,
        text=text,
        buttons=[[buttons[index] for index in row] for row in laid],
        identity_id=identity.id,
        asks_phone=shows,
        drops_keyboard=drops,
        **more,  # type: ignore[arg-type]
    )


def published(flow_set: FlowSet, channel: str) -> tuple[str, ...]:
    """Flows that are live in this channel; none in Telegram for those whom 41-FZ forbids it (L33)."""
    if channel == "telegram" and flow_set.business.switches.no_foreign_messengers:
        return ()
    return flow_set.business.published.get(channel, ())  # type: ignore[call-overload, no-any-return]


def scripts(work: Work, conversation: Conversation) -> tuple[Script, Script | None]:
    """The version the conversation is pinned to, and the newest one of the same flow if it still exists.

    A version that this program cannot read is the newest (I10); raises LookupError when there is none either.
    """
    live = work.library.live
    newest = live.script(conversation.flow) if conversation.flow in live.flows else None
    if newest and newest.version == conversation.version:
        return newest, newest
    pinned = work.flows_at(conversation.version)
    script = pinned.script(conversation.flow) if pinned else newest
    if script is None:
        raise LookupError(f"conversation {conversation.id} stands in a flow that is nowhere to be read")
    return script, newest

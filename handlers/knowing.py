"""What the engine is told about the world at one turn. What is dear is found out only for flows that ask."""

from __future__ import annotations

from datetime import datetime

from dialogs.conversation import Conversation as Position
from dialogs.conversation import Known
from dialogs.flow_set import Script
from dialogs.hours import opens_at
from handlers.person import Person, lead_of
from handlers.work import Work
from storage import codes, leads
from storage.tables import Conversation


async def learn(
    work: Work, person: Person, conversation: Conversation, script: Script, newest: Script | None, position: Position
) -> Known:
    """For one turn, wherever it stops and goes on: a consent given and a code taken in it are seen at once."""
    names, asked = script.flow.counted, "returning" in script.flow.named
    if newest is not None and newest is not script:
        names, asked = (*names, *newest.flow.counted), asked or "returning" in newest.flow.named
    if uncounted := [one for one in names if one not in work.left]:
        work.left |= await codes.left(work.db, uncounted)
    returning = asked and await _returning(work, person, conversation, position)
    opens = _opens(work, script)
    return Known(
        channel=person.identity.channel,
        consents=person.consents,
        profile_name=person.name,
        left=work.left,
        open_now=opens is None,
        opens_at=opens,
        source=conversation.source,
        campaign=conversation.campaign,
        returning=returning,
        number=person.identity.id,
    )


def _opens(work: Work, script: Script) -> datetime | None:
    """When the business opens next, None while it is open: found out once for all of a version who write at once."""
    if script.version not in work.opens:
        business = script.business
        work.opens[script.version] = None if business.is_open(work.now) else opens_at(business, work.now)
    return work.opens[script.version]


async def _returning(work: Work, person: Person, conversation: Conversation, position: Position) -> bool:
    """Had they applied before this run? The application of this very run does not count."""
    lead = await lead_of(work, conversation)
    if lead is not None and lead.applications > position.applied:
        return True
    contact = person.identity.contact_id
    return contact is not None and await leads.has_applied(
        work.db, contact_id=contact, but_for=lead.id if lead is not None else 0
    )

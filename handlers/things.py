"""Photos, files and places that people send: taken as answers where they are asked for, shown to managers elsewhere."""

from __future__ import annotations

from dialogs.conversation import Conversation as Position
from dialogs.effects import Remember
from dialogs.events import Odd
from dialogs.things import THINGS, told
from handlers import cards
from handlers.card_files import forwarding
from handlers.inbound import Attachment, Inbound, Thing
from handlers.person import Person, lead_of, scripts
from handlers.work import Work
from storage import answer_files
from storage.tables import AnswerFile, Lead


def odd(heard: Attachment) -> Odd:
    """What the engine needs to know of it."""
    thing = heard.thing or Thing("")
    return Odd(heard.what, thing.name, thing.place, thing.number)


def awaited(work: Work, person: Person) -> bool:
    """Does a question wait that is answered by no words? Then a caption is not the answer, what it stands under is."""
    conversation = person.conversation
    if conversation is None or conversation.step is None:
        return False
    try:
        step = scripts(work, Position.load(conversation.state))[0].flow.by_id.get(conversation.step)
    except LookupError:
        return False
    return step is not None and step.answer is not None and step.answer.type in THINGS


async def keep(work: Work, lead: Lead, one: Remember, heard: Attachment, inbound: Inbound) -> None:
    """Where the answer stands; an earlier answer to the same question is no more."""
    await work.db.flush()
    await answer_files.forget_files(work.db, lead_ids=[lead.id], step=one.step)
    if heard.thing is not None:
        answer_files.record_file(work.db, _row(work, lead.id, one.step, heard.what, heard.thing, inbound, one.shown))


async def next_of_album(work: Work, person: Person, part: Attachment, inbound: Inbound) -> None:
    """An album is one answer (P24): its later parts go where the first went, and nothing is said."""
    conversation, thing = person.conversation, part.thing
    if conversation is None or thing is None or thing.album is None:
        return
    lead = await lead_of(work, conversation)
    await work.db.flush()
    first = await answer_files.find_album(work.db, lead_id=lead.id, album=thing.album) if lead else None
    if lead is not None and first is not None:
        row = _row(work, lead.id, first.step, part.what, thing, inbound, first.shown)
        answer_files.record_file(work.db, row)
        await work.db.flush()
        await answer_files.count_again(work.db, first)
        if lead.applied_at is not None:
            await cards.files(work, lead)
        return
    if lead is not None and lead.applied_at is not None:
        await relay(work, person, part, inbound)


async def relay(work: Work, person: Person, heard: Attachment, inbound: Inbound, *, words: str = "") -> None:
    """Under the card, as it was sent; the words where the managers' chat is in another network."""
    conversation = person.conversation
    assert conversation is not None
    lead = await lead_of(work, conversation)
    text = "\n".join(filter(None, (f"[{told(odd(heard))}]", words)))
    things = forwarding(located(heard, inbound))
    await cards.relay(work, person.identity, conversation, lead, text, things=things)


def located(heard: Attachment, inbound: Inbound) -> Thing | None:
    """Where in its network it stands; None: the network does not say."""
    thing = heard.thing
    return Thing(thing.message_id, chat=inbound.chat) if thing and thing.message_id else None


def _row(work: Work, lead_id: int, step: str, what: str, thing: Thing, inbound: Inbound, shown: str) -> AnswerFile:
    return AnswerFile(
        lead_id=lead_id, step=step, channel=inbound.channel, chat=inbound.chat, message_id=thing.message_id, what=what,
        file_id=thing.file_id, size=thing.size, album=thing.album, shown=shown, shown_at=None, at=work.now,
    )  # fmt: skip

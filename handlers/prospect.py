"""What the bot does for a prospect: every word, tap and gesture of theirs comes here, stop words first."""

from __future__ import annotations

from datetime import timedelta

from dialogs.cleaning import clean
from dialogs.conversation import Messages
from dialogs.events import AskedPerson, Back, Resumed, Said, SharedPhone
from dialogs.words import Meaning, meaning
from handlers import cards, edits, languages, manager, opening, pauses, presses, privacy, things, with_person
from handlers.inbound import (
    AlbumPart,
    Attachment,
    Edited,
    Inbound,
    Notice,
    PersonAnswered,
    PhoneCard,
    Press,
    Reachable,
    Start,
    Text,
)
from handlers.person import Person, say, stand
from handlers.turns import noticed, play
from handlers.with_person import has_person
from handlers.work import Work
from storage import follow_ups
from storage.outbox import cancel_all

LAW = frozenset({"stop", "erase", "withdraw", "my_data"})

HELP = (
    "Отвечайте кнопками или словами. «Назад» — к прошлому вопросу, «заново» — с начала, «менеджер» — позвать человека, "
    "«мои данные» — что мы о вас храним, «стоп» — больше не писать первыми."
)
LATELY = timedelta(minutes=1)


async def hear(work: Work, person: Person, inbound: Inbound) -> None:
    """One event of one prospect. Nothing is sent here: it is promised."""
    identity, said = person.identity, inbound.heard
    await stand(work, person)
    person.name = clean(inbound.first_name, limit=60)
    person.language = inbound.language
    if work.now - identity.seen_at > LATELY:
        identity.seen_at = work.now
    match said:  # what is heard most comes first
        case Press():
            if said.query:
                work.notices.append(Notice(inbound.channel, said.query, inbound.sender, inbound.chat))
            _returned(person)
            return await presses.hear(work, person, said, inbound)
        case Text():
            _returned(person)
            return await _text(work, person, clean(said.text), inbound, messages=_messages(said))
        case Start(tag):
            _returned(person)
            await pauses.read_now(work, person)
            return await _start(work, person, tag, inbound)
        case Reachable(yes, for_good):
            if not yes:
                await pauses.read_now(work, person)
            return await reachable(work, person, yes=yes, for_good=for_good)
        case PersonAnswered():
            if person.conversation is not None:
                await manager.stepped_in(work, identity, person.conversation)
            return None
        case Edited(message_id, text):
            return await edits.hear(work, person, message_id, clean(text), inbound)
        case PhoneCard(phone, own):
            _returned(person)
            await pauses.read_now(work, person)
            return await _card(work, person, SharedPhone(clean(phone, limit=64), own), inbound)
        case Attachment():
            _returned(person)
            await pauses.read_now(work, person)
            return await _sent(work, person, said, inbound)
        case AlbumPart(part):
            return await things.next_of_album(work, person, part, inbound)
    return None


async def reachable(work: Work, person: Person, *, yes: bool, for_good: bool) -> None:
    """Blocked or let in again (P19). The lead stays; what was planned is void; no backlog is poured out later."""
    identity = person.identity
    identity.reachable = yes
    identity.unreachable_reason = None if yes else "for good" if for_good else "blocked"
    if not yes:
        work.counts["unreachable"] += 1
        await follow_ups.cancel_for_identity(work.db, identity_id=identity.id, reason="unreachable")
        await cancel_all(work.db, identity_id=identity.id, now=work.now, reason="unreachable")
    if person.conversation is not None:
        await cards.refresh_conversation(work, person.conversation)


def _returned(person: Person) -> None:
    """Whoever writes can be written to."""
    if not person.identity.reachable:
        person.identity.reachable, person.identity.unreachable_reason = True, None


# ---------------------------------------------------------------- words


def _messages(said: Text) -> Messages:
    return tuple((number, clean(words)) for number, words in said.messages)


async def _text(work: Work, person: Person, text: str, inbound: Inbound, *, messages: Messages = ()) -> None:
    """Stop words before anything else (P46); then a person who has the word; then the flow."""
    command = meaning(text)
    unread = command == "withdraw" or (command == "back" and not has_person(work, person))
    if (command or has_person(work, person)) and not unread:
        await pauses.read_now(work, person)
    if command in LAW:
        await privacy.hear(work, person.identity, person.conversation, command, inbound)
        return await noticed(work, person) if command in ("erase", "my_data") else None
    if command == "resume":
        person.identity.stopped_at = None
    if has_person(work, person):
        if command in ("again", "resume"):
            return await with_person.bot_again(work, person)
        return await with_person.relay(work, person, text or "[без слов]")
    if person.conversation is None or not person.identity.runs:
        return await _first_words(work, person, text, command, inbound)
    if await languages.switched(work, person, text, event_id=inbound.event_id):
        return None
    if command and await _command(work, person, command, inbound):
        return None
    if await opening.by_keyword(work, person, text, event_id=inbound.event_id):
        return None
    return await play(work, person, Said(text, messages), event_id=inbound.event_id)


async def _first_words(work: Work, person: Person, text: str, command: Meaning | None, inbound: Inbound) -> None:
    """No dialog yet: a keyword opens its flow, a human can be asked for, anything else is a bare start."""
    if command == "person":
        return await opening.for_a_person(work, person, event_id=inbound.event_id)
    if not await opening.by_keyword(work, person, text, event_id=inbound.event_id):
        await opening.start(work, person, "", event_id=inbound.event_id)
    return None


async def _command(work: Work, person: Person, command: Meaning, inbound: Inbound) -> bool:
    """A message that is only «назад», «заново», «менеджер»… True if it was carried out."""
    event_id, conversation = inbound.event_id, person.conversation
    assert conversation is not None
    match command:
        case "back":
            await play(work, person, Back(), event_id=event_id)
        case "person":
            await play(work, person, AskedPerson(), event_id=event_id)
        case "again":
            await opening.restart(work, person, conversation.flow, event_id=event_id)
        case "resume":
            await play(work, person, Resumed(), event_id=event_id)
        case "help":
            say(work, person.identity, HELP)
            await play(work, person, Resumed(), event_id=event_id)
        case _:
            return False
    return True


async def _start(work: Work, person: Person, tag: str, inbound: Inbound) -> None:
    if has_person(work, person):
        with_person.remind_of_person(work, person)
        return
    await opening.start(work, person, tag, event_id=inbound.event_id)


async def _sent(work: Work, person: Person, heard: Attachment, inbound: Inbound) -> None:
    """A photo, a file, a voice message… Words beside it are what was said, unless the thing itself is asked for."""
    words = clean(heard.caption)
    if words and meaning(words):
        return await _text(work, person, words, inbound)
    if has_person(work, person):
        return await with_person.relay(work, person, words, sent=(heard, inbound))
    if words and not things.awaited(work, person):
        return await _text(work, person, words, inbound)
    if person.conversation is None:
        return await opening.start(work, person, "", event_id=inbound.event_id)
    return await play(work, person, things.odd(heard), event_id=inbound.event_id, sent=(heard, inbound))


async def _card(work: Work, person: Person, event: SharedPhone, inbound: Inbound) -> None:
    """A contact card."""
    if has_person(work, person):
        return await with_person.relay(work, person, event.phone)
    if person.conversation is None:
        return await opening.start(work, person, "", event_id=inbound.event_id)
    return await play(work, person, event, event_id=inbound.event_id)

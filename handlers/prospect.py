"""What the bot does for a prospect: every word, tap and gesture of theirs comes here, stop words first."""

from __future__ import annotations

from datetime import timedelta

from dialogs.answering import DOUBLE_TAP
from dialogs.cleaning import clean
from dialogs.conversation import Conversation as Position
from dialogs.conversation import Messages
from dialogs.effects import Button
from dialogs.events import AskedPerson, Back, Resumed, Said, SharedPhone, Tapped
from dialogs.tags import Touch
from dialogs.words import Meaning, meaning
from handlers import cards, edits, languages, manager, opening, pauses, privacy, reminders, things
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
from handlers.person import Person, lead_of, persons, say, stand
from handlers.turns import heard, noticed, play
from handlers.work import Work
from storage import follow_ups, people
from storage.outbox import cancel_all
from storage.tables import Conversation, Identity

LAW = frozenset({"stop", "erase", "withdraw", "my_data"})

HELP = (
    "Отвечайте кнопками или словами. «Назад» — к прошлому вопросу, «заново» — с начала, «менеджер» — позвать человека, "
    "«мои данные» — что мы о вас храним, «стоп» — больше не писать первыми."
)
WITH_PERSON = "Сейчас с вами говорит менеджер: пишите, я всё передам. Или вернёмся к вопросам?"
LEFT_LATELY = timedelta(days=1)
LATELY = timedelta(minutes=1)
TO_BOT = "Вернуться к вопросам"
BACK_TO_BOT = "Я снова на связи. Продолжим:"
BACK_AND_DONE = "Я снова на связи. Если понадобится менеджер, напишите «менеджер»."


async def hear(work: Work, person: Person, inbound: Inbound) -> None:
    """One event of one prospect. Nothing is sent here: it is promised."""
    identity, said = person.identity, inbound.heard
    await stand(work, person)
    person.name = clean(inbound.first_name, limit=60)
    person.language = inbound.language
    if work.now - identity.seen_at > LATELY:
        identity.seen_at = work.now
    match said:
        case Reachable(yes, for_good):
            if not yes:
                await pauses.read_now(work, person)
            return await reachable(work, person, yes=yes, for_good=for_good)
        case PersonAnswered():
            if person.conversation is not None:
                await manager.stepped_in(work, identity, person.conversation)
            return None
        case Press():
            if said.query:
                work.notices.append(Notice(inbound.channel, said.query, inbound.sender, inbound.chat))
            await _returned(work, person)
            return await _press(work, person, said, inbound)
        case Start(tag):
            await _returned(work, person)
            await pauses.read_now(work, person)
            return await _start(work, person, tag, inbound)
        case Text():
            await _returned(work, person)
            return await _text(work, person, clean(said.text), inbound, messages=_messages(said))
        case Edited(message_id, text):
            return await edits.hear(work, person, message_id, clean(text), inbound)
        case PhoneCard(phone, own):
            await _returned(work, person)
            await pauses.read_now(work, person)
            return await _card(work, person, SharedPhone(clean(phone, limit=64), own), inbound)
        case Attachment():
            await _returned(work, person)
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


async def _returned(work: Work, person: Person) -> None:
    """Whoever writes can be written to."""
    if not person.identity.reachable:
        person.identity.reachable, person.identity.unreachable_reason = True, None


# ---------------------------------------------------------------- words


def _messages(said: Text) -> Messages:
    return tuple((number, clean(words)) for number, words in said.messages)


async def _text(work: Work, person: Person, text: str, inbound: Inbound, *, messages: Messages = ()) -> None:
    """Stop words before anything else (P46); then a person who has the word; then the flow."""
    command = meaning(text)
    unread = command == "withdraw" or (command == "back" and not _with_person(work, person))
    if (command or _with_person(work, person)) and not unread:
        await pauses.read_now(work, person)
    if command in LAW:
        await privacy.hear(work, person.identity, person.conversation, command, inbound)
        return await noticed(work, person) if command in ("erase", "my_data") else None
    if command == "resume":
        person.identity.stopped_at = None
    if _with_person(work, person):
        if command in ("again", "resume"):
            return await bot_again(work, person)
        return await _relay(work, person, text or "[без слов]")
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
    if _with_person(work, person):
        say(work, person.identity, WITH_PERSON, [Button(TO_BOT, "!bot")])
        return
    await opening.start(work, person, tag, event_id=inbound.event_id)


async def _sent(work: Work, person: Person, heard: Attachment, inbound: Inbound) -> None:
    """A photo, a file, a voice message… Words beside it are what was said, unless the thing itself is asked for."""
    words = clean(heard.caption)
    if words and meaning(words):
        return await _text(work, person, words, inbound)
    if _with_person(work, person):
        return await _relay(work, person, words, sent=(heard, inbound))
    if words and not things.awaited(work, person):
        return await _text(work, person, words, inbound)
    if person.conversation is None:
        return await opening.start(work, person, "", event_id=inbound.event_id)
    return await play(work, person, things.odd(heard), event_id=inbound.event_id, sent=(heard, inbound))


async def _card(work: Work, person: Person, event: SharedPhone, inbound: Inbound) -> None:
    """A contact card."""
    if _with_person(work, person):
        return await _relay(work, person, event.phone)
    if person.conversation is None:
        return await opening.start(work, person, "", event_id=inbound.event_id)
    return await play(work, person, event, event_id=inbound.event_id)


# ---------------------------------------------------------------- taps


async def _press(work: Work, person: Person, press: Press, inbound: Inbound) -> None:
    """A button of the flow goes to the engine; one with «!» is ours."""
    key = await pauses.after_words(work, person, press.key)
    if key is None:
        return None
    if not key.startswith("!"):
        return await _flow_button(work, person, key, inbound.event_id)
    if _twice(work, person, key):
        return None
    await _own_button(work, person, key, inbound)
    if person.conversation is not None and not privacy.is_gone(person.identity):
        state = person.conversation.state
        person.conversation.state = {**state, "tapped": key, "tapped_at": work.now.isoformat()}
    return None


def _twice(work: Work, person: Person, key: str) -> bool:
    """The second tap of a double tap (P7); the engine remembers taps of its own buttons in the same place."""
    at = Position.load(person.conversation.state) if person.conversation else None
    return bool(at and at.tapped == key and at.tapped_at and work.now - at.tapped_at <= DOUBLE_TAP)


async def _own_button(work: Work, person: Person, key: str, inbound: Inbound) -> None:
    event_id = inbound.event_id
    action, _, flow = key[1:].partition(".")
    if action in ("erase", "keep"):
        again = await privacy.press(work, person.identity, person.conversation, key, inbound)
        if again and person.conversation is not None:
            await play(work, person, Resumed(), event_id=event_id)
        return None
    if action == "bot":
        return await bot_again(work, person)
    if _with_person(work, person):
        return await _start(work, person, "", inbound)
    if action in ("menu", "restart") and flow in work.library.live.flows:
        begin = opening.restart if action == "restart" else _open
        return await begin(work, person, flow, event_id=event_id)
    if action == "restart" and flow in person.dialogs:  # it is no more: what there is instead
        return opening.menu(work, person)
    if action == "person" and person.conversation is None:
        return await opening.for_a_person(work, person, event_id=event_id)
    if person.conversation is None:
        return await opening.start(work, person, "", event_id=event_id)
    if action == "person":
        return await play(work, person, AskedPerson(), event_id=event_id)
    if action == "date":
        event = await reminders.led_by(work, person, flow)
        await opening.let_go_of_closed_lead(work, person.conversation)
        return await play(work, person, event, event_id=event_id)
    return await play(work, person, Resumed(), event_id=event_id)


async def _open(work: Work, person: Person, flow: str, *, event_id: str) -> None:
    last = person.identity.last_touch
    touch = Touch(flow, last.get("source", ""), last.get("campaign", ""))
    await opening.open_flow(work, person, flow, touch, event_id=event_id)


async def _flow_button(work: Work, person: Person, key: str, event_id: str) -> None:
    if person.conversation is None:
        return await opening.start(work, person, "", event_id=event_id)
    if _with_person(work, person):
        say(work, person.identity, WITH_PERSON, [Button(TO_BOT, "!bot")])
        return None
    return await play(work, person, Tapped(key), event_id=event_id)


# ---------------------------------------------------------------- with a person


def _with_person(work: Work, person: Person) -> bool:
    return person.conversation is not None and person.conversation.with_person(work.now)


async def _relay(work: Work, person: Person, text: str, *, sent: tuple[Attachment, Inbound] | None = None) -> None:
    """A human has the word: what the prospect writes goes under the card, and the bot keeps silent."""
    conversation = person.conversation
    assert conversation is not None
    conversation.touched_at = work.now
    await heard(work, person)
    if sent is not None:
        return await things.relay(work, person, *sent, words=text)
    lead = await lead_of(work, conversation)
    return await cards.relay(work, person.identity, conversation, lead, text)


async def bot_again(work: Work, person: Person) -> None:
    """The prospect takes the bot back."""
    if person.conversation is None:
        return await opening.start(work, person, "", event_id="")
    await heard(work, person)
    return await bot_returns(work, person.identity, person.conversation)


async def question_left(work: Work, conversation: Conversation) -> Conversation | None:
    """Where a question waits: here, or in the dialog that a human's word took the person from."""
    found: Conversation | None = conversation
    if not conversation.step:
        since = work.now - LEFT_LATELY
        found = await people.find_unfinished(work.db, identity_id=conversation.identity_id, since=since)
    applied = found is not None and Position.load(found.state).applied
    return None if applied else found  # whoever has applied is not asked once more for consent to advertising


async def bot_returns(
    work: Work, identity: Identity, conversation: Conversation, *, said: str = BACK_TO_BOT, unsolicited: bool = False
) -> None:
    """The bot has the word again: it says so and asks the waiting question."""
    conversation.person_until = conversation.person_asked_at = None
    await cards.refresh_conversation(work, conversation)
    waiting = await question_left(work, conversation)
    say(work, identity, said if waiting else BACK_AND_DONE, unsolicited=unsolicited, conversation_id=conversation.id)
    if waiting is not None:
        identity.conversation_id = waiting.id
        for person in await persons(work, [identity]):
            await play(work, person, Resumed(), of_itself=True)

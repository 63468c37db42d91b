"""A human has the word: what the prospect writes is relayed and the bot keeps silent, until it gets the word back."""

from __future__ import annotations

from datetime import timedelta

from dialogs.conversation import Conversation as Position
from dialogs.effects import Button
from dialogs.events import Resumed
from handlers import cards, opening, things
from handlers.inbound import Attachment, Inbound
from handlers.person import Person, persons, say
from handlers.turns import heard, play
from handlers.work import Work
from storage import people
from storage.tables import Conversation, Identity

WITH_PERSON = "Сейчас с вами говорит менеджер: пишите, я всё передам. Или вернёмся к вопросам?"
TO_BOT = "Вернуться к вопросам"
BACK_TO_BOT = "Я снова на связи. Продолжим:"
BACK_AND_DONE = "Я снова на связи. Если понадобится менеджер, напишите «менеджер»."
LEFT_LATELY = timedelta(days=1)


def has_person(work: Work, person: Person) -> bool:
    return person.conversation is not None and person.conversation.with_person(work.now)


def remind_of_person(work: Work, person: Person) -> None:
    """They opened a link or pressed a button: the bot tells why it is silent, and how to have it back."""
    say(work, person.identity, WITH_PERSON, [Button(TO_BOT, "!bot")])


async def relay(work: Work, person: Person, text: str, *, sent: tuple[Attachment, Inbound] | None = None) -> None:
    """A human has the word: what the prospect writes goes under the card, and the bot keeps silent."""
    conversation = person.conversation
    assert conversation is not None
    conversation.touched_at = work.now
    lead = await heard(work, person, conversation)
    if sent is not None:
        return await things.relay(work, person, *sent, words=text)
    return await cards.relay(work, person.identity, conversation, lead, text)


async def bot_again(work: Work, person: Person) -> None:
    """The prospect takes the bot back."""
    if person.conversation is None:
        return await opening.start(work, person, "", event_id="")
    await heard(work, person, person.conversation)
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

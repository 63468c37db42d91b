"""A button was pressed: one of the flow, or one of the bot's own («!»)."""

from __future__ import annotations

from dialogs.answering import DOUBLE_TAP
from dialogs.conversation import Conversation as Position
from dialogs.events import AskedPerson, Resumed, Tapped
from dialogs.tags import Touch
from handlers import opening, pauses, privacy, reminders, with_person
from handlers.inbound import Inbound, Press
from handlers.person import Person
from handlers.turns import play
from handlers.with_person import has_person
from handlers.work import Work


async def hear(work: Work, person: Person, press: Press, inbound: Inbound) -> None:
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
        return await with_person.bot_again(work, person)
    if has_person(work, person):
        return with_person.remind_of_person(work, person)
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
    if has_person(work, person):
        with_person.remind_of_person(work, person)
        return None
    return await play(work, person, Tapped(key), event_id=event_id)

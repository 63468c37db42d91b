"""How a dialog opens: by a start tag, by a keyword, or bare. And what happens when it is opened again."""

from __future__ import annotations

from dialogs import phrases
from dialogs.cleaning import folded
from dialogs.conversation import BLANK, Conversation, Value
from dialogs.effects import Button
from dialogs.events import AskedPerson, Resumed, Started
from dialogs.flow import Flow
from dialogs.former import Kept, brought
from dialogs.replacing import replace
from dialogs.tags import Touch, parse_tag
from handlers import pauses
from handlers.elsewhere import told_where, told_where_by_word
from handlers.languages import asked_for, spoken_to
from handlers.person import Person, lead_of, published, remember_touch, say
from handlers.turns import noticed, play
from handlers.work import Work
from storage import follow_ups, people
from storage.former_answers import former_answers
from storage.tables import Conversation as ConversationRow

AGAIN = "Вы уже начали отвечать. Продолжим с того же места или начнём заново?"
APPLIED = "Ваша заявка уже у нас. Хотите оставить ещё одну или позвать менеджера?"
ONE_MORE = "Ещё одна заявка"
POLICY = "Как мы бережём ваши данные: {policy}"
CLOSED_HERE = "К сожалению, в этом мессенджере мы не можем принимать обращения. Наши контакты — на сайте: {policy}"


async def start(work: Work, person: Person, tag: str, *, event_id: str) -> None:
    """The dialog is opened: by the tag's flow, or as ``business.yaml`` says for a bare start."""
    live = work.library.live
    here = published(live, person.identity.channel)
    touch = parse_tag(tag, here)
    remember_touch(work, person.identity, touch)
    work.counts["started"] += 1
    if touch.flow is None and told_where(work, person, tag):
        return None
    if not here:
        say(work, person.identity, CLOSED_HERE.format(policy=live.business.policy))
        return None
    if touch.flow is None and _unfinished(person):
        return await _once_more(work, person, event_id=event_id)
    flow = touch.flow or (live.business.start if isinstance(live.business.start, str) else None)
    if flow is not None and flow in here:
        return await open_flow(work, person, flow, touch, event_id=event_id)
    return menu(work, person)


def menu(work: Work, person: Person) -> None:
    """What we can talk about, a button a flow; the policy is there from the first message on (L6)."""
    live = work.library.live
    here = published(live, person.identity.channel)
    opening = live.business.start
    if isinstance(opening, str):
        greeting, flows = live.business.company, here
    else:
        greeting, flows = opening.say, tuple(one for one in opening.flows if one in here)
    titles = {one: live.script(one, asked_for(person)).flow.title for one in flows}
    buttons = [Button(title, f"!menu.{one}") for one, title in titles.items()]
    if (policy := live.business.policy) not in greeting:
        greeting = f"{greeting.strip()}\n\n{POLICY.format(policy=policy)}"
    say(work, person.identity, greeting.strip(), buttons)


async def open_flow(work: Work, person: Person, flow: str, touch: Touch, *, event_id: str) -> None:
    """Begin the flow, or come back to where the person stood in it."""
    conversation = person.dialogs.get(flow)
    if conversation is not None:
        person.conversation, person.identity.conversation_id = conversation, conversation.id
        return await _once_more(work, person, event_id=event_id)
    await restart(work, person, flow, touch, event_id=event_id)
    return None


async def restart(work: Work, person: Person, flow: str, touch: Touch | None = None, *, event_id: str) -> None:
    """From the first step, in the newest version, as a new run: old buttons are stale from now on."""
    live = work.library.live
    if flow not in published(live, person.identity.channel):
        return menu(work, person)
    identity = person.identity
    for one in person.dialogs.values():
        follow_ups.cancel(work.db, conversation_id=one.id, reason="restarted")
    identity.runs += 1
    conversation = person.dialogs.get(flow)
    before = conversation.state if conversation else {}
    met = before.get("variants", {})  # whoever comes again meets the variants they know
    former = await _former(work, person, live.flows[flow])
    language = spoken_to(flow, before.get("language"), person, live)
    fresh = replace(
        BLANK, flow=flow, version=live.version, run=identity.runs, variants=met, former=former, language=language
    )
    if conversation is None:
        conversation = await _begin(work, person, fresh, touch)
    else:
        conversation.state, conversation.version, conversation.step = fresh.dump(), live.version, None
        conversation.person_until = conversation.person_asked_at = None
    person.conversation, identity.conversation_id = conversation, conversation.id
    await let_go_of_closed_lead(work, conversation)
    return await play(work, person, Started(), event_id=event_id)


async def _former(work: Work, person: Person, flow: Flow) -> dict[str, Value]:
    """What the contact answered before, in any flow and channel, and this flow asks: offered, if it says so (and while
    the consent holds)."""
    contact = person.identity.contact_id
    if flow.answers_stay is None or contact is None or "personal_data" not in person.consents:
        return {}
    kept = await former_answers(work.db, contact_id=contact, since=work.now - flow.answers_stay)
    return brought(flow, (Kept(one.step, one.kind, one.value) for one in kept))


async def for_a_person(work: Work, person: Person, *, event_id: str) -> None:
    """A human is asked for before any flow was begun: a dialog to be answered in, at no step of it."""
    live, identity = work.library.live, person.identity
    here = published(live, identity.channel)
    opening = live.business.start
    flows = [one for one in ((opening,) if isinstance(opening, str) else opening.flows) if one in here] or here
    if not flows:
        return await start(work, person, "", event_id=event_id)
    if not identity.first_touch:
        remember_touch(work, identity, parse_tag("", here))
    if person.conversation is None:
        conversation = await _begin(work, person, Conversation(flows[0], live.version), None)
        person.conversation, identity.conversation_id = conversation, conversation.id
    return await play(work, person, AskedPerson(), event_id=event_id)


async def _begin(work: Work, person: Person, position: Conversation, touch: Touch | None) -> ConversationRow:
    last = person.identity.last_touch
    conversation = person.dialogs[position.flow] = await people.record_conversation(
        work.db,
        identity_id=person.identity.id,
        flow=position.flow,
        version=position.version,
        state=position.dump(),
        source=touch.source if touch else last.get("source", ""),
        campaign=touch.campaign if touch else last.get("campaign", ""),
        now=work.now,
    )
    work.counts["conversations"] += 1
    return conversation


async def let_go_of_closed_lead(work: Work, conversation: ConversationRow) -> None:
    """A later interest is a new lead; an open one is gone on with (P36)."""
    lead = await lead_of(work, conversation)
    if lead is not None and lead.status in ("won", "lost", "junk"):
        conversation.lead_id = None


def _unfinished(person: Person) -> bool:
    return person.conversation is not None and person.conversation.step is not None


async def _once_more(work: Work, person: Person, *, event_id: str) -> None:
    """Opened again (P14): at the very beginning the question again; later, go on or start anew; after it, one more."""
    conversation = person.conversation
    assert conversation is not None
    position = Conversation.load(conversation.state)
    if position.step is None and not position.applied:
        return await restart(work, person, conversation.flow, event_id=event_id)
    if position.step is not None and not position.answers and not position.applied:
        return await play(work, person, Resumed(), event_id=event_id)
    again = Button(phrases.ANEW, f"!restart.{conversation.flow}")
    if position.step is not None and not position.applied:
        say(work, person.identity, AGAIN, [Button(phrases.GO_ON, "!resume"), again])
        return await noticed(work, person)
    more = Button(ONE_MORE, f"!restart.{conversation.flow}")
    say(work, person.identity, APPLIED, [more, Button(phrases.CALL_PERSON, "!person")])
    return None


async def by_keyword(work: Work, person: Person, text: str, *, event_id: str) -> bool:
    """A flow's own word, alone in the message, opens it (D17: radio, talks, leaflets). True if it did.

    One of a flow that is closed here is told where it is open; amid a dialog it is an answer like any other.
    """
    said = folded(text)
    live = work.library.live
    for flow in published(live, person.identity.channel):
        if said in live.flows[flow].opened_by:
            if person.conversation is not None and person.conversation.flow == flow and _unfinished(person):
                return False
            touch = Touch(flow, "keyword", said[:32] if said.isascii() else "")
            await pauses.read_now(work, person)
            remember_touch(work, person.identity, touch)
            await open_flow(work, person, flow, touch, event_id=event_id)
            return True
    return not _unfinished(person) and told_where_by_word(work, person, text)

"""Cards in the managers' chats: put once, then edited in place; the prospect's words come under them.

One card of a lead in one chat (I9, P36). A *call* is for somebody who asks for a person and has no card there yet;
once a card is there, the call only points to it. All cards of a lead are kept alike in all chats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dialogs.capabilities import CHANNELS
from dialogs.cleaning import cut, shown
from dialogs.things import THINGS
from handlers.card_buttons import Rows, call_rows, rows_for
from handlers.card_facts import Facts, gather, gather_all, kind_of
from handlers.card_files import show_files
from handlers.card_text import HOW_TO_ANSWER, answer_lines, came_from, pieces, said, speech, write
from handlers.person import lead_of
from handlers.work import Desk, Work
from storage.card_rows import drawn, live_rows, notes_since
from storage.outbox import promise, promise_row
from storage.tables import Conversation, Identity, Lead, Outbox

ANOTHER = "🔁 Клиент оставил ещё одну заявку"
SAME = f"{ANOTHER}, сведения те же."
ASKS = {"asked": "🙋 Просит человека", "stuck": "🙋 Не получается ответить боту, нужен человек"}
NOTHING_YET = "Это ещё не заявка: имени и контактов здесь нет."
BELOW = "🙋 Просили человека · {title}\nТеперь это заявка №{id}, её карточка ниже."
QUIET = timedelta(minutes=1)  # one note about one asking, however often they press


async def applications(work: Work, made: Sequence[tuple[Lead, Conversation]]) -> None:
    """Complete applications: each gets a card in each desk; where there is one, it is edited and a note says so (P36).

    However many they are, they are asked about together. A contact has one address and there one dialog of a flow, so
    a lead talks to us in the dialog that it applied in, and nowhere else.
    """
    talks_of = {lead.id: [(talk, await _whose(work, talk))] for lead, talk in made}
    every = await gather_all(work, [lead for lead, _ in made], talks_of)
    talks = [one.id for facts in every for one, _ in facts.dialogs]
    shown_already = await live_rows(work.db, lead_ids=[lead.id for lead, _ in made], conversation_ids=talks)
    looks = []
    for facts, (lead, conversation) in zip(every, made, strict=True):
        flow = work.library.live.flows.get(lead.flow)
        kind = kind_of(flow.contact_kind if flow else None, [one.kind for one in facts.answers])
        if lead.kind != kind:  # mostly ``applications.make`` has told it, and it is written already
            lead.kind = kind
        rows = [row for row in shown_already if _is_about(row, facts)]
        to_go_on = bool(rows) or _has_things(facts)
        looks.append((facts, rows, await _put_cards(work, facts, conversation, _cards(rows, facts), to_go_on=to_go_on)))
    await _show_files(work, [(facts, cards) for facts, _, cards in looks])
    for facts, rows, cards in looks:
        if rows:
            await work.db.flush()
            await _redraw_all(work, facts, rows, cards)


async def _whose(work: Work, conversation: Conversation) -> Identity:
    """Held by the session, when they have just said something."""
    identity = await work.db.get(Identity, conversation.identity_id)
    assert identity is not None
    return identity


async def files(work: Work, lead: Lead) -> None:
    """What came after the application: under its cards."""
    facts = await gather(work, lead)
    await _show_files(work, [(facts, _cards(await _rows(work, facts), facts))])
    await refresh(work, lead)


async def _show_files(work: Work, looks: Sequence[tuple[Facts, Mapping[Desk, Outbox]]]) -> None:
    """Asked about only where some answer is a thing."""
    sent = {
        facts.lead.id: (cards, {one.step: one.label for one in facts.answers})
        for facts, cards in looks
        if _has_things(facts)
    }
    if sent:
        await work.db.flush()
        await show_files(work, sent)


def _has_things(facts: Facts) -> bool:
    return any(one.kind in THINGS for one in facts.answers)


async def _put_cards(
    work: Work, facts: Facts, conversation: Conversation, cards: dict[Desk, Outbox], *, to_go_on: bool
) -> dict[Desk, Outbox]:
    """``to_go_on``: they are answered or edited at once; else nobody asks for the rows of the new ones."""
    written = write(facts)
    buttons = rows_for(facts, short=written.short)
    for desk in work.desks:
        card = cards.get(desk)
        if card is None:
            promised = _promised(work, desk, "card", written.text, buttons, conversation.id, facts.lead.id)
            if to_go_on:
                cards[desk] = await promise_row(work.db, **promised)
            else:
                promise(work.db, **promised)
            continue
        before = answer_lines(str((await drawn(work.db, card)).get("text", "")))
        fresh = [line for line in answer_lines(written.text) if line not in before]
        _note(work, card, "\n".join([f"{ANOTHER}. Изменилось:", *fresh]) if fresh else SAME)
    return cards


def _is_about(row: Outbox, facts: Facts) -> bool:
    if row.lead_id is not None:
        return row.lead_id == facts.lead.id
    return any(row.conversation_id == one.id for one, _ in facts.dialogs)


async def call(work: Work, identity: Identity, conversation: Conversation, lead: Lead | None, why: str) -> None:
    """Somebody asks for a person: a note under their card or call; where there is neither, a call of its own."""
    await work.db.flush()
    since = work.now - QUIET
    told = await notes_since(work.db, conversation_id=conversation.id, since=since)
    asked_already = any(text.startswith("🙋") for text in told)
    for desk, anchor in (await _anchors(work, conversation, lead)).items():
        if anchor is None:
            text, buttons = await _call(work, identity, conversation, lead, why)
            await _put(work, desk, "call", text, buttons, conversation.id, lead.id if lead else None)
        elif not asked_already:
            _note(work, anchor, f"{ASKS.get(why, ASKS['asked'])}: ответьте на карточку.", conversation)
    await refresh_conversation(work, conversation)


async def relay(work: Work, identity: Identity, conversation: Conversation, lead: Lead | None, text: str, *,
    things: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """The prospect's words, under the card; where there is none, under a call that is made for them. ``things``: what
    they sent, for the desks of the same network."""
    await work.db.flush()
    anchors = await _anchors(work, conversation, lead)
    name = said((await gather(work, lead)).name, 60) if lead else ""
    for desk, found in anchors.items():
        anchor = found
        if anchor is None:
            body, buttons = await _call(work, identity, conversation, lead, "asked")
            anchor = await _put(work, desk, "call", body, buttons, conversation.id, lead.id if lead else None)
            await work.db.flush()
        for part in pieces(f"💬 {name or 'Клиент'}: {speech(text)}"):
            _note(work, anchor, part, conversation, role="relay")
        if things is not None and desk.channel == identity.channel:
            _note(work, anchor, "📎", conversation, role="relay", things=things)


async def refresh(work: Work, lead: Lead, *, anew: bool = False) -> None:
    """Redraw all cards and calls of the lead in place. ``anew``: also those that should look so already (M6)."""
    facts = await gather(work, lead)
    rows = await _rows(work, facts)
    await _redraw_all(work, facts, rows, _cards(rows, facts), anew=anew)


async def _redraw_all(
    work: Work, facts: Facts, rows: Sequence[Outbox], cards: Mapping[Desk, Outbox], *, anew: bool = False
) -> None:
    written = write(facts)
    buttons = rows_for(facts, short=written.short)
    pointer = BELOW.format(title=shown(facts.title, 80), id=facts.lead.id)
    for row in rows:
        look = (pointer, ()) if row.role == "call" and _desk(row) in cards else (written.text, buttons)
        if facts.erased or _desk(row) in work.desks:
            await redraw(work, row, *look, lead_id=facts.lead.id, anew=anew)


async def refresh_conversation(work: Work, conversation: Conversation) -> None:
    """The same, for a conversation that may have no lead yet."""
    lead = await lead_of(work, conversation)
    if lead is not None:
        return await refresh(work, lead)
    identity = await _whose(work, conversation)
    await work.db.flush()
    for row in await live_rows(work.db, lead_ids=[], conversation_ids=[conversation.id]):
        text, buttons = await _call(work, identity, conversation, None, _why(row))
        await redraw(work, row, text, buttons, lead_id=None)
    return None


async def redraw(work: Work, row: Outbox, text: str, buttons: Rows, *, lead_id: int | None, anew: bool = False) -> None:
    """Edit one card, unless it looks so already."""
    if not anew and _looks(await drawn(work.db, row)) == _looks(_body(text, buttons)):
        return
    promise(
        work.db, now=work.now, channel=row.channel, to=row.to, role=row.role, act="edit", target_id=row.id,
        text=text, buttons=buttons, lead_id=lead_id, conversation_id=row.conversation_id,
    )  # fmt: skip
    await work.db.flush()


async def card_in(work: Work, facts: Facts, desk: Desk, message_id: str | None) -> Outbox | None:
    """The card or call of the lead that was pressed in this chat: by its message, else the newest there."""
    here = [row for row in await _rows(work, facts) if _desk(row) == desk]
    pressed = [row for row in here if message_id and row.message_id == message_id]
    return (pressed or here)[-1] if here else None


# ---------------------------------------------------------------- parts


async def _rows(work: Work, facts: Facts) -> Sequence[Outbox]:
    return await live_rows(work.db, lead_ids=[facts.lead.id], conversation_ids=[one.id for one, _ in facts.dialogs])


def _cards(rows: Sequence[Outbox], facts: Facts) -> dict[Desk, Outbox]:
    return {_desk(row): row for row in rows if row.role == "card" and row.lead_id == facts.lead.id}


async def _anchors(work: Work, conversation: Conversation, lead: Lead | None) -> dict[Desk, Outbox | None]:
    """What the prospect's words go under, in each desk: the lead's card, else the newest call."""
    rows = await live_rows(work.db, lead_ids=[lead.id] if lead else [], conversation_ids=[conversation.id])
    found: dict[Desk, Outbox | None] = dict.fromkeys(work.desks)
    for role in ("call", "card"):
        found |= {_desk(row): row for row in rows if row.role == role and _desk(row) in found}
    return found


async def _call(
    work: Work, identity: Identity, conversation: Conversation, lead: Lead | None, why: str
) -> tuple[str, Rows]:
    """A call's text and buttons: with a lead its whole card, before consent nothing personal (L5)."""
    if lead is not None:
        facts = await gather(work, lead)
        written = write(facts)
        return written.text, rows_for(facts, short=written.short)
    flow = work.library.live.flows.get(conversation.flow)
    came = came_from(conversation.source, conversation.campaign)
    with_person = conversation.with_person(work.now)
    state = "" if conversation.person_asked_at else "\n💬 С клиентом говорит человек, бот молчит" * with_person
    title = f"{ASKS.get(why, ASKS['asked'])} · {shown(flow.title if flow else conversation.flow, 80)}"
    source = f"📍 Источник: {came} · {CHANNELS[identity.channel].title}"
    text = f"{title}{state}\n{source}\n{NOTHING_YET}\n{HOW_TO_ANSWER}"
    return text, call_rows(conversation.id, with_person=with_person)


def _why(row: Outbox) -> str:
    return "stuck" if str(row.body.get("text", "")).startswith(ASKS["stuck"]) else "asked"


async def _put(
    work: Work, desk: Desk, role: str, text: str, buttons: Rows, conversation_id: int, lead_id: int | None
) -> Outbox:
    return await promise_row(work.db, **_promised(work, desk, role, text, buttons, conversation_id, lead_id))


def _promised(
    work: Work, desk: Desk, role: str, text: str, buttons: Rows, conversation_id: int, lead_id: int | None
) -> dict[str, Any]:
    return {
        "now": work.now, "channel": desk.channel, "to": desk.chat, "role": role, "text": text, "buttons": buttons,
        "conversation_id": conversation_id, "lead_id": lead_id,
    }  # fmt: skip


def _note(
    work: Work, under: Outbox, text: str, conversation: Conversation | None = None, *, role: str = "note",
    things: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """A message under a card. It names the conversation it is about, so that a reply to it finds the prospect."""
    promise(
        work.db, now=work.now, channel=under.channel, to=under.to, role=role, text=cut(text, 4000),
        reply_to_id=under.id, lead_id=under.lead_id if conversation is None else conversation.lead_id,
        conversation_id=conversation.id if conversation else under.conversation_id, things=things,
    )  # fmt: skip


def note_under(work: Work, row: Outbox, text: str) -> None:
    """A line for the managers under a message of ours."""
    _note(work, row, text)


def _desk(row: Outbox) -> Desk:
    return Desk(row.channel, row.to)


def _body(text: str, buttons: Rows) -> Mapping[str, object]:
    return {"text": text, "buttons": [[{"label": one.label, "key": one.key} for one in row] for row in buttons]}


def _looks(body: Mapping[str, object]) -> tuple[object, object]:
    rows: object = body.get("buttons") or []
    assert isinstance(rows, list)
    return body.get("text"), [[(one["label"], one.get("key", "")) for one in row] for row in rows]

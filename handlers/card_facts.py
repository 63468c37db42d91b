"""What a card tells, gathered from the tables. ``card_text`` is how it reads, ``card_buttons`` what can be pressed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialogs.business import Bands
from dialogs.flow import Flow, Offer
from dialogs.phones import suspicious
from handlers.work import Work
from storage import lead_facts, managers
from storage.codes import Issued
from storage.lead_facts import Answered
from storage.people import find_contacts
from storage.tables import ContactPoint, Conversation, Identity, Lead, LeadEvent, PromoCode

CALLS = ("reached", "no_answer", "wrong_person", "no_such_number")
ACTIONS = frozenset({"taken", "won", "lost", "junk", *CALLS})
_CALLED = "person_asked"
_SHOWN = ACTIONS | {_CALLED}
UNDO_WITHIN = timedelta(minutes=1)
CONTACTS = frozenset({"name", "phone", "email"})
MOST_OTHERS = 10
Dialogs = Mapping[int, Sequence[tuple[Conversation, Identity]]]
"""By lead: where it talks to us, the freshest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All about one lead at one moment. ``history``: actions of managers not taken back. ``names``: managers by id.
    ``handed_over``: when a person was last called for, the flow did it."""

    lead: Lead
    title: str
    zone: ZoneInfo
    now: datetime
    name: str
    points: Sequence[ContactPoint]
    answers: Sequence[Answered]
    flags: Sequence[str]
    offer: Offer | None
    code: PromoCode | Issued | None
    former: Lead | None
    dialogs: Sequence[tuple[Conversation, Identity]]
    history: Sequence[LeadEvent]
    names: Mapping[int, str]
    bands: Bands | None = None
    handed_over: bool = False

    @property
    def erased(self) -> bool:
        return self.lead.contact_id is None

    @property
    def asked_at(self) -> datetime | None:
        """Since when the prospect waits for a human."""
        asked = [one.person_asked_at for one, _ in self.dialogs if one.person_asked_at]
        return min(asked) if asked else None

    @property
    def with_person(self) -> bool:
        """Has a human the word, and the bot is silent?"""
        return any(one.with_person(self.now) for one, _ in self.dialogs)

    @property
    def calls(self) -> Sequence[LeadEvent]:
        return [event for event in self.history if event.what in CALLS]

    @property
    def has_phone(self) -> bool:
        return any(point.kind == "phone" for point in self.points)

    @property
    def undoable(self) -> bool:
        """May the last action still be taken back?"""
        return bool(self.history) and self.now - self.history[-1].at <= UNDO_WITHIN

    def who(self, manager_id: int | None) -> str:
        return self.names.get(manager_id or 0, "менеджер")


async def gather(work: Work, lead: Lead) -> Facts:
    """Everything the card of this lead shows now."""
    return (await gather_all(work, [lead]))[0]


async def gather_all(work: Work, leads: Sequence[Lead], dialogs: Dialogs | None = None) -> list[Facts]:
    """The same for many leads, in their order: a statement a question. ``dialogs``: theirs, where they are known."""
    db = work.db
    await db.flush()
    ids = [lead.id for lead in leads]
    reached = {lead.contact_id for lead in leads if lead.contact_id}
    if dialogs is None:
        dialogs = await lead_facts.dialogs_of(db, ids)
    events = await lead_facts.events_of(db, ids, what=_SHOWN)
    contacts, points = await find_contacts(db, reached), await lead_facts.points_of(db, reached)
    answers = await lead_facts.answers_of(db, ids)
    codes: dict[int, PromoCode | Issued] = {
        lead.id: code for lead in leads if (code := work.issued.get((lead.id, lead.offer or "")))
    }
    codes.update(await lead_facts.codes_of(db, [lead for lead in leads if lead.id not in codes]))
    former = await lead_facts.former_leads(db, {lead.former_id for lead in leads if lead.former_id})
    named = await lead_facts.named_by(db, {(one.kind, one.value) for some in points.values() for one in some})
    acted = {one.manager_id for some in events.values() for one in some} | {lead.manager_id for lead in leads}
    names = await managers.names_of(db, {one for one in acted if one})
    gathered = []
    for lead in leads:
        flow = _flow(work, lead.flow, dialogs.get(lead.id, ()))
        contact = contacts.get(lead.contact_id or 0)
        calls = [one for one in reversed(events.get(lead.id, ())) if one.what == _CALLED]
        history = [one for one in events.get(lead.id, ()) if one.what in ACTIONS and not one.undone_at]
        theirs = points.get(lead.contact_id or 0, ())
        gathered.append(
            Facts(
                lead=lead,
                title=flow.title if flow else lead.flow,
                zone=work.library.live.business.zone,
                now=work.now,
                name=(contact.name or "") if contact else "",
                points=theirs,
                answers=_in_order(flow, answers.get(lead.id, ())) if contact else [],
                flags=_flags(theirs, named),
                offer=flow.offers.get(lead.offer.rpartition(".")[2]) if flow and lead.offer else None,
                code=codes.get(lead.id),
                former=former.get(lead.former_id or 0),
                dialogs=dialogs.get(lead.id, ()),
                history=[one for one in history if one.manager_id],
                names=names,
                bands=work.library.live.business.bands,
                handed_over=next((one.detail.get("why") == "hand_over" for one in calls), False),
            )
        )
    return gathered


def _flow(work: Work, flow: str, dialogs: Sequence[tuple[Conversation, Identity]]) -> Flow | None:
    """As the prospect saw it; as it is now, when they stand in another."""
    pinned = [work.flows_at(one.version) for one, _ in dialogs if one.flow == flow and one.version]
    seen = next((one.flows[flow] for one in pinned if one and flow in one.flows), None)
    return seen or work.library.live.flows.get(flow)


def _in_order(flow: Flow | None, answers: Sequence[Answered]) -> list[Answered]:
    """As the flow asks; what it no longer asks comes last."""
    asked = flow.order if flow else {}
    return sorted(answers, key=lambda answer: asked.get(answer.step, len(asked)))


def _flags(points: Sequence[ContactPoint], named: Mapping[tuple[str, str], int]) -> list[str]:
    """Reasons for doubt (D6, D8, D9): shown, never a refusal."""
    found: list[str] = []
    for point in points:
        if point.kind == "phone" and (doubt := suspicious(point.value)):
            found.append(doubt)
        if others := named[point.kind, point.value] - 1:
            what = "номер" if point.kind == "phone" else "адрес почты"
            found.append(f"этот {what} называли и другие люди: {min(others, MOST_OTHERS)}")
    return list(dict.fromkeys(found))


def kind_of(declared: str | None, answered: Collection[str]) -> str | None:
    """D3's kind of contact, by what was answered; None when nothing is known that makes one.

    An event's contact is ``promo`` whatever is known; three answers beyond the contacts themselves make anybody
    ``interested``; else what the flow declares, else by the contacts given.
    """
    if declared == "promo":
        return declared
    if sum(kind not in CONTACTS for kind in answered) >= 3:
        return "interested"
    if declared:
        return declared
    if "name" in answered and "phone" in answered:
        return "quick"
    return "registration" if "email" in answered and "phone" not in answered else None

"""What a card tells, gathered from the tables. ``card_text`` is how it reads, ``card_buttons`` what can be pressed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dialogs.flow import Flow, Offer
from dialogs.phones import suspicious
from handlers.work import Work
from storage import leads, managers
from storage.tables import Answer, Contact, ContactPoint, Conversation, Identity, Lead, LeadEvent, PromoCode

CALLS = ("reached", "no_answer", "wrong_person", "no_such_number")
ACTIONS = frozenset({"taken", "won", "lost", "junk", *CALLS})
UNDO_WITHIN = timedelta(minutes=1)
CONTACTS = frozenset({"name", "phone", "email"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All about one lead at one moment. ``history``: actions of managers not taken back. ``names``: managers by id."""

    lead: Lead
    title: str
    zone: ZoneInfo
    now: datetime
    name: str
    points: Sequence[ContactPoint]
    answers: Sequence[Answer]
    flags: Sequence[str]
    offer: Offer | None
    code: PromoCode | None
    former: Lead | None
    dialogs: Sequence[tuple[Conversation, Identity]]
    history: Sequence[LeadEvent]
    names: Mapping[int, str]

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
        return any(one.person_until and one.person_until > self.now for one, _ in self.dialogs)

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
    db = work.db
    await db.flush()
    dialogs = await leads.dialogs_of(db, lead.id)
    flow = _flow(work, lead.flow, dialogs)
    contact = await db.get(Contact, lead.contact_id) if lead.contact_id else None
    points = await leads.points_of(db, contact.id) if contact else []
    history = [event for event in await leads.events_of(db, lead.id) if event.what in ACTIONS and not event.undone_at]
    return Facts(
        lead=lead,
        title=flow.title if flow else lead.flow,
        zone=work.library.live.business.zone,
        now=work.now,
        name=(contact.name or "") if contact else "",
        points=points,
        answers=_in_order(flow, await leads.answers_of(db, lead.id)) if contact else [],
        flags=await _flags(work, points),
        offer=flow.offers.get(lead.offer.rpartition(".")[2]) if flow and lead.offer else None,
        code=await leads.find_code_of(db, lead=lead),
        former=await db.get(Lead, lead.former_id) if lead.former_id else None,
        dialogs=dialogs,
        history=[event for event in history if event.manager_id],
        names=await managers.names_of(db, {one for one in (lead.manager_id, *_who(history)) if one}),
    )


def _flow(work: Work, flow: str, dialogs: Sequence[tuple[Conversation, Identity]]) -> Flow | None:
    """As the prospect saw it; as it is now, when they stand in another."""
    pinned = [work.flows_at(one.version) for one, _ in dialogs if one.flow == flow and one.version]
    seen = next((one.flows[flow] for one in pinned if one and flow in one.flows), None)
    return seen or work.library.live.flows.get(flow)


def _in_order(flow: Flow | None, answers: Sequence[Answer]) -> list[Answer]:
    """As the flow asks; what it no longer asks comes last."""
    asked = {step.id: place for place, step in enumerate(flow.steps)} if flow else {}
    return sorted(answers, key=lambda answer: asked.get(answer.step, len(asked)))


def _who(history: Sequence[LeadEvent]) -> list[int | None]:
    return [event.manager_id for event in history]


async def _flags(work: Work, points: Sequence[ContactPoint]) -> list[str]:
    """Reasons for doubt (D6, D8, D9): shown, never a refusal."""
    found: list[str] = []
    for point in points:
        if point.kind == "phone" and (doubt := suspicious(point.value)):
            found.append(doubt)
        others = await leads.strangers_with(work.db, kind=point.kind, value=point.value, contact_id=point.contact_id)
        if others:
            what = "номер" if point.kind == "phone" else "адрес почты"
            found.append(f"этот {what} называли и другие люди: {others}")
    return list(dict.fromkeys(found))


def kind_of(declared: str | None, answers: Sequence[Answer]) -> str | None:
    """D3's kind of contact; None when nothing is known that makes one.

    An event's contact is ``promo`` whatever is known; three answers beyond the contacts themselves make anybody
    ``interested``; else what the flow declares, else by the contacts given.
    """
    kinds = {answer.kind for answer in answers}
    if declared == "promo":
        return declared
    if sum(answer.kind not in CONTACTS for answer in answers) >= 3:
        return "interested"
    if declared:
        return declared
    if {"name", "phone"} <= kinds:
        return "quick"
    return "registration" if "email" in kinds and "phone" not in kinds else None

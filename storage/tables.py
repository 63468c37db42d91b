"""Every table. Times are UTC-aware; ids are 64-bit; phones are E.164; what is about a person says so.

A prospect before consent is an ``Identity`` and a ``Conversation`` and nothing else (L5). ``Contact``,
``ContactPoint``, ``Lead`` and ``Answer`` begin with the consent. The consent ledger outlives the person (L36): it
knows them by a pseudonym.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    MetaData,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.columns import Big, Json, Moment
from storage.fields import Fields, read_plainly

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""The number of a row that is gone is not given to another: it may still stand on a button, in a card, on the wire."""

NOT_DONE = "done_at IS NULL"
"""Open messages, for the indexes of what waits. Not by their ``status``, which changes on the way: each claim would
take them off these indexes and put them there again."""

OPEN_LEAD = text("status in ('new', 'application', 'taken', 'in_work', 'cold')")


def _partial(name: str, *columns: str, where: str) -> Index:
    """An index of some of the rows. A query must say its condition in the same words: ``partial.py``."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Row(Fields, DeclarativeBase):
    """Base of all tables, with names for constraints so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment(), dict[str, Any]: Json(), list[Any]: Json(), int: Big}  # noqa: RUF012


# ---------------------------------------------------------------- people


class Contact(Row):
    """A person, with consent, across channels. Personal."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    created_at: Mapped[datetime]
    __table_args__ = (NEVER_AGAIN,)


class ContactPoint(Row):
    """A way to reach a contact: phone (E.164) or e-mail. Personal. ``verified``: how, or None (D4)."""

    __tablename__ = "contact_point"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    kind: Mapped[str]  # phone, email
    value: Mapped[str]
    verified: Mapped[str | None]  # own_contact, call, wrong_person, no_such_number
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("contact_id", "kind", "value"), Index(None, "kind", "value"))


class Identity(Row):
    """A person's address in one channel. Before consent this and the conversation are all there is (L5).

    ``first_touch``/``last_touch``: {"flow", "source", "campaign", "at"}. ``stopped_at``: «стоп» was said, nothing
    unsolicited goes out. ``runs``: conversations begun so far. ``pseudonym`` names the person in the ledger.
    ``language``: in which the bot speaks to them now, empty for Russian.
    """

    __tablename__ = "identity"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    pseudonym: Mapped[str] = mapped_column(index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    conversation_id: Mapped[int | None]  # the current one
    reachable: Mapped[bool] = mapped_column(default=True)
    unreachable_reason: Mapped[str | None]
    stopped_at: Mapped[datetime | None]
    first_touch: Mapped[dict[str, Any]]
    last_touch: Mapped[dict[str, Any]]
    runs: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(default="")
    phone_keyboard: Mapped[bool] = mapped_column(default=False)  # a share-my-number keyboard is on screen
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("channel", "external_id"), NEVER_AGAIN)


class Conversation(Row):
    """An identity's position in one flow; ``state`` is ``dialogs.conversation.Conversation`` as JSON.

    ``person_until``: a human has the word until then (None: the bot has it). ``person_asked_at``: asked and not yet
    answered. ``version`` repeats the state's, to count who stands where.
    """

    __tablename__ = "conversation"
    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    flow: Mapped[str]
    version: Mapped[int]
    step: Mapped[str | None]
    state: Mapped[dict[str, Any]]
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"), index=True)
    source: Mapped[str]
    campaign: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    touched_at: Mapped[datetime]
    person_asked_at: Mapped[datetime | None]
    person_until: Mapped[datetime | None] = mapped_column(index=True)
    __table_args__ = (UniqueConstraint("identity_id", "flow"), Index(None, "flow", "version", "step"), NEVER_AGAIN)

    def with_person(self, now: datetime) -> bool:
        """Has a human the word, and the bot is silent?"""
        return self.person_until is not None and self.person_until > now


# ---------------------------------------------------------------- leads


class Lead(Row):
    """A contact's interest in one flow. Status: new, application, taken, in_work, won, lost, junk, cold.

    ``kind`` is D3's kind of contact. ``reasons``: the score's reasons. ``worth``: roubles expected. ``former_id``: the
    lead before this one.
    """

    __tablename__ = "lead"
    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    channel: Mapped[str]
    flow: Mapped[str]
    status: Mapped[str]
    kind: Mapped[str | None]
    score: Mapped[int] = mapped_column(default=0)
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    worth: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    tags: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    source: Mapped[str]
    campaign: Mapped[str]
    offer: Mapped[str | None]
    applications: Mapped[int] = mapped_column(default=0)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    reason: Mapped[str | None]  # why lost or junk
    former_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    created_at: Mapped[datetime] = mapped_column(index=True)
    applied_at: Mapped[datetime | None] = mapped_column(index=True)
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    __table_args__ = (
        Index(None, "contact_id", "flow", "status"),
        Index("uq_lead_open", "contact_id", "flow", unique=True, sqlite_where=OPEN_LEAD, postgresql_where=OPEN_LEAD),
        NEVER_AGAIN,
    )


class Answer(Row):
    """One answer of a lead, as people read it. Personal."""

    __tablename__ = "answer"
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    label: Mapped[str]
    value: Mapped[str]
    shown: Mapped[str]
    answered_at: Mapped[datetime]


class AnswerFile(Row):
    """A file, photo or place that a lead's answer is: where it stands in the chat, never its bytes (P25). Personal.

    ``what``: the kind; ``file_id``: the network's own name of it; ``size`` in bytes, if the network says it. ``album``:
    several that came as one.
    """

    __tablename__ = "answer_file"
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    step: Mapped[str]
    channel: Mapped[str]
    chat: Mapped[str]
    message_id: Mapped[str]
    what: Mapped[str]
    file_id: Mapped[str]
    size: Mapped[int | None]
    album: Mapped[str | None]
    shown: Mapped[str]
    shown_at: Mapped[datetime | None]  # to managers
    at: Mapped[datetime]


class LeadEvent(Row):
    """History, append-only: what happened to a lead, who did it, where. ``undone_at``: taken back within a minute."""

    __tablename__ = "lead_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    what: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("manager.id"))
    channel: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(index=True)
    undone_at: Mapped[datetime | None]


class PromoCode(Row):
    """One code of an offer's stock. ``offer`` is ``flow.offer``. One lead has at most one code of an offer (I6)."""

    __tablename__ = "promo_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    offer: Mapped[str]
    code: Mapped[str]
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))
    issued_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("offer", "code"),
        UniqueConstraint("offer", "lead_id"),
        _partial("ix_promo_code_free", "offer", "id", where="issued_at IS NULL"),
        _partial("ix_promo_code_lead_id", "lead_id", where="lead_id IS NOT NULL"),
    )


# ---------------------------------------------------------------- the law


class ConsentText(Row):
    """A wording that was shown to somebody, kept for as long as its consents (A17)."""

    __tablename__ = "consent_text"
    digest: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    text: Mapped[str]


class Consent(Row):
    """The ledger, append-only: given, refused or withdrawn, by whom (pseudonym), on which wording, shown in which
    message, tapped in which event (L1, L2). The newest row of a purpose is the one in force."""

    __tablename__ = "consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    pseudonym: Mapped[str]
    purpose: Mapped[str]
    act: Mapped[str]  # given, refused, withdrawn
    digest: Mapped[str | None] = mapped_column(ForeignKey("consent_text.digest"))
    channel: Mapped[str]
    shown_outbox_id: Mapped[int | None]
    shown_message_id: Mapped[str | None]
    event_id: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index(None, "pseudonym", "purpose", "id"),)


class Erasure(Row):
    """What was destroyed at whose demand; the act of L14. Knows the person by pseudonym alone."""

    __tablename__ = "erasure"
    id: Mapped[int] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(index=True)
    demanded_by: Mapped[str]  # prospect, operator
    destroyed: Mapped[dict[str, Any]]  # category -> count
    left_over: Mapped[list[Any]]  # messages the platform no longer lets us edit
    at: Mapped[datetime]


# ---------------------------------------------------------------- what is due and what goes out


class FollowUp(Row):
    """Something waiting for its time. ``status``: planned, done, cancelled, skipped, failed.

    ``what``: silence (``rule`` of the step or flow where the person stands), date (``rule`` of the flow's ``dates``) or
    reading (words are held in the conversation's state until the pause is over; ``detail``: {"name"}, the profile's).
    ``detail`` of a date: {"lead", "state", "at"}, what the message needs though the dialog may have gone on, and the
    day itself. Personal; emptied when the row is over.
    """

    __tablename__ = "follow_up"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(default="silence", server_default="silence")
    rule: Mapped[int]
    kind: Mapped[str]  # service, advertising
    due_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default="planned")
    reason: Mapped[str | None]
    silent_since: Mapped[datetime]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    __table_args__ = (
        _partial("ix_follow_up_due", "due_at", where="status = 'planned'"),
        Index(None, "conversation_id", "status"),
    )


class Outbox(Row):
    """A message promised. ``status``: due, sending, sent, unknown, refused, cancelled.

    ``role``: reply (to a prospect), follow_up, consent, relay (a person's words), card, call (somebody asks for a
    person), note (under a card), alarm, admin. ``act``: say or edit; an edit names the row it edits in ``target_id``.
    ``body``: {"text", "buttons": [[{label, key, url}]], "asks_phone", "drops_keyboard"}; a picture or a document adds
    "file": {kind, digest, name}, somebody's file to be shown to managers "forward": {chat, message_id}. Personal.
    ``unsolicited``: nobody asked for it: a stop, a reply or a withdrawal cancels it. ``reply_to_id``: the outbox row
    this one answers in the same chat; ``reply_to``: the platform's message id when the message is not ours.
    ``attempt`` counts sends; ``first_tried_at`` is the first. ``done_at``: when it ended; what is due or being sent
    has not. ``priority``, least first: 0, somebody waits for it; 1-60, an answer to words of so many minutes ago; 100,
    nobody asked. A chat's order holds all the same: what waits becomes as urgent as the answer that is promised to that
    person after it.
    """

    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    to: Mapped[str]
    role: Mapped[str]
    kind: Mapped[str] = mapped_column(default="service")
    act: Mapped[str] = mapped_column(default="say")
    body: Mapped[dict[str, Any]]
    identity_id: Mapped[int | None]
    conversation_id: Mapped[int | None] = mapped_column(index=True)
    lead_id: Mapped[int | None]
    target_id: Mapped[int | None]
    reply_to_id: Mapped[int | None]
    reply_to: Mapped[str | None]
    unsolicited: Mapped[bool] = mapped_column(default=False)
    consent_id: Mapped[int | None]
    priority: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="due")
    reason: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    first_tried_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    message_id: Mapped[str | None]
    __table_args__ = (
        _partial(
            "ix_outbox_people",
            "channel",
            "priority",
            "id",
            where=f"{NOT_DONE} and (identity_id IS NOT NULL OR role in ('alarm', 'farewell'))",
        ),
        _partial(
            "ix_outbox_desks",
            "channel",
            "identity_id",
            "to",  # of two that begin alike SQLite takes any
            where=f"{NOT_DONE} and identity_id IS NULL and role not in ('alarm', 'farewell')",
        ),
        _partial("ix_outbox_chat", "channel", "to", "id", where=NOT_DONE),
        _partial("ix_outbox_next", "channel", "due_at", where=NOT_DONE),
        _partial("ix_outbox_unknown", "channel", where="status = 'unknown'"),
        _partial("ix_outbox_seldom", "role", "created_at", where="role in ('alarm', 'farewell')"),
        _partial("ix_outbox_identity_id", "identity_id", where="identity_id IS NOT NULL"),
        _partial("ix_outbox_lead_id", "lead_id", where="lead_id IS NOT NULL"),
        _partial("ix_outbox_target_id", "target_id", where="target_id IS NOT NULL"),
        _partial("ix_outbox_reply_to_id", "reply_to_id", where="reply_to_id IS NOT NULL"),
        Index(None, "channel", "to", "message_id"),
        NEVER_AGAIN,
    )


# ---------------------------------------------------------------- what came in


class ServedEvent(Row):
    """The key of an event whose effect is committed (I2). Pruned by age."""

    __tablename__ = "served_event"
    channel: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Attempt(Row):
    """Lives of the process that began to serve an event by itself and did not end it, counted before the work (N5)."""

    __tablename__ = "attempt"
    channel: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    at: Mapped[datetime]


class ParkedEvent(Row):
    """An event that could not be served: as it came, with the reason. Personal; kept 72 hours."""

    __tablename__ = "parked_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    event_id: Mapped[str]
    raw: Mapped[bytes]
    error: Mapped[str]
    at: Mapped[datetime]


class Cursor(Row):
    """A channel's position (VK's ``ts``), saved with the events it brought."""

    __tablename__ = "cursor"
    channel: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    at: Mapped[datetime]


class WebMessage(Row):
    """What the web channel's pages show: its «platform». ``peer``: the visitor's id, or ``desk``. Personal.

    ``outbox_id`` makes a repeated send harmless. ``author``: prospect, bot, manager, system. ``event_id``: what
    somebody wrote or pressed; kept here before it is served, so it is served also if the process dies in between (I1).
    A press stands with its label as text, its one button in ``buttons`` and the message it stood under in ``reply_to``.
    """

    __tablename__ = "web_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    peer: Mapped[str]
    outbox_id: Mapped[int | None] = mapped_column(unique=True)
    event_id: Mapped[str | None] = mapped_column(unique=True)
    author: Mapped[str]
    text: Mapped[str]
    buttons: Mapped[list[Any]] = mapped_column(default=list)
    reply_to: Mapped[int | None]
    file: Mapped[dict[str, Any] | None]  # {"kind", "digest", "name"} of a picture or a document
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    __table_args__ = (
        Index(None, "peer", "id"),
        _partial("ix_web_message_heard", "at", where="event_id IS NOT NULL"),
        _partial("ix_web_message_reply_to", "reply_to", where="reply_to IS NOT NULL"),
    )


# ---------------------------------------------------------------- who runs it


class Manager(Row):
    """Somebody who may press buttons on cards. Admins (from ``ADMINS``) are managers too."""

    __tablename__ = "manager"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    name: Mapped[str]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("channel", "external_id"),)


class Invite(Row):
    """A one-time code that makes its bearer a manager. Only its digest is kept."""

    __tablename__ = "invite"
    digest: Mapped[str] = mapped_column(primary_key=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_by: Mapped[str | None]
    used_at: Mapped[datetime | None]


class FlowVersion(Row):
    """One published set of files, whole: flows, business.yaml, consent texts. ``id`` is the version."""

    __tablename__ = "flow_version"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(index=True)
    files: Mapped[dict[str, Any]]  # path -> text
    published_at: Mapped[datetime]
    published_by: Mapped[str]


class FlowFile(Row):
    """A picture or document of published flows, whole: once for all versions that name it. ``digest``: sha256."""

    __tablename__ = "flow_file"
    digest: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # jpg, png, webp, pdf, docx, xlsx, pptx
    content: Mapped[bytes]


class SentFile(Row):
    """How a network calls a file that it was given once, so that it need not be given again. ``account``: of which bot,
    no other can use the name."""

    __tablename__ = "sent_file"
    account: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str]


class Setting(Row):
    """The few facts an installation keeps about itself: ``salt`` (of pseudonyms), ``running`` (unclean stop?)."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


Row.registry.configure()  # rows of ours come without their constructor, which would see to it
read_plainly(Row)

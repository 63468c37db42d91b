"""Everything that the checker looks at: what the networks took, what the database says. Read at rest."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from storage.database import Database
from storage.tables import (
    Consent,
    Contact,
    Conversation,
    FlowVersion,
    Identity,
    Lead,
    LeadEvent,
    Outbox,
    ParkedEvent,
    PromoCode,
    Row,
    ServedEvent,
    Setting,
)
from tests.emulators.ledger import Accepted, Ledger

Address = tuple[str, str]
"""(channel, chat)"""


@dataclass(frozen=True)
class Evidence:
    """Everything the rules look at. ``entries``: of all ledgers, each with its row."""

    now: datetime
    desks: frozenset[Address]
    forgiven: frozenset[str]
    ledgers: Sequence[Ledger]
    entries: Sequence[Accepted]
    rows: Mapping[int, Outbox]
    served: frozenset[tuple[str, str]]
    parked: Sequence[ParkedEvent]
    identities: Sequence[Identity]
    conversations: Sequence[Conversation]
    contacts: Sequence[Contact]
    leads: Sequence[Lead]
    history: Sequence[LeadEvent]
    codes: Sequence[PromoCode]
    consents: Sequence[Consent]
    versions: frozenset[int]
    salt: str = ""

    @cached_property
    def by_row(self) -> Mapping[int, list[Accepted]]:
        found: dict[int, list[Accepted]] = defaultdict(list)
        for entry in self.entries:
            if entry.row is not None:
                found[entry.row].append(entry)
        return found

    @property
    def channels(self) -> set[str]:
        return {one.channel for one in self.ledgers}


async def gather(
    database: Database, ledgers: Iterable[Ledger], *, now: datetime, desks: Collection[Address] = (),
    forgiven: Collection[str] = (),
) -> Evidence:  # fmt: skip
    """Read it all, once."""
    async with database.read() as db:

        async def everything(table: type[Row]) -> Sequence[Any]:
            return (await db.scalars(select(table))).all()

        salt = await db.scalar(select(Setting.value).where(Setting.key == "salt")) or ""
        rows = {row.id: row for row in await everything(Outbox)}
        taken = tuple(ledgers)
        return Evidence(
            now=now, desks=frozenset(desks), forgiven=frozenset(forgiven), ledgers=taken,
            entries=[_with_row(entry, rows, salt) for ledger in taken for entry in ledger.entries],
            rows=rows,
            served=frozenset((one.channel, one.event_id) for one in await everything(ServedEvent)),
            parked=await everything(ParkedEvent),
            identities=await everything(Identity),
            conversations=await everything(Conversation),
            contacts=await everything(Contact),
            leads=await everything(Lead),
            history=await everything(LeadEvent),
            codes=await everything(PromoCode),
            consents=await everything(Consent),
            versions=frozenset(one.id for one in await everything(FlowVersion)),
            salt=salt,
        )  # fmt: skip


def _with_row(entry: Accepted, rows: Mapping[int, Outbox], salt: str) -> Accepted:
    """VK's key tells the row by itself, also where no witness was: the salt's sum plus the row's id (tests without
    a salt: the id)."""
    if entry.channel != "vk" or entry.key is None:
        return entry
    fits = ((int(entry.key) - offset) % 2147483647 for offset in (zlib.crc32(salt.encode()), 0))
    return replace(entry, row=next((row for row in fits if row in rows), None))

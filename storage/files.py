"""Pictures and documents of published flows, and what networks call those that they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Insert, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.gathered import by_dialect
from storage.tables import FlowFile, SentFile


@by_dialect
def _keep(insert: Callable[..., Any]) -> Insert:
    return insert(FlowFile.__table__).on_conflict_do_nothing(index_elements=["digest"])  # type: ignore[no-any-return]


@by_dialect
def _remember(insert: Callable[..., Any]) -> Insert:
    new = insert(SentFile.__table__)
    return new.on_conflict_do_update(  # type: ignore[no-any-return]
        index_elements=["account", "digest"], set_={"reference": new.excluded.reference}
    )


async def keep_file(db: AsyncSession, *, digest: str, kind: str, content: bytes) -> None:
    """Keep the bytes; the same file again is the same row."""
    await db.execute(_keep(db), {"digest": digest, "kind": kind, "content": content})


async def find_file(db: AsyncSession, digest: str) -> tuple[str, bytes] | None:
    """(kind, content)."""
    row = (await db.execute(select(FlowFile.kind, FlowFile.content).where(FlowFile.digest == digest))).first()
    return (row.kind, row.content) if row else None


async def remember_reference(db: AsyncSession, *, account: str, digest: str, reference: str) -> None:
    """The network of this account has the file and calls it so."""
    await db.execute(_remember(db), {"account": account, "digest": digest, "reference": reference})


async def find_references(db: AsyncSession, account: str) -> Mapping[str, str]:
    """digest -> what the network calls it."""
    rows = await db.execute(select(SentFile.digest, SentFile.reference).where(SentFile.account == account))
    return {row.digest: row.reference for row in rows}


async def forget_reference(db: AsyncSession, *, account: str, digest: str) -> None:
    """The network no longer knows it by that name."""
    await db.execute(delete(SentFile).where(SentFile.account == account, SentFile.digest == digest))

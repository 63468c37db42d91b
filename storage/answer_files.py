"""Where the files of answers stand in their chats. The bytes are the network's; here is only the way to them (P25)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Answer, AnswerFile


def record_file(db: AsyncSession, file: AnswerFile) -> None:
    """A file of an answer; what the same answer had before is the caller's to forget."""
    db.add(file)


async def forget_files(db: AsyncSession, *, lead_ids: Collection[int], step: str | None = None) -> int:
    """The step is answered anew, or everything about the leads is destroyed. How many."""
    theirs = delete(AnswerFile).where(AnswerFile.lead_id.in_(lead_ids))
    gone = await db.execute(theirs if step is None else theirs.where(AnswerFile.step == step))
    return int(gone.rowcount)  # type: ignore[attr-defined]


async def rename_files(db: AsyncSession, *, lead_id: int, step: str, to: str) -> None:
    """The step is called otherwise now."""
    mine = update(AnswerFile).where(AnswerFile.lead_id == lead_id, AnswerFile.step == step)
    await db.execute(mine.values(step=to))


async def find_album(db: AsyncSession, *, lead_id: int, album: str) -> AnswerFile | None:
    """The first of several that came as one, if it was an answer of this lead."""
    first = select(AnswerFile).where(AnswerFile.lead_id == lead_id, AnswerFile.album == album)
    return await db.scalar(first.order_by(AnswerFile.id).limit(1))


async def count_again(db: AsyncSession, first: AnswerFile) -> int:
    """One more of the album has come: the answer says how many there are."""
    same = (AnswerFile.lead_id == first.lead_id, AnswerFile.step == first.step)
    number = int(await db.scalar(select(func.count()).select_from(AnswerFile).where(*same)) or 0)
    mine = update(Answer).where(Answer.lead_id == first.lead_id, Answer.step == first.step)
    await db.execute(mine.values(shown=f"{first.shown} ({number})"))
    return number


async def not_shown(db: AsyncSession, lead_ids: Collection[int]) -> Sequence[AnswerFile]:
    """What managers were not shown yet, oldest first."""
    theirs = select(AnswerFile).where(AnswerFile.lead_id.in_(lead_ids), AnswerFile.shown_at.is_(None))
    return (await db.scalars(theirs.order_by(AnswerFile.id))).all()


async def mark_shown(db: AsyncSession, files: Collection[AnswerFile], *, now: datetime) -> None:
    for one in files:
        one.shown_at = now

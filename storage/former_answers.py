"""What a contact answered before, whichever flow and channel it was in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Answer, Lead


async def former_answers(db: AsyncSession, *, contact_id: int, since: datetime) -> Sequence[Answer]:
    """Answers given at ``since`` or later, oldest first. Of an erased person there are none."""
    theirs = (Lead.contact_id == contact_id, Answer.answered_at >= since)
    answers = select(Answer).join(Lead, Lead.id == Answer.lead_id).where(*theirs).order_by(Answer.answered_at)
    return (await db.scalars(answers, execution_options={"populate_existing": True})).all()

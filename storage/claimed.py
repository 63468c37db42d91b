"""A promised row as delivery has it: plain values. A row of the ORM costs more than all that is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from storage.tables import Outbox

__all__ = ["COLUMNS", "Claimed"]


class Claimed(NamedTuple):
    """The columns of ``Outbox``, as they were when the row became ours; ``attempt`` counts this send."""

    id: int
    channel: str
    to: str
    role: str
    kind: str
    act: str
    body: Mapping[str, Any]
    identity_id: int | None
    lead_id: int | None
    target_id: int | None
    reply_to_id: int | None
    reply_to: str | None
    priority: int
    attempt: int
    first_tried_at: datetime | None


COLUMNS = tuple(Outbox.__table__.c[name] for name in Claimed._fields)
"""To be asked for; what comes is ``Claimed._make(row)``."""

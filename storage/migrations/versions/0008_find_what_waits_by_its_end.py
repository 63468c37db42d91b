"""Find what waits by its having no end, and leave out of indexes what has nothing to be found by.

A claim changed the status, and so took a message off four indexes and put it on them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = "status in ('due', 'sending')"
NOT_DONE = "done_at IS NULL"
UNEND = "UPDATE outbox SET done_at = NULL WHERE status in ('due', 'sending') and done_at IS NOT NULL"
END = (
    "UPDATE outbox SET done_at = coalesce(first_tried_at, due_at) "
    "WHERE status not in ('due', 'sending') and done_at IS NULL"
)
PERSON = "(identity_id IS NOT NULL OR role in ('alarm', 'farewell'))"
DESK = "identity_id IS NULL and role not in ('alarm', 'farewell')"
WAITING = [
    ("ix_outbox_people", ["channel", "priority", "id"], f" and {PERSON}"),
    ("ix_outbox_desks", ["channel", "identity_id", "to"], f" and {DESK}"),
    ("ix_outbox_chat", ["channel", "to", "id"], ""),
    ("ix_outbox_next", ["channel", "due_at"], ""),
]
SPARSE = ["identity_id", "lead_id"]


def upgrade() -> None:
    op.execute(UNEND)
    op.execute(END)
    for name, columns, also in WAITING:
        _create_anew(name, columns, NOT_DONE + also)
    for column in SPARSE:
        _create_anew(f"ix_outbox_{column}", [column], f"{column} IS NOT NULL")


def downgrade() -> None:
    for column in SPARSE:
        _create_anew(f"ix_outbox_{column}", [column], None)
    for name, columns, also in WAITING:
        _create_anew(name, columns, OPEN + also)


def _create_anew(name: str, columns: list[str], where: str | None) -> None:
    condition = sa.text(where) if where else None
    op.drop_index(name, "outbox")
    op.create_index(name, "outbox", columns, sqlite_where=condition, postgresql_where=condition)

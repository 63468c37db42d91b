"""Find rows in old tables."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = "status in ('due', 'sending')"
UNKNOWN = "status = 'unknown'"
INDEXES = [
    ("ix_outbox_next", "outbox", ["channel", "due_at"], OPEN),
    ("ix_outbox_seldom", "outbox", ["role", "created_at"], "role in ('alarm', 'farewell')"),
    ("ix_outbox_target_id", "outbox", ["target_id"], "target_id IS NOT NULL"),
    ("ix_outbox_reply_to_id", "outbox", ["reply_to_id"], "reply_to_id IS NOT NULL"),
    ("ix_promo_code_lead_id", "promo_code", ["lead_id"], "lead_id IS NOT NULL"),
    ("ix_web_message_heard", "web_message", ["at"], "event_id IS NOT NULL"),
    ("ix_web_message_reply_to", "web_message", ["reply_to"], "reply_to IS NOT NULL"),
]


def upgrade() -> None:
    op.drop_index("ix_outbox_unknown", "outbox")
    _create("ix_outbox_unknown", "outbox", ["channel"], UNKNOWN)
    for index in INDEXES:
        _create(*index)


def downgrade() -> None:
    for name, table, _columns, _where in reversed(INDEXES):
        op.drop_index(name, table)
    op.drop_index("ix_outbox_unknown", "outbox")
    _create("ix_outbox_unknown", "outbox", ["id"], UNKNOWN)


def _create(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))

"""Find the desks' messages by chat, and people's by urgency."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = "status in ('due', 'sending')"


def upgrade() -> None:
    op.drop_index("ix_outbox_open", table_name="outbox")
    _create(
        "ix_outbox_people",
        ["channel", "priority", "id"],
        f"{OPEN} and (identity_id IS NOT NULL OR role in ('alarm', 'farewell'))",
    )
    _create(
        "ix_outbox_desks",
        ["channel", "identity_id", "to"],
        f"{OPEN} and identity_id IS NULL and role not in ('alarm', 'farewell')",
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_desks", table_name="outbox")
    op.drop_index("ix_outbox_people", table_name="outbox")
    _create("ix_outbox_open", ["channel", "priority", "id"], OPEN)


def _create(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "outbox", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))

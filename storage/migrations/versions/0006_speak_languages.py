"""Speak languages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity", sa.Column("language", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("identity", "language")

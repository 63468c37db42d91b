"""Plan by dates."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("follow_up", sa.Column("what", sa.String(), server_default="silence", nullable=False))
    op.add_column("follow_up", sa.Column("detail", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM follow_up WHERE what <> 'silence'")  # rows that the program of then would misread
    op.drop_column("follow_up", "detail")
    op.drop_column("follow_up", "what")

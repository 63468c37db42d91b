"""Worth and tags of a lead."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("lead", sa.Column("worth", big, nullable=False, server_default=sa.text("0")))
    op.add_column("lead", sa.Column("tags", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))


def downgrade() -> None:
    with op.batch_alter_table("lead") as lead:
        lead.drop_column("tags")
        lead.drop_column("worth")

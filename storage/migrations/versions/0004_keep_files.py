"""Keep the files of flows, and where the files of answers are."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "flow_file",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_flow_file")),
    )
    op.create_table(
        "sent_file",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("account", "digest", name=op.f("pk_sent_file")),
    )
    op.create_table(
        "answer_file",
        sa.Column("id", BIG, nullable=False),
        sa.Column("lead_id", BIG, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("step", "channel", "chat", "message_id", "what")),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=True),
        sa.Column("album", sa.String(), nullable=True),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_answer_file_lead_id_lead"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_file")),
    )
    op.create_index("ix_answer_file_lead_id", "answer_file", ["lead_id"])
    op.add_column("web_message", sa.Column("file", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("web_message") as table:
        table.drop_column("file")
    op.drop_table("answer_file")
    op.drop_table("sent_file")
    op.drop_table("flow_file")

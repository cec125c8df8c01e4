"""Replicas that other regions have deleted.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gone_replicas",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("log_id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.key_id"], name=op.f("fk_gone_replicas_keys")),
        sa.PrimaryKeyConstraint("key_id", "region", name=op.f("pk_gone_replicas")),
    )


def downgrade() -> None:
    op.drop_table("gone_replicas")

"""A deletion is kept with the epoch of the set then, and who led it.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deleted_replicas") as batch:  # of those before, nothing is known
        batch.add_column(sa.Column("epoch", sa.BigInteger(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("led_by", sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("deleted_replicas") as batch:
        batch.alter_column("epoch", existing_type=sa.BigInteger(), server_default=None)
        batch.alter_column("led_by", existing_type=sa.String(64), server_default=None)


def downgrade() -> None:
    op.drop_column("deleted_replicas", "led_by")
    op.drop_column("deleted_replicas", "epoch")

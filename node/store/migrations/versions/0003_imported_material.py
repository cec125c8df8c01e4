"""Imported key material: what each region's key has, and when it expires."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("keys", sa.Column("imported", sa.Text(), nullable=True))
    op.add_column("keys", sa.Column("expiry_due", sa.Double(), nullable=True))
    op.create_index(op.f("ix_keys_expiry_due"), "keys", ["expiry_due"])


def downgrade() -> None:
    op.drop_index(op.f("ix_keys_expiry_due"), table_name="keys")
    op.drop_column("keys", "expiry_due")
    op.drop_column("keys", "imported")

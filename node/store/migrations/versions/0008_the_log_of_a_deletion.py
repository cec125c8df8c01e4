"""A deletion is kept with the log that told of it: the region may have begun another since.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deleted_replicas", sa.Column("log_id", sa.LargeBinary(), nullable=True))
    # until now every deletion was said anew when a log began
    op.execute("UPDATE deleted_replicas SET log_id = (SELECT log_id FROM log)")
    with op.batch_alter_table("deleted_replicas") as batch:
        batch.alter_column("log_id", existing_type=sa.LargeBinary(), nullable=False)


def downgrade() -> None:
    op.drop_column("deleted_replicas", "log_id")

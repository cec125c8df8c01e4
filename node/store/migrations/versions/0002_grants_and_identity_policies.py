"""Grants, and the policies that are attached to principals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("issuing_account", sa.String(length=12), nullable=False),
        sa.Column("grantee", sa.String(length=256), nullable=True),
        sa.Column("grantee_service", sa.String(length=128), nullable=True),
        sa.Column("retiring", sa.String(length=256), nullable=True),
        sa.Column("retiring_service", sa.String(length=128), nullable=True),
        sa.Column("operations", sa.Text(), nullable=False),
        sa.Column("constraints", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.key_id"], name=op.f("fk_grants_keys")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_key_id_grant_id"), "grants", ["key_id", "grant_id"])
    op.create_index(op.f("ix_grants_key_id_name"), "grants", ["key_id", "name"])
    op.create_index(op.f("ix_grants_retiring_grant_id"), "grants", ["retiring", "grant_id"])
    op.create_table(
        "identity_policies",
        sa.Column("principal_arn", sa.String(length=2048), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("principal_arn", "name", name=op.f("pk_identity_policies")),
    )


def downgrade() -> None:
    op.drop_table("identity_policies")
    op.drop_index(op.f("ix_grants_retiring_grant_id"), table_name="grants")
    op.drop_index(op.f("ix_grants_key_id_name"), table_name="grants")
    op.drop_index(op.f("ix_grants_key_id_grant_id"), table_name="grants")
    op.drop_table("grants")

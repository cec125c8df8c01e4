"""The first schema: keys, aliases, access keys, the log and the cursors."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_keys",
        sa.Column("access_key_id", sa.String(length=128), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("principal_arn", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.String(length=128), nullable=False),
        sa.Column("principal_kind", sa.String(length=32), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("access_key_id", name=op.f("pk_access_keys")),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_acknowledgements")),
    )
    op.create_table(
        "changes",
        sa.Column(
            "counter",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("counter", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cursors",
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("log_id", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("acknowledged_log_id", sa.LargeBinary(), nullable=True),
        sa.Column("acknowledged_sequence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_cursors")),
    )
    op.create_table(
        "deleted_replicas",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_deleted_replicas")),
    )
    op.create_table(
        "keys",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("key_spec", sa.String(length=64), nullable=False),
        sa.Column("key_usage", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("manager", sa.String(length=16), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("deletion_date", sa.Double(), nullable=True),
        sa.Column("pending_window_days", sa.Integer(), nullable=True),
        sa.Column("own_materials", sa.LargeBinary(), nullable=True),
        sa.Column("shared", sa.LargeBinary(), nullable=True),
        sa.Column("rotation_due", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_keys")),
    )
    op.create_index(op.f("ix_keys_account_key_id"), "keys", ["account", "key_id"], unique=False)
    op.create_index(op.f("ix_keys_deletion_date"), "keys", ["deletion_date"], unique=False)
    op.create_index(op.f("ix_keys_rotation_due"), "keys", ["rotation_due"], unique=False)
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log_id", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log")),
    )
    op.create_table(
        "outbox",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_outbox")),
    )
    op.create_table(
        "waits",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_waits")),
    )
    op.create_table(
        "evicted",
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_evicted")),
    )
    op.create_table(
        "resyncs",
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("as_of_log_id", sa.LargeBinary(), nullable=False),
        sa.Column("as_of_sequence", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.String(length=36), nullable=True),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("receiver", name=op.f("pk_resyncs")),
    )
    op.create_table(
        "aliases",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.key_id"], name=op.f("fk_aliases_keys")),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_aliases")),
    )
    op.create_index(op.f("ix_aliases_key_id_name"), "aliases", ["key_id", "name"], unique=False)
    op.create_table(
        "materials",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("material_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["keys.key_id"], name=op.f("fk_materials_keys")),
        sa.PrimaryKeyConstraint("key_id", "material_id", name=op.f("pk_materials")),
    )


def downgrade() -> None:
    op.drop_table("materials")
    op.drop_index(op.f("ix_aliases_key_id_name"), table_name="aliases")
    op.drop_table("aliases")
    op.drop_table("resyncs")
    op.drop_table("evicted")
    op.drop_table("waits")
    op.drop_table("outbox")
    op.drop_table("log")
    op.drop_index(op.f("ix_keys_rotation_due"), table_name="keys")
    op.drop_index(op.f("ix_keys_deletion_date"), table_name="keys")
    op.drop_index(op.f("ix_keys_account_key_id"), table_name="keys")
    op.drop_table("keys")
    op.drop_table("deleted_replicas")
    op.drop_table("cursors")
    op.drop_table("changes")
    op.drop_table("acknowledgements")
    op.drop_table("access_keys")

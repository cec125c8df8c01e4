"""Nothing that is done often reads every key: counts are kept, and indexes hold what is due.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DUE = ("deletion_date", "expiry_due", "rotation_due")

COUNT_ONE_MORE = """\
INSERT INTO key_counts (account, manager, state, related, number)
VALUES (NEW.account, NEW.manager, NEW.state, NEW.shared IS NOT NULL, 1)
ON CONFLICT (account, manager, state, related) DO UPDATE SET number = key_counts.number + 1;"""

COUNT_ONE_LESS = """\
UPDATE key_counts SET number = number - 1
WHERE account = OLD.account AND manager = OLD.manager AND state = OLD.state
AND related = (OLD.shared IS NOT NULL);"""

SQLITE = (
    f"CREATE TRIGGER key_made AFTER INSERT ON keys BEGIN {COUNT_ONE_MORE} END",
    f"CREATE TRIGGER key_gone AFTER DELETE ON keys BEGIN {COUNT_ONE_LESS} END",
    "CREATE TRIGGER key_changed AFTER UPDATE OF account, manager, state, shared ON keys "
    "WHEN OLD.state <> NEW.state OR (OLD.shared IS NULL) <> (NEW.shared IS NULL) "
    "OR OLD.account <> NEW.account OR OLD.manager <> NEW.manager "
    f"BEGIN {COUNT_ONE_LESS} {COUNT_ONE_MORE} END",
)

POSTGRESQL = (
    "CREATE FUNCTION count_keys() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP <> 'INSERT' THEN {COUNT_ONE_LESS} END IF; "
    f"IF TG_OP <> 'DELETE' THEN {COUNT_ONE_MORE} END IF; "
    "RETURN NULL; END $$",
    "CREATE TRIGGER key_made_or_gone AFTER INSERT OR DELETE ON keys "
    "FOR EACH ROW EXECUTE FUNCTION count_keys()",
    "CREATE TRIGGER key_changed AFTER UPDATE OF account, manager, state, shared ON keys "
    "FOR EACH ROW WHEN ((OLD.account, OLD.manager, OLD.state, OLD.shared IS NULL) "
    "IS DISTINCT FROM (NEW.account, NEW.manager, NEW.state, NEW.shared IS NULL)) "
    "EXECUTE FUNCTION count_keys()",
)


def upgrade() -> None:
    op.create_table(
        "key_counts",
        sa.Column("account", sa.String(length=12), nullable=False),
        sa.Column("manager", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("related", sa.Boolean(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "manager", "state", "related", name=op.f("pk_key_counts")
        ),
    )
    op.execute(
        "INSERT INTO key_counts (account, manager, state, related, number) "
        "SELECT account, manager, state, shared IS NOT NULL, count(*) FROM keys "
        "GROUP BY account, manager, state, shared IS NOT NULL"
    )
    for statement in POSTGRESQL if _is_postgresql() else SQLITE:
        op.execute(statement)
    related = sa.text("shared IS NOT NULL")
    op.create_index(
        "ix_keys_related",
        "keys",
        ["key_id"],
        sqlite_where=related,
        postgresql_where=related,
    )
    for name in DUE:
        there = sa.text(f"{name} IS NOT NULL")
        op.drop_index(f"ix_keys_{name}", "keys")
        op.create_index(
            f"ix_keys_{name}", "keys", [name], sqlite_where=there, postgresql_where=there
        )


def downgrade() -> None:
    for name in DUE:
        op.drop_index(f"ix_keys_{name}", "keys")
        op.create_index(f"ix_keys_{name}", "keys", [name])
    op.drop_index("ix_keys_related", "keys")
    if _is_postgresql():
        op.execute("DROP TRIGGER key_made_or_gone ON keys")
        op.execute("DROP TRIGGER key_changed ON keys")
        op.execute("DROP FUNCTION count_keys()")
    else:
        for name in ("key_made", "key_gone", "key_changed"):
            op.execute(f"DROP TRIGGER {name}")
    op.drop_table("key_counts")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"

"""The tables of a region's key store: one schema for SQLite and PostgreSQL (decision D11).

Times are epoch seconds. Key material and access-key secrets are sealed under the region's root keys
(decision D3); nothing else in a table is secret. `changes` is the store's change counter: every
write adds a row that names what it changed, so that in-memory views of any node can follow.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _of_few(name: str, column: str, having: str) -> Index:
    """An index of a column that holds only the rows in which a column (`having`) is not null."""
    there = text(f"{having} IS NOT NULL")
    return Index(name, column, sqlite_where=there, postgresql_where=there)


_Counter = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts INTEGER keys alone

access_keys = Table(
    "access_keys",
    metadata,
    Column("access_key_id", String(128), primary_key=True),
    Column("account", String(12), nullable=False),
    Column("principal_arn", Text, nullable=False),
    Column("principal_id", String(128), nullable=False),
    Column("principal_kind", String(32), nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed
    Column("active", Boolean, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("account", String(12), nullable=False),
    Column("key_spec", String(64), nullable=False),
    Column("key_usage", String(64), nullable=False),
    Column("origin", String(32), nullable=False),
    Column("manager", String(16), nullable=False),
    Column("created", Double, nullable=False),
    Column("description", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("tags", Text, nullable=False),  # JSON list of [key, value]
    Column("state", String(32), nullable=False),
    Column("deletion_date", Double),
    Column("pending_window_days", Integer),
    Column("own_materials", LargeBinary),  # msgpack; null for a multi-Region key
    Column("shared", LargeBinary),  # msgpack; null for a single-Region key
    Column("rotation_due", Double),  # when this region is to rotate it; null if it is not
    Column("imported", Text),  # JSON list of [material ID, valid to]; null unless it is EXTERNAL
    Column("expiry_due", Double),  # when the next imported material expires
    Index(None, "account", "key_id"),
    _of_few("ix_keys_deletion_date", "deletion_date", having="deletion_date"),
    _of_few("ix_keys_rotation_due", "rotation_due", having="rotation_due"),
    _of_few("ix_keys_expiry_due", "expiry_due", having="expiry_due"),
    _of_few("ix_keys_related", "key_id", having="shared"),
)

key_counts = Table(  # kept by triggers on `keys` (migration 0009)
    "key_counts",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("manager", String(16), primary_key=True),
    Column("state", String(32), primary_key=True),
    Column("related", Boolean, primary_key=True),  # whether they are multi-Region keys
    Column("number", BigInteger, nullable=False),
)

materials = Table(
    "materials",
    metadata,
    Column("key_id", String(36), ForeignKey(keys.c.key_id), primary_key=True),
    Column("material_id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),  # oldest first
    Column("sealed", LargeBinary, nullable=False),
)

aliases = Table(
    "aliases",
    metadata,
    Column("account", String(12), primary_key=True),
    Column("name", String(256), primary_key=True),
    Column("key_id", String(36), ForeignKey(keys.c.key_id), nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Index(None, "key_id", "name"),
)

grants = Table(
    "grants",
    metadata,
    Column("grant_id", String(64), primary_key=True),
    Column("key_id", String(36), ForeignKey(keys.c.key_id), nullable=False),
    Column("created", Double, nullable=False),
    Column("name", String(256), nullable=False),  # empty for a grant without a name
    Column("issuing_account", String(12), nullable=False),
    Column("grantee", String(256)),
    Column("grantee_service", String(128)),
    Column("retiring", String(256)),
    Column("retiring_service", String(128)),
    Column("operations", Text, nullable=False),  # JSON list
    Column("constraints", Text, nullable=False),  # JSON object
    Index(None, "key_id", "grant_id"),
    Index(None, "key_id", "name"),
    Index(None, "retiring", "grant_id"),
)

identity_policies = Table(
    "identity_policies",
    metadata,
    Column("principal_arn", String(2048), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("account", String(12), nullable=False),
    Column("document", Text, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("counter", _Counter, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    sqlite_autoincrement=True,
)

audit_outbox = Table(
    "audit_outbox",
    metadata,
    Column("number", _Counter, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("body", LargeBinary, nullable=False),  # JSON, as it will stand in the trail
    sqlite_autoincrement=True,
)

log = Table(
    "log",
    metadata,
    Column("id", Integer, primary_key=True),  # one row, 1
    Column("log_id", LargeBinary, nullable=False),
    Column("signer", String(64), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("origin", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("request", LargeBinary, nullable=False),
    Column("log_id", LargeBinary, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("acknowledged_log_id", LargeBinary),
    Column("acknowledged_sequence", BigInteger),
)

acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("region", String(64), primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)

deleted_replicas = Table(
    "deleted_replicas",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("log_id", LargeBinary, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("led_by", String(64), nullable=False),  # Deletion.primary; PRIMARY is a word of SQL
)

gone_replicas = Table(
    "gone_replicas",
    metadata,
    Column("key_id", String(36), ForeignKey(keys.c.key_id), primary_key=True),
    Column("region", String(64), primary_key=True),
    Column("log_id", LargeBinary, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

waits = Table(
    "waits",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

evicted = Table(
    "evicted",
    metadata,
    Column("region", String(64), primary_key=True),
    Column("since", Double, nullable=False),
)

votes = Table(
    "votes",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("candidate", String(64), nullable=False),
)

asks = Table(
    "asks",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("since", Double, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("asked", LargeBinary, nullable=False),  # msgpack: what was asked
    Column("answers", LargeBinary, nullable=False),  # msgpack: region, vote, refusal of each
)

resyncs = Table(
    "resyncs",
    metadata,
    Column("receiver", String(64), primary_key=True),
    Column("request", LargeBinary, nullable=False),
    Column("as_of_log_id", LargeBinary, nullable=False),
    Column("as_of_sequence", BigInteger, nullable=False),
    Column("after", String(36)),
    Column("ended", Boolean, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("fact", Text, primary_key=True),  # its key, as one text
    Column("value", LargeBinary),  # packed; null once it was taken back
    Column("revision", BigInteger, nullable=False),
    Column("time", Double, nullable=False),
    Column("region", String(64), nullable=False),
    Column("secret", LargeBinary),  # sealed
)

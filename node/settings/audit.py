"""The `[audit]` table of a node file; all of it may be absent.

[audit]
folder = "audit"             # the default: beside the key store
durability = "sync"          # a reply leaves when its record is durable; "async" does not wait
file_bytes = 67108864        # a file ends at this size …
file_hours = 24.0            # … or this age
keep_days = 365              # older files are removed; without it, none ever is
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from node.settings.table import Table

__all__ = ["AuditSettings", "read_audit"]

_DURABILITIES: Final = {"sync": False, "async": True}
_FILE_BYTES: Final = 64 * 1024 * 1024
_FILE_BYTES_LEAST: Final = 4096
_FILE_HOURS: Final = 24.0
_FOLDER: Final = "audit"


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Where the audit trail lies and how it is kept. `keep_days` None keeps every file."""

    folder: Path
    asynchronous: bool = False
    file_bytes: int = _FILE_BYTES
    file_hours: float = _FILE_HOURS
    keep_days: int | None = None


def read_audit(table: Table, beside: Path) -> AuditSettings:
    """Read `[audit]` of a node file whose key store lies in the folder `beside`."""
    audit = table.optional_table("audit")
    folder = beside / _FOLDER
    if "folder" in audit.names():
        folder = (table.path.parent / Path(audit.text("folder")).expanduser()).resolve()
    durability = audit.text("durability") if "durability" in audit.names() else "sync"
    if durability not in _DURABILITIES:
        raise audit.error("durability", f"is {durability!r}", 'give "sync" or "async"')
    days = audit.integer("keep_days", 0, 1) if "keep_days" in audit.names() else None
    settings = AuditSettings(
        folder=folder,
        asynchronous=_DURABILITIES[durability],
        file_bytes=audit.integer("file_bytes", _FILE_BYTES, _FILE_BYTES_LEAST),
        file_hours=audit.number("file_hours", _FILE_HOURS, 0.01),
        keep_days=days,
    )
    for name in ("folder", "durability", "keep_days"):
        audit.know(name)
    audit.finish()
    return settings

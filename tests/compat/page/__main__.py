"""`python -m tests.compat.page`: write docs/compatibility.md anew."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.compat.page.written import PAGE, run, written
from tests.wire.model import MODEL


def main() -> None:
    """Makes the run, shows how far it is, and writes the page."""
    total = len(MODEL.operation_names)

    def tell(operation: str) -> None:
        if not sys.stderr.isatty():
            return
        number = MODEL.operation_names.index(operation) + 1
        print(f"\r{number:3} of {total}  {operation:40}", end="", file=sys.stderr, flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as folder:
        text = written(run(Path(folder), tell))
    changed = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    PAGE.write_text(text, encoding="utf-8")
    said = "written" if changed else "as it was"
    print(f"\r{PAGE.name}: {said}".ljust(60), file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()

"""`python -m node.cli` is the command `keyspan`; the processes of a cluster are started so."""

from __future__ import annotations

import sys

from node.cli.program import main

if __name__ == "__main__":
    sys.exit(main())

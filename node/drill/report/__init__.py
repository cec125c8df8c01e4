"""The report of a drill: `report.json` for programs, `report.html` for people."""

from __future__ import annotations

from node.drill.report.document import as_json
from node.drill.report.page import as_html

__all__ = ["as_html", "as_json"]

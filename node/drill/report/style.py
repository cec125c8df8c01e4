"""How a report looks: one style sheet, with both sets of colours."""

from __future__ import annotations

from typing import Final

__all__ = ["STYLE"]

STYLE: Final = """
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --ink: #1c1d1f; --quiet: #63666b; --rule: #e3e4e6;
  --answered: #4f7fc9; --failed: #cf3f36; --throttled: #d9a441; --good: #1d7a46; --act: #8a5a00;
  --region0: #2f6fc4; --region1: #b3621b; --region2: #177e72;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141517; --card: #1c1e21; --ink: #eceded; --quiet: #a0a4aa; --rule: #34373c;
    --answered: #6f9fe8; --failed: #f0726a; --throttled: #d6a94f; --good: #58c588; --act: #dda73f;
    --region0: #79aaf0; --region1: #e39a58; --region2: #4fbfb0;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 8px; }
h2 { font-size: 19px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 18px 0 2px; }
p { margin: 0 0 8px; }
.kind, .when, .legend, small, footer { color: var(--quiet); }
.kind, .when, .legend, footer, small { font-size: 13px; }
.about { max-width: 70ch; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 18px 20px; margin: 18px 0; }
.verdict { display: inline-block; vertical-align: 3px; border-radius: 6px; padding: 1px 10px;
  font-size: 15px; border: 1px solid currentColor; }
.passed, .heal { color: var(--good); }
.failed { color: var(--failed); }
.fault { color: var(--failed); }
.act { color: var(--act); }
.tiles { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(136px, 1fr)); }
.tiles p { font-size: 13px; color: var(--quiet); margin: 0; }
.tiles strong { display: block; font-size: 24px; line-height: 1.3; font-weight: 600; }
.tiles small { display: block; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 14px 6px 0; }
th { font-weight: 500; color: var(--quiet); font-size: 13px; }
tbody tr { border-top: 1px solid var(--rule); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td small { display: block; }
code, pre { font: 13px/1.45 ui-monospace, "SF Mono", Menlo, monospace; }
pre { margin: 6px 0; white-space: pre-wrap; color: var(--quiet); }
summary { cursor: pointer; font-size: 13px; color: var(--quiet); }
.chip { border: 1px solid currentColor; border-radius: 5px; padding: 0 7px; font-size: 13px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 12px; }
svg .grid { stroke: var(--rule); }
rect.answered { fill: var(--answered); }
rect.failed { fill: var(--failed); }
rect.throttled { fill: var(--throttled); }
rect.region0 { fill: var(--region0); } rect.region1 { fill: var(--region1); }
rect.region2 { fill: var(--region2); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.region0 { stroke: var(--region0); } .line.region1 { stroke: var(--region1); }
.line.region2 { stroke: var(--region2); }
.event line { stroke: currentColor; stroke-dasharray: 3 3; }
.event circle { fill: var(--card); stroke: currentColor; }
.event text { fill: currentColor; font-size: 11px; }
.legend span { margin-right: 14px; white-space: nowrap; color: var(--ink); }
.legend span::before { content: ""; display: inline-block; width: 10px; height: 10px;
  border-radius: 2px; margin-right: 6px; background: currentColor; }
.legend .answered::before { background: var(--answered); }
.legend .failed::before { background: var(--failed); }
.legend .throttled::before { background: var(--throttled); }
.legend .region0::before { background: var(--region0); }
.legend .region1::before { background: var(--region1); }
.legend .region2::before { background: var(--region2); }
@media print { section { break-inside: avoid; } }
"""

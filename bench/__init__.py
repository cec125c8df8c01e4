"""Keyspan's benchmarks: `make bench`, or `python -m bench --help`.

What is measured stands beside references (`references/`) in the same run, in random order, server
and load generator on different cores: on a shared machine only ratios from one run mean anything
(performance.md). `plan.py` says what is run, `measure.py` runs one cell of it, `summary.py` takes
medians and ratios, `report/` tells.
"""

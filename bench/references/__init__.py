"""Servers to compare with, without anything of Keyspan, as short as can be.

The letters are those of performance.md. Each is run as `python -m bench.references.NAME PORT
CREDENTIALS`, from the root of the repository.
"""

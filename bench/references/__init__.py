"""Servers to compare with, each one file without anything of Keyspan, as short as can be.

The letters are those of performance.md. Each is run as `python FILE PORT CREDENTIALS`.
"""

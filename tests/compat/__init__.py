"""Unmodified clients that others wrote, against three real regions. Each test says its version."""

"""Backups of a region's key store, taken while it serves, and put back."""

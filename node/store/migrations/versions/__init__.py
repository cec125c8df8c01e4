"""Alembic migrations of the key store."""

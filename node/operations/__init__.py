"""What each operation does: one file per family, one table of all."""

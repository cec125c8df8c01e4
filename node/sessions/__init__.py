"""Temporary credentials: the tokens that they travel in, and the keys that seal those."""

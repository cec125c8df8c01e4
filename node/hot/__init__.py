"""What the crypto path reads: in memory, kept true by the store's change counter."""

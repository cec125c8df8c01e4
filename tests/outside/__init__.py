"""Other implementations that check ours, each given public keys and our output alone."""

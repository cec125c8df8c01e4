"""Load generators: programs that replay signed requests and tell how fast they were answered."""

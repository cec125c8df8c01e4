"""Real nodes and real Valkey servers that are killed, frozen, emptied and tampered with.

What architecture.md promises (D4, D5) is shown here on operating-system processes. No test sleeps:
each waits for a condition. What is random has a seed, which is printed; KEYSPAN_SEED repeats it.

    load.py         clients that make and replicate keys, and the ledger of what they were answered
    agreement.py    whether every region holds what the ledger says, and the same of it
    history.py      everything that was ever written to a stream, from its server's own AOF
    store_file.py   a region's SQLite file as another process sees it
    freezing.py     nodes that stand still
    kill_points.py  ways to end a node between commit and publication
    streams.py      one region's stream, and its server's files, under a stranger's hands
    attacks.py      what a tamperer does to a stream, and what a reader must make of it
    life.py         clients that keep every secret and every error that they are given
    leaks.py        spellings of a secret, and where they are found
    places.py       where a cluster's secrets are, and every place where they must not be
"""

"""Real nodes and real Valkey servers that are killed, frozen, emptied and tampered with.

What architecture.md promises (D4, D5) is shown here on operating-system processes. No test sleeps:
each waits for a condition. What is random has a seed, which is printed; KEYSPAN_SEED repeats it.

    load.py         clients that make and replicate keys, and the ledger of what they were answered
    agreement.py    whether every region holds what the ledger says, and the same of it
    history.py      everything that was ever written to a stream, from its server's own AOF
    store_file.py   a region's SQLite file as another process sees it
    streams.py      one region's stream under a tamperer's hands
    leaks.py        spellings of a secret, and where they are found
"""

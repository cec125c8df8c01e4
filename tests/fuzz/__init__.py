"""`make fuzz`: 100,000 odd requests to real nodes, made from botocore's model.

A run is many *conversations*. Each has a number, a connection of its own and a random generator
seeded by the run's seed and that number, sends its requests one after the other, and reuses what it
was answered before (keys, aliases, ciphertexts, tokens, markers); so that any one of them can be
played again alone: `make fuzz SEED=7 CONVERSATION=123`.

    patterns       text that matches a pattern of the model
    values         values of a shape: valid, at its limits, beyond them, of another type
    memory         what a conversation was answered
    sensible       requests that mean something, and what follows on an earlier answer
    spoiling       members made wrong
    bodies         JSON as it should be, and as it should not
    transport      signed HTTP over a socket, and HTTP that is not as it should be
    judge          what an answer may be
    conversation   one conversation         run   all of them, with the nodes' memory over the run
"""

"""Several worker processes of one region, which share its port and its key store.

The first one is the leader: it is the node as it is alone, and does everything that changes
something. The others answer what only reads, cryptography above all, and pass on everything else
(docs/decisions/0022).
"""

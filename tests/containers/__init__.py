"""compose.yaml, for real: containers killed, regions cut off, and healed (`make containers`).

`stack.py` drives Docker; the tests reach the nodes as users do, by their published ports. The
cluster is one of the tests' own (files, volumes, project name), but its ports and addresses are
those of compose.yaml, so that `docker compose up` must not be running meanwhile.
"""

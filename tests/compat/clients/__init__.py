"""Clients in environments of their own: other versions of common packages, or another language.

`make clients` installs them under .cache, locked with hashes, and runs the tests that are marked
`clients`. Each client is driven by a short program as its users would write it, in `programs`
(Python) or `javascript` (Node.js); the program is told where the regions are, and tells back what
it saw, as JSON.
"""

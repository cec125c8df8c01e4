"""Why an entry of another region's log is not applied, and why a stream cannot be used.

A refused entry stops the reading of its origin: it is never skipped (decision D5). Every refusal
says what was expected and what was found, in words for an operator; none carries entry contents.
"""


class ReplicationError(Exception):
    """Base of everything that replication raises."""


class Refused(ReplicationError):
    """An entry that must not be applied; reading its origin stops at the cursor."""


class Malformed(Refused):
    """The bytes are not an entry of a version that this node knows."""


class Unauthentic(Refused):
    """The signature is not the origin's, or what is sealed inside does not open."""


class Misaddressed(Refused):
    """A true entry of another origin's log, or one whose stream ID is not its own."""


class Gap(Refused):
    """The entry is further ahead than the next one: something before it is missing."""


class Duplicate(Refused):
    """The entry is at or behind the cursor: something was replayed or reordered."""


class BrokenChain(Refused):
    """The entry does not follow the one that was applied last, though its number does.

    Both are signed: the origin wrote on after its store went back to an old copy.
    """


class LogReplaced(Refused):
    """The origin has begun a new log, or an older log of its own is replayed."""


class NotAuthoritative(Refused):
    """The origin changed what only the primary key's region may change."""


class StreamUnavailable(ReplicationError):
    """The Redis server did not answer, or answered with an error; try again."""


class StreamConflict(ReplicationError):
    """The stream holds IDs that the origin did not write; it must be rewritten."""

"""The one way in which a simulation fails."""


class Violation(AssertionError):
    """Something happened that never may, or did not happen that must."""

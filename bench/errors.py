"""The one error of a benchmark that cannot be run."""


class BenchError(Exception):
    """One sentence: what is missing or wrong, and what to do."""

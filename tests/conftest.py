"""What every test may use. Fixtures for real clusters come from `tests/harness`."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ("tests.harness.plugin", "tests.rsa_keys")

# No test is decided by how fast the machine is; a failing example prints how to run it again.
settings.register_profile("keyspan", deadline=None, print_blob=True)
settings.load_profile("keyspan")

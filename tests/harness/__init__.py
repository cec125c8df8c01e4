"""Real clusters under test: real nodes, real Valkey servers, real boto3 clients.

`plugin.py` has the fixtures, `cluster.py` what a test can do to a cluster. Tests that use them are
marked `processes`, and `make faults` runs those. No test sleeps: each waits for a condition.
"""

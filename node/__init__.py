"""One region: wire protocol, access control, operations, key store, schedule and command line."""

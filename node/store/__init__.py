"""The key store of one region: tables, transactions, migrations."""

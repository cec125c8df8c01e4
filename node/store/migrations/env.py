"""How Alembic runs: always on the connection that node.store.migrate gives it."""

from alembic import context

from node.store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

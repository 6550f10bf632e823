"""Runs the migrations on one connection that `schema.migrate` hands in."""

from alembic import context

from schema.metadata import build

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=build(),
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()

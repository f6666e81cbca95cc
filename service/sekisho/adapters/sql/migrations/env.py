"""Where Alembic comes in: it migrates on the connection and in the transaction that it is given."""

from alembic import context

from sekisho.adapters.sql.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()

"""What Alembic runs to reach the database: a connection that ``api.store.migrate`` hands over."""

from alembic import context

from api.store.rows import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

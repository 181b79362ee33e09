"""How the tables came to be: Alembic's steps, and bringing a database up to date."""

"""Posters: a small picture of every file and of every finished video"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Up one step."""
    for table in ("assets", "renders"):
        op.add_column(table, sa.Column("poster", sa.String(64)))
        op.create_index(op.f(f"ix_{table}_poster"), table, ["poster"])

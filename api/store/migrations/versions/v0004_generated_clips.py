"""Generated clips: how a model made a file"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Up one step."""
    op.add_column("assets", sa.Column("made", sa.Text()))

"""Indexes: the queue in the order of coming, accounts by what was merged into them"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Up one step."""
    op.drop_index("ix_jobs_next", "jobs")
    op.create_index("ix_jobs_next", "jobs", ["lane", "state", "priority", "rank", "created_at", "id"])
    op.create_index(op.f("ix_users_merged_into"), "users", ["merged_into"])
    # The outer world has no balances any more.
    op.execute("DELETE FROM balances WHERE account IN ('granted', 'spent', 'expired')")

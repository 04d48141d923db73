"""contact_facts

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows that follow from others: the upgrade writes them anew, for every household and with all their columns.
    op.execute("DELETE FROM contact_dates")
    with op.batch_alter_table("contact_dates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("category", sa.String(length=32), server_default="general", nullable=False))
        batch_op.add_column(sa.Column("category_since", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("gone_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("absent_since_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("whole_away", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("contact_dates", schema=None) as batch_op:
        batch_op.drop_column("whole_away")
        batch_op.drop_column("absent_since_on")
        batch_op.drop_column("gone_on")
        batch_op.drop_column("registered_at")
        batch_op.drop_column("category_since")
        batch_op.drop_column("category")

"""Finding the movements of an order without walking through those of imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "movements_of_orders"
down_revision = "notifications"
branch_labels = None
depends_on = None

IS_ORDER = sa.text("reference_id IS NOT NULL AND reference_type <> 'import'")


def upgrade() -> None:
    op.create_index(
        "ix_movements_order",
        "movements",
        ["site_id", "reference_id"],
        sqlite_where=IS_ORDER,
        postgresql_where=IS_ORDER,
    )


def downgrade() -> None:
    op.drop_index("ix_movements_order", table_name="movements")

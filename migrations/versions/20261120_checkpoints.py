"""What the books said at past moments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "checkpoints"
down_revision = "movements_of_orders"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoints")),
        sa.UniqueConstraint("taken_at", name=op.f("uq_checkpoints_taken_at")),
    )
    keys = {"checkpoint": "checkpoints", "location": "locations", "item": "items", "lot": "lots"}
    op.create_table(
        "checkpoint_balances",
        *[
            sa.Column(f"{name}_id", BIG_ID, autoincrement=False, nullable=False) for name in keys
        ],
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        *[
            sa.ForeignKeyConstraint(
                [f"{name}_id"],
                [f"{table}.id"],
                name=op.f(f"fk_checkpoint_balances_{name}_id_{table}"),
            )
            for name, table in keys.items()
        ],
        sa.PrimaryKeyConstraint(
            "checkpoint_id",
            "location_id",
            "item_id",
            "lot_id",
            name=op.f("pk_checkpoint_balances"),
        ),
    )
    op.create_index(
        op.f("ix_checkpoint_balances_checkpoint_id_item_id_lot_id"),
        "checkpoint_balances",
        ["checkpoint_id", "item_id", "lot_id"],
    )


def downgrade() -> None:
    op.drop_table("checkpoint_balances")
    op.drop_table("checkpoints")

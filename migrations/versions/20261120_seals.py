"""Seals over the ledger, and the number of the transaction that booked a movement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "seals"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("ledger_epochs", "seals", "seal_leaves")


def upgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.add_column("movements", sa.Column("xact", sa.BigInteger(), nullable=True))
    if on_postgresql:
        # What is booked already stays without a number: the first epoch seals it by id.
        op.execute(
            "ALTER TABLE movements "
            "ALTER COLUMN xact SET DEFAULT (pg_current_xact_id()::text)::bigint"
        )
    op.create_index(
        op.f("ix_movements_xact"),
        "movements",
        ["xact"],
        postgresql_using="brin",
        sqlite_where=sa.text("xact IS NOT NULL"),
    )
    op.create_table(
        "ledger_epochs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("system_identifier", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_epochs")),
    )
    op.create_table(
        "seals",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("epoch_id", BIG_ID, nullable=False),
        sa.Column("movement_count", sa.Integer(), nullable=False),
        sa.Column("posting_count", sa.Integer(), nullable=False),
        sa.Column("tree", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["epoch_id"], ["ledger_epochs.id"], name=op.f("fk_seals_epoch_id_ledger_epochs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seals")),
        sa.UniqueConstraint("number", name=op.f("uq_seals_number")),
        sa.UniqueConstraint("root", name=op.f("uq_seals_root")),
    )
    op.create_table(
        "seal_leaves",
        sa.Column("movement_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("seal_id", BIG_ID, nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.Column("row_marks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["movement_id"], ["movements.id"], name=op.f("fk_seal_leaves_movement_id_movements")
        ),
        sa.ForeignKeyConstraint(
            ["seal_id"], ["seals.id"], name=op.f("fk_seal_leaves_seal_id_seals")
        ),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_seal_leaves")),
    )
    op.create_index(
        op.f("ix_seal_leaves_seal_id_movement_id"), "seal_leaves", ["seal_id", "movement_id"]
    )
    op.create_table(
        "ledger_cursors",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("epoch_id", BIG_ID, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("by_id_after", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["epoch_id"],
            ["ledger_epochs.id"],
            name=op.f("fk_ledger_cursors_epoch_id_ledger_epochs"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ledger_cursors")),
    )
    _refuse_changes(on_postgresql=on_postgresql)


def _refuse_changes(*, on_postgresql: bool) -> None:
    for table in APPEND_ONLY:
        if on_postgresql:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
            continue
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    for table in ("ledger_cursors", "seal_leaves", "seals", "ledger_epochs"):
        op.drop_table(table)
    op.drop_index(op.f("ix_movements_xact"), table_name="movements")
    op.drop_column("movements", "xact")

"""What quality says of lots, and holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "lots_and_holds"
down_revision = "seals"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "items",
        sa.Column("is_qc_required", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("lots", sa.Column("expires_on", sa.Date(), nullable=True))
    op.create_table(
        "lot_decisions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("from_status", sa.String(length=12), nullable=False),
        sa.Column("to_status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", BIG_ID, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "to_status IN ('approved', 'quarantine', 'rejected')",
            name=op.f("ck_lot_decisions_to_status"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_lot_decisions_lot_id_lots")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_lot_decisions_decided_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_decisions")),
    )
    op.create_index(op.f("ix_lot_decisions_lot_id_id"), "lot_decisions", ["lot_id", "id"])
    _refuse_changes()
    op.create_table(
        "holds",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("put_by_id", BIG_ID, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", BIG_ID, nullable=True),
        sa.Column("lift_reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "scope IN ('item', 'lot', 'unit', 'location')", name=op.f("ck_holds_scope")
        ),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by_id IS NULL)", name=op.f("ck_holds_lifted")
        ),
        sa.ForeignKeyConstraint(
            ["put_by_id"], ["users.id"], name=op.f("fk_holds_put_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["users.id"], name=op.f("fk_holds_lifted_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("uid", name=op.f("uq_holds_uid")),
    )
    op.create_index(
        op.f("ix_holds_scope_subject_id_id"), "holds", ["scope", "subject_id", "id"]
    )


def _refuse_changes() -> None:
    """What quality said stays said."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER lot_decisions_append_only BEFORE UPDATE OR DELETE ON lot_decisions "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER lot_decisions_no_truncate BEFORE TRUNCATE ON lot_decisions "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER lot_decisions_no_{act.lower()} BEFORE {act} ON lot_decisions "
            "BEGIN SELECT RAISE(ABORT, 'lot_decisions is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table("holds")
    op.drop_table("lot_decisions")
    op.drop_column("lots", "expires_on")
    op.drop_column("items", "is_qc_required")

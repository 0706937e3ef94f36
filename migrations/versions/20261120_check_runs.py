"""Checks of what is derived from the ledger, and what they found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "check_runs"
down_revision = "label_states"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "proven_balances",
        sa.Column("location_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("item_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("lot_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        _refers("proven_balances", "location_id", "locations"),
        _refers("proven_balances", "item_id", "items"),
        _refers("proven_balances", "lot_id", "lots"),
        sa.PrimaryKeyConstraint(
            "location_id", "item_id", "lot_id", name=op.f("pk_proven_balances")
        ),
    )
    op.create_index(
        op.f("ix_proven_balances_item_id_lot_id"), "proven_balances", ["item_id", "lot_id"]
    )
    op.create_table(
        "check_plans",
        sa.Column("site_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("daily_at", sa.Time(), nullable=False),
        _refers("check_plans", "site_id", "sites"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_check_plans")),
    )
    op.create_table(
        "check_runs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("business_day", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", BIG_ID, nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "kind IN ('continuous', 'daily', 'weekly', 'manual')", name=op.f("ck_check_runs_kind")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_check_runs_state")
        ),
        _refers("check_runs", "site_id", "sites"),
        _refers("check_runs", "asked_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_runs")),
        sa.UniqueConstraint("uid", name=op.f("uq_check_runs_uid")),
    )
    op.create_index(op.f("ix_check_runs_kind_id"), "check_runs", ["kind", "id"])
    op.create_index(
        "uq_check_runs_daily",
        "check_runs",
        ["site_id", "business_day"],
        unique=True,
        sqlite_where=sa.text("kind = 'daily'"),
        postgresql_where=sa.text("kind = 'daily'"),
    )
    op.create_table(
        "discrepancies",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subject_key", sa.String(length=120), nullable=False),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("department_id", BIG_ID, nullable=True),
        sa.Column("location_id", BIG_ID, nullable=True),
        sa.Column("item_id", BIG_ID, nullable=True),
        sa.Column("lot_id", BIG_ID, nullable=True),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("expected", sa.String(length=200), nullable=False),
        sa.Column("found", sa.String(length=200), nullable=False),
        sa.Column("suspect_movement_id", BIG_ID, nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explanation", sa.String(length=500), nullable=True),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained_by_id", BIG_ID, nullable=True),
        sa.Column("resolution", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "kind IN ('balance', 'site_balance', 'unit', 'tile', 'identity', 'seal')",
            name=op.f("ck_discrepancies_kind"),
        ),
        sa.CheckConstraint(
            "resolution IN ('corrected', 'closed')", name=op.f("ck_discrepancies_resolution")
        ),
        _refers("discrepancies", "run_id", "check_runs"),
        _refers("discrepancies", "site_id", "sites"),
        _refers("discrepancies", "department_id", "departments"),
        _refers("discrepancies", "location_id", "locations"),
        _refers("discrepancies", "item_id", "items"),
        _refers("discrepancies", "lot_id", "lots"),
        _refers("discrepancies", "unit_id", "units"),
        _refers("discrepancies", "suspect_movement_id", "movements"),
        _refers("discrepancies", "explained_by_id", "users"),
        _refers("discrepancies", "resolved_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancies")),
        sa.UniqueConstraint("uid", name=op.f("uq_discrepancies_uid")),
    )
    op.create_index(op.f("ix_discrepancies_run_id"), "discrepancies", ["run_id"])
    op.create_index(
        "uq_discrepancies_open",
        "discrepancies",
        ["subject_key"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("discrepancies", "check_runs", "check_plans", "proven_balances"):
        op.drop_table(table)

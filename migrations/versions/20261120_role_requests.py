"""Requests for roles, links for new passwords, sessions that end, permissions seeded once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# What the first version gave to its roles.
SEEDED = (
    "dashboard.view", "stock.view", "movements.view", "ledger.produce", "ledger.receive",
    "ledger.putaway", "ledger.transfer", "ledger.dispatch", "ledger.adjust", "ledger.reverse",
    "ledger.undo", "catalog.manage", "partners.manage", "locations.manage", "imports.run",
    "labels.print", "accounts.manage", "sync.scan",
)  # fmt: skip


def upgrade() -> None:
    seeded = op.create_table(
        "seeded_permissions",
        sa.Column("permission", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("permission", name=op.f("pk_seeded_permissions")),
    )
    op.bulk_insert(seeded, [{"permission": name} for name in SEEDED])
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("session_epoch", sa.Integer(), server_default="0", nullable=False)
        )
    op.create_table(
        "role_requests",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("role_id", BIG_ID, nullable=False),
        sa.Column("department_id", BIG_ID, nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", BIG_ID, nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("grant_id", BIG_ID, nullable=True),
        sa.CheckConstraint(
            "decision IN ('approved', 'declined')", name=op.f("ck_role_requests_decision")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_role_requests_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_role_requests_role_id_roles")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_role_requests_department_id_departments"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_role_requests_decided_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_role_requests_grant_id_grants")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_requests")),
        sa.UniqueConstraint("key", name=op.f("uq_role_requests_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_role_requests_uid")),
    )
    op.create_index(op.f("ix_role_requests_asked_at"), "role_requests", ["asked_at"])
    op.create_index(
        "uq_role_requests_open",
        "role_requests",
        ["user_id", "role_id", "department_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "password_resets",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("made_by_id", BIG_ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_password_resets_made_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("uid", name=op.f("uq_password_resets_uid")),
    )
    op.create_index(op.f("ix_password_resets_user_id"), "password_resets", ["user_id"])


def downgrade() -> None:
    op.drop_table("password_resets")
    op.drop_table("role_requests")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("session_epoch")
    op.drop_table("seeded_permissions")

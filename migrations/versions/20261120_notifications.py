"""What became of alerts, who was told about them, and when nobody is to be woken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "notifications"
down_revision = "imports_at_full_strength"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("alerts", sa.Column("path", sa.String(length=200), nullable=True))
    op.add_column("alerts", sa.Column("resolution", sa.String(length=500), nullable=True))
    op.create_index(op.f("ix_alerts_resolved_at_id"), "alerts", ["resolved_at", "id"])
    op.create_table(
        "notifications",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("alert_id", BIG_ID, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'not_needed')", name=op.f("ck_notifications_state")
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_notifications_alert_id_alerts")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "alert_id",
            "user_id",
            "channel",
            name=op.f("uq_notifications_alert_id_user_id_channel"),
        ),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("site_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_quiet_hours_site_id_sites")
        ),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_quiet_hours")),
    )


def downgrade() -> None:
    op.drop_table("quiet_hours")
    op.drop_table("notifications")
    op.drop_index(op.f("ix_alerts_resolved_at_id"), table_name="alerts")
    op.drop_column("alerts", "resolution")
    op.drop_column("alerts", "path")

"""Labels that were replaced or are void, and what people did with labels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "label_states"
down_revision = "lots_and_holds"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("label_codes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("state", sa.String(length=8), server_default="current", nullable=False)
        )
        batch_op.add_column(sa.Column("reason", sa.String(length=200), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_label_codes_state"), "state IN ('current', 'replaced', 'void')"
        )
    # Until now the newest label of a thing was the one that counted.
    op.execute(
        "UPDATE label_codes SET state = 'replaced' WHERE id < (SELECT max(newer.id) "
        "FROM label_codes newer WHERE newer.kind = label_codes.kind "
        "AND newer.subject_id = label_codes.subject_id)"
    )
    op.create_index(
        "uq_label_codes_current",
        "label_codes",
        ["kind", "subject_id"],
        unique=True,
        sqlite_where=sa.text("state = 'current'"),
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_index(
        "ix_label_codes_retired",
        "label_codes",
        ["kind"],
        sqlite_where=sa.text("state <> 'current'"),
        postgresql_where=sa.text("state <> 'current'"),
    )
    op.create_table(
        "label_acts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("code_id", BIG_ID, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", BIG_ID, nullable=True),
        sa.Column("other_subject_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "act IN ('given', 'reprinted', 'replaced', 'swapped', 'voided')",
            name=op.f("ck_label_acts_act"),
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["label_codes.id"], name=op.f("fk_label_acts_code_id_label_codes")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["label_codes.id"], name=op.f("fk_label_acts_other_id_label_codes")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_label_acts_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_acts")),
        sa.UniqueConstraint("key", name=op.f("uq_label_acts_key")),
    )
    for column in ("subject_id", "other_subject_id", "at"):
        op.create_index(op.f(f"ix_label_acts_{column}"), "label_acts", [column])
    _refuse_changes()


def _refuse_changes() -> None:
    """As of every other log: what was done with a label is never changed or deleted."""
    if op.get_bind().dialect.name == "postgresql":
        for trigger, acts, each in (
            ("append_only", "UPDATE OR DELETE", "ROW"),
            ("no_truncate", "TRUNCATE", "STATEMENT"),
        ):
            op.execute(
                f"CREATE TRIGGER label_acts_{trigger} BEFORE {acts} ON label_acts "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER label_acts_no_{act.lower()} BEFORE {act} ON label_acts "
            "BEGIN SELECT RAISE(ABORT, 'label_acts is append-only'); END"
        )


def downgrade() -> None:
    op.drop_table("label_acts")
    op.drop_index("ix_label_codes_retired", table_name="label_codes")
    op.drop_index("uq_label_codes_current", table_name="label_codes")
    with op.batch_alter_table("label_codes", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_label_codes_state"), type_="check")
        batch_op.drop_column("reason")
        batch_op.drop_column("state")

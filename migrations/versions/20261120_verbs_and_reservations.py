"""All verbs of the ledger, and reservations of a site's stock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "verbs_and_reservations"
down_revision = "checkpoints"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OLD = "'receive', 'produce', 'putaway', 'transfer', 'dispatch', 'adjust', 'reverse'"
NEW = (
    "'receive', 'produce', 'putaway', 'transfer', 'dispatch', 'issue', 'consume', 'return', "
    "'scrap', 'adjust', 'reserve', 'unreserve', 'transform', 'reverse'"
)
REFERENCE = ("reference_type", "reference_id")
STOCK_KEY = ("site_id", "item_id", "lot_id", *REFERENCE)


def upgrade() -> None:
    _change_verbs(OLD, NEW)
    op.create_table(
        "reservations",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("site_id", BIG_ID, nullable=False),
        sa.Column("item_id", BIG_ID, nullable=False),
        sa.Column("lot_id", BIG_ID, nullable=False),
        sa.Column("unit_id", BIG_ID, nullable=True),
        sa.Column("reference_type", sa.String(length=40), nullable=False),
        sa.Column("reference_id", sa.String(length=80), nullable=False),
        sa.Column("open", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("open >= 0", name=op.f("ck_reservations_open")),
        *[
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{name}s.id"], name=op.f(f"fk_reservations_{name}_id_{name}s")
            )
            for name in ("site", "item", "lot", "unit")
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("uid", name=op.f("uq_reservations_uid")),
    )
    for name, columns, condition in (
        ("uq_reservations_of_stock", STOCK_KEY, "unit_id IS NULL"),
        ("uq_reservations_of_unit", ("unit_id", *REFERENCE), "unit_id IS NOT NULL"),
    ):
        op.create_index(
            name,
            "reservations",
            list(columns),
            unique=True,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    op.create_index(op.f("ix_reservations_site_id_id"), "reservations", ["site_id", "id"])
    op.create_index(op.f("ix_reservations_expires_at"), "reservations", ["expires_at"])
    _add("postings", "reserved_delta", "BIGINT NOT NULL DEFAULT 0")
    _add("postings", "reservation_id", "BIGINT", refers_to="reservations")
    _add("postings", "unit_cost", "BIGINT")
    op.create_index(
        op.f("ix_postings_reservation_id_id"), "postings", ["reservation_id", "id"]
    )
    _add(
        "site_balances",
        "reserved",
        "BIGINT NOT NULL DEFAULT 0 CONSTRAINT ck_site_balances_reserved CHECK (reserved >= 0)",
    )
    _add("units", "reservation_id", "BIGINT")
    _add("items", "scrap_below", "BIGINT")


def downgrade() -> None:
    _drop("items", "scrap_below")
    _drop("units", "reservation_id")
    _drop("site_balances", "reserved")
    op.drop_index(op.f("ix_postings_reservation_id_id"), table_name="postings")
    for name in ("unit_cost", "reservation_id", "reserved_delta"):
        _drop("postings", name, is_foreign=name == "reservation_id")
    op.drop_table("reservations")
    _change_verbs(NEW, OLD)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add(table: str, column: str, kind: str, *, refers_to: str | None = None) -> None:
    """Add a column in place: a rebuilt table would lose the triggers that make it append-only."""
    if _on_sqlite() and refers_to:
        kind = kind.replace("BIGINT", "INTEGER")
    reference = ""
    if refers_to:
        name = f"fk_{table}_{column}_{refers_to}"
        reference = f" CONSTRAINT {name} REFERENCES {refers_to} (id)"
    op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {kind}{reference}")


def _drop(table: str, column: str, *, is_foreign: bool = False) -> None:
    if _on_sqlite() and (is_foreign or column == "reserved"):
        # SQLite drops no column that a constraint names.
        _rewrite(table, column)
    else:
        op.drop_column(table, column)


def _rewrite(table: str, column: str) -> None:
    """Take the constraint out of the text of the table, then drop the bare column."""
    found = op.get_bind().exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    )
    (text,) = found.one()
    start = text.index(f"{column} ", text.rindex(f" {column} ") - 1)
    part = text[start:].split(", ")[0] if ", " in text[start:] else text[start : text.rindex(")")]
    _replace(table, part, part.split(" CONSTRAINT ")[0])
    op.drop_column(table, column)


def _change_verbs(old: str, new: str) -> None:
    if _on_sqlite():
        _replace("movements", f"verb IN ({old})", f"verb IN ({new})")
        return
    op.drop_constraint(op.f("ck_movements_verb"), "movements", type_="check")
    op.create_check_constraint(op.f("ck_movements_verb"), "movements", f"verb IN ({new})")


def _replace(table: str, old: str, new: str) -> None:
    """Change the text of a table where the rows stay as they are.

    The way that SQLite's manual gives for it (ALTER TABLE, "Making Other Kinds Of Table Schema
    Changes"): the triggers and everything that refers to the table stay untouched.
    """
    bind = op.get_bind()
    (version,) = bind.exec_driver_sql("PRAGMA schema_version").one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = bind.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) "
        "WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0",
        (old, new, table, old),
    )
    if changed.rowcount != 1:
        raise RuntimeError(f"{table} does not say {old}")
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = OFF")

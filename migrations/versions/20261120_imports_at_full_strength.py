"""Imports of items and lots, changes and their undoing, remembered layouts, usual weights.

SQLite cannot change a CHECK, and a table that others refer to cannot be made anew there; so both
tables are put aside, made anew and filled again, on both engines alike.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "imports_at_full_strength"
down_revision = "check_runs"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
KINDS = ("units", "lots", "items")
OLD_KINDS = ("units",)
OLD_STATES = ("staged", "previewing", "previewed", "applying", "applied", "failed")
STATES = ("staged", "previewing", "previewed", "applying", "applied", "undoing", "undone", "failed")
OLD_OUTCOMES = ("created", "updated", "skipped", "failed")
OUTCOMES = ("created", "updated", "unchanged", "skipped", "failed")
RUN_COLUMNS = (
    "id, uid, kind, site_id, department_id, filename, file_sha256, file_bytes, storage_key, state, "
    "columns, mapping, options, counts, sums, questions, rows_total, rows_done, error, "
    "message_uid, created_by_id, created_at, started_at, finished_at"
)
ROW_COLUMNS = "id, run_id, row_no, cells, outcome, message, problems"
# Their rows were checked by rules that have changed since.
OUTDATED = (
    "UPDATE import_runs SET state = 'failed', error = "
    "'This file was checked by an earlier version. Check it again.' "
    "WHERE state NOT IN ('applied', 'failed')"
)


def upgrade() -> None:
    op.add_column("items", sa.Column("typical_quantity", sa.BigInteger(), nullable=True))
    op.add_column("items", sa.Column("tolerance_percent", sa.Integer(), nullable=True))
    _put_aside()
    _create_runs(
        KINDS,
        STATES,
        sa.Column("reading", JSON, nullable=False),
        sa.Column("errors_key", sa.String(length=200), nullable=True),
    )
    _create_rows(
        OUTCOMES,
        sa.Column("said", JSON, nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("is_booked", sa.Boolean(), nullable=False),
    )
    op.execute(
        f"INSERT INTO import_runs ({RUN_COLUMNS}, reading) "
        f"SELECT {RUN_COLUMNS}, '{{}}' FROM runs_aside"
    )
    op.execute(
        f"INSERT INTO import_rows ({ROW_COLUMNS}, said, changes, subject_id, is_booked) "
        f"SELECT {ROW_COLUMNS}, '{{}}', '[]', unit_id, "
        "outcome = 'created' AND unit_id IS NOT NULL FROM rows_aside"
    )
    op.execute(OUTDATED)
    _forget_aside()
    op.create_table(
        "import_layouts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("site_id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_by_id", BIG_ID, nullable=False),
        _one_of("import_layouts", "kind", KINDS),
        _refers("import_layouts", "site_id", "sites"),
        _refers("import_layouts", "used_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_layouts")),
        sa.UniqueConstraint(
            "site_id", "kind", "signature", name=op.f("uq_import_layouts_site_id_kind_signature")
        ),
    )


def downgrade() -> None:
    op.drop_table("import_layouts")
    _put_aside()
    _create_runs(OLD_KINDS, OLD_STATES)
    _create_rows(
        OLD_OUTCOMES,
        sa.Column("unit_id", BIG_ID, nullable=True),
        _refers("import_rows", "unit_id", "units"),
    )
    kept = "FROM runs_aside WHERE kind = 'units' AND state NOT IN ('undoing', 'undone')"
    op.execute(f"INSERT INTO import_runs ({RUN_COLUMNS}) SELECT {RUN_COLUMNS} {kept}")
    op.execute(
        f"INSERT INTO import_rows ({ROW_COLUMNS}, unit_id) "
        f"SELECT {ROW_COLUMNS}, subject_id FROM rows_aside WHERE outcome <> 'unchanged' "
        f"AND run_id IN (SELECT id {kept})"
    )
    op.execute(OUTDATED)
    _forget_aside()
    with op.batch_alter_table("items", schema=None) as batch_op:
        batch_op.drop_column("tolerance_percent")
        batch_op.drop_column("typical_quantity")


def _put_aside() -> None:
    op.execute("CREATE TABLE runs_aside AS SELECT * FROM import_runs")
    op.execute("CREATE TABLE rows_aside AS SELECT * FROM import_rows")
    op.drop_table("import_rows")
    op.drop_table("import_runs")


def _forget_aside() -> None:
    op.drop_table("rows_aside")
    op.drop_table("runs_aside")
    if op.get_bind().dialect.name == "postgresql":
        for table in ("import_runs", "import_rows"):
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
            )


def _create_runs(
    kinds: tuple[str, ...], states: tuple[str, ...], *new: sa.Column[object]
) -> None:
    op.create_table(
        "import_runs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uid", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("site_id", BIG_ID, nullable=False),
        sa.Column("department_id", BIG_ID, nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        *(
            sa.Column(name, JSON, nullable=False)
            for name in ("columns", "mapping", "options", "counts", "sums", "questions")
        ),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("message_uid", sa.Uuid(), nullable=True),
        sa.Column("created_by_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        *new,
        _one_of("import_runs", "kind", kinds),
        _one_of("import_runs", "state", states),
        _refers("import_runs", "created_by_id", "users"),
        _refers("import_runs", "department_id", "departments"),
        _refers("import_runs", "site_id", "sites"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
        sa.UniqueConstraint(
            "kind",
            "file_sha256",
            "created_by_id",
            name=op.f("uq_import_runs_kind_file_sha256_created_by_id"),
        ),
        sa.UniqueConstraint("uid", name=op.f("uq_import_runs_uid")),
    )


def _create_rows(outcomes: tuple[str, ...], *new: sa.SchemaItem) -> None:
    op.create_table(
        "import_rows",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("run_id", BIG_ID, nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        *new,
        _one_of("import_rows", "outcome", outcomes),
        _refers("import_rows", "run_id", "import_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
        sa.UniqueConstraint("run_id", "row_no", name=op.f("uq_import_rows_run_id_row_no")),
    )
    op.create_index(
        op.f("ix_import_rows_run_id_outcome_row_no"),
        "import_rows",
        ["run_id", "outcome", "row_no"],
        unique=False,
    )


def _one_of(table: str, column: str, members: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{member}'" for member in members)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )

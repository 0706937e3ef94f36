"""`flask demo generate`: a plant of any size that the ledger's own checks find in order."""

import sqlalchemy as sa

from app.core.clock import now
from app.domain.accounts.queries import load_actor
from app.domain.codes.models import LabelCode
from app.domain.ledger.commands import putaway
from app.domain.ledger.models import Movement, Posting
from app.domain.locations.models import Location
from app.domain.reconciliation.checks import check_all
from app.domain.units.models import Unit
from tests.factories.plant import PASSWORD, user_named
from tests.factories.stock import assert_books_agree


def generate(app, *words):
    app.extensions["settings"] = app.extensions["settings"].model_copy(
        update={"demo_password": type(app.extensions["settings"].secret_key)(PASSWORD)}
    )
    return app.test_cli_runner().invoke(args=["demo", "generate", *words])


def count(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_generated_plant_is_in_order(app, database):
    result = generate(app, "--units", "2000", "--days", "10")

    assert result.exit_code == 0, result.output
    assert "Everything is sealed." in result.output
    assert_books_agree(database)
    with database.snapshot() as session:
        checked = check_all(session)
        assert checked.result.differences == []
        assert checked.result.root is not None
        assert count(session, Unit) == 2_000
        assert count(session, Posting) == 4 * count(session, Movement) > 15_000
        assert count(session, LabelCode) > 2_000
        times = session.scalars(sa.select(Movement.posted_at).order_by(Movement.id)).all()
        assert times == sorted(times)
        assert times[-1] <= now()
        last = sa.select(sa.func.max(Posting.movement_id)).where(Posting.unit_id == Unit.id)
        wrong = sa.select(Unit.id).where(Unit.last_movement_id != last.scalar_subquery())
        assert session.scalars(wrong).all() == []


def test_work_goes_on_in_a_generated_plant(app, database):
    generate(app, "--units", "400", "--days", "3")
    with database.reader() as session:
        admin = load_actor(session, user_named(session, "admin").id)
        coil = session.scalars(sa.select(Unit).where(Unit.state == "stored").limit(1)).one()
        bin_ = session.scalars(
            sa.select(Location).where(
                Location.department_id == coil.department_id,
                Location.kind == "bin",
                Location.id != coil.location_id,
            )
        ).first()

    database.unit_of_work(
        lambda session: putaway(session, actor=admin, unit_ids=[coil.id], location_id=bin_.id)
    )

    assert_books_agree(database)


def test_a_database_with_a_plant_is_left_alone(app, database, plant):
    result = generate(app, "--units", "40")

    assert result.exit_code == 1
    assert "holds a plant already" in result.output

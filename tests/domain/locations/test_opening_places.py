"""Sites, departments and locations: what is made with them, and what is refused."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, Invalid, NotFound
from app.domain.audit.models import AuditEntry
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.locations.commands import (
    CodeTaken,
    LocationDraft,
    open_department,
    open_location,
    open_locations,
    open_site,
)
from app.domain.locations.models import (
    VIRTUAL_KINDS,
    Location,
    LocationKind,
    Shift,
    Site,
)
from app.domain.locations.queries import staging_ids, virtual_ids
from tests.factories.plant import Plant


def test_a_site_comes_with_one_virtual_location_a_kind_and_three_shifts(
    session: Session, plant: Plant
):
    site = open_site(
        session, actor=plant.admin, code=" pun ", name="Plant Pune", time_zone="Asia/Kolkata"
    )

    assert site.code == "PUN"
    assert set(virtual_ids(session, site_id=site.id)) == VIRTUAL_KINDS
    shifts = session.scalars(sa.select(Shift.name).where(Shift.site_id == site.id))
    assert set(shifts) == {"I", "II", "III"}
    customer = session.get_one(
        Location, virtual_ids(session, site_id=site.id)[LocationKind.CUSTOMER]
    )
    assert customer.path == f"/{customer.id}/"


def test_a_department_comes_with_its_staging_location_and_label_codes(
    session: Session, plant: Plant
):
    department = open_department(
        session, actor=plant.admin, site_id=plant.site.id, code="pick", name="Pickling"
    )

    staging_id = staging_ids(session, site_id=plant.site.id)[department.id]
    staging = session.get_one(Location, staging_id)
    assert (staging.code, staging.kind, staging.department_id) == (
        "PICK-IN",
        LocationKind.STAGING,
        department.id,
    )
    assert tokens_of(session, CodeKind.DEPARTMENT, [department.id])[department.id][0] == "D"
    assert tokens_of(session, CodeKind.LOCATION, [staging_id])[staging_id][0] == "X"


def test_a_bin_takes_department_and_path_from_its_rack(session: Session, plant: Plant):
    opened = open_locations(
        session,
        actor=plant.keeper,
        site_id=plant.site.id,
        drafts=[
            LocationDraft("fm01c01", LocationKind.BIN, parent_id=plant.rack.id),
            LocationDraft("FM01C02", LocationKind.BIN, parent_id=plant.rack.id, name="Top"),
        ],
    )

    assert [one.code for one in opened] == ["FM01C01", "FM01C02"]
    assert {one.department_id for one in opened} == {plant.hot_rolling.id}
    assert opened[0].path == f"/{plant.rack.id}/{opened[0].id}/"
    assert opened[1].name == "Top"


def test_opening_is_in_the_audit_log(session: Session, plant: Plant):
    location = open_location(
        session,
        actor=plant.keeper,
        site_id=plant.site.id,
        draft=LocationDraft("FM01C01", LocationKind.BIN, parent_id=plant.rack.id),
    )
    session.flush()

    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("location.opened", location.id)
    assert entry.actor_id == plant.keeper.user_id


@pytest.mark.parametrize("code", ["FM01A01", "fm01a01 "])
def test_a_code_is_taken_whatever_its_case(session: Session, plant: Plant, code: str):
    before = session.scalar(sa.select(sa.func.count()).select_from(Location))

    with pytest.raises(CodeTaken, match=f"{plant.site.name} has a place FM01A01 already."):
        open_location(
            session,
            actor=plant.keeper,
            site_id=plant.site.id,
            draft=LocationDraft(code, LocationKind.BIN, parent_id=plant.rack.id),
        )

    assert session.scalar(sa.select(sa.func.count()).select_from(Location)) == before


def test_who_has_the_code_already_is_named(session: Session, plant: Plant):
    with pytest.raises(CodeTaken, match=f"{plant.site.name} has a department HR already."):
        open_department(session, actor=plant.admin, site_id=plant.site.id, code="HR", name="Again")
    with pytest.raises(CodeTaken, match=f"This installation has a site {plant.site.code} already."):
        open_site(session, actor=plant.admin, code=plant.site.code, name="Again", time_zone="UTC")


def test_a_code_given_twice_in_one_call_opens_nothing(session: Session, plant: Plant):
    twice = [LocationDraft("FM01C01", LocationKind.BIN, parent_id=plant.rack.id)] * 2

    with pytest.raises(CodeTaken):
        open_locations(session, actor=plant.keeper, site_id=plant.site.id, drafts=twice)

    assert session.scalar(sa.select(Location.id).where(Location.code == "FM01C01")) is None


@pytest.mark.parametrize("code", ["", " ", "@customer", "X" * 41])
def test_some_texts_are_no_codes(session: Session, plant: Plant, code: str):
    with pytest.raises(Invalid):
        open_location(
            session,
            actor=plant.keeper,
            site_id=plant.site.id,
            draft=LocationDraft(code, LocationKind.BIN, parent_id=plant.rack.id),
        )


def test_a_location_needs_a_department(session: Session, plant: Plant):
    with pytest.raises(Invalid, match="needs a department"):
        open_location(
            session,
            actor=plant.admin,
            site_id=plant.site.id,
            draft=LocationDraft("YARD", LocationKind.ZONE),
        )


def test_nothing_is_opened_under_a_parent_or_department_of_another_site(
    session: Session, plant: Plant
):
    other = open_site(session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC")

    for draft in (
        LocationDraft("A", LocationKind.BIN, parent_id=plant.rack.id),
        LocationDraft("A", LocationKind.BIN, department_id=plant.hot_rolling.id),
    ):
        with pytest.raises(Invalid, match="another site"):
            open_location(session, actor=plant.admin, site_id=other.id, draft=draft)


def test_a_time_zone_must_exist(session: Session, plant: Plant):
    with pytest.raises(Invalid) as refused:
        open_site(session, actor=plant.admin, code="X1", name="X", time_zone="Mars/Olympus")

    assert refused.value.field == "time_zone"


def test_a_department_needs_a_site(session: Session, plant: Plant):
    with pytest.raises(NotFound):
        open_department(session, actor=plant.admin, site_id=10_000, code="HR", name="X")


def test_a_keeper_opens_bins_in_the_own_department_only(session: Session, plant: Plant):
    with pytest.raises(Forbidden):
        open_location(
            session,
            actor=plant.keeper,
            site_id=plant.site.id,
            draft=LocationDraft("FM02C01", LocationKind.BIN, parent_id=plant.finishing_rack.id),
        )


def test_a_right_in_a_department_does_not_open_departments_or_sites(session: Session, plant: Plant):
    with pytest.raises(Forbidden):
        open_department(session, actor=plant.keeper, site_id=plant.site.id, code="Z", name="Z")
    with pytest.raises(Forbidden):
        open_site(session, actor=plant.manager, code="Z", name="Z", time_zone="UTC")

    assert session.scalar(sa.select(sa.func.count()).select_from(Site)) == 1

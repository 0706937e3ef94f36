"""Customers and suppliers."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, Invalid
from app.domain.codes.queries import find_code
from app.domain.partners.commands import PartnerExists, create_partner, ensure_partners
from app.domain.partners.models import Partner
from app.domain.partners.rules import PartnerDraft
from tests.factories.plant import Plant


def test_a_partner_is_found_by_its_code_from_birth(session: Session, plant: Plant):
    partner = create_partner(session, actor=plant.keeper, draft=PartnerDraft("e사", "E사 Steel"))

    assert partner.code == "E사"
    assert find_code(session, "e사", plant.site.id)[0].subject_id == partner.id


def test_ensuring_partners_makes_only_what_is_missing(session: Session, plant: Plant):
    found = ensure_partners(
        session,
        actor=plant.keeper,
        drafts=[PartnerDraft("nordwerk", "Other"), PartnerDraft("SUEDWERK")],
    )

    assert found["NORDWERK"].name == "Nordwerk GmbH"
    assert found["SUEDWERK"].name == "SUEDWERK"


def test_an_existing_code_is_refused_by_create(session: Session, plant: Plant):
    with pytest.raises(PartnerExists):
        create_partner(session, actor=plant.keeper, draft=PartnerDraft("Nordwerk"))


@pytest.mark.parametrize("code", ["", "@x", "x" * 41])
def test_some_texts_are_no_partner_codes(session: Session, plant: Plant, code: str):
    with pytest.raises(Invalid):
        create_partner(session, actor=plant.keeper, draft=PartnerDraft(code))


def test_a_driver_makes_no_partners(session: Session, plant: Plant):
    before = session.scalar(sa.select(sa.func.count()).select_from(Partner))

    with pytest.raises(Forbidden):
        create_partner(session, actor=plant.driver, draft=PartnerDraft("X1"))

    assert session.scalar(sa.select(sa.func.count()).select_from(Partner)) == before

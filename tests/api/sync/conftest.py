"""One phone, one coil, one rack."""

import pytest

from app.core.database import Database
from app.domain.codes.rules import CodeKind
from tests.factories.plant import Plant
from tests.factories.scans import Phone, token_of
from tests.factories.stock import produce_coils


@pytest.fixture
def phone(database: Database, plant: Plant) -> Phone:
    return Phone(database, plant.driver)


@pytest.fixture
def coil(database: Database, plant: Plant) -> str:
    return token_of(database, CodeKind.UNIT, produce_coils(database, plant)[0])


@pytest.fixture
def rack(database: Database, plant: Plant) -> str:
    return token_of(database, CodeKind.LOCATION, plant.bin.id)

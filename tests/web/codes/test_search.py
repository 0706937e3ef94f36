"""One search box: an exact code opens its thing, the beginning of one lists what fits."""

import pytest
import sqlalchemy as sa

from app.domain.accounts.commands import create_user, grant_role
from app.domain.audit.models import AuditEntry
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands import Details, NewStock, dispatch, produce, reverse
from app.domain.ledger.drafts import NewUnit
from app.domain.ledger.models import Movement
from app.domain.locations.commands import open_department, open_site
from app.domain.lots.commands import register_lot
from app.domain.partners.commands import create_partner
from app.domain.partners.rules import PartnerDraft
from tests.factories.plant import PASSWORD_HASH, token_of
from tests.factories.stock import COIL, stored_coils, unit_of
from tests.support.statements import counting_statements
from tests.support.web import log_in

HOSTILE = [
    "<script>alert(1)</script>",
    "\x00",
    "a\x00b",
    "'; DROP TABLE units; --",
    "%",
    "_" * 50,
    "\u202e\u200b",
    "R" * 5_000,
    "../../etc/passwd",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
]


@pytest.fixture
def coil(database, plant):
    [coil] = stored_coils(database, plant)
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "coil", CodeKind.UNIT, {"CG278278": coil}
        )
    )
    return coil


def search(client, text):
    return client.get("/search/", query_string={"q": text})


@pytest.mark.parametrize("text", ["cg278278", "FM01A01", "hr", "NORDWERK", "{token}", "{url}"])
def test_an_exact_code_opens_its_thing(client, database, plant, coil, text):
    with database.reader() as session:
        token = token_of(session, CodeKind.UNIT, coil)
    log_in(client, "keeper")

    answer = search(client, text.format(token=token.lower(), url=f"https://old.example/q/{token}"))

    pages = {
        "FM01A01": f"/locations/{plant.bin.uid}/",
        "hr": f"/departments/{plant.hot_rolling.uid}/",
        "NORDWERK": f"/partners/{plant.customer.uid}/",
    }
    assert answer.status_code == 303
    assert answer.location == pages.get(text, f"/units/{unit_of(database, coil).uid}/")


@pytest.mark.parametrize(
    "text, found",
    [
        ("cg27", "HTS500 2.00 × 1250, L-26-1187"),
        ("L-26-118", "L-26-1187"),
        ("hts500", "HTS500-200-1250"),
        ("FM01", "FM01B02"),
        ("gmbh", "NORDWERK"),
        ("operator of", "Operator of Hot rolling"),
    ],
)
def test_the_beginning_of_a_name_lists_what_fits(client, plant, coil, text, found):
    log_in(client, "keeper")

    answer = search(client, text)

    # FM01 is the rack itself, which has its own page.
    if answer.status_code == 303:
        assert answer.location == f"/locations/{plant.rack.uid}/"
    else:
        assert found in answer.text


def test_a_code_of_several_things_asks_which(client, database, plant, coil):
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "supplier", CodeKind.LOT, {"FM01A01": plant.lot.id}
        )
    )
    log_in(client, "keeper")

    answer = search(client, "FM01A01")

    assert answer.status_code == 200
    assert "Several things have this code" in answer.text
    assert f"/lots/{plant.lot.uid}/" in answer.text
    assert f"/locations/{plant.bin.uid}/" in answer.text


def test_a_mistyped_code_is_called_that(client, database, plant, coil):
    with database.reader() as session:
        token = token_of(session, CodeKind.UNIT, coil)
    slipped = token[:5] + ("2" if token[5] != "2" else "3") + token[6:]
    log_in(client, "keeper")

    assert "A character of" in search(client, slipped).text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_and_writes_nothing(client, database, plant, coil, text):
    log_in(client, "keeper")
    with database.reader() as session:
        before = [
            session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (Movement, AuditEntry)
        ]

    answer = search(client, text)

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    with database.reader() as session:
        assert before == [
            session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (Movement, AuditEntry)
        ]


@pytest.fixture
def orders(database, plant, coil):
    """A dispatch and its way back for order SO-4711, and an import, which is no order."""

    def book(session):
        told = Details(reference_type="sales_order", reference_id="SO-4711")
        sent = dispatch(
            session,
            actor=plant.admin,
            unit_ids=[coil],
            partner_id=plant.customer.id,
            details=told,
        )
        reverse(session, actor=plant.admin, movement_id=sent.movement_id, reason="x", details=told)

    database.unit_of_work(book)
    imported = Details(reference_type="import", reference_id="SO-4711-import")
    stock = NewStock(plant.hot_rolling.id, plant.item.id, plant.lot.id, [NewUnit(COIL)], imported)
    database.unit_of_work(lambda session: produce(session, actor=plant.keeper, stock=stock))


@pytest.mark.parametrize("text", ["so-47", "SO-4711"])
def test_an_order_leads_to_its_movements(client, database, plant, orders, text):
    log_in(client, "keeper")

    page = search(client, text)

    assert "sales order, 2 movements" in page.text
    assert "SO-4711-import" not in page.text
    assert 'href="/movements/?order=SO-4711"' in page.text
    listed = client.get("/movements/?order=SO-4711")
    assert listed.text.count('data-cell="code"') == 2
    assert "No movement fits" in client.get("/movements/?order=SO-9").text


@pytest.mark.parametrize("order", ["\x00", "x" * 5_000, "<script>alert(1)</script>", "%", "'"])
def test_a_hostile_order_finds_nothing(client, plant, orders, order):
    log_in(client, "keeper")

    page = client.get("/movements/", query_string={"order": order})

    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_orders_of_departments_that_one_may_not_see_are_not_found(client, database, plant, orders):
    def go_to_finishing(session):
        user = create_user(
            session,
            actor=plant.admin,
            username="finisher",
            name="Fin Isher",
            home_department_id=plant.finishing.id,
        )
        user.password_hash = PASSWORD_HASH
        grant_role(
            session,
            actor=plant.admin,
            user_id=user.id,
            role_code="view_only",
            department_id=plant.finishing.id,
        )

    database.unit_of_work(go_to_finishing)
    log_in(client, "finisher")

    assert "SO-4711" not in search(client, "SO-47").text.split("<main")[1].split("</h1>")[1]


def test_what_is_called_exactly_so_stands_first(client, database, plant):
    def name(session):
        for code, called in (("A1", "Big Coil Works"), ("B1", "Coil"), ("C1", "Coil Trade")):
            create_partner(session, actor=plant.admin, draft=PartnerDraft(code, called))

    database.unit_of_work(name)
    log_in(client, "keeper")

    page = search(client, "coil").text

    places = [page.index(f"<b>{name}</b>") for name in ("Coil", "Coil Trade", "Big Coil Works")]
    assert places == sorted(places)
    titles = [page.index(f">{title}</h2>") for title in ("Partners",)]
    assert titles[0] < places[0]


def test_the_kind_that_fits_best_stands_first(client, database, plant, coil):
    database.unit_of_work(
        lambda session: create_partner(
            session, actor=plant.admin, draft=PartnerDraft("X", "HTS500 2.00 × 125")
        )
    )
    log_in(client, "keeper")

    page = search(client, "HTS500 2.00 × 125").text

    assert page.index(">Partners</h2>") < page.index(">Items</h2>")


def test_people_of_another_site_are_not_found(client, database, plant):
    def elsewhere(session):
        pune = open_site(session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC")
        paint = open_department(
            session, actor=plant.admin, site_id=pune.id, code="PNT", name="Paint"
        )
        for name, home in (("Asha of Pune", paint.id), ("Asha of nowhere", None)):
            create_user(
                session,
                actor=plant.admin,
                username=name.replace(" ", "."),
                name=name,
                home_department_id=home,
            )

    database.unit_of_work(elsewhere)
    log_in(client, "manager")

    page = search(client, "asha").text

    assert "Asha of nowhere" in page
    assert "Asha of Pune" not in page


def test_a_search_costs_as_many_questions_in_a_large_plant(client, app, database, plant, coil):
    log_in(client, "manager")

    def count():
        """What the text costs over the page itself."""
        counts = []
        for text in ("", "co"):
            with counting_statements(app.extensions["database"].engine) as counted:
                search(client, text)
            counts.append(counted.count)
        return counts[1] - counts[0]

    before = count()

    def grow(session):
        for number in range(40):
            draft = PartnerDraft(f"CO{number}", f"Company {number}")
            create_partner(session, actor=plant.admin, draft=draft)
            register_lot(session, actor=plant.admin, item_id=plant.item.id, number=f"CO-{number}")

    database.unit_of_work(grow)
    page = search(client, "co").text

    assert count() == before == 13
    assert "/stock/lots/?q=CO" in page
    assert page.count("/lots/") <= 9


def test_an_empty_search_says_what_to_type(client, plant):
    log_in(client, "keeper")

    assert "Scan or type something" in search(client, "  ").text


def test_a_driver_searches_without_seeing_people(client, plant, coil):
    log_in(client, "driver")

    assert "Operator of Hot rolling" not in search(client, "operator").text

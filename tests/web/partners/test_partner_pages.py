"""The list of partners and the page of one."""

from app.domain.ledger import commands
from tests.factories.stock import stored_coils
from tests.support.web import log_in


def test_the_list_shows_who_is_customer_and_who_supplier(client, plant):
    log_in(client, "keeper")

    page = client.get("/partners/")

    assert "NORDWERK" in page.text
    assert "supplier" in page.text
    assert "NORDWERK" not in client.get("/partners/?q=erz").text
    assert "No partner fits" in client.get("/partners/?q=nothing").text


def test_a_customers_page_shows_what_it_got(client, database, plant):
    coils = stored_coils(database, plant, 2)
    database.unit_of_work(
        lambda session: commands.dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )
    log_in(client, "keeper")

    page = client.get(f"/partners/{plant.customer.uid}/")

    assert "Dispatched" in page.text
    assert "2 lines" in page.text
    assert 'aria-label="QR code of C' in page.text
    supplier = client.get(f"/partners/{plant.supplier.uid}/")
    assert "What is received from this supplier appears here." in supplier.text
    assert "dispatch them" not in supplier.text

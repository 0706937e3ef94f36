"""The page that answers whether a person may do something, and why."""

import pytest

from tests.factories.plant import user_named
from tests.support.web import log_in


@pytest.fixture
def asking(client, plant, database):
    """Ask as the administrator about the driver."""
    log_in(client, "admin")
    with database.reader() as session:
        path = f"/administration/users/{user_named(session, 'driver').uid}/rights/"

    def ask(**question):
        return client.get(path, query_string={key: str(value) for key, value in question.items()})

    return ask


def test_the_page_says_yes_and_which_role_gives_it(asking, plant):
    answer = asking(right="ledger.transfer", department=plant.hot_rolling.uid)

    assert answer.status_code == 200
    assert "has the right ledger.transfer here" in answer.text
    assert "Gives it" in answer.text
    assert "Forklift driver" in answer.text


def test_the_page_says_no_and_what_to_do(asking, plant):
    answer = asking(right="ledger.transfer", department=plant.finishing.uid)

    assert "does not have the right ledger.transfer here" in answer.text
    assert "Holds elsewhere" in answer.text


def test_a_transfer_is_asked_where_the_stock_comes_from_and_a_dispatch_at_both_ends(asking, plant):
    places = {"department": plant.hot_rolling.uid, "target": plant.finishing.uid}

    transfer = asking(right="ledger.transfer", **places).text
    putaway = asking(right="ledger.putaway", **places).text

    assert "only where the stock comes from" in transfer
    assert "does not have the right" not in transfer
    assert "has the right ledger.putaway here" in putaway
    assert "does not have the right ledger.putaway here" in putaway


@pytest.mark.parametrize(
    "question", [{"right": "nothing.known"}, {"right": "ledger.transfer"}, {"department": "x"}]
)
def test_a_damaged_question_is_answered_beside_its_field(asking, plant, question):
    answer = asking(**question)

    assert answer.status_code == 422
    assert "No answer yet" in answer.text


def test_an_open_page_asks_nothing(asking):
    answer = asking()

    assert answer.status_code == 200
    assert "One answer for page, phone and interface" in answer.text

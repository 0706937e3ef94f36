"""Material by hand: the form forgives, and is sent once however often its button is pressed."""

import re

import pytest
import sqlalchemy as sa

from app.domain.units.models import Unit
from tests.support.web import csrf_of, log_in

PATH = "/material-entry/"


@pytest.fixture
def enter(desk, plant):
    """Fill the form in and send it; `again` sends the very same one."""

    def act(client=desk.client, **changes):
        page = client.get(PATH)
        fields = {
            "csrf_token": csrf_of(page),
            "key": re.search(r'name="key"[^>]*value="([^"]+)"', page.text).group(1),
            "department": str(plant.hot_rolling.id),
            "item_number": "S355MC",
            "item_name": "S355MC 4.00",
            "lot": "L-1",
            "weights-0": "4820",
        } | changes
        act.again = lambda **more: client.post(PATH, data=fields | more)
        return act.again()

    return act


def count(database, model=Unit):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def uids(database):
    with database.reader() as session:
        return [str(uid) for uid in session.scalars(sa.select(Unit.uid).order_by(Unit.id))]


def test_one_roll_leads_to_its_label(enter, database):
    answer = enter()

    assert answer.status_code == 303
    assert answer.location == f"/print/{uids(database)[0]}/"


def test_many_rolls_typed_and_pasted_lead_to_all_their_labels(desk, enter, database):
    answer = enter(**{"weights-2": "4795.5", "pasted": "100\r\n\r\n200 \n"})

    labels = desk.client.get(answer.location)
    assert count(database) == 4
    assert labels.status_code == 200
    assert labels.text.count('<article class="label') == 4


def test_the_same_form_sent_twice_makes_its_rolls_once(enter, database):
    first = enter()
    second = enter.again()

    assert second.location == first.location
    assert count(database) == 1


def test_a_form_that_comes_back_changed_is_asked_about_and_can_be_sent_again(enter, database):
    enter()

    refused = enter.again(**{"weights-0": "77"})

    assert refused.status_code == 422
    assert "This form was sent before, with other values" in refused.text
    assert count(database) == 1


def test_every_bad_weight_is_named_and_nothing_typed_is_lost(enter, database):
    answer = enter(**{"weights-0": "heavy", "weights-1": "-3", "pasted": "5\n1e309\nNaN"})

    assert answer.status_code == 422
    assert "Roll 1: expected a number like 4820.5" in answer.text
    assert "Roll 2: expected a weight above 0 kg, found -3" in answer.text
    assert "Line 2: expected a number" in answer.text
    assert "Line 3: expected a number" in answer.text
    assert 'value="heavy"' in answer.text
    assert count(database) == 0


def test_a_form_without_a_weight_is_refused(enter, database):
    answer = enter(**{"weights-0": ""})

    assert answer.status_code == 422
    assert "Enter the weights of 1 to 200 rolls, not of 0." in answer.text


def test_a_lot_that_exists_asks_whether_the_rolls_belong_to_it(enter, database):
    enter()

    asked = enter()
    added = enter(may_add_to_lot="y")

    assert asked.status_code == 422
    assert "S355MC has a lot L-1 already." in asked.text
    assert "Add these rolls to the lot that exists" in asked.text
    assert added.status_code == 303
    assert count(database) == 2


def test_more_fields_come_without_javascript_and_keep_what_was_typed(enter, database):
    answer = enter(act="more")

    assert answer.status_code == 200
    assert 'name="weights-7"' in answer.text
    assert 'value="4820"' in answer.text
    assert count(database) == 0


def test_hostile_text_is_shown_as_text(enter, database):
    answer = enter(item_number="<script>x</script>", lot="a\x00b", **{"weights-0": ""})

    assert answer.status_code == 422
    assert "<script>x" not in answer.text


@pytest.mark.parametrize("number", ["a\x00b", "x" * 81, " "])
def test_a_number_that_cannot_be_kept_is_refused_beside_its_field(enter, database, number):
    answer = enter(item_number=number)

    assert answer.status_code == 422
    assert 'id="item_number-error"' in answer.text
    assert count(database) == 0


def test_an_operator_enters_rolls_of_known_materials(app, enter, plant, database):
    client = app.test_client()
    log_in(client, "operator")

    assert 'name="item_name"' not in client.get(PATH).text
    assert enter(client).status_code == 403
    assert enter(client, item_number=plant.item.number).status_code == 303
    assert count(database) == 1


@pytest.mark.parametrize("who", ["driver", "viewer"])
def test_people_who_may_not_produce_do_not_see_the_form(app, desk, who):
    client = app.test_client()
    log_in(client, who)

    assert client.get(PATH).status_code == 403

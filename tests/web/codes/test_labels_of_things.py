"""The pages of labels: what a thing's labels are, and the acts on them."""

import re
import uuid

import pytest

from app.core.clock import now
from app.domain.accounts.models import SubmitGrant
from app.domain.codes.commands import Labelled, replace_code, void_code
from app.domain.codes.rules import CodeKind, display_token, replaced_words
from tests.factories.plant import user_named
from tests.factories.scans import token_of
from tests.factories.stock import stored_coils, unit_of
from tests.support.statements import counting_statements
from tests.support.web import csrf_of, log_in

ACTS = ("reprint", "replacement", "exchange", "void")


@pytest.fixture
def coils(database, plant):
    return stored_coils(database, plant, 2)


@pytest.fixture
def path(database, coils):
    return f"/labels/unit/{unit_of(database, coils[0]).uid}/"


@pytest.fixture
def keeper(client, plant):
    log_in(client, "keeper")
    return client


def tokens(database, coils):
    return [token_of(database, CodeKind.UNIT, coil) for coil in coils]


def form_of(page, prefix):
    """The hidden fields of one form of the page."""
    names = re.findall(rf'name="({prefix}-\w+)" type="hidden" value="([^"]*)"', page.text)
    return {"csrf_token": csrf_of(page)} | dict(names)


PREFIX = {"reprint": "again", "replacement": "again", "exchange": "exchange", "void": "void"}


def send(client, path, act, **fields):
    prefix = PREFIX[act]
    form = form_of(client.get(path), prefix)
    return client.post(path + act, data=form | {f"{prefix}-{k}": v for k, v in fields.items()})


def test_the_page_of_a_roll_leads_to_its_labels(keeper, database, coils, path):
    (token, _) = tokens(database, coils)

    page = keeper.get(path)

    assert f'href="{path}"' in keeper.get(path.replace("/labels/unit", "/units")).text
    assert f"Labels of roll {token[:4]}" in page.text
    assert "Nothing since its label was made." in page.text


def test_printing_the_same_again_leads_to_the_print_page_and_is_written_down(
    keeper, database, coils, path
):
    answer = send(keeper, path, "reprint", reason="Rubbed off")

    assert answer.status_code == 303
    assert answer.location == path.replace("/labels/unit", "/print")
    shown = keeper.get(path).text
    assert "Printed again" in shown
    assert "Rubbed off" in shown


def test_a_new_label_is_printed_and_the_old_one_says_that_it_was_replaced(
    keeper, database, coils, path
):
    old = tokens(database, coils)[0]

    answer = send(keeper, path, "replacement", reason="Torn")

    new = tokens(database, coils)[0]
    assert answer.location == path.replace("/labels/unit", "/print")
    assert f"{display_token(new)} is the new label" in keeper.get(answer.location).text
    for scan in (f"/q/{old}", f"/search/?q={old}"):
        followed = keeper.get(scan)
        assert followed.status_code == 303
        assert replaced_words(old, new) in keeper.get(followed.location).text
    assert keeper.get(f"/q/{new}").location == followed.location
    assert "was replaced" not in keeper.get(followed.location).text


@pytest.mark.parametrize("way", ["/q/{}", "/search/?q={}", "/q/{}.svg"])
def test_a_void_label_is_refused_with_its_reason(keeper, database, coils, path, way):
    token = tokens(database, coils)[0]

    answer = send(keeper, path, "void", reason="Stuck on scrap", token=token)

    assert answer.location == path
    refused = keeper.get(way.format(token))
    assert refused.status_code == (200 if "search" in way else 409)
    assert f"Label {display_token(token)} is void: Stuck on scrap." in refused.text
    assert "No label of it is in use" in keeper.get(path).text


def test_a_thing_whose_label_is_void_gets_a_new_one(keeper, database, coils, path):
    old = tokens(database, coils)[0]
    send(keeper, path, "void", reason="Scrap", token=old)

    answer = send(keeper, path, "replacement", reason="Needs one")

    assert answer.status_code == 303
    assert tokens(database, coils)[0] != old


def test_two_labels_are_exchanged_by_scanning_the_other(keeper, database, coils, path):
    before = tokens(database, coils)

    answer = send(
        keeper, path, "exchange", other=f"http://localhost/q/{before[1]}", reason="Mixed up"
    )

    assert answer.location == path
    assert tokens(database, coils) == before[::-1]
    assert f"{display_token(before[1])} is the label of this now" in keeper.get(path).text


def test_a_form_that_is_sent_twice_answers_twice_and_acts_once(keeper, database, coils, path):
    before = tokens(database, coils)
    form = form_of(keeper.get(path), "exchange") | {
        "exchange-other": before[1],
        "exchange-reason": "Mixed up",
    }

    answers = [keeper.post(f"{path}exchange", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert tokens(database, coils) == before[::-1]


def test_a_void_form_that_is_sent_twice_answers_twice(keeper, database, coils, path):
    form = form_of(keeper.get(path), "void")
    form |= {"void-token": tokens(database, coils)[0], "void-reason": "Scrap"}

    answers = [keeper.post(f"{path}void", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]


def test_a_stale_page_gives_no_second_label(keeper, database, coils, path):
    send(keeper, path, "void", reason="Scrap", token=tokens(database, coils)[0])
    stale = form_of(keeper.get(path), "again") | {"again-reason": "Needs one"}
    send(keeper, path, "replacement", reason="Needs one")
    given = tokens(database, coils)[0]

    answer = keeper.post(f"{path}replacement", data=stale)

    assert answer.status_code == 303
    assert tokens(database, coils)[0] == given


@pytest.mark.parametrize("act", ACTS)
def test_an_act_without_a_reason_is_refused_beside_its_field(keeper, database, coils, path, act):
    before = tokens(database, coils)

    answer = send(keeper, path, act, reason=" ", token=before[0], other=before[1])

    assert answer.status_code == 422
    assert "Say why, in" in answer.text
    assert tokens(database, coils) == before


@pytest.mark.parametrize("other", ["x", "R2222222222222", "<script>", "\x00", "x" * 500, "{own}"])
def test_a_label_that_cannot_be_exchanged_is_refused(keeper, database, coils, path, other):
    before = tokens(database, coils)

    answer = send(keeper, path, "exchange", other=other.format(own=before[0]), reason="Mixed up")

    assert answer.status_code in (404, 409, 422)
    assert "Nothing was exchanged" in answer.text
    assert "<script>" not in answer.text.split("<main")[1]
    assert tokens(database, coils) == before


@pytest.mark.parametrize("kind", ["lot", "item", "location", "department", "partner"])
def test_everything_with_a_label_has_its_page(keeper, plant, kind):
    thing = {"location": plant.bin, "department": plant.hot_rolling, "partner": plant.customer}
    uid = thing.get(kind, getattr(plant, kind, None)).uid
    path = f"/labels/{kind}/{uid}/"

    assert keeper.get(path).status_code == 200
    assert send(keeper, path, "replacement", reason="Torn").location == f"/print/{kind}/{uid}/"
    assert keeper.get(f"/print/{kind}/{uid}/").status_code == 200


def test_a_person_gets_a_badge_that_only_names_them(keeper, database, plant):
    with database.reader() as session:
        uid = user_named(session, "driver").uid
    path = f"/labels/person/{uid}/"

    assert "Never had a label" in keeper.get(path).text
    assert keeper.get(f"/print/person/{uid}/").status_code == 404
    answer = send(keeper, path, "replacement", reason="First badge")

    badge = keeper.get(answer.location)
    assert plant.driver.name in badge.text
    assert keeper.get(f"{answer.location}labels.pdf").content_type == "application/pdf"
    token = token_of(database, CodeKind.PERSON, plant.driver.user_id)
    assert keeper.get(f"/q/{token}").location == f"/movements/?by={uid}"
    with database.reader() as session:
        assert session.query(SubmitGrant).count() == 0


def test_an_operator_prints_again_but_replaces_nothing(client, database, coils, path):
    log_in(client, "operator")

    page = client.get(path)

    assert "Print the same again" in page.text
    for act in ("replacement", "exchange", "void"):
        assert f'{path}{act}"' not in page.text or act == "replacement"
        answer = client.post(path + act, data={"csrf_token": csrf_of(page)})
        assert answer.status_code == 403
    assert send(client, path, "reprint", reason="Rubbed off").status_code == 303


def test_labels_of_another_department_are_not_shown(client, database, plant):
    log_in(client, "keeper")

    for path in (f"/labels/location/{plant.finishing_bins[0].uid}/",):
        assert client.get(path).status_code == 403
    assert client.get(f"/labels/nonsense/{uuid.uuid4()}/").status_code == 404
    assert client.get(f"/labels/unit/{uuid.uuid4()}/").status_code == 404


def test_any_label_leads_to_the_labels_of_its_thing(keeper, database, plant, coils, path):
    thing = Labelled(CodeKind.UNIT, coils[0])
    old = tokens(database, coils)[0]

    def replace_and_void(session):
        told = {"actor": plant.keeper, "thing": thing, "reason": "Torn"}
        replace_code(session, token=old, key=uuid.uuid4(), **told)
        void_code(session, token=old, key=uuid.uuid4(), **told)

    database.unit_of_work(replace_and_void)

    assert keeper.get(f"/labels/?code={old}").location == path
    assert keeper.get("/labels/?code=FM01A01").location == f"/labels/location/{plant.bin.uid}/"
    assert "is not in this system" in keeper.get("/labels/?code=nonsense").text
    assert keeper.get("/labels/").status_code == 200


def test_the_page_costs_a_fixed_number_of_statements(keeper, database, app, plant, coils, path):
    def count():
        with counting_statements(app.extensions["database"].engine) as counted:
            keeper.get(path)
        return counted.count

    before = count()
    for _ in range(4):
        send(keeper, path, "replacement", reason=f"Torn {now()}")

    assert count() == before

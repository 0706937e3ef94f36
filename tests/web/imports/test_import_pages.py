"""A file's way through its pages: uploaded, checked, answered, booked, told row by row."""

import csv
import io

import pytest
import sqlalchemy as sa

from app.core.outbox import OutboxMessage
from app.domain.imports.models import ImportRun
from app.domain.units.models import Unit
from tests.factories.imports import coil, coils
from tests.support.statements import counting_statements
from tests.support.web import csrf_of, log_in

GOOD = {"yard": "", "storage_loc": "FM01A01"}


def count(database, model):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model))


def test_a_file_goes_from_upload_to_booked_rolls(desk, database, plant):
    path = desk.upload(plant, [coil(1), coil(2, order_no="")], name="coils <b>47.xlsx")

    waiting = desk.client.get(path)
    desk.work()
    asking = desk.client.get(path)
    desk.answer(path, create_places="y", default_lot="OPEN", weight_unit="kg")
    ready = desk.client.get(path)
    desk.send(f"{path}booking", page=path)
    desk.work()
    done = desk.client.get(path)

    assert 'hx-trigger="every 1s, refresh"' in waiting.text
    assert "coils &lt;b&gt;47.xlsx" in waiting.text
    assert "Three questions" in asking.text
    assert "EGLA-710001, EGLA-710002" in asking.text
    assert "Book 2 rolls" in ready.text
    assert "What became of every row" in done.text
    assert "goes to lot OPEN" in done.text
    assert count(database, Unit) == 2


def test_the_same_file_twice_leads_to_the_same_run(desk, database, plant):
    first = desk.upload(plant, coils(2))
    second = desk.upload(plant, coils(2), name="renamed.xlsx")

    assert second == first
    assert count(database, ImportRun) == 1


def test_the_button_pressed_twice_books_once(desk, database, plant):
    path = desk.checked(plant, [coil(1, **GOOD)])

    answers = [desk.send(f"{path}booking", page="/imports/") for _ in "12"]
    desk.work()
    answers.append(desk.send(f"{path}booking", page="/imports/"))
    desk.work()

    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert count(database, Unit) == 1


def test_bad_rows_are_named_by_row_column_expected_and_found(desk, plant):
    rows = [
        coil(1, **GOOD),
        coil(2, total_weight="<script>alert(1)</script>", **GOOD),
        coil(3, total_weight=-1.5, **GOOD),
        coil(4, total_weight="1e309", **GOOD),
    ]
    path = desk.checked(plant, rows)

    page = desk.client.get(f"{path}?outcome=failed").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert page.count("total_weight</b>") == 3
    assert "expected a weight above 0 kg" in page
    assert "Not good 3" in page


def test_the_log_is_a_file_in_which_no_cell_is_a_formula(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD), coil(2, total_weight="=1+1", **GOOD)])

    answer = desk.client.get(f"{path}log.csv")

    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert lines[0][:6] == ["row", "outcome", "column", "expected", "found", "message"]
    assert [line[:2] for line in lines[1:]] == [["2", "created"], ["3", "failed"]]
    assert lines[2][4] == "'=1+1"


def test_a_file_that_cannot_be_read_says_why_and_what_to_do(desk, plant):
    path = desk.upload_bytes(plant, b"PK\x03\x04 this is no workbook", "broken.xlsx")
    desk.work()

    page = desk.client.get(path)

    assert page.status_code == 200
    assert "Nothing of this file was booked" in page.text
    assert "must be an Excel workbook" in page.text
    assert "Choose another file" in page.text


def test_a_check_whose_job_gave_up_can_be_asked_for_again(desk, plant, database):
    path = desk.upload(plant, [coil(1, **GOOD)])
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(OutboxMessage).values(failed_at=sa.func.now(), error="MemoryError")
        )
    )

    stopped = desk.client.get(path)
    again = desk.send(f"{path}check", page=path, weight_unit="kg")
    desk.work()

    assert "given up after several tries: MemoryError" in stopped.text
    assert again.status_code == 303
    assert "Book 1 roll" in desk.client.get(path).text


def test_an_empty_form_is_refused_beside_its_field(desk, plant, database):
    answer = desk.send("/material-entry/bulk/", department=str(plant.hot_rolling.id))

    assert answer.status_code == 422
    assert "Choose a file." in answer.text
    assert count(database, ImportRun) == 0


def test_a_mapping_without_weight_is_refused_and_kept_as_it_was_typed(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD)])

    answer = desk.answer(path, **{"meanings-3": "leave_out"})

    assert answer.status_code == 422
    assert "No column is chosen as “Weight”." in answer.text
    assert '<option selected value="leave_out">' in answer.text


def test_a_meaning_that_there_is_not_is_refused(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD)])

    assert desk.answer(path, **{"meanings-0": "password"}).status_code == 422


def test_the_fragment_of_a_finished_run_reloads_the_page(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD)])

    fragment = desk.client.get(f"{path}progress", headers={"HX-Request": "true"})
    without_htmx = desk.client.get(f"{path}progress")

    assert fragment.headers["HX-Refresh"] == "true"
    assert (without_htmx.status_code, without_htmx.location) == (303, path)


def test_the_list_shows_every_run_with_its_state(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD)])

    page = desk.client.get("/imports/").text

    assert path in page
    assert "Waits for you" in page


def test_the_log_is_shown_in_pages(desk, plant):
    path = desk.checked(plant, [coil(n, **GOOD) for n in range(60)])

    first = desk.client.get(path).text
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = desk.client.get(link.replace("&amp;", "&")).text

    assert "50 rows" in first
    assert "10 rows" in second
    # The highest number of 64 bits, and a word.
    assert desk.client.get(f"{path}?after=WzkyMjMzNzIwMzY4NTQ3NzU4MDdd").status_code == 200
    assert desk.client.get(f"{path}?after=WyJhYmMiXQ").status_code == 422


@pytest.mark.parametrize("who, status", [("viewer", 403), ("driver", 403), ("operator", 403)])
def test_people_who_may_not_import_see_nothing_of_it(desk, plant, app, who, status):
    path = desk.checked(plant, [coil(1, **GOOD)])
    client = app.test_client()
    log_in(client, who)

    for address in ("/imports/", "/material-entry/bulk/", path, f"{path}log.csv"):
        assert client.get(address).status_code == status, address
    token = csrf_of(client.get("/imports/"))
    answer = client.post(f"{path}booking", data={"csrf_token": token})
    assert answer.status_code == status


def test_nobody_sees_imports_without_logging_in(app, plant):
    client = app.test_client()

    for address in ("/imports/", "/material-entry/", "/material-entry/bulk/"):
        assert client.get(address).location.startswith("/login/"), address


def test_a_run_of_another_department_is_not_there(desk, app, plant, database):
    client = app.test_client()
    log_in(client, "manager")
    token = csrf_of(client.get("/material-entry/bulk/"))
    form = {"csrf_token": token, "department": str(plant.finishing.id)}
    path = client.post(
        "/material-entry/bulk/", data={**form, "file": (io.BytesIO(b"item,kg\na,1\n"), "f.csv")}
    ).location

    assert client.get(path).status_code == 200
    assert desk.client.get(path).status_code == 404


def test_a_department_that_is_not_offered_is_refused(desk, plant, database):
    answer = desk.send(
        "/material-entry/bulk/",
        department=str(plant.finishing.id),
        file=(io.BytesIO(b"item,kg\na,1\n"), "f.csv"),
    )

    assert answer.status_code == 422
    assert count(database, ImportRun) == 0


def test_the_page_of_a_run_costs_the_same_for_few_and_many_rows(desk, plant, app):
    few = desk.checked(plant, [coil(n, **GOOD) for n in range(3)])
    many = desk.checked(plant, [coil(n, **GOOD) for n in range(100, 160)])
    engine = app.extensions["database"].engine

    with counting_statements(engine) as of_few:
        desk.client.get(few)
    with counting_statements(engine) as of_many:
        desk.client.get(many)

    assert of_many.count == of_few.count
    assert of_few.count <= 12, of_few.texts

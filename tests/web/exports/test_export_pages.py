"""An export's way through its pages: asked for, followed, fetched, also in pieces."""

import io

import openpyxl
import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.outbox import OutboxMessage
from app.domain.exports.models import ExportRun, ExportState
from tests.factories.stock import stored_coils
from tests.support.statements import counting_statements
from tests.support.web import csrf_of, log_in, send_form
from tests.web.exports.conftest import fetch


def start(client):
    answer = send_form(client, "/exports/", page="/exports/")
    assert answer.status_code == 303, answer.text
    return answer.location


@pytest.fixture
def ready(keeper, database, plant, work):
    """The path of an export that is made."""
    stored_coils(database, plant, 3)
    path = start(keeper)
    work()
    return path


def test_an_export_goes_from_its_button_to_its_file(keeper, database, plant, work):
    stored_coils(database, plant, 3)

    empty = keeper.get("/exports/")
    path = start(keeper)
    waiting = keeper.get(path)
    work()
    done = keeper.get(path)
    listed = keeper.get("/exports/")
    file = fetch(keeper, f"{path}file")

    assert "Nothing has been exported yet" in empty.text
    assert 'hx-trigger="every 1s, refresh"' in waiting.text
    assert "<noscript><meta" in waiting.text
    assert "<b>9</b> rows" in done.text
    assert "Kept until" in done.text
    assert path in listed.text
    assert "Ready" in listed.text
    assert file.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert file.headers["Content-Disposition"].startswith("attachment; filename=rollcall-audit-")
    book = openpyxl.load_workbook(io.BytesIO(file.data))
    assert book.sheetnames == ["Rolls", "Movements", "Summary"]


def test_two_clicks_lead_to_the_same_export(keeper, database, plant):
    assert start(keeper) == start(keeper)

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ExportRun)) == 1


def test_a_download_can_be_resumed(keeper, ready):
    whole = fetch(keeper, f"{ready}file")
    etag, size = whole.headers["ETag"], len(whole.data)

    part = fetch(keeper, f"{ready}file", headers={"Range": "bytes=100-", "If-Range": etag})
    first = fetch(keeper, f"{ready}file", headers={"Range": "bytes=0-99"})
    changed = fetch(keeper, f"{ready}file", headers={"Range": "bytes=100-", "If-Range": '"other"'})
    beyond = fetch(keeper, f"{ready}file", headers={"Range": f"bytes={size + 1}-"})
    same = fetch(keeper, f"{ready}file", headers={"If-None-Match": etag})

    assert whole.headers["Accept-Ranges"] == "bytes"
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 100-{size - 1}/{size}"
    assert first.data + part.data == whole.data
    assert (changed.status_code, changed.data) == (200, whole.data)
    assert beyond.status_code == 416
    assert (same.status_code, same.data) == (304, b"")
    assert "private" in whole.headers["Cache-Control"]
    assert whole.headers["X-Content-Type-Options"] == "nosniff"


def test_the_progress_part_follows_the_job(keeper, database, plant, work):
    path = start(keeper)
    htmx = {"HX-Request": "true"}

    waiting = keeper.get(f"{path}progress", headers=htmx)
    with_job = {ExportRun.state: "running", ExportRun.started_at: now()}
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(ExportRun).values(
                {**with_job, ExportRun.rows_done: 250, ExportRun.rows_total: 1000}
            )
        )
    )
    under_way = keeper.get(f"{path}progress", headers=htmx)
    rows = keeper.get("/exports/", headers=htmx)
    work()
    done = keeper.get(f"{path}progress", headers=htmx)
    without_htmx = keeper.get(f"{path}progress")

    assert "Waiting for its turn" in waiting.text
    assert "<b>250</b> of 1,000 rows" in under_way.text
    assert "250 of 1,000" in rows.text
    assert 'hx-trigger="every 2s, refresh"' in rows.text
    assert "<h1" not in rows.text
    assert done.headers["HX-Refresh"] == "true"
    assert (without_htmx.status_code, without_htmx.location) == (303, path)


def test_an_export_that_gave_up_says_why_and_offers_another(keeper, database, plant):
    path = start(keeper)
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(OutboxMessage).values(failed_at=now(), error="OSError: disk full")
        )
    )

    page = keeper.get(path)

    assert "There is no file" in page.text
    assert "OSError: disk full" in page.text
    assert "New audit export" in page.text
    assert fetch(keeper, f"{path}file").status_code == 404


def test_a_file_that_was_removed_says_so(keeper, database, ready):
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(ExportRun).values(state=ExportState.REMOVED, storage_key=None)
        )
    )

    assert "The file was removed" in keeper.get(ready).text
    assert fetch(keeper, f"{ready}file").status_code == 404


def test_a_file_that_is_gone_from_the_disk_is_a_page_and_no_crash(keeper, app_settings, ready):
    for path in (app_settings.data / "files" / "exports").glob("*/*"):
        path.unlink()

    answer = fetch(keeper, f"{ready}file")

    assert answer.status_code == 404
    assert "Start a new one" in answer.text


@pytest.mark.parametrize("who", ["viewer", "driver", "operator"])
def test_people_who_may_not_export_see_nothing_of_it(app, plant, ready, who):
    client = app.test_client()
    log_in(client, who)

    for address in ("/exports/", ready, f"{ready}file", f"{ready}progress"):
        assert client.get(address).status_code == 403, address
    token = csrf_of(client.get("/exports/"))
    assert client.post("/exports/", data={"csrf_token": token}).status_code == 403
    assert 'href="/exports/"' not in client.get("/stock/units/").text


def test_nobody_gets_a_file_without_logging_in(app, ready):
    client = app.test_client()

    for address in ("/exports/", ready, f"{ready}file"):
        assert client.get(address).location.startswith("/login/"), address


def test_an_export_of_more_than_ones_departments_is_not_there(app, plant, keeper, work):
    manager = app.test_client()
    log_in(manager, "manager")
    path = start(manager)
    work()

    assert fetch(manager, f"{path}file").status_code == 200
    assert keeper.get(path).status_code == 404
    assert fetch(keeper, f"{path}file").status_code == 404
    assert path not in keeper.get("/exports/").text


def test_a_start_without_its_token_is_refused(keeper, database):
    assert keeper.post("/exports/").status_code == 400

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ExportRun)) == 0


def test_the_list_costs_the_same_for_few_and_many(keeper, app, database, plant, work):
    engine = app.extensions["database"].engine
    start(keeper)
    work()
    with counting_statements(engine) as of_one:
        keeper.get("/exports/")
    for _ in "123":
        start(keeper)
        work()

    with counting_statements(engine) as of_many:
        keeper.get("/exports/")

    assert of_many.count == of_one.count
    assert of_one.count <= 7, of_one.texts

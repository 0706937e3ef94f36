"""The bell, the list of alerts, and acting on one."""

import pytest
import sqlalchemy as sa

from app.domain.alerts.models import QuietHours, Severity
from tests.factories.alerts import alert_now, raised
from tests.support.web import log_in, send_form


@pytest.fixture
def alert(database, plant):
    return raised(
        database, "rack", Severity.CRITICAL, site_id=plant.site.id,
        department_id=plant.hot_rolling.id, path="/stock/racks/",
    )  # fmt: skip


def bell_of(page):
    return page.text.split('href="/alerts/">')[1].split("</a>")[0]


def test_the_bell_counts_what_nobody_looks_after(client, database, plant, alert):
    raised(database, "other department", site_id=plant.site.id, department_id=plant.finishing.id)
    log_in(client, "keeper")
    assert 'data-state="refused">1<' in bell_of(client.get("/stock/units/"))

    path = f"/alerts/{alert.uid}/"
    send_form(client, f"{path}acknowledgement", page=path)

    assert "count" not in bell_of(client.get("/stock/units/"))
    assert "Keeper of Hot rolling looks after it" in client.get(path).text


def test_an_alert_is_resolved_with_what_was_done(client, database, plant, alert):
    log_in(client, "keeper")
    path = f"/alerts/{alert.uid}/"
    assert "Go there" in client.get(path).text

    empty = send_form(client, f"{path}end", page=path, reason="")
    short = send_form(client, f"{path}end", page=path, reason="x")
    done = send_form(client, f"{path}end", page=path, reason="rack emptied")
    again = send_form(client, f"{path}end", page="/alerts/", reason="once more")

    assert [answer.status_code for answer in (empty, short, done, again)] == [422, 422, 303, 409]
    assert alert_now(database, alert).resolution == "rack emptied"
    assert "Nothing needs you" in client.get("/alerts/").text
    assert "About rack" in client.get("/alerts/?show=resolved").text


def test_alerts_of_another_department_are_not_shown(client, database, plant):
    hidden = raised(database, "fin", site_id=plant.site.id, department_id=plant.finishing.id)
    log_in(client, "keeper")

    assert "About fin" not in client.get("/alerts/").text
    assert "About fin" not in client.get("/alerts/alerts.csv", buffered=True).text
    assert client.get(f"/alerts/{hidden.uid}/").status_code == 404


def test_whoever_may_only_look_gets_no_buttons(client, database, plant, alert):
    log_in(client, "viewer")
    page = client.get(f"/alerts/{alert.uid}/")

    assert "About rack" in page.text
    assert "I look after it" not in page.text
    answer = send_form(client, f"/alerts/{alert.uid}/end", page="/alerts/", reason="never mind")
    assert answer.status_code == 403


def test_people_without_a_dashboard_have_no_bell(client, database, plant, alert):
    log_in(client, "driver")

    assert "/alerts/" not in client.get("/stock/units/").text


def test_quiet_hours_need_both_ends(client, database, plant):
    log_in(client, "admin")

    def save(**hours):
        fields = {"site": str(plant.site.id)} | hours
        return send_form(client, "/alerts/quiet-hours", page="/alerts/", **fields).status_code

    assert save(starts_at="22:00", ends_at="") == 422
    assert save(starts_at="22:00", ends_at="22:00") == 422
    assert save(starts_at="22:00", ends_at="06:00") == 303
    with database.reader() as session:
        assert f"{session.scalar(sa.select(QuietHours.ends_at)):%H:%M}" == "06:00"
    assert save(starts_at="", ends_at="", site="") == 422
    assert f'value="{plant.site.id}"' in client.get("/alerts/").text
    assert save(starts_at="", ends_at="") == 303
    with database.reader() as session:
        assert session.scalar(sa.select(QuietHours.ends_at)) is None


def test_a_list_is_filtered_by_how_soon_somebody_must_look(client, database, plant, alert):
    raised(database, "small", Severity.INFO, site_id=plant.site.id)
    log_in(client, "manager")

    text = client.get("/alerts/?severity=critical").text

    assert "About rack" in text
    assert "About small" not in text
    assert client.get("/alerts/?severity=loud").status_code == 422

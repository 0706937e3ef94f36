"""Which alerts are still open, and for whom."""

from app.core.clock import now
from app.domain.alerts.commands import raise_alert
from app.domain.alerts.models import Alert, Severity
from app.domain.alerts.queries import list_open_alerts


def raise_one(session, key, **where):
    raise_alert(
        session,
        rule_code="gap",
        severity=Severity.WARNING,
        dedupe_key=key,
        message=f"About {key}",
        **where,
    )


def test_the_newest_open_alert_comes_first(session, plant):
    raise_one(session, "one", site_id=plant.site.id)
    raise_one(session, "two")
    raise_one(session, "two")

    messages = [alert.message for alert in list_open_alerts(session, site_id=plant.site.id)]

    assert messages == ["About two", "About one"]


def test_settled_alerts_and_those_of_other_departments_are_left_out(session, plant):
    raise_one(session, "hot", site_id=plant.site.id, department_id=plant.hot_rolling.id)
    raise_one(session, "fin", site_id=plant.site.id, department_id=plant.finishing.id)
    raise_one(session, "settled", site_id=plant.site.id)
    session.query(Alert).filter_by(dedupe_key="settled").update({"resolved_at": now()})

    alerts = list_open_alerts(session, site_id=plant.site.id, departments={plant.hot_rolling.id})

    assert [alert.dedupe_key for alert in alerts] == ["hot"]

"""Scanned labels, their drawing, and labels to print."""

import re
from urllib.parse import quote

import pytest

from app.domain.codes.rules import CodeKind
from app.domain.locations.commands import open_department, open_site
from app.web.labels import draw_qr
from tests.factories.plant import token_of
from tests.factories.stock import stored_coils, unit_of
from tests.support.web import log_in


@pytest.fixture
def coil(database, plant):
    return stored_coils(database, plant)[0]


@pytest.fixture
def token(database, coil):
    with database.reader() as session:
        return token_of(session, CodeKind.UNIT, coil)


@pytest.mark.parametrize("path", ["/q/{0}", "/Q/{0}", "/q/{1}", "/q/{2}"])
def test_a_scanned_label_leads_to_its_page(client, database, plant, coil, token, path):
    grouped = "-".join(token[n : n + 4] for n in range(0, 13, 4))
    log_in(client, "driver")

    answer = client.get(path.format(token, token.lower(), grouped))

    assert answer.status_code == 303
    assert answer.location == f"/units/{unit_of(database, coil).uid}/"


def test_whoever_is_not_logged_in_comes_back_after_logging_in(client, plant, token):
    answer = client.get(f"/q/{token}")

    assert answer.status_code == 303
    assert answer.location == f"/login/?next=/q/{token}"


@pytest.mark.parametrize(
    "code, status",
    [
        ("R7K3F9H2XVTB2", 404),
        ("<script>alert(1)</script>", 404),
        ("x" * 5_000, 422),
        ("a\x00b", 404),
        ("%E2%80%AE", 404),
    ],
)
def test_an_unknown_label_is_refused_clearly(client, plant, code, status):
    log_in(client, "keeper")

    answer = client.get(f"/q/{quote(code)}")

    assert answer.status_code == status
    assert "How to go on" in answer.text
    assert "<script>alert" not in answer.text


def test_a_label_of_another_site_is_called_that(client, database, plant):
    def elsewhere(session):
        site = open_site(
            session, actor=plant.admin, code="PUN", name="Pune", time_zone="Asia/Kolkata"
        )
        paint = open_department(
            session, actor=plant.admin, site_id=site.id, code="PNT", name="Paint"
        )
        return token_of(session, CodeKind.DEPARTMENT, paint.id)

    token = database.unit_of_work(elsewhere)
    log_in(client, "keeper")

    answer = client.get(f"/q/{token}")

    assert answer.status_code == 409
    assert "another site" in answer.text


def test_the_drawing_is_a_picture_that_says_the_labels_address(client, plant, token):
    log_in(client, "driver")

    answer = client.get(f"/q/{token}.svg")

    assert answer.status_code == 200
    assert answer.content_type == "image/svg+xml"
    assert draw_qr(f"http://localhost:8000/q/{token}").path in answer.text
    assert client.get("/q/R7K3F9H2XVTB2.svg").status_code == 404
    assert client.get("/q/nonsense.svg").status_code == 422


def test_a_drawing_has_four_modules_of_quiet_zone():
    drawing = draw_qr("https://inv.acme.com/q/R7K3F9H2XVTB2")

    assert drawing.side == 29 + 8
    starts = [tuple(map(int, pair)) for pair in re.findall(r"M(\d+) (\d+)h", drawing.path)]
    lengths = [int(length) for length in re.findall(r"h(\d+)v1", drawing.path)]
    assert min(x for x, _ in starts) == min(y for _, y in starts) == 4
    assert max(x + n for (x, _), n in zip(starts, lengths, strict=True)) == 33


def test_a_label_can_be_read_without_the_server(client, database, plant, coil, token):
    log_in(client, "keeper")

    page = client.get(f"/print/{unit_of(database, coil).uid}/")

    assert page.status_code == 200
    grouped = "-".join(token[n : n + 4] for n in range(0, 13, 4))
    for text in (plant.item.name, "L-26-1187", "4,820.5 kg", grouped):
        assert text in page.text
    assert draw_qr(f"http://localhost:8000/q/{token}").path in page.text


@pytest.mark.parametrize(
    "kind, subject, sign",
    [
        ("location", "bin", "FM01A01"),
        ("department", "hot_rolling", "HR"),
        ("partner", "customer", "NORDWERK"),
        ("item", "item", "HTS500 2.00 × 1250"),
        ("lot", "lot", "L-26-1187"),
    ],
)
def test_everything_with_a_code_has_a_label(client, plant, kind, subject, sign):
    log_in(client, "keeper")

    page = client.get(f"/print/{kind}/{getattr(plant, subject).uid}/")

    assert page.status_code == 200
    assert sign in page.text


def test_other_kinds_other_departments_and_other_people_get_no_label(
    client, app, database, plant, coil
):
    log_in(client, "keeper")
    assert client.get(f"/print/dream/{plant.bin.uid}/").status_code == 404
    assert client.get(f"/print/location/{plant.finishing_bins[0].uid}/").status_code == 403
    assert client.get(f"/print/location/{plant.site.uid}/").status_code == 404

    other = app.test_client()
    log_in(other, "viewer")
    assert other.get(f"/print/{unit_of(database, coil).uid}/").status_code == 403


@pytest.mark.parametrize(
    "base, warns",
    [
        ("http://localhost:8000", True),
        ("http://192.168.1.20:8000", True),
        ("https://[::1]:8000", True),
        ("https://plant.local", True),
        ("https://rollcall.plant.example", False),
    ],
)
def test_an_address_that_will_not_last_is_warned_about(
    client, database, plant, coil, app, base, warns
):
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"label_base_url": base})
    log_in(client, "keeper")

    page = client.get(f"/print/{unit_of(database, coil).uid}/")

    assert ("Do not print this for the plant yet" in page.text) is warns
    assert f"{base}/q/" in page.text

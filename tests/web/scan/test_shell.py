"""The floor's shell knows nobody, is whole in the precache, and its worker says when it is new."""

import json
import re

import pytest

from app.blueprints.scan.shell import precache, worker_script
from app.web.assets import Assets
from tests.support.web import log_in

SHELLS = ("/scan/", "/scan/store/", "/scan/dispatch/", "/scan/view/")
LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
IMPORTED = re.compile(r'(?:from|import) "(\.{1,2}/[^"]+)"')


@pytest.fixture
def assets(app):
    return app.extensions["assets"]


def status(client, path):
    with client.get(path) as answer:
        return answer.status_code


def worker_of(client):
    answer = client.get("/service-worker.js")
    facts = json.loads(answer.text.split("\n")[0].removeprefix("self.SHELL = ").rstrip(";"))
    return answer, facts["VERSION"], facts["PRECACHE"]


@pytest.mark.parametrize("path", SHELLS)
def test_the_shell_is_the_same_for_everybody(client, plant, path):
    before = client.get(path)
    log_in(client, "driver")
    after = client.get(path)

    assert before.status_code == after.status_code == 200
    assert before.data == after.data
    assert before.headers["Cache-Control"] == "no-cache"


def test_every_mode_is_the_same_page(client):
    assert len({client.get(path).data for path in SHELLS}) == 1


def test_everything_that_the_shell_links_is_kept_for_offline_but_the_install_picture(client):
    linked = set(LINKED.findall(client.get("/scan/").text))
    _, _, kept = worker_of(client)

    assert {path.rsplit("/", 1)[1] for path in linked - set(kept)} == {"apple-touch-icon.png"}


def test_every_module_that_is_imported_is_kept_for_offline(client, assets):
    _, _, kept = worker_of(client)

    for address in [path for path in kept if path.endswith(".js")]:
        path = assets.folder / address.removeprefix(assets.prefix)
        for target in IMPORTED.findall(path.read_text()):
            found = (path.parent / target).resolve().relative_to(assets.folder)
            assert assets.prefix + found.as_posix() in kept, f"{path.name} imports {target}"


def test_everything_that_is_kept_can_be_fetched(client):
    _, _, kept = worker_of(client)

    assert [path for path in kept if status(client, path) != 200] == []


def test_the_worker_is_asked_for_anew_each_time(client):
    answer, _, _ = worker_of(client)

    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"
    assert "/static/current/" not in answer.text


def test_the_worker_is_new_when_any_of_its_files_is(client, assets, tmp_path):
    source = "// worker"
    other = Assets(assets.folder, assets.paths, "0123456789")

    before = worker_script(source, assets, "<html>")
    assert worker_script(source, assets, "<html>") == before
    assert worker_script(source, other, "<html>").split("\n")[0] != before.split("\n")[0]
    assert worker_script(source, assets, "<html> ").split("\n")[0] != before.split("\n")[0]
    assert worker_script(source + " ", assets, "<html>").split("\n")[0] != before.split("\n")[0]


def test_the_floor_shell_stays_light(client, assets):
    import gzip

    size = sum(
        len(gzip.compress((assets.folder / path.removeprefix(assets.prefix)).read_bytes()))
        for path in precache(assets)
        if path.startswith(assets.prefix)
    )

    assert size <= 150_000


def test_the_decoder_of_the_camera_is_kept_beside_the_shell_and_not_in_it(client):
    answer, _, kept = worker_of(client)
    facts = json.loads(answer.text.split("\n")[0].removeprefix("self.SHELL = ").rstrip(";"))

    assert [path.rsplit("-", 1)[1] for path in facts["DECODER"]] == ["3.1.4.js", "3.1.4.wasm"]
    assert [status(client, path) for path in facts["DECODER"]] == [200, 200]
    assert set(facts["DECODER"]) & set(kept) == set()
    with client.get(facts["DECODER"][1]) as answer:
        assert answer.mimetype == "application/wasm"


def test_nothing_of_the_camera_is_loaded_before_somebody_wants_it(client):
    paths = LINKED.findall(client.get("/scan/").text)
    linked = [path for path in paths if "js/scan/camera" in path]

    assert [path.rsplit("/", 1)[1] for path in linked] == ["camera_entry.js"]


def test_the_manifest_names_pictures_that_exist(client):
    answer = client.get("/manifest.webmanifest")

    assert answer.mimetype == "application/manifest+json"
    assert answer.json["start_url"] == "/scan/"
    assert {icon["purpose"] for icon in answer.json["icons"]} == {"any", "maskable"}
    assert {status(client, icon["src"]) for icon in answer.json["icons"]} == {200}


def test_the_shell_may_ask_who_is_signed_in(app, client, plant):
    nobody = client.get("/scan/session/")
    log_in(client, "driver")
    driver = client.get("/scan/session/").json["account"]
    other = app.test_client()
    log_in(other, "keeper")
    keeper = other.get("/scan/session/").json["account"]

    assert nobody.json["account"] is None
    assert nobody.headers["Cache-Control"] == "no-store"
    assert len({driver, keeper, None}) == 3
    assert not driver.isdecimal()

"""The service worker: a new version waits for its turn, and a queue survives it."""

from playwright.sync_api import expect

from tests.browser.floor.test_sending import EVENTS, FAULTS

READY = "navigator.serviceWorker.ready.then(() => true)"
LOOK = "navigator.serviceWorker.getRegistration().then((it) => it.update()).then(() => true)"
VERSIONS = "caches.keys().then((all) => all.filter((it) => it.startsWith('rollcall-shell-')))"


def release_another(app, monkeypatch):
    """What a new release looks like to a device: another text of the worker."""
    from app.blueprints.scan import views

    real = views.worker_script
    monkeypatch.setattr(
        views, "worker_script", lambda source, *rest: real(f"{source}\n// another", *rest)
    )


def test_a_new_version_waits_and_is_taken_by_a_tap_with_its_queue_whole(
    floor, shelf, app, monkeypatch
):
    floor.page.evaluate(READY)
    floor.page.reload()
    floor.wait_until_ready()
    [first] = floor.page.evaluate(VERSIONS)
    floor.page.context.route(EVENTS, FAULTS["no connection"])
    floor.scan(shelf.units[0], shelf.bins[0])

    release_another(app, monkeypatch)
    floor.page.evaluate(LOOK)
    floor.wait_until(lambda: len(floor.page.evaluate(VERSIONS)) == 2)
    floor.page.evaluate("location.hash = 'more'")
    with floor.page.expect_event("load"):
        floor.page.get_by_role("button", name="Update now").click()

    floor.wait_until_ready()
    floor.wait_until(lambda: first not in floor.page.evaluate(VERSIONS))
    floor.expect_unsent(1)
    assert len(floor.store("events")) == 1
    assert floor.faults == []


def test_only_the_floor_is_answered_without_a_network(floor):
    floor.page.evaluate(READY)
    floor.page.reload()
    floor.wait_until_ready()
    floor.page.context.set_offline(True)

    for path in ("/scan/", "/scan/store/", "/scan/dispatch/", "/scan/view/"):
        floor.page.goto(path)
        floor.wait_until_ready()
        expect(floor.page.locator("#who")).to_contain_text("Driver of Hot rolling")
    answers = floor.page.evaluate(
        """Promise.all(["/", "/api/v1/sync/snapshot", "/login/", "/scan/session/"].map((path) =>
          fetch(path).then(() => "answered", () => "no network")))"""
    )

    assert answers == ["no network"] * 4

"""A device keeps the grants that it needs, and no other."""

from playwright.sync_api import expect

from tests.support.floor import booked

EVENTS = "**/api/v1/sync/events"
READ_GRANTS = """() => new Promise((resolve) => {
  const opening = indexedDB.open("rollcall");
  opening.onsuccess = () => {
    const drawer = opening.result.transaction("kv").objectStore("kv");
    const grants = drawer.get("grants");
    drawer.get("current_grant").onsuccess = ({ target }) => {
      opening.result.close();
      resolve({ kept: Object.keys(grants.result ?? {}), current: target.result ?? null });
    };
  };
})"""
RENEW = """async () => {
  const { renewGrant } = await import("/static/current/js/offline/grant.js");
  const session = await (await fetch("/scan/session/")).json();
  return renewGrant(session.csrf_token);
}"""


def log_out(floor):
    floor.page.goto("/scan/#more")
    floor.page.get_by_role("button", name="Log out").click()
    expect(floor.page.get_by_role("heading", name="Sign in to scan")).to_be_visible()


def test_a_tablet_that_was_left_keeps_no_grant(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()

    log_out(floor)

    assert floor.page.evaluate(READ_GRANTS) == {"kept": [], "current": None}


def test_a_grant_is_kept_while_a_scan_of_it_waits(floor, shelf):
    floor.page.context.route(EVENTS, lambda route: route.abort())
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.expect_unsent(1)
    [grant] = floor.page.evaluate(READ_GRANTS)["kept"]

    log_out(floor)

    assert floor.page.evaluate(READ_GRANTS) == {"kept": [grant], "current": None}


def test_after_sending_only_the_present_grant_is_kept(floor, shelf, database):
    floor.page.context.route(EVENTS, lambda route: route.abort())
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.expect_unsent(1)
    first = floor.page.evaluate(READ_GRANTS)["current"]
    assert floor.page.evaluate(RENEW) == "granted"
    both = floor.page.evaluate(READ_GRANTS)
    assert len(both["kept"]) == 2

    floor.page.context.unroute_all(behavior="wait")
    floor.come_online()

    floor.wait_until_answered()
    floor.wait_until(lambda: len(floor.page.evaluate(READ_GRANTS)["kept"]) == 1)
    assert floor.page.evaluate(READ_GRANTS) == {
        "kept": [both["current"]],
        "current": both["current"],
    }
    assert first != both["current"]
    assert booked(database, "putaway") == 1

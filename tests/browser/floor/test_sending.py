"""Whatever the network does, every scan reaches the books once."""

from playwright.sync_api import expect

from tests.factories.plant import PASSWORD
from tests.support.floor import FloorPage, authors, booked, place_of, received

EVENTS = "**/api/v1/sync/events"
ENVELOPE = {"proto": "rollcall-sync/1", "server_time": "2026-01-01T00:00:00Z", "epoch": "e"}
FAULTS = {
    "no connection": lambda route: route.abort(),
    "a portal's page": lambda route: route.fulfill(content_type="text/html", body="<h1>Wi-Fi"),
    "a log-in page": lambda route: route.fulfill(status=302, headers={"Location": "/login/"}),
    "an error": lambda route: route.fulfill(status=500, body="oops"),
    "half an answer": lambda route: route.fulfill(
        content_type="application/json", body='{"proto": "rollcall-sync/1", "results": ['
    ),
    "another answer": lambda route: route.fulfill(json=ENVELOPE | {"results": []}),
    "too many": lambda route: route.fulfill(status=429, headers={"Retry-After": "600"}),
    "busy": lambda route: route.fulfill(status=503, headers={"Retry-After": "600"}),
}


def test_a_scan_is_kept_while_the_server_gives_no_answer_of_ours(floor, shelf, database):
    for count, fault in enumerate(FAULTS, start=1):
        floor.page.context.route(EVENTS, FAULTS[fault])
        floor.scan(shelf.units[0], shelf.bins[count % 4])

        floor.expect_result("ok", f"{shelf.units[0][:4]} stored, not sent yet")
        floor.expect_unsent(1)
        expect(floor.page.locator("#result")).to_have_class("result result--hollow")
        floor.page.context.unroute_all(behavior="wait")
        floor.come_online()

        floor.wait_until_answered()
        floor.expect_result("ok", f"{shelf.units[0][:4]} stored")
        expect(floor.page.locator("#result")).to_have_class("result")
        assert booked(database, "putaway") == count, fault
    assert floor.faults == []


def test_send_now_sends_at_once(floor, shelf, database):
    floor.page.context.route(EVENTS, FAULTS["busy"])
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.expect_result("ok", f"{shelf.units[0][:4]} stored, not sent yet")

    floor.page.context.unroute_all(behavior="wait")
    floor.page.get_by_role("button", name="Send now").click()

    floor.wait_until_answered()
    assert booked(database, "putaway") == 1


def test_an_answer_that_was_lost_books_nothing_twice(floor, shelf, database):
    lost = []

    def deliver_but_lose_the_answer(route):
        lost.append(route.fetch().json()["results"][0]["verdict"])
        route.abort()

    floor.page.context.route(EVENTS, deliver_but_lose_the_answer, times=1)
    floor.scan(shelf.units[0], shelf.bins[0])

    floor.wait_until_answered()
    assert lost == ["applied"]
    assert [event["verdict"] for event in floor.store("events")] == ["applied"]
    assert booked(database, "putaway") == 1
    assert received(database) == [1]


def test_an_unsent_act_is_undone_by_a_queued_reversal(floor, shelf, database):
    floor.page.context.route(EVENTS, FAULTS["no connection"])
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.expect_unsent(1)

    floor.page.locator("#recent").get_by_role("button", name="Undo").first.click()
    floor.expect_unsent(2)
    floor.page.context.unroute_all(behavior="wait")
    floor.come_online()

    floor.wait_until_answered()
    assert booked(database, "reverse") == 1
    assert place_of(database, shelf, 0).startswith("HR")


def test_many_scans_of_an_offline_hour_are_sent_in_order_and_once(floor, shelf, database):
    floor.page.context.route(EVENTS, FAULTS["no connection"])
    for n in range(30):
        floor.scan(shelf.units[n % 6], shelf.bins[n % 4])
    floor.expect_unsent(30)

    floor.page.context.unroute_all(behavior="wait")
    floor.come_online()

    floor.wait_until_answered()
    assert received(database) == list(range(1, 31))
    answered = [event["state"] for event in floor.store("events")]
    assert answered == ["answered"] * 30


def test_offline_the_screen_starts_and_scans_and_the_scan_is_sent_later(floor, shelf, database):
    floor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    floor.page.context.set_offline(True)

    floor.page.reload()
    floor.wait_until_ready()
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.expect_unsent(1)
    floor.page.reload()
    floor.wait_until_ready()
    floor.expect_unsent(1)
    floor.page.context.set_offline(False)

    floor.wait_until_answered()
    assert booked(database, "putaway") == 1


def test_the_worker_sends_when_no_page_is_open(floor, shelf, database, phone, address):
    registration = "navigator.serviceWorker.ready.then(() => true)"
    floor.page.evaluate(registration)
    phone.route(EVENTS, FAULTS["no connection"])
    for n in range(4):
        floor.scan(shelf.units[n], shelf.bins[n])
    floor.expect_unsent(4)
    other = phone.new_page()
    devtools = phone.new_cdp_session(other)
    versions = []

    def note(event):
        versions.append(event)

    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    devtools.send("ServiceWorker.enable")
    other.wait_for_timeout(200)

    floor.page.close()
    phone.unroute_all(behavior="wait")
    devtools.send(
        "ServiceWorker.dispatchSyncEvent",
        {
            "origin": address,
            "registrationId": versions[0]["registrations"][0]["registrationId"],
            "tag": "flush",
            "lastChance": False,
        },
    )

    other.wait_for_timeout(1500)
    assert received(database) == [1, 2, 3, 4]
    assert booked(database, "putaway") == 4


def test_two_tabs_send_each_scan_once(floor, shelf, database, phone):
    phone.route(EVENTS, FAULTS["no connection"])
    for n in range(6):
        floor.scan(shelf.units[n], shelf.bins[n % 4])
    second = FloorPage(phone.new_page())
    second.page.goto("/scan/")
    second.wait_until_ready()
    sent = []
    phone.unroute_all(behavior="wait")
    phone.on("request", lambda request: sent.append(request) if "events" in request.url else None)

    for tab in (floor, second):
        tab.come_online()

    floor.wait_until_answered()
    second.expect_unsent(0)
    assert received(database) == [1, 2, 3, 4, 5, 6]
    ids = [e["id"] for request in sent for e in (request.post_data_json or {}).get("events", [])]
    assert len(ids) == len(set(ids))


def test_a_refused_scan_is_held_and_says_why(floor, shelf):
    def refuse(route):
        [event] = route.request.post_data_json["events"]
        result = {
            "id": event["id"], "verdict": "rejected", "code": "on_hold",
            "message": "On hold since 12:15: edge cracks.",
            "movement": None, "at": None, "unit": None,
        }  # fmt: skip
        route.fulfill(json=ENVELOPE | {"results": [result]})

    floor.page.context.route(EVENTS, refuse)
    floor.scan(shelf.units[0], shelf.bins[0])

    floor.expect_result("refused", f"{shelf.units[0][:4]} was not booked")
    floor.page.locator("#thumbs").get_by_role("link", name="Held").click()
    expect(floor.page.locator(".held")).to_contain_text("edge cracks")
    floor.page.get_by_role("button", name="Understood").click()
    expect(floor.page.locator(".held")).to_have_count(0)


def test_a_lost_grant_keeps_the_queue_and_asks_to_sign_in(floor, shelf, database):
    floor.page.context.route(
        EVENTS,
        lambda route: route.fulfill(
            status=401, content_type="application/problem+json", body='{"title": "no"}'
        ),
    )
    floor.scan(shelf.units[0], shelf.bins[0])

    floor.expect_unsent(1)
    expect(floor.page.locator("#net")).to_have_text("sign in to send")
    floor.page.context.unroute_all(behavior="wait")
    floor.page.reload()
    floor.wait_until_ready()

    floor.wait_until_answered()
    assert booked(database, "putaway") == 1


def test_scans_of_one_driver_are_sent_under_that_name_after_another_took_over(
    floor, shelf, database, phone
):
    phone.route(EVENTS, FAULTS["no connection"])
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.scan(shelf.units[1])
    floor.page.goto("/scan/#more")
    floor.page.get_by_role("button", name="Log out").click()
    expect(floor.page.get_by_role("heading", name="Sign in to scan")).to_be_visible()
    expect(floor.page.locator("#page")).to_contain_text("1 scans wait on this device")
    floor.page.close()

    phone.unroute_all(behavior="wait")
    page = phone.new_page()
    page.goto("/login/?next=/scan/")
    page.get_by_label("User name").fill("keeper")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/scan/**")

    keeper = FloorPage(page)
    keeper.wait_until_ready()
    expect(page.locator("#who")).to_contain_text("Keeper")
    keeper.wait_until_answered()
    expect(page.locator("#page")).to_contain_text(shelf.units[1][:4])
    assert authors(database, "putaway") == ["Driver of Hot rolling"]

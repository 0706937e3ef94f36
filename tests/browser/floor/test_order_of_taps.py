"""What is tapped while a scan is still being stored comes after that scan."""

from tests.support.floor import booked

STALL = """async () => {
  const { ask, writeNext } = await import("/static/current/js/offline/db.js");
  window.isStalled = true;
  void writeNext(["kv", "scans", "acts", "events"], async (transaction) => {
    while (window.isStalled) await ask(transaction.objectStore("kv").get("x"));
  });
}"""


def stall(floor):
    """The disk stands still, for less than the time after which a scan is not saved."""
    floor.page.evaluate(STALL)


def go_on(floor):
    floor.page.evaluate("window.isStalled = false")


def test_a_roll_that_a_rack_is_just_booking_cannot_be_dropped(floor, shelf, database):
    floor.scan(shelf.units[0])
    drop = floor.page.get_by_role("button", name="Drop it")
    stall(floor)
    floor.page.keyboard.insert_text(shelf.bins[0])
    floor.page.keyboard.press("Enter")

    drop.click()
    go_on(floor)

    floor.expect_result("ok", f"{shelf.units[0][:4]} stored")
    floor.wait_until_answered()
    assert [scan["became"] for scan in floor.store("scans")] == ["act", "act"]
    assert booked(database, "putaway") == 1
    assert floor.faults == []


def test_two_taps_on_one_undo_are_one_reversal(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()
    undo = floor.page.locator("#recent button").first
    stall(floor)

    undo.dblclick()
    go_on(floor)

    floor.wait_until(lambda: len(floor.store("events")) == 2)
    floor.wait_until_answered()
    assert [event["verb"] for event in floor.store("events")].count("reverse") == 1
    assert booked(database, "reverse") == 1
    assert floor.faults == []

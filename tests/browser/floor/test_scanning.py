"""A driver's work on the scan screen, against the real server and its books."""

from playwright.sync_api import expect

from tests.support.driver import BURST
from tests.support.floor import FloorPage, booked, place_of


def test_a_roll_and_a_rack_put_it_away(floor, shelf, database):
    floor.scan(f"https://some.host/q/{shelf.units[0]}", shelf.bins[0])

    floor.expect_result("ok", f"{shelf.units[0][:4]} stored")
    floor.wait_until_answered()
    assert place_of(database, shelf, 0) == "FM01A01"
    assert booked(database, "putaway") == 1
    assert floor.faults == []


def test_several_rolls_and_a_rack_are_one_act_with_a_movement_each(floor, shelf, database):
    floor.scan(*shelf.units[:3], shelf.bins[1])

    floor.expect_result("ok", "3 rolls stored")
    floor.wait_until_answered()
    assert [place_of(database, shelf, n) for n in range(3)] == ["FM01A02"] * 3
    assert booked(database, "putaway") == 3


def test_rolls_and_a_department_are_handed_over(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.department)

    floor.wait_until_answered()
    expect(floor.page.locator("#result h1")).to_contain_text(shelf.units[0][:4])
    assert booked(database, "transfer") + booked(database, "putaway") <= 1


def test_rolls_and_a_customer_are_dispatched(floor, shelf, database):
    floor.scan(*shelf.units[:2], shelf.customer)

    floor.expect_result("ok", "2 rolls dispatched")
    floor.wait_until_answered()
    assert booked(database, "dispatch") == 2


def test_a_roll_alone_shows_its_card_with_its_history(floor, shelf, database):
    floor.scan(shelf.units[0])

    floor.expect_result("pending", shelf.units[0][:4])
    expect(floor.page.locator(".result__history")).to_contain_text("Produced")
    floor.page.get_by_role("link", name="Roll card").click()
    expect(floor.page.locator(".rollcode")).to_have_text(shelf.units[0][:4])
    expect(floor.page.locator(".timeline")).to_contain_text("Produced")
    assert booked(database, "putaway") == 0


def test_a_rack_alone_shows_what_lies_there_and_again_opens_it(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()
    floor.page.wait_for_timeout(350)
    floor.scan(shelf.bins[0])

    expect(floor.page.locator(".result__list")).to_contain_text(shelf.units[0][:4])
    floor.page.wait_for_timeout(350)
    floor.scan(shelf.bins[0])
    expect(floor.page.locator("#who .plate")).to_have_text("FM01A01")
    floor.scan(shelf.units[1], shelf.units[2])

    floor.wait_until_answered()
    assert [place_of(database, shelf, n) for n in range(3)] == ["FM01A01"] * 3
    floor.page.wait_for_timeout(350)
    floor.scan(shelf.bins[0])
    expect(floor.page.locator("#who .plate")).to_have_count(0)


def test_the_same_code_at_once_is_a_bounce_of_the_scanner(floor, shelf):
    floor.scan(shelf.units[0])
    floor.page.evaluate(
        f"(text) => {{ const burst = {BURST}; burst(text); burst(text); }}", shelf.bins[0]
    )

    floor.expect_result("ok", f"{shelf.units[0][:4]} stored")
    floor.wait_until(lambda: len(floor.store("scans")) == 3)
    assert [scan["became"] for scan in floor.store("scans")] == ["act", "act", "bounced"]


def test_a_place_where_it_lies_already_is_seen_again(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()
    floor.scan(shelf.units[0], shelf.bins[0])

    floor.expect_result("already", f"{shelf.units[0][:4]} is already there")
    floor.wait_until_answered()
    assert len(floor.store("events")) == 2
    assert booked(database, "putaway") == 1


def test_an_undone_putaway_is_reversed_in_the_books(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()

    floor.page.locator("#recent").get_by_role("button", name="Undo").first.click()

    floor.expect_result("ok", f"{shelf.units[0][:4]} undone")
    floor.wait_until_answered()
    assert booked(database, "reverse") == 1
    assert place_of(database, shelf, 0).startswith("HR")


def test_an_undone_dispatch_asks_where_the_roll_is(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.customer)
    floor.wait_until_answered()

    floor.page.locator("#thumbs").get_by_role("button", name="Undo").click()
    floor.expect_result("pending", shelf.units[0][:4])
    floor.scan(shelf.bins[1])

    floor.expect_result("ok", f"{shelf.units[0][:4]} stored")
    floor.wait_until_answered()
    assert place_of(database, shelf, 0) == "FM01A02"


def test_a_dropped_roll_books_nothing_and_stays_in_the_log(floor, shelf, database):
    floor.scan(shelf.units[0], shelf.units[1])

    floor.page.get_by_role("button", name="Drop last").click()
    floor.expect_result("pending", shelf.units[0][:4])
    floor.page.get_by_role("button", name="Drop it").click()

    floor.expect_result("already", "Dropped")
    assert [scan["became"] for scan in floor.store("scans")] == ["cancelled", "cancelled"]
    floor.scan(shelf.bins[0])
    assert floor.store("events") == []


def test_unknown_mistyped_and_hostile_codes_are_refused_and_write_nothing(floor, shelf, database):
    codes = {
        "7612345678900": "Not in this system",
        shelf.units[0][:-1] + ("2" if shelf.units[0][-1] != "2" else "3"): "A character is wrong",
        "<script>document.title='hit'</script>": "Not in this system",
        "a\u0000b": "Not in this system",
        "9" * 5000: "Not in this system",
    }

    for code, title in codes.items():
        floor.scan(code)
        floor.expect_result("refused", title)

    assert "hit" not in floor.page.title()
    assert floor.store("events") == []
    assert len(floor.store("scans")) == len(codes)
    assert floor.faults == []


def test_a_code_may_be_typed(floor, shelf):
    floor.page.get_by_role("link", name="Type code").click()
    floor.page.get_by_label("Code on the label").type("fm01 a01".replace(" ", ""), delay=90)
    floor.page.keyboard.press("Enter")

    expect(floor.page.locator("#result")).to_contain_text("FM01A01")


def test_pending_rolls_survive_a_reload(floor, shelf, database):
    floor.scan(*shelf.units[:2])

    floor.page.reload()
    floor.wait_until_ready()

    expect(floor.page.locator("#result h1")).to_have_text("2 rolls, no rack yet")
    floor.scan(shelf.bins[0])
    floor.wait_until_answered()
    assert booked(database, "putaway") == 2


def test_a_screen_for_looking_up_moves_nothing(phone, shelf, database):
    floor = FloorPage.start_shift(phone, "driver", "/scan/view/")

    floor.scan(shelf.units[0], shelf.bins[0])

    assert floor.store("events") == []
    assert booked(database, "putaway") == 0


def test_somebody_without_the_right_is_told_at_once(phone, shelf, database):
    floor = FloorPage.start_shift(phone, "operator")

    floor.scan(shelf.units[0], shelf.customer)

    expect(floor.page.locator("#result")).to_have_attribute("data-state", "refused")
    assert booked(database, "dispatch") == 0


def test_every_target_on_the_scan_screen_is_large_enough_for_gloves(floor, shelf):
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()

    sizes = floor.page.locator("a:visible, button:visible").evaluate_all(
        "all => all.map((one) => [one.textContent, one.offsetWidth, one.offsetHeight])"
    )
    assert [size for size in sizes if min(size[1:]) < 64] == []

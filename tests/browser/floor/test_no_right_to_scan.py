"""Somebody who may not scan, or may not any more, is told so."""

import sqlalchemy as sa
from playwright.sync_api import expect

from app.core.clock import now
from app.domain.accounts.models import Grant
from tests.browser.floor.test_looks import violations
from tests.factories.plant import PASSWORD
from tests.support.floor import booked


def set_right(database, plant, revoked_at):
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(Grant)
            .where(Grant.user_id == plant.driver.user_id)
            .values(revoked_at=revoked_at)
        )
    )


def test_whoever_loses_the_right_to_scan_is_told_and_what_is_scanned_is_sent(
    floor, shelf, database, plant
):
    page = floor.page
    set_right(database, plant, now())
    page.evaluate("location.hash = 'start'")
    page.get_by_role("button", name="Update").click()

    expect(page.locator("#net")).to_have_text("no right to scan")
    expect(page.locator(".notice").first).to_contain_text("You may not scan here any more.")
    assert violations(page, "no right") == []
    page.evaluate("location.hash = ''")
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()
    assert booked(database, "putaway") == 0
    expect(page.locator("#net")).to_have_text("no right to scan")

    set_right(database, plant, None)
    page.evaluate("location.hash = 'start'")
    page.get_by_role("button", name="Update").click()
    expect(page.locator("#net")).to_have_text("online")
    assert floor.faults == []


def test_an_account_that_may_not_scan_is_told_so_instead_of_signing_in_again(
    phone, shelf, database, plant
):
    set_right(database, plant, now())
    page = phone.new_page()
    page.goto("/login/")
    page.get_by_label("User name").fill("driver")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto("/scan/")

    expect(page.get_by_text("You are signed in, but may not scan.")).to_be_visible()

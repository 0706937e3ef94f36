"""Every page there is: accessible in both themes, quiet in the console, as wide as the screen.

The list of pages is held against the map of addresses: a new page without a line here fails.
"""

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.support.installation import DESKTOP
from tests.support.looking import lost_focus, too_wide, violations

# Addresses by endpoint; {…} is filled in from what the demo plant has.
PAGES = {
    "accounts.new_person": ["/administration/users/new/"],
    "accounts.own": ["/account/"],
    "accounts.people": ["/administration/users/", "/administration/users/?q=nothing-has-this"],
    "accounts.person": ["/administration/users/{user}/"],
    "accounts.request": ["/requests/roles/{request}/"],
    "accounts.requests": ["/requests/roles/"],
    "accounts.rights": [
        "/administration/users/{user}/rights/",
        "/administration/users/{user}/rights/?right=ledger.putaway&department={department}",
    ],
    "alerts.index": ["/alerts/", "/alerts/?show=resolved"],
    "alerts.show": ["/alerts/{alert}/"],
    "catalog.index": ["/stock/items/", "/stock/items/?q=nothing-has-this-name"],
    "catalog.show": ["/items/{item}/"],
    "codes.labels": ["/labels/", "/labels/?code=nothing-has-this-code"],
    "codes.labels_of": ["/labels/unit/{unit}/", "/labels/person/{user}/"],
    "codes.print_commands": ["/print/commands/"],
    "codes.print_movement": ["/print/movement/{movement}/"],
    "codes.print_places": ["/print/places/{department}/"],
    "codes.print_rack": ["/print/rack/{rack}/"],
    "codes.print_rolls": ["/print/rolls/?state=stored"],
    "codes.print_thing": [
        "/print/location/{location}/",
        "/print/lot/{lot}/",
        "/print/partner/{partner}/",
    ],
    "codes.print_unit": ["/print/{unit}/"],
    "codes.search": ["/search/", "/search/?q=HTS", "/search/?q=nothing-has-this-name"],
    "dashboard.show": ["/", "/?department=HR"],
    "exports.index": ["/exports/"],
    "exports.show": ["{export_working}", "{export_done}"],
    "holds.new": ["/holds/new/?on=lot&of={lot}", "/holds/new/?on=location&of={location}"],
    "holds.show": ["/holds/{hold}/"],
    "imports.entry": ["/material-entry/"],
    "imports.index": ["/imports/"],
    "imports.show": ["{booked}", "{asking}", "{working}"],
    "imports.upload": ["/material-entry/bulk/"],
    "ledger.index": ["/movements/", "/movements/?verb=dispatch"],
    "ledger.new": ["/movements/new/?verb=issue"],
    "ledger.show": ["/movements/{movement}/"],
    "locations.department": ["/departments/{department}/"],
    "locations.racks": ["/stock/racks/"],
    "locations.show": ["/locations/{location}/"],
    "lots.index": ["/stock/lots/"],
    "lots.show": ["/lots/{lot}/"],
    "partners.index": ["/partners/"],
    "partners.show": ["/partners/{partner}/"],
    "reconciliation.index": ["/proof/", "/proof/?show=settled"],
    "reconciliation.past": ["/stock/as-of/", "/stock/as-of/?item={item}&by=occurred"],
    "reconciliation.show": ["/proof/{discrepancy}/"],
    "reservations.index": ["/reservations/", "/reservations/?show=all&q=nothing-has-this"],
    "reservations.new": ["/reservations/new/"],
    "reservations.show": ["/reservations/{reservation}/"],
    "scan.self_test": ["/scan/self-test/"],
    "scan.set_up": ["/print/scanner-set-up/"],
    "units.index": ["/stock/units/", "/stock/units/?state=stored"],
    "units.show": ["/units/{unit}/"],
}
# Whoever is signed in is led away from it, so it has a test of its own.
LOGIN = {"accounts.login", "accounts.register", "accounts.new_password"}
# The floor is one shell; tests/browser/pages/test_every_floor_state.py looks at its states.
FLOOR = {"scan.show", "scan.store", "scan.dispatch", "scan.view"}
NOT_PAGES = {
    "alerts.download": "a file",
    "api.list_outcomes": "for devices",
    "api.show_snapshot": "for devices",
    "api.show_unit": "for devices",
    "codes.drawing": "a drawing",
    "catalog.download": "a file",
    "codes.follow": "leads to a page",
    "codes.follow_capitals": "leads to a page",
    "codes.print_commands_pdf": "a file",
    "codes.print_movement_pdf": "a file",
    "codes.print_places_pdf": "a file",
    "codes.print_rack_pdf": "a file",
    "codes.print_rolls_pdf": "a file",
    "codes.print_thing_pdf": "a file",
    "codes.print_unit_pdf": "a file",
    "dashboard.live": "a part of the dashboard",
    "exports.file": "a file",
    "exports.progress": "a part of an export's page",
    "health.healthz": "for the supervisor",
    "health.readyz": "for the supervisor",
    "imports.errors": "a file",
    "imports.log": "a file",
    "imports.progress": "a part of an import's page",
    "imports.state": "for the notice on other pages",
    "imports.template": "a file",
    "ledger.download": "a file",
    "locations.download": "a file",
    "lots.download": "a file",
    "partners.download": "a file",
    "reconciliation.download": "a file",
    "reconciliation.download_past": "a file",
    "reconciliation.seals": "a file",
    "reservations.download": "a file",
    "scan.manifest": "for the browser",
    "scan.service_worker": "for the browser",
    "scan.session": "for the scan screen",
    "static_file": "for the browser",
    "units.download": "a file",
}
ADDRESSES = [address for addresses in PAGES.values() for address in addresses]


def test_every_address_that_can_be_opened_is_on_the_list(app: Flask):
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}

    assert opened == PAGES.keys() | LOGIN | FLOOR | NOT_PAGES.keys()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_for_everybody(address, desk, things, import_runs, export_runs):
    page, watch = desk
    watch.faults.clear()

    answer = page.goto(address.format(**things, **import_runs, **export_runs))

    assert answer is not None
    assert answer.status == 200
    expect(page.locator("h1, [role=tablist], .tabs").first).to_be_visible()
    assert violations(page) == []
    assert too_wide(page) == []
    assert lost_focus(page) == []
    assert watch.faults == []


@pytest.mark.parametrize(
    "address, status",
    [("/there-is-no-such-page/", 404), ("/units/00000000-0000-7000-8000-000000000000/", 404)],
)
def test_a_page_that_is_not_there_is_for_everybody(address, status, desk):
    page, watch = desk
    watch.faults.clear()

    with watch.expecting(status):
        answer = page.goto(address)

    assert answer is not None
    assert answer.status == status
    assert violations(page) + too_wide(page) + lost_focus(page) + watch.faults == []


def test_the_log_in_is_for_everybody(installation):
    context, watch = installation.context(None, DESKTOP)
    page = context.new_page()
    page.goto("/login/")
    seen = violations(page) + too_wide(page) + lost_focus(page)

    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password", exact=True).fill("wrong")
    with watch.expecting(401, 422):
        page.keyboard.press("Enter")
        expect(page.locator("#refusal")).to_be_visible()

    assert seen + violations(page) + too_wide(page) + lost_focus(page) + watch.faults == []
    context.close()


def test_registering_is_for_everybody(installation):
    context, watch = installation.context(None, DESKTOP)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_role("link", name="Ask for one").click()
    seen = violations(page) + too_wide(page) + lost_focus(page)

    page.locator("#register").evaluate("one => { one.noValidate = true; }")
    page.get_by_label("User name").fill("keeper")
    with watch.expecting(422):
        page.get_by_role("button", name="Ask for the account").click()
        expect(page.locator(".summary")).to_be_visible()

    assert seen + violations(page) + too_wide(page) + lost_focus(page) + watch.faults == []
    context.close()


def test_a_link_for_a_password_is_for_everybody(desk, things, installation):
    page, watch = desk
    watch.faults.clear()
    page.goto(f"/administration/users/{things['user']}/")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("Link").input_value()
    seen = violations(page) + too_wide(page) + lost_focus(page) + watch.faults
    context, watch = installation.context(None, DESKTOP)
    theirs = context.new_page()
    theirs.goto(link)
    expect(theirs.get_by_role("heading", name="Set your password")).to_be_visible()

    assert seen + violations(theirs) + too_wide(theirs) + lost_focus(theirs) + watch.faults == []
    context.close()


def test_a_page_that_is_closed_to_somebody_is_for_everybody(installation):
    context, watch = installation.context("viewer", DESKTOP)
    page = context.new_page()

    with watch.expecting(403):
        page.goto("/material-entry/")

    assert violations(page) + too_wide(page) + lost_focus(page) + watch.faults == []
    context.close()


def test_a_look_into_a_place_is_for_everybody(desk):
    page, watch = desk
    watch.faults.clear()
    page.goto("/")
    page.locator("#live a.cell").first.click()
    expect(page.locator("dialog[open] #place-content")).not_to_be_empty()

    assert violations(page) + too_wide(page) + lost_focus(page) + watch.faults == []


def test_a_form_that_was_refused_says_so_to_everybody(desk):
    page, watch = desk
    watch.faults.clear()
    page.goto("/material-entry/")
    page.get_by_label("number").first.fill("HTS400")
    page.locator("[name='weights-0']").fill("heavy")

    with watch.expecting(422):
        page.locator("form [data-make]").evaluate(
            "one => { one.form.noValidate = true; one.click(); }"
        )
        page.wait_for_load_state()
        expect(page.locator("[aria-invalid=true]").first).to_be_visible()

    assert violations(page) + too_wide(page) + lost_focus(page) + watch.faults == []

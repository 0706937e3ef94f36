"""A movement is entered with a keyboard or a scanner alone."""

from playwright.sync_api import expect

from app.domain.codes.rules import CodeKind
from tests.factories.plant import token_of
from tests.factories.stock import unit_of


def test_enter_goes_from_field_to_field_and_control_enter_books(open_desk, database, coils):
    with database.reader() as session:
        labels = [token_of(session, CodeKind.UNIT, coil) for coil in coils[:2]]
    page = open_desk("/movements/new/?verb=consume")
    page.wait_for_load_state("networkidle")
    page.locator("[name=lines-0-unit]").focus()

    page.keyboard.type(labels[0])
    for _ in range(24):
        page.keyboard.press("Enter")
    fifth = page.locator("[name=lines-4-unit]")
    expect(fifth).to_be_focused()
    expect(fifth).to_have_attribute("aria-label", "Roll, line 5")
    page.keyboard.type(labels[1])
    page.keyboard.press("Control+Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Consumed")
    assert {unit_of(database, coil).state for coil in coils[:2]} == {"consumed"}

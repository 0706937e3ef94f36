"""The main job as one story: a coil from a spreadsheet to a rack, by scan, through a crash.

Everything is real: gunicorn, worker and Valkey, the service worker, the device's database.
"""

import re
import secrets
import uuid
from dataclasses import dataclass

import openpyxl
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from app.domain.codes.models import Alias
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from app.domain.sync.models import Device, ScanEvent, ScanOutcome, Verdict
from tests.factories.plant import token_of
from tests.support.driver import Driver
from tests.support.installation import DESKTOP, PHONE, Installation
from tests.support.worker import eventually

HEADER = (
    "material_no", "coil_type_code", "thickness", "width", "total_weight", "factory_code", "yard",
    "storage_loc", "order_no", "customer",
)  # fmt: skip
ROLLS = 8


@dataclass(frozen=True)
class Coils:
    """What the keeper's file brought in."""

    yard: str
    numbers: list[str]
    labels: list[str]


def write_file(folder, yard, numbers):
    """A file of the shape that the plant's planning system writes, with the faults that it has."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for n, number in enumerate(numbers):
        place = (yard, f"A{n}") if n in {0, 1} else (None, None)
        order = None if n == 2 else f"{yard}-17"
        row = (number, "HTS400", 0.25, 742.0, 453.23 + n, "L", *place, order, "Nordwerk")
        sheet.append(row)
    sheet.append((f"{yard}BAD", "HTS400", 0.25, 742.0, "heavy", "L", None, None, yard, "Nordwerk"))
    path = folder / f"coils-{yard}.xlsx"
    book.save(path)
    return path


def bring_in(page: Page, file, yard, numbers, installation: Installation) -> Coils:
    """The keeper: upload, see what the columns mean, answer what is asked, book, see the log."""
    page.goto("/material-entry/bulk/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Department").select_option(label="Hot rolling")
    page.get_by_role("button", name="Upload and check").click()
    meanings = page.locator("#meanings")
    expect(meanings.get_by_label("material_no")).to_have_value("roll", timeout=30_000)
    expect(meanings.get_by_label("coil_type_code")).to_have_value("item")
    expect(meanings.get_by_label("order_no")).to_have_value("lot")
    expect(meanings.get_by_label("yard")).to_have_value("place")
    meanings.get_by_label("factory_code").select_option("leave_out")
    page.get_by_label(re.compile("^Make 2 places")).check()
    page.get_by_label("Weights are in").select_option("kg")
    page.get_by_label("Lot for 1 row without one").fill(f"{yard}-STOCK")
    page.get_by_role("button", name="Answer and check again").click()

    book = page.get_by_role("button", name=f"Book {len(numbers)} rolls")
    expect(book).to_be_visible(timeout=30_000)
    expect(page.locator(".log")).to_contain_text("heavy")
    book.click()

    expect(page.get_by_role("link", name="See the rolls")).to_be_visible(timeout=30_000)
    expect(page.locator(".log tbody tr")).to_have_count(len(numbers) + 1)
    expect(page.locator(".log")).to_contain_text("heavy")
    with installation.database.reader() as session:
        ids = dict(session.execute(
            sa.select(Alias.value, Alias.subject_id).where(Alias.value.in_(numbers))
        ).all())  # fmt: skip
        tokens = [token_of(session, CodeKind.UNIT, ids[number]) for number in numbers]
    return Coils(yard, numbers, [installation.address(token) for token in tokens])


def see_label(page: Page, coils: Coils):
    """From the log to the roll to its label, which says where scanners are sent."""
    page.locator(".log").get_by_role("link", name=coils.numbers[0]).click()
    page.get_by_role("link", name="Print label").first.click()

    expect(page.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()
    expect(page.locator("code", has_text="/q/")).to_have_text(coils.labels[0])


def put_one_away(driver: Driver, coils: Coils, installation: Installation):
    """Start the shift; a roll, then a rack."""
    driver.begin()
    driver.scan(coils.labels[2], installation.place(f"{coils.yard}-A0"))
    driver.expect_result("ok", f"{short(coils.labels[2])} stored")
    expect(driver.page.locator(".result__to")).to_have_text(f"{coils.yard}-A0")
    driver.wait_until_answered()


def work_a_shift(driver: Driver, coils: Coils, installation: Installation):
    """Hand over, dispatch, look up, undo."""
    label = coils.labels
    driver.scan(label[3], label[4], installation.department("PIC"))
    driver.expect_result("ok", "2 rolls handed over")

    driver.scan(label[5], installation.customer("NORDWERK"))
    driver.expect_result("ok", f"{short(label[5])} dispatched")

    driver.scan(label[2])
    driver.expect_result("pending", short(label[2]))
    expect(driver.page.locator(".result__history")).to_contain_text(f"Put in {coils.yard}-A0")
    driver.page.get_by_role("button", name="Drop it").click()

    driver.scan(label[6], installation.place(f"{coils.yard}-A1"))
    driver.expect_result("ok", f"{short(label[6])} stored")
    driver.page.locator("#thumbs").get_by_role("button", name="Undo").click()
    driver.expect_result("ok", f"{short(label[6])} undone")
    driver.wait_until_answered()

    places = {n: installation.place_of(token_in(label[n])) for n in (2, 3, 4, 5, 6)}
    yard_place = f"{coils.yard}-A0"
    assert places == {2: yard_place, 3: "PIC-IN", 4: "PIC-IN", 5: "@customer", 6: "HR-IN"}


def work_through_a_crash(driver: Driver, coils: Coils, installation: Installation):
    """kill -9 of everything, scans go on, the page is loaded again; then all is sent, once."""
    label = coils.labels
    sent_before = len(driver.store("events"))
    installation.server.kill()
    eventually(lambda: not installation.server.answers())

    driver.scan(label[6], installation.place(f"{coils.yard}-A0"))
    driver.expect_result("ok", f"{short(label[6])} stored, not sent yet")
    driver.page.reload()
    driver.wait_until_ready()
    driver.expect_unsent(1)
    driver.scan(label[7], installation.place(f"{coils.yard}-A1"))
    driver.expect_result("ok", f"{short(label[7])} stored, not sent yet")
    driver.scan(label[2], installation.customer("NORDWERK"))
    driver.expect_unsent(3)

    installation.server.start(patience_seconds=120)
    driver.page.get_by_role("button", name="Send now").click()
    driver.wait_until_answered()

    assert len(driver.store("events")) == sent_before + 3
    places = [installation.place_of(token_in(label[n])) for n in (6, 7, 2)]
    assert places == [f"{coils.yard}-A0", f"{coils.yard}-A1", "@customer"]


def account_for_every_scan(driver: Driver, installation: Installation):
    """Device and books agree: every event once, in order, with one movement and one verdict."""
    events = sorted(driver.store("events"), key=lambda event: event["seq"])
    with installation.database.reader() as session:
        first = sa.select(ScanEvent.device_id).where(ScanEvent.uid == uuid.UUID(events[0]["id"]))
        device = session.get_one(Device, session.scalars(first).one())
        booked = session.execute(
            sa.select(ScanEvent.uid, ScanEvent.seq, Movement.verb)
            .join(ScanOutcome, ScanOutcome.event_id == ScanEvent.id)
            .join(Movement, Movement.id == ScanOutcome.movement_id)
            .where(ScanEvent.device_id == device.id, ScanOutcome.verdict == Verdict.APPLIED)
            .order_by(ScanEvent.seq)
        ).all()
        kept, posted = (
            session.scalar(sa.select(sa.func.count()).where(table.device_id == device.id))
            for table in (ScanEvent, Movement)
        )

    of_device = [(uuid.UUID(event["id"]), n, event["verb"]) for n, event in enumerate(events, 1)]
    assert [tuple(row) for row in booked] == of_device
    assert (kept, posted, device.last_seq) == (len(events),) * 3


def tile(page: Page, name: str) -> int:
    value = page.locator(".tile", has_text=name).locator(".tile__value")
    return int(re.sub(r"\D", "", value.inner_text()))


@pytest.mark.parametrize(
    "driver_size, manager_size", [(PHONE, DESKTOP), (DESKTOP, PHONE)],
    ids=["driver on a phone, manager at a desk", "driver at a desk, manager on a phone"],
)  # fmt: skip
def test_a_coil_goes_from_a_spreadsheet_to_a_rack(
    installation, tmp_path, driver_size, manager_size
):
    yard = f"J{secrets.randbelow(90_000) + 10_000}"
    numbers = [f"{yard}C{n}" for n in range(ROLLS)]
    desk, desk_watch = installation.context("keeper", manager_size)
    office, office_watch = installation.context("manager", manager_size)
    truck, truck_watch = installation.context("driver", driver_size)

    keeper = desk.new_page()
    coils = bring_in(keeper, write_file(tmp_path, yard, numbers), yard, numbers, installation)
    see_label(keeper, coils)

    manager = office.new_page()
    manager.goto("/")
    manager.evaluate("window.isTheSamePage = true")
    stored, dispatched = tile(manager, "Stored"), tile(manager, "Dispatched today")
    driver = Driver(truck)
    put_one_away(driver, coils, installation)
    eventually(lambda: tile(manager, "Stored") == stored + 1, seconds=5)

    work_a_shift(driver, coils, installation)
    with truck_watch.server_away(), office_watch.server_away():
        work_through_a_crash(driver, coils, installation)
    account_for_every_scan(driver, installation)

    eventually(lambda: tile(manager, "Dispatched today") == dispatched + 2)
    assert tile(manager, "Stored") == stored + 2
    assert manager.evaluate("window.isTheSamePage") is True
    manager.goto("/stock/racks/")
    manager.get_by_role("link", name=re.compile(rf"^{coils.yard}-A0: 2")).click()
    expect(manager.locator("main")).to_contain_text(short(coils.labels[6]))
    assert desk_watch.faults + office_watch.faults + truck_watch.faults == []
    for context in (desk, office, truck):
        context.close()


def token_in(address):
    return address.rsplit("/", 1)[1]


def short(address):
    """How the floor calls a roll."""
    return token_in(address)[:4]

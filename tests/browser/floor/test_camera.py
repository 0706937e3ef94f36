"""A driver holds labels in front of the camera; each way in which that cannot work says so."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.floor.conftest import PHONE
from tests.browser.floor.test_supplier_labels import stick_labels
from tests.support.camera import camera_browser, film
from tests.support.floor import FloorPage, booked, place_of
from tests.support.web import log_in

SUPPLIERS = Path("tests/data/camera")
DECODER = "**/vendor/zxing-reader-*"
REFUSE = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{}'))"
KEPT = """caches.open("rollcall-decoder").then((cache) => cache.keys())
  .then((all) => all.map(({ url }) => new URL(url).pathname))"""
QUIET_MS = 26_000
TRACK = "document.querySelector('#camera video').srcObject?.getVideoTracks()[0]"
INSECURE = """Object.defineProperty(navigator, "mediaDevices", { value: undefined });
Object.defineProperty(window, "isSecureContext", { value: false })"""
ABLE = """() => {
  Object.assign(window, { settings: [], asked: [] });
  const track = MediaStreamTrack.prototype;
  track.getCapabilities = () => ({ torch: true, zoom: { min: 1, max: 5, step: 1 } });
  track.applyConstraints = async ({ advanced: [setting] }) => { window.settings.push(setting); };
  const devices = navigator.mediaDevices;
  const list = devices.enumerateDevices.bind(devices);
  const ask = devices.getUserMedia.bind(devices);
  devices.enumerateDevices = async () =>
    [...await list(), { kind: "videoinput", deviceId: "another" }];
  devices.getUserMedia = (wish) => { window.asked.push(wish.video); return ask(wish); };
}"""


@pytest.fixture
def labels(client, plant):
    """The drawings of the labels that the product itself prints."""

    def draw(*tokens):
        log_in(client, "driver")
        return [client.get(f"/q/{token}.svg").text for token in tokens]

    return draw


@pytest.fixture
def hold(chromium, address, shelf, tmp_path):
    """A phone whose camera sees these drawings, with the shift started."""
    with ExitStack() as opened:

        def start(*drawings, height=400, repeats=4):
            page = chromium.new_page()
            picture = film(page, list(drawings), tmp_path / "film.mjpeg", height, repeats)
            page.close()
            browser = opened.enter_context(camera_browser(chromium, picture))
            context = browser.new_context(base_url=address, viewport=PHONE, locale="en-GB")
            context.set_default_timeout(10_000)
            return FloorPage.start_shift(context, "driver")

        yield start


def tap_camera(floor):
    floor.page.locator("#thumbs").get_by_role("button", name="Camera").click()


def expect_running(floor):
    expect(floor.page.locator("#camera video")).to_be_visible()
    expect(floor.page.locator("#thumbs [aria-pressed=true]")).to_have_text("Camera")


def expect_page(floor, state, title):
    expect(floor.page.locator(f"[data-camera={state}] h1")).to_have_text(title)


def violations(page):
    page.set_viewport_size({"width": 390, "height": 1600})
    found = Axe().run(page).response["violations"]
    page.set_viewport_size(PHONE)
    return [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]


def test_the_camera_reads_our_own_label_into_a_pending_roll_once(
    hold, labels, address, shelf, database
):
    floor = hold(*labels(shelf.units[0]))
    addresses = []
    floor.page.on("framenavigated", lambda frame: addresses.append(frame.url))

    tap_camera(floor)

    expect_running(floor)
    floor.expect_result("pending", shelf.units[0][:4])
    floor.page.wait_for_timeout(2500)
    [scan] = floor.store("scans")
    assert scan["source"] == "camera"
    assert scan["text"].startswith("]Q")
    assert scan["text"].endswith(shelf.units[0])
    assert {url.partition("#")[0] for url in addresses} <= {f"{address}/scan/"}
    assert violations(floor.page) == []
    floor.scan(shelf.bins[0])
    floor.wait_until_answered()
    assert place_of(database, shelf, 0) == "FM01A01"
    assert floor.faults == []


def test_a_roll_and_a_rack_held_one_after_the_other_are_a_putaway(
    hold, labels, address, shelf, database
):
    # Three seconds each, so that whichever comes first has left the picture before its turn.
    floor = hold(*labels(shelf.units[0], shelf.bins[0]), repeats=30)

    tap_camera(floor)

    floor.wait_until(lambda: booked(database, "putaway") == 1, patience_seconds=20)
    assert place_of(database, shelf, 0) == "FM01A01"


@pytest.mark.parametrize(
    "drawing, height, n, text",
    [
        ("gs1_128_sscc.svg", 200, 0, "]C100340123450000000017"),
        ("gs1_datamatrix_serial.svg", 400, 1, "]d2010950110153000310AB\x1d21S-2"),
    ],
)
def test_the_camera_reads_a_suppliers_code_with_its_separators(
    hold, shelf, database, plant, drawing, height, n, text
):
    stick_labels(database, plant)
    floor = hold((SUPPLIERS / drawing).read_text(), height=height)

    tap_camera(floor)

    floor.expect_result("pending", shelf.units[n][:4])
    assert [scan["text"] for scan in floor.store("scans")] == [text]


def test_the_camera_is_let_go_by_a_second_tap_and_while_the_page_is_hidden(
    hold, labels, address, shelf
):
    floor = hold(*labels(shelf.units[0]))
    tap_camera(floor)
    expect_running(floor)
    floor.page.evaluate(f"() => {{ window.track = {TRACK} }}")
    hide = """(isHidden) => {
      Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""

    floor.page.evaluate(hide, True)
    assert floor.page.evaluate("track.readyState") == "ended"
    floor.page.evaluate(hide, False)
    floor.wait_until(
        lambda: floor.page.evaluate(f"({TRACK}) !== track && {TRACK}?.readyState") == "live"
    )
    tap_camera(floor)

    expect(floor.page.locator("#camera")).to_be_hidden()
    assert floor.page.evaluate("document.querySelector('#camera video').srcObject") is None


def test_torch_zoom_and_another_camera_are_offered_only_where_they_are_listed(
    hold, labels, address, shelf
):
    floor = hold(*labels(shelf.units[0]))
    controls = floor.page.locator("#camera button")
    tap_camera(floor)
    expect(controls).to_have_text(["Photo"])
    tap_camera(floor)
    floor.page.evaluate(ABLE)

    tap_camera(floor)
    expect(controls).to_have_text(["Torch", "Zoom 2×", "Other camera", "Photo"])
    assert min(box["height"] for box in map(box_of, controls.all())) >= 64
    floor.page.get_by_role("button", name="Torch").click()
    expect(floor.page.get_by_role("button", name="Torch", pressed=True)).to_be_visible()
    floor.page.get_by_role("button", name="Zoom").click()
    expect(controls.nth(1)).to_have_text("Zoom 4×")
    floor.page.get_by_role("button", name="Other camera").click()
    floor.wait_until(lambda: "deviceId" in floor.page.evaluate("window.asked.at(-1)"))

    settings = floor.page.evaluate("window.settings")
    assert settings[:3] == [{"zoom": 2}, {"torch": True}, {"zoom": 4}]
    expect(controls.nth(1)).to_have_text("Zoom 4×")
    assert violations(floor.page) == []


def box_of(control):
    return control.bounding_box()


def test_without_a_network_the_camera_reads_with_the_decoder_that_was_kept(
    hold, labels, address, shelf
):
    floor = hold(*labels(shelf.units[0]))
    names = ["/vendor/zxing-reader-3.1.4.js", "/vendor/zxing-reader-3.1.4.wasm"]
    floor.page.clock.install()
    floor.page.reload()
    floor.wait_until_ready()
    assert floor.page.evaluate(KEPT) == []
    floor.page.clock.fast_forward(QUIET_MS)
    floor.wait_until(lambda: sorted(floor.page.evaluate(KEPT)) == names)
    floor.page.context.set_offline(True)
    floor.page.reload()
    floor.wait_until_ready()

    tap_camera(floor)

    floor.expect_result("pending", shelf.units[0][:4])


def test_a_decoder_that_cannot_be_loaded_says_so_and_is_tried_again(hold, labels, address, shelf):
    floor = hold(*labels(shelf.units[0]))
    floor.page.context.route(DECODER, lambda route: route.abort())
    floor.page.evaluate("caches.delete('rollcall-decoder')")

    tap_camera(floor)
    expect_page(floor, "decoder", "The reader did not load")
    assert violations(floor.page) == []
    floor.page.context.unroute_all(behavior="wait")
    floor.page.get_by_role("button", name="Try again").click()

    floor.expect_result("pending", shelf.units[0][:4])


@pytest.mark.parametrize(
    "arrange, state, title",
    [
        (REFUSE.format("NotAllowedError"), "refused", "The camera is not allowed"),
        (REFUSE.format("NotFoundError"), "none", "No camera found"),
        (REFUSE.format("NotReadableError"), "busy", "The camera is in use"),
        (INSECURE, "insecure", "The camera needs https"),
        (
            "navigator.mediaDevices.getUserMedia = () => new Promise(() => undefined)",
            "asking",
            "Allow the camera",
        ),
    ],
)
def test_why_there_is_no_picture_is_drawn_and_typing_is_offered(
    floor, shelf, arrange, state, title
):
    floor.page.evaluate(f"() => {{ {arrange} }}")

    tap_camera(floor)

    expect_page(floor, state, title)
    for theme in ("light", "dark"):
        floor.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert violations(floor.page) == []
    assert floor.page.get_by_role("link", name="Type the code").bounding_box()["height"] >= 64
    floor.scan(shelf.units[0])
    floor.expect_result("pending", shelf.units[0][:4])
    assert floor.faults == []


def test_a_device_without_a_camera_says_so_by_itself(floor):
    tap_camera(floor)

    expect(floor.page.locator("[data-camera] h1")).to_have_text(
        re.compile("No camera found|The camera is not allowed")
    )


def test_a_photo_of_a_label_is_a_scan_and_one_of_nothing_is_not(floor, chromium, labels, shelf):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    [drawing] = labels(shelf.units[0])
    page.set_content(f"<body style='background: #fff'>{drawing}<style>svg {{ height: 500px }}")
    good = page.screenshot(type="jpeg")
    page.set_content("<h1>Nothing</h1>")
    bad = page.screenshot(type="jpeg")
    page.close()
    floor.page.evaluate(f"() => {{ {REFUSE.format('NotFoundError')} }}")
    tap_camera(floor)

    for picture in (bad, good):
        with floor.page.expect_file_chooser() as chosen:
            floor.page.get_by_role("button", name="Photo of a code").click()
        chosen.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture})
        if picture is bad:
            expect_page(floor, "unread", "No code in this photo")
            assert violations(floor.page) == []

    floor.expect_result("pending", shelf.units[0][:4])
    assert len(floor.store("scans")) == 1


def test_bars_count_at_the_second_reading_and_nothing_twice_while_it_is_in_the_picture(bench):
    seen = bench.evaluate(
        """async () => {
          const { Sightings } = await import("/static/current/js/scan/camera_sightings.js");
          const sightings = new Sightings();
          const bars = [{ text: "]C0A", isLinear: true }];
          const other = [{ text: "]C0B", isLinear: true }];
          const square = [{ text: "]Q1C", isLinear: false }];
          const frames = [[bars, 0], [other, 80], [bars, 160], [[], 200], [bars, 240], [bars, 320],
            [[...square, ...bars], 400], [square, 1800], [[], 2000], [square, 3299],
            [square, 4800], [bars, 4900], [bars, 5000]];
          return frames.map(([codes, now]) => sightings.see(codes, now));
        }"""
    )

    accepted = {n: text for n, text in enumerate(seen) if text}
    assert accepted == {4: "]C0A", 6: "]Q1C", 10: "]Q1C", 12: "]C0A"}

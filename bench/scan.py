"""How soon a scan is answered on the screen, without a network and with a full list.

    python -m bench.scan [putaways] [units]

A driver in Chromium with the processor throttled to a quarter scans roll, rack, roll, rack; the
store lies on the disk. Time runs from the scanner's Enter until the frame that shows the answer has
been drawn. In turn with the scans the same page does the bare minimum: one record written
(strict), one word changed, one frame. What both have in common is the machine.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
import sys
import tempfile
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import BrowserContext, Page, ViewportSize, sync_playwright

from app import create_app
from app.core import migrations
from app.core.database import Database
from app.domain.codes.rules import CodeKind, make_token
from config import Settings
from tests.factories.plant import build_plant
from tests.factories.stock import produce_coils
from tests.support.browser import launch_options
from tests.support.floor import FloorPage, read_shelf
from tests.support.serving import serving

PHONE: ViewportSize = {"width": 390, "height": 844}
THROTTLE = 4
PAUSE_MS = 500
SEED = 20_261_120
WATCH = """async () => {
  const framed = (from, taken) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => taken.push(performance.now() - from);
    requestAnimationFrame(() => port2.postMessage(0));
  };
  const bare = await new Promise((done) => {
    const opening = indexedDB.open("bare");
    opening.onupgradeneeded = () => opening.result.createObjectStore("records");
    opening.onsuccess = () => done(opening.result);
  });
  window.taken = { scan: [], bare: [] };
  window.doBare = (n) => {
    const from = performance.now();
    const writing = bare.transaction("records", "readwrite", { durability: "strict" });
    writing.objectStore("records").put({ n, text: "x".repeat(1000) }, n);
    writing.oncomplete = () => {
      document.querySelector("#who b").textContent = `Scan ${n}`;
      framed(from, window.taken.bare);
    };
  };
  let pressed = null;
  addEventListener("keydown", (event) => {
    if (event.key === "Enter") pressed = event.timeStamp;
  }, true);
  new MutationObserver(() => {
    if (pressed !== null) framed(pressed, window.taken.scan);
    pressed = null;
  }).observe(document.querySelector("#result"), { childList: true });
}"""
ANSWERED = """([name, count]) => new Promise((done) => {
  const look = () => window.taken[name].length < count ? setTimeout(look, 20) : done();
  look();
})"""


def main(putaways: int, units: int) -> None:
    """Print two rows, and the load of the machine."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/plant.db")
        migrations.upgrade(database.engine)
        plant = database.unit_of_work(build_plant)
        produce_coils(database, plant, 6)
        shelf = read_shelf(database, plant)
        application = create_app(_settings(Path(folder), database))
        with serving(application) as address, sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                f"{folder}/profile", base_url=address, viewport=PHONE, **launch_options()
            )
            rolls = _swell(context, units)
            taken = _measure(context, rolls[:putaways], shelf.bins)
            context.close()
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    sys.stdout.write(f"{units:,} units; load of the machine {load}\n")
    for name, milliseconds in taken.items():
        *_, p95 = statistics.quantiles(milliseconds, n=20)
        parts = (statistics.median(milliseconds), p95, max(milliseconds))
        columns = " | ".join(f"{part:.0f} ms" for part in parts)
        sys.stdout.write(f"| {name} | {len(milliseconds)} | {columns} |\n")


def _settings(folder: Path, database: Database) -> Settings:
    return Settings(
        data=folder,
        database_url=str(database.engine.url),
        redis_url=f"unix://{folder}/nobody-listens.sock",
        secret_key=secrets.token_urlsafe(48),
        session_cookie_secure=False,
    )


def _swell(context: BrowserContext, count: int) -> list[str]:
    """The list that the device gets holds so many units more; their tokens."""
    random = Random(SEED)  # noqa: S311
    tokens = [make_token(CodeKind.UNIT, random) for _ in range(count)]

    def answer(route: Any) -> None:
        real = route.fetch()
        if real.status != HTTPStatus.OK:
            return route.fulfill(response=real)
        body = real.json()
        model = body["units"][0]
        body["units"] += [
            model
            | {"token": token, "uid": f"00000000-0000-4000-8000-{n:012}", "aliases": [f"C{n}"]}
            for n, token in enumerate(tokens)
        ]
        return route.fulfill(response=real, body=json.dumps(body))

    context.route("**/api/v1/sync/snapshot*", answer)
    return tokens


def _measure(context: BrowserContext, rolls: list[str], bins: list[str]) -> dict[str, list[float]]:
    floor = FloorPage.start_shift(context, "driver")
    page = floor.page
    floor.wait_until(lambda: _listed(page) > len(rolls), patience_seconds=60)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    page.reload()
    floor.wait_until_ready()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    page.evaluate(WATCH)
    count = 0
    for n, roll in enumerate(rolls):
        for code in (roll, bins[n % len(bins)]):
            count += 1
            page.keyboard.insert_text(code)
            page.keyboard.press("Enter")
            page.evaluate(ANSWERED, ["scan", count])
            page.wait_for_timeout(PAUSE_MS)
            page.evaluate("(n) => window.doBare(n)", count)
            page.evaluate(ANSWERED, ["bare", count])
    taken: dict[str, list[float]] = page.evaluate("window.taken")
    return taken


def _listed(page: Page) -> int:
    listed = """() => import("/static/current/js/offline/snapshot.js")
      .then(({ storedSnapshot }) => storedSnapshot()).then((list) => list?.units.length ?? 0)"""
    count: int = page.evaluate(listed)
    return count


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    main(*(numbers + [100, 20_000][len(numbers) :]))

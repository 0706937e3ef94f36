"""How long the camera's decoder takes for a frame, in Chromium, in its worker.

    python -m bench.camera [rounds]

Draws our own label and a supplier's codes small and a little turned on 1280 x 720 pixels with
noise, and gives each picture to the decoder as the scan screen does: in three of four frames the
middle band with fast options, in the fourth the whole with thorough ones.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page, sync_playwright

from app.web.assets import init_assets
from app.web.labels import draw_qr
from tests.support.browser import launch_options
from tests.support.serving import serving

ROOT = Path(__file__).resolve().parents[1]
SUPPLIERS = ROOT / "tests/data/camera"
LABEL = "https://rollcall.example/q/R7K3F9H2XVTB2"
MEASURE = """async ([drawing, width, rounds]) => {
  const { Decoder } = await import("/static/current/js/scan/camera_decoder.js");
  const image = new Image();
  image.src = "data:image/svg+xml," + encodeURIComponent(drawing);
  await image.decode();
  const canvas = new OffscreenCanvas(1280, 720);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const decoder = new Decoder();
  await decoder.ready;
  const taken = { band: [], whole: [], seen: 0, text: "" };
  for (let n = 0; n < rounds; n += 1) {
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.fillStyle = "#8a8d86";
    pen.fillRect(0, 0, 1280, 720);
    pen.translate(640, 360);
    pen.rotate((n % 15 - 7) * Math.PI / 180);
    pen.filter = "blur(1.2px)";
    pen.fillStyle = "#fff";
    const height = width * image.height / image.width;
    pen.fillRect(-width / 2 - 20, -height / 2 - 20, width + 40, height + 40);
    pen.drawImage(image, -width / 2, -height / 2, width, height);
    pen.filter = "none";
    const pixels = pen.getImageData(0, 0, 1280, 720);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const noise = (Math.random() + Math.random() + Math.random() - 1.5) * 16;
      for (let part = 0; part < 3; part += 1) pixels.data[at + part] += noise;
    }
    pen.putImageData(pixels, 0, 0);
    const isWhole = n % 4 === 3;
    const [top, part] = isWhole ? [0, 720] : [180, 360];
    const picture = await createImageBitmap(canvas, 0, top, 1280, part);
    const [code] = await decoder.read(picture, isWhole);
    taken[isWhole ? "whole" : "band"].push(decoder.took);
    if (code) [taken.seen, taken.text] = [taken.seen + 1, code.text];
  }
  decoder.close();
  return taken;
}"""


def main(rounds: int) -> None:
    """Print a row for each code."""
    bare = Flask("app", root_path=str(ROOT / "app"), static_folder=None)
    init_assets(bare)
    bare.add_url_rule("/", "bench", lambda: "<!doctype html><title>Bench</title>")
    with serving(bare) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page()
        page.goto(address)
        for name, drawing, width in _drawings():
            _print(name, rounds, page, [drawing, width, rounds])
        browser.close()


def _drawings() -> list[tuple[str, str, int]]:
    qr = draw_qr(LABEL)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {qr.side} {qr.side}">'
        f'<path d="{qr.path}"/></svg>'
    )
    return [
        ("our label (QR)", svg, 260),
        ("GS1-128, SSCC", (SUPPLIERS / "gs1_128_sscc.svg").read_text(), 620),
        ("GS1 DataMatrix", (SUPPLIERS / "gs1_datamatrix_serial.svg").read_text(), 220),
    ]


def _print(name: str, rounds: int, page: Page, arguments: list[Any]) -> None:
    taken = page.evaluate(MEASURE, arguments)
    columns = [_column(taken["band"]), _column(taken["whole"]), f"{taken['seen']} of {rounds}"]
    sys.stdout.write(f"| {name} | {' | '.join(columns)} |\n")


def _column(milliseconds: list[float]) -> str:
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    return f"{statistics.median(milliseconds):.1f} ms ({p95:.1f})"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)

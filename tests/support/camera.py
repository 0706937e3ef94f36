"""A browser whose camera shows what a test holds in front of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.browser import launch_options

FRAME = {"width": 1280, "height": 720}
# A label as a hand holds it: a little turned, on a bench that is not white.
SCENE = """<!doctype html><style>
body { margin: 0; height: 720px; display: grid; place-items: center; background: #8a8d86; }
.held { padding: 24px; background: #fff; transform: rotate(ANGLEdeg); }
.held svg { display: block; width: auto; height: HEIGHTpx; shape-rendering: crispEdges; }
</style><div class="held">DRAWING</div>"""
ARGUMENTS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--use-file-for-fake-video-capture={}",
)


def film(page: Page, drawings: list[str], path: Path, height: int = 400, repeats: int = 4) -> Path:
    """A motion JPEG of what is held in front of the camera, over and over: pictures end to end."""
    page.set_viewport_size({"width": FRAME["width"], "height": FRAME["height"]})
    pictures = []
    for drawing in drawings:
        for angle in (-5, 2, 6):
            scene = SCENE.replace("ANGLE", str(angle)).replace("HEIGHT", str(height))
            page.set_content(scene.replace("DRAWING", drawing))
            pictures += [page.screenshot(type="jpeg", quality=80)] * repeats
    path.write_bytes(b"".join(pictures))
    return path


@contextmanager
def camera_browser(chromium: Browser, picture: Path) -> Iterator[Browser]:
    """Another Chromium, with that film as its only camera, and allowed to use it."""
    options = launch_options()
    options["args"] += [argument.format(picture) for argument in ARGUMENTS]
    browser = chromium.browser_type.launch(**options)
    yield browser
    browser.close()

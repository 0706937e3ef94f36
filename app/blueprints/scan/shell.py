"""What a device keeps to start without a network: the list of files and its version."""

import hashlib
import json
from collections.abc import Sequence

from app.web.assets import Assets

SHELL_PATH = "/scan/"
SELF_TEST_PATH = "/scan/self-test/"
MANIFEST_PATH = "/manifest.webmanifest"
FLOOR_STYLES = (
    "css/tokens.css",
    "css/base.css",
    "css/components/button.css",
    "css/components/badge.css",
    "css/components/strip.css",
    "css/components/result.css",
    "css/components/timeline.css",
    "css/components/notice.css",
    "css/components/floor.css",
    "css/components/camera.css",
)
# The larger pictures are for installing, which needs the network anyway.
FLOOR_ICONS = ("icons/icons.svg", "icons/icon.svg", "icons/icon-192.png")
_ENTRIES = ("js/scan/main.js", "js/scan/self_test/")
# Loaded by a tap on Camera; its way in belongs to the screen.
_CAMERA = "js/scan/camera"
_CAMERA_ENTRY = "js/scan/camera_entry.js"
_DECODER = "vendor/zxing-reader-"
FLOOR_SCRIPT_FOLDERS = ("js/lib/", "js/ui/theme_first.js", "js/offline/", "js/scan/")


def modules(assets: Assets) -> list[str]:
    """Every module of the scan screen but its entry, to be fetched together."""
    folders = ("js/lib/", "js/offline/", "js/scan/")
    return [
        path
        for path in assets.paths
        if path.startswith(folders)
        and path.endswith(".js")
        and not path.startswith(_ENTRIES)
        and (path == _CAMERA_ENTRY or not path.startswith(_CAMERA))
    ]


def precache(assets: Assets) -> list[str]:
    """Every address of the floor shell, the page itself first."""
    styles = [assets.url(path) for path in FLOOR_STYLES]
    return [
        SHELL_PATH,
        SELF_TEST_PATH,
        MANIFEST_PATH,
        *styles,
        *assets.under(*FLOOR_SCRIPT_FOLDERS, *FLOOR_ICONS),
    ]


def decoder(assets: Assets) -> list[str]:
    """What reads codes in pictures: too large for the shell, fetched once the shell is there."""
    return assets.under(_DECODER)


def worker_script(source: str, assets: Assets, shell: str) -> str:
    """The service worker's file behind the two facts that make it new: version and list."""
    addresses = precache(assets)
    version = _digest([source, shell, *addresses])
    facts = json.dumps({"VERSION": version, "PRECACHE": addresses, "DECODER": decoder(assets)})
    return f"self.SHELL = {facts};\n" + source.replace("/static/current/", assets.prefix)


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

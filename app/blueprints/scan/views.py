"""The floor's pages. They read nothing and know nobody."""

from pathlib import Path
from typing import cast

from flask import Response, current_app, jsonify, make_response, render_template

from app.blueprints.scan.shell import FLOOR_STYLES, worker_script
from app.web.assets import Assets

MODES = ("store", "dispatch", "view")


def show() -> Response:
    """The shell; its script reads the mode from the address."""
    return _revalidated(make_response(_shell()))


def service_worker() -> Response:
    """The worker, from the root so that it may serve every page."""
    source = Path(current_app.root_path).parent / "service-worker.js"
    script = worker_script(source.read_text(encoding="utf-8"), _assets(), _shell())
    return _revalidated(Response(script, mimetype="text/javascript"))


def manifest() -> Response:
    """What a phone needs to install the floor."""
    assets = _assets()
    icons = [
        {"src": assets.url("icons/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *(_png(assets, f"icon-{size}.png", size, "any") for size in (192, 512)),
        _png(assets, "icon-maskable-512.png", 512, "maskable"),
    ]
    answer = jsonify(
        id="/scan/",
        name="Rollcall",
        short_name="Rollcall",
        description="Scan rolls into racks, online or not.",
        start_url="/scan/",
        scope="/",
        display="standalone",
        background_color="#181d21",
        theme_color="#181d21",
        launch_handler={"client_mode": "focus-existing"},
        icons=icons,
        shortcuts=[
            {"name": "Store", "url": "/scan/store/"},
            {"name": "Dispatch", "url": "/scan/dispatch/"},
            {"name": "Look up", "url": "/scan/view/"},
        ],
    )
    answer.mimetype = "application/manifest+json"
    return _revalidated(answer)


def _shell() -> str:
    return render_template("scan/index.html", styles=FLOOR_STYLES)


def _assets() -> Assets:
    return cast(Assets, current_app.extensions["assets"])


def _png(assets: Assets, name: str, size: int, purpose: str) -> dict[str, str]:
    address = assets.url(f"icons/{name}")
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _revalidated(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer

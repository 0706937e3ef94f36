"""The floor's pages. They read nothing and know nobody."""

import hashlib
from pathlib import Path
from typing import cast

from flask import Response, current_app, jsonify, make_response
from flask_wtf.csrf import generate_csrf

from app.blueprints.scan.scanner import SHOWN_CODE, STEPS, TEST_CODE
from app.blueprints.scan.shell import FLOOR_STYLES, modules, worker_script
from app.web.assets import Assets
from app.web.current import current_actor, is_signed_in
from app.web.guards import public, signed_in
from app.web.labels import draw_qr
from app.web.responses import page

SHORTCUTS = (("Store", "/scan/store/"), ("Dispatch", "/scan/dispatch/"), ("Look up", "/scan/view/"))

MODES = ("store", "dispatch", "view")


@public
def show() -> Response:
    """The shell; its script reads the mode from the address."""
    return _revalidated(make_response(_shell()))


@public
def self_test() -> Response:
    """Scan one code, see what is wrong with the scanner; kept for offline like the shell."""
    return _revalidated(make_response(_self_test()))


@signed_in
def set_up() -> Response:
    """What to set on a keyboard scanner, to print."""
    return page("scan/set_up.html", steps=STEPS, shown=SHOWN_CODE, qr=draw_qr(TEST_CODE))


@public
def service_worker() -> Response:
    """The worker, from the root so that it may serve every page."""
    source = Path(current_app.root_path).parent / "service-worker.js"
    script = worker_script(source.read_text(encoding="utf-8"), _assets(), _shell() + _self_test())
    return _revalidated(Response(script, mimetype="text/javascript"))


@public
def manifest() -> Response:
    """What a phone needs to install the floor."""
    assets = _assets()
    drawing = assets.url("icons/icon.svg")
    icons = [
        {"src": drawing, "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
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
        shortcuts=[{"name": word, "url": path} for word, path in SHORTCUTS],
    )
    answer.mimetype = "application/manifest+json"
    return _revalidated(answer)


@public
def session() -> Response:
    """Who is signed in on this browser, as far as the shell must know it to ask for a grant."""
    answer = jsonify(account=_account(), csrf_token=generate_csrf())
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _account() -> str | None:
    # Opaque: the shell only compares it with the account that it asked a grant for.
    if not is_signed_in():
        return None
    key = current_app.config["SECRET_KEY"].encode()[:32]
    return hashlib.blake2s(str(current_actor().user_id).encode(), key=key).hexdigest()[:16]


def _shell() -> str:
    # Not render_template: its context would ask who is signed in, and the shell must not know.
    template = current_app.jinja_env.get_template("scan/index.html")
    assets = _assets()
    return template.render(styles=FLOOR_STYLES, modules=modules(assets), version=assets.tree_hash)


def _self_test() -> str:
    template = current_app.jinja_env.get_template("scan/self_test.html")
    assets = _assets()
    return template.render(
        styles=FLOOR_STYLES, version=assets.tree_hash, text=TEST_CODE, qr=draw_qr(TEST_CODE)
    )


def _assets() -> Assets:
    return cast(Assets, current_app.extensions["assets"])


def _png(assets: Assets, name: str, size: int, purpose: str) -> dict[str, str]:
    address = assets.url(f"icons/{name}")
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


def _revalidated(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer

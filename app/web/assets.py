"""Static files under one content hash: `/static/<hash>/css/tokens.css`, kept for ever by browsers.

One hash stands for the whole tree, because ES modules import each other by relative paths and must
never mix two versions. A hash of another day answers with the file of today, not to be kept, so
that a page which is still open goes on working after an update.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, send_from_directory

HASH_LENGTH = 10
ONE_YEAR_SECONDS = 365 * 24 * 3600
# Not for browsers: papers that lie beside the files.
_PAPERS = frozenset({".md"})


@dataclass(frozen=True, slots=True)
class Assets:
    """The files under one folder and the hash of all their names and contents."""

    folder: Path
    paths: tuple[str, ...]
    tree_hash: str

    @classmethod
    def scan(cls, folder: Path) -> "Assets":
        """Read the folder once, at start."""
        files = sorted(
            path
            for path in folder.rglob("*")
            if path.is_file() and path.suffix not in _PAPERS and not path.name.startswith(".")
        )
        digest = hashlib.sha256()
        for path in files:
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
        paths = tuple(path.relative_to(folder).as_posix() for path in files)
        return cls(folder, paths, digest.hexdigest()[:HASH_LENGTH])

    @property
    def prefix(self) -> str:
        """The address under which the whole tree of today is served."""
        return f"/static/{self.tree_hash}/"

    def url(self, path: str) -> str:
        """The address of one file; a name that does not exist is a mistake of ours."""
        if path not in self.paths:
            raise LookupError(f"No static file {path!r} in {self.folder}")
        return self.prefix + path

    def under(self, *folders: str) -> list[str]:
        """The addresses of all files in these folders."""
        return [self.prefix + path for path in self.paths if path.startswith(folders)]


def init_assets(app: Flask) -> Assets:
    """Serve the tree and give templates `asset('css/tokens.css')`."""
    assets = Assets.scan(Path(app.root_path) / "static")

    def static_file(tree_hash: str, path: str) -> Response:
        if path not in assets.paths:
            abort(404)
        is_current = tree_hash == assets.tree_hash
        answer = send_from_directory(assets.folder, path, max_age=ONE_YEAR_SECONDS)
        answer.headers["Cache-Control"] = (
            f"public, max-age={ONE_YEAR_SECONDS}, immutable" if is_current else "no-cache"
        )
        return answer

    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url
    app.add_url_rule("/static/<tree_hash>/<path:path>", "static_file", static_file)
    return assets

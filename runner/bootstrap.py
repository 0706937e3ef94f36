"""The project's `.venv`: made and filled when the hashed requirements changed, else left alone."""

from __future__ import annotations

import ast
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
RUNTIME = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
INSTALL_SECONDS = "ROLLCALL_INSTALL_SECONDS"

# pip's settings under uv's names: whoever has taught pip about a mirror need not teach uv.
PIP_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}
NOTHING_TO_INSTALL_WITH = """\
This Python has neither pip nor a complete venv, so Rollcall's packages cannot be installed.
On Debian and Ubuntu:   sudo apt install python3-venv
On Fedora:              sudo dnf install python3-pip
Then start ./run again."""


class CannotInstall(Exception):
    """The environment could not be made; the message says what the person can do."""


def ensure(requirements: str) -> Path:
    """Make sure that `.venv` has what the file lists, and return its Python."""
    python = VENV / "bin" / "python"
    if _is_fresh(requirements):
        return python
    with _only_one_at_a_time():
        if not _is_fresh(requirements):
            started = time.monotonic()
            print(f"Installing {requirements} into .venv …", flush=True)
            _make_venv(python)
            _install(requirements)
            _stamp(requirements)
            seconds = time.monotonic() - started
            print(f"Installed in {seconds:.0f} s.", flush=True)
            # The tests' report is printed by the process that replaces this one.
            os.environ[INSTALL_SECONDS] = f"{seconds:.1f}"
    return python


def _stamp_file(requirements: str) -> Path:
    return VENV / f"{requirements}.sha256"


def _digest(requirements: str) -> str:
    return hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()


def _is_fresh(requirements: str) -> bool:
    """Whether the environment works and was filled from this very file."""
    stamp = _stamp_file(requirements)
    return (
        stamp.exists()
        and stamp.read_text() == _digest(requirements)
        # A link to a Python that was since removed or upgraded does not exist.
        and (VENV / "bin" / "python").exists()
    )


def _stamp(requirements: str) -> None:
    # What development needs includes what running needs.
    for name in {RUNTIME, requirements}:
        _stamp_file(name).write_text(_digest(name))


@contextmanager
def _only_one_at_a_time() -> Iterator[None]:
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _works(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_venv(python: Path) -> None:
    if _works(python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    can_install = _pip_of(sys.executable) is not None or _uv_on_path() is not None
    if not can_install and importlib.util.find_spec("ensurepip") is None:
        raise CannotInstall(NOTHING_TO_INSTALL_WITH)
    without_pip = ["--without-pip"] if can_install else []
    made = _run([sys.executable, "-m", "venv", *without_pip, str(VENV)])
    if not made:
        raise CannotInstall(NOTHING_TO_INSTALL_WITH)


def _install(requirements: str) -> None:
    """With uv where it can be had (ten times faster), else with pip."""
    pip = _pip_of(sys.executable) or _pip_of(VENV / "bin" / "python")
    uv = _uv_on_path() or (_uv_by_pip(pip) if pip else None)
    wanted = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / requirements)]
    python = str(VENV / "bin" / "python")
    by_uv = [uv or "", "pip", "install", "--quiet", "--python", python, *wanted]
    if uv and _run(by_uv, env=_uv_environment(pip)):
        return
    if uv and pip:
        print("uv could not install the packages; trying pip.", flush=True)
    if pip and _run([*pip, "--python", python, "install", "--quiet", *wanted]):
        return
    raise CannotInstall(
        "The packages could not be installed; the lines above say why. Behind a mirror or a proxy, "
        "set the usual variables of pip (PIP_INDEX_URL, PIP_CERT, …) or of uv."
    )


def _run(command: Sequence[str | Path], env: dict[str, str] | None = None) -> bool:
    return subprocess.run(command, env=env, check=False).returncode == 0


def _pip_of(python: str | Path) -> list[str] | None:
    command = [str(python), "-m", "pip"]
    return command if _works(*command, "--version") else None


def _uv_on_path() -> str | None:
    found = shutil.which("uv")
    return found if found and _works(found, "--version") else None


def _uv_by_pip(pip: list[str]) -> str | None:
    """uv in a folder of its own, by pip and hashed like everything else."""
    folder = TOOLS / _digest("requirements-uv.txt")[:12]
    binary = folder / "bin" / "uv"
    if not _works(binary, "--version"):
        options = ["--quiet", "--require-hashes", "--only-binary", ":all:", "--target", str(folder)]
        _run([*pip, "install", *options, "-r", str(ROOT / "requirements-uv.txt")])
    return str(binary) if _works(binary, "--version") else None


def _uv_environment(pip: list[str] | None) -> dict[str, str]:
    """The environment for uv, told what pip has been told by variables and by its files."""
    env = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    for option, value in _pip_options(pip).items():
        name = PIP_TO_UV.get(option)
        if name:
            separator = "," if name == "UV_FIND_LINKS" else " "
            env.setdefault(name, separator.join(value.split()))
    if "UV_INDEX" in env:
        # As pip does it: the best version of all indexes. The hashes say which file may come.
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def _pip_options(pip: list[str] | None) -> dict[str, str]:
    if pip is None:
        prefix = "PIP_"
        return {
            name.removeprefix(prefix).lower().replace("_", "-"): value
            for name, value in os.environ.items()
            if name.startswith(prefix)
        }
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    options = {}
    for line in listed.stdout.splitlines():
        found = re.match(r"([\w:]+)\.([\w-]+)=(.*)$", line)
        if found and (found[1] == ":env:" or found[2] not in options):
            options[found[2]] = str(ast.literal_eval(found[3]))
    return options

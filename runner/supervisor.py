"""Keeps a few programs running: restarts what dies with back-off, leaves nothing behind.

Each program has a process group of its own, so that Ctrl-C reaches the supervisor alone and it
ends them in order; the kernel ends them when the supervisor itself is killed.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from runner.processes import bound_to_parent, stop_all

LOOK_EVERY_SECONDS = 0.2
BACK_OFF_FIRST_SECONDS = 0.2
BACK_OFF_MAX_SECONDS = 15.0
STEADY_AFTER_SECONDS = 30.0
LOG_BYTES_MAX = 20_000_000


class DidNotStart(Exception):
    """A program ended, or did not answer in time, while it was being started."""


@dataclass(frozen=True, slots=True)
class Program:
    """How to start one program, and how to know that it is ready to work."""

    name: str
    arguments: tuple[str, ...]
    is_ready: Callable[[], bool] | None = None
    # Sent by the kernel when the supervisor is gone without a word.
    last_signal: signal.Signals = signal.SIGKILL


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    failures: int = 0
    restart_at: float | None = field(default=None)


class Supervisor:
    """The programs of one installation, in the order in which they were started."""

    def __init__(self, *, env: dict[str, str], logs: Path, pids: Path, cwd: Path) -> None:
        self._env = env
        self._logs = logs
        self._pids = pids
        self._cwd = cwd
        self._running: list[_Running] = []
        self._is_stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    @property
    def is_stopping(self) -> bool:
        """Whether somebody pressed Ctrl-C or sent SIGTERM."""
        return self._is_stopping

    def start(self, program: Program) -> None:
        """Start a program that is to run until the end."""
        self._running.append(_Running(program, self._spawn(program), time.monotonic()))

    def wait_until_ready(self, *, patience_seconds: float) -> None:
        """Wait until every program says it is ready. Raises DidNotStart."""
        deadline = time.monotonic() + patience_seconds
        for running in self._running:
            program = running.program
            while program.is_ready is not None and not program.is_ready():
                ended = running.process.poll()
                if self._is_stopping:
                    return
                if ended is not None or time.monotonic() > deadline:
                    raise DidNotStart(self._why(program, ended))
                time.sleep(0.05)

    def _why(self, program: Program, ended: int | None) -> str:
        how = "did not answer in time" if ended is None else f"ended with {_in_words(ended)}"
        log = self._log(program)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        return f"{program.name} {how}. The end of {log}:\n{tail}"

    def tend(self) -> None:
        """Look after the programs until asked to stop."""
        while not self._is_stopping:
            for running in self._running:
                self._look_at(running)
            time.sleep(LOOK_EVERY_SECONDS)

    def _look_at(self, running: _Running) -> None:
        ended = running.process.poll()
        if ended is None:
            return
        moment = time.monotonic()
        if running.restart_at is None:
            if moment - running.started_at > STEADY_AFTER_SECONDS:
                running.failures = 0
            pause = min(BACK_OFF_FIRST_SECONDS * 2**running.failures, BACK_OFF_MAX_SECONDS)
            running.failures += 1
            running.restart_at = moment + pause
            self._say(f"{running.program.name} ended with {_in_words(ended)}; starting it again")
            # What it started must not work beside its successor.
            stop_all([running.process], patience_seconds=0)
        elif moment >= running.restart_at:
            running.restart_at = None
            running.started_at = moment
            running.process = self._spawn(running.program)

    def stop(self) -> None:
        """End the programs; the first one, on which the others stand, last."""
        if self._running:
            first, *others = self._running
            stop_all([running.process for running in others], patience_seconds=10)
            stop_all([first.process], patience_seconds=5)
        for running in self._running:
            self._pid_file(running.program).unlink(missing_ok=True)

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with self._log(program).open("ab") as log:
            process = subprocess.Popen(
                program.arguments,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=bound_to_parent(program.last_signal),
            )
        self._pid_file(program).write_text(f"{process.pid}\n")
        return process

    def _pid_file(self, program: Program) -> Path:
        return self._pids / f"{program.name}.pid"

    def _log(self, program: Program) -> Path:
        log = self._logs / f"{program.name}.log"
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_suffix(".log.1"))
        return log

    @staticmethod
    def _say(sentence: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {sentence}", flush=True)


def _in_words(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"

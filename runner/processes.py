"""Child processes that never outlive whoever started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int, last_signal: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send `last_signal` to this process when its parent is gone (Linux only)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
    if os.getppid() != parent_pid:
        # The parent died between fork and prctl: nobody is left to send the signal.
        os._exit(1)


def bound_to_parent(last_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: the child dies with this process."""
    parent_pid = os.getpid()
    # Loaded before the fork: between fork and exec as little as possible may happen.
    ctypes.CDLL(None)
    return lambda: die_with_parent(parent_pid, last_signal)


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the process and everything it started in its group."""
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        # It ended between the look and the signal (macOS says PermissionError for a zombie).
        return


def stop_all(processes: list[subprocess.Popen[bytes]], *, patience_seconds: float) -> None:
    """Ask process groups to end, and kill what has not ended in time."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            signal_group(process, signal.SIGKILL)
            process.wait()
    for process in processes:
        # What the leader left behind in its group.
        signal_group(process, signal.SIGKILL)

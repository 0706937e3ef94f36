"""`./run soak`: the runs that take minutes, by name."""

from __future__ import annotations

import subprocess
import sys

from runner.bootstrap import ROOT

SOAKS = {
    "recovery": (
        "kill -9 Valkey and the worker again and again under load: every job is done once",
        ("tests/soak/test_recovery.py",),
    ),
    "serializable": (
        "the tests of the domain on PostgreSQL at SERIALIZABLE",
        ("tests/domain", "--engine", "postgresql", "--isolation", "SERIALIZABLE"),
    ),
}


def run(arguments: list[str]) -> int:
    """Run the named soak; without a name, say which there are."""
    if not arguments:
        for name, (description, _) in SOAKS.items():
            print(f"{name:16}{description}")
        return 0
    name, *options = arguments
    if name not in SOAKS:
        print(f"There is no soak “{name}”. There are: {', '.join(SOAKS)}", file=sys.stderr)
        return 2
    command = [sys.executable, "-m", "pytest", "-q", *SOAKS[name][1], *options]
    return subprocess.run(command, cwd=ROOT, check=False).returncode

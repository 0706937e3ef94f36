"""`./run test` and `./run lint`: every check, layer by layer, with its time.

The last line says how many checks passed and failed; the exit status is 0 only if none failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from runner.bootstrap import INSTALL_SECONDS, ROOT

BIN = Path(sys.prefix) / "bin"
STATIC = {
    "ruff check": (str(BIN / "ruff"), "check", "."),
    "ruff format": (str(BIN / "ruff"), "format", "--check", "."),
    "mypy": (str(BIN / "mypy"),),
    "import contracts": (str(BIN / "lint-imports"), "--no-cache"),
}
# A process for each core. What starts whole servers or a browser fills the cores by itself.
SPREAD = ("-n", "auto", "--maxprocesses", "4")
# A starved machine can make a browser late. What fails twice is ours; what passes at the second
# try is shown with its traceback, to be looked into, and more than three such end the patience.
SECOND_TRY = (
    "-p", "rerunfailures", "--reruns", "1", "--max-suite-reruns", "3", "--rerun-show-tracebacks",
)  # fmt: skip
TESTS = {
    "domain on SQLite": ("tests/domain", "tests/migrations", "--engine", "sqlite", *SPREAD),
    "domain on PostgreSQL": ("tests/domain", "tests/migrations", "--engine", "postgresql", *SPREAD),
    "web, API and commands": ("tests/web", "tests/api", "tests/cli", *SPREAD),
    "jobs on SQLite": ("tests/jobs", "--engine", "sqlite", *SPREAD),
    "jobs on PostgreSQL": ("tests/jobs", "--engine", "postgresql", *SPREAD),
    "run": ("tests/run",),
    "browser": ("tests/browser", *SECOND_TRY),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one layer."""

    name: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def test(arguments: list[str]) -> int:
    """Run everything, or only what pytest finds for the arguments."""
    if arguments:
        return _report(_asked_for(arguments))
    outcomes = [Outcome("install", float(os.environ.get(INSTALL_SECONDS, "0")))]
    outcomes.append(_static())
    outcomes.extend(_tests(name, *options) for name, options in TESTS.items())
    return _report(outcomes)


def lint() -> int:
    """Run the static checks only."""
    return _report([_static()])


def _asked_for(arguments: list[str]) -> list[Outcome]:
    outcomes = [_tests("asked for", *arguments)]
    # Tests of the domain pass on both engines or they do not pass.
    if all(part.startswith(("tests/domain", "-")) for part in arguments):
        outcomes.append(_tests("on PostgreSQL", *arguments, "--engine", "postgresql"))
    return outcomes


def _static() -> Outcome:
    _headline("static")
    started = time.monotonic()
    passed = failed = 0
    for name, command in STATIC.items():
        before = time.monotonic()
        is_good = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
        word = "passed" if is_good else "FAILED"
        print(f"{name}: {word} in {time.monotonic() - before:.1f} s", flush=True)
        passed, failed = passed + is_good, failed + (not is_good)
    tidy = _pytest("tests/tidy")
    seconds = time.monotonic() - started
    return Outcome("static", seconds, passed + tidy.passed, failed + tidy.failed, tidy.skipped)


def _tests(name: str, *options: str) -> Outcome:
    _headline(name)
    if name == "browser":
        reason = _why_no_browser()
        if reason:
            # A machine of somebody's own may have no browser; the one that decides must.
            must_run = os.environ.get("CI") == "true"
            print(f"browser tests {'FAILED' if must_run else 'skipped'}: {reason}", flush=True)
            return Outcome(name, 0, failed=int(must_run), skipped=int(not must_run))
    started = time.monotonic()
    counted = _pytest(*options)
    seconds = time.monotonic() - started
    return Outcome(name, seconds, counted.passed, counted.failed, counted.skipped)


def _why_no_browser() -> str:
    """Why no browser can be started; empty when one can."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.support.browser"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return found.stdout.strip() if found.returncode else ""


def _pytest(*options: str) -> Outcome:
    """Run pytest, show what it prints, and count from its own report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *options]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        if not report.exists():
            return Outcome("", 0, failed=1)
        return _count(report, status)


def _count(report: Path, status: int) -> Outcome:
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 - our own file
    assert suite is not None
    number = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    failed = number["failures"] + number["errors"]
    if status and not failed:
        # Nothing was collected, or pytest itself broke.
        failed = 1
    passed = max(0, number["tests"] - number["failures"] - number["errors"] - number["skipped"])
    return Outcome("", 0, passed, failed, number["skipped"])


def _headline(name: str) -> None:
    print(f"\n── {name} ".ljust(80, "─"), flush=True)


def _report(outcomes: list[Outcome]) -> int:
    _headline("sum")
    for outcome in outcomes:
        print(
            f"{outcome.name:24}{outcome.seconds:8.1f} s{outcome.passed:8} passed"
            f"{outcome.failed:6} failed{outcome.skipped:6} skipped"
        )
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0

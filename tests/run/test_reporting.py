"""`./run test` says how many checks passed and failed, and fails when it should."""

import pytest

from runner import layers
from runner.layers import Outcome

GOOD = '<testsuites><testsuite tests="5" failures="0" errors="0" skipped="1"/></testsuites>'
BAD = '<testsuites><testsuite tests="5" failures="1" errors="1" skipped="0"/></testsuites>'
NONE = '<testsuites><testsuite tests="0" failures="0" errors="0" skipped="0"/></testsuites>'


@pytest.mark.parametrize(
    "report,status,passed,failed,skipped",
    [(GOOD, 0, 4, 0, 1), (BAD, 1, 3, 2, 0), (NONE, 5, 0, 1, 0)],
)
def test_counts_are_those_of_the_report(tmp_path, report, status, passed, failed, skipped):
    file = tmp_path / "report.xml"
    file.write_text(report)

    outcome = layers._count(file, status)

    assert (outcome.passed, outcome.failed, outcome.skipped) == (passed, failed, skipped)


def test_the_last_line_is_the_sum_and_one_failure_fails_the_run(capsys):
    outcomes = [Outcome("one", 1.0, passed=3), Outcome("two", 2.0, passed=1, failed=2)]

    assert layers._report(outcomes) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "4 passed, 2 failed"
    assert layers._report(outcomes[:1]) == 0


@pytest.mark.parametrize("ci,failed,skipped", [("true", 1, 0), ("", 0, 1)])
def test_without_a_browser_its_tests_are_skipped_at_home_and_fail_where_it_counts(
    monkeypatch, capsys, ci, failed, skipped
):
    monkeypatch.setattr(layers, "_why_no_browser", lambda: "no Chromium here")
    monkeypatch.setenv("CI", ci)

    outcome = layers._tests("browser", "tests/browser")

    assert (outcome.failed, outcome.skipped) == (failed, skipped)
    assert "no Chromium here" in capsys.readouterr().out


def test_tests_of_the_domain_that_are_asked_for_run_on_both_engines(monkeypatch):
    ran = []
    monkeypatch.setattr(layers, "_pytest", lambda *options: ran.append(options) or Outcome("", 0))

    layers._asked_for(["tests/domain/lots", "-x"])
    layers._asked_for(["tests/web"])

    assert ran == [
        ("tests/domain/lots", "-x"),
        ("tests/domain/lots", "-x", "--engine", "postgresql"),
        ("tests/web",),
    ]

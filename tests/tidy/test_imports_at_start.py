"""What a process loads when it starts: each of these costs every web process time and memory."""

import secrets
import subprocess
import sys

HEAVY = ("alembic", "numpy", "openpyxl", "pandas", "reportlab", "xlsxwriter")


def test_the_web_does_not_load_what_only_jobs_and_migrations_need():
    code = f"import sys, wsgi; print([name for name in {HEAVY} if name in sys.modules])"
    environment = {"SECRET_KEY": secrets.token_urlsafe(48)}

    loaded = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"


def test_the_domain_does_not_load_the_web_or_the_queue():
    code = (
        "import sys, app.domain.models; "
        "print([name for name in ('flask', 'redis', 'rq', 'werkzeug') if name in sys.modules])"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], env={}, capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"

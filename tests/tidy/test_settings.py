"""Every setting is documented, every documented setting exists, and weak keys are refused."""

import re
import secrets
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import Settings

OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
KEY = secrets.token_urlsafe(48)


def test_the_table_of_variables_is_complete():
    table = OPERATIONS.read_text().partition("## Settings")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)

    assert sorted(documented) == sorted(
        str(field.alias) for field in Settings.model_fields.values()
    )


@pytest.mark.parametrize("key", ["", "short", "a" * 64])
def test_a_missing_or_weak_key_is_refused_without_showing_it(key, tmp_path):
    with pytest.raises(ValidationError) as refused:
        Settings.from_environment({"SECRET_KEY": key, "ROLLCALL_DATA": str(tmp_path)})

    assert "SECRET_KEY must be 32 or more random characters" in str(refused.value)
    assert not key or repr(key) not in str(refused.value)


def test_a_key_kept_in_the_data_folder_is_used(tmp_path):
    (tmp_path / "secret-key").write_text(f"{KEY}\n")

    settings = Settings.from_environment({"ROLLCALL_DATA": str(tmp_path)})

    assert settings.secret_key.get_secret_value() == KEY


def test_database_and_queue_lie_with_the_data_unless_said_otherwise(tmp_path):
    given = {"ROLLCALL_DATA": str(tmp_path), "SECRET_KEY": KEY}

    own = Settings.from_environment(given)
    said = Settings.from_environment(
        given | {"DATABASE_URL": "postgresql://db/rollcall", "REDIS_URL": "redis://queue"}
    )

    assert own.database_url == f"sqlite:///{tmp_path}/rollcall.sqlite3"
    assert own.redis_url.startswith("unix://")
    assert (said.database_url, said.redis_url) == ("postgresql://db/rollcall", "redis://queue")


def test_hosts_are_a_list_with_commas_or_spaces(tmp_path):
    given = {"SECRET_KEY": KEY, "TRUSTED_HOSTS": "stock.example, 10.0.0.7"}

    assert Settings.from_environment(given).trusted_hosts == ("stock.example", "10.0.0.7")


@pytest.mark.parametrize(
    "name,value",
    [
        ("TRUSTED_PROXIES", "-1"),
        ("MAX_UPLOAD_MB", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("LABEL_BASE_URL", "stock.example"),
        ("SESSION_COOKIE_SECURE", "perhaps"),
    ],
)
def test_nonsense_is_refused_at_start_and_named(name, value):
    with pytest.raises(ValidationError, match=name):
        Settings.from_environment({"SECRET_KEY": KEY, name: value})

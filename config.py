"""Settings: environment variables, read once, checked before anything starts.

`docs/operations.md` prints the table; a test compares it with the fields below.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

ROOT = Path(__file__).resolve().parent
SECRET_KEY_LENGTH_MIN = 32


def embedded_valkey_socket(data: Path) -> Path:
    """The unix socket of the Valkey that `./run` starts for this data folder.

    It lies outside the data folder because a socket's path must be shorter than 108 characters.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    digest = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return Path(runtime) / f"rollcall-{os.getuid()}-{digest}" / "valkey.sock"


class Settings(BaseModel):
    """What differs between one installation and another."""

    # An error in a setting is printed at start: it must not show a password or the key.
    model_config = ConfigDict(
        frozen=True, validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )

    data: Annotated[Path, Field(alias="ROLLCALL_DATA")] = ROOT / "var"
    database_url: Annotated[str, Field(alias="DATABASE_URL")] = ""
    redis_url: Annotated[str, Field(alias="REDIS_URL")] = ""
    secret_key: Annotated[SecretStr, Field(alias="SECRET_KEY", validate_default=True)] = SecretStr(
        ""
    )
    label_base_url: Annotated[str, Field(alias="LABEL_BASE_URL")] = "http://localhost:8000"
    trusted_hosts: Annotated[tuple[str, ...], Field(alias="TRUSTED_HOSTS")] = (
        "localhost",
        "127.0.0.1",
        "[::1]",
    )
    trusted_proxies: Annotated[int, Field(alias="TRUSTED_PROXIES", ge=0, le=5)] = 0
    max_upload_mb: Annotated[int, Field(alias="MAX_UPLOAD_MB", ge=1, le=1024)] = 50
    session_cookie_secure: Annotated[bool, Field(alias="SESSION_COOKIE_SECURE")] = True
    log_level: Annotated[str, Field(alias="LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = (
        "INFO"
    )
    self_registration: Annotated[bool, Field(alias="SELF_REGISTRATION")] = True
    smtp_url: Annotated[SecretStr, Field(alias="SMTP_URL")] = SecretStr("")
    mail_from: Annotated[str, Field(alias="MAIL_FROM")] = ""
    demo_password: Annotated[SecretStr | None, Field(alias="DEMO_PASSWORD")] = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read the settings; an empty variable counts as not set. Raises ValidationError."""
        names = {str(field.alias) for field in cls.model_fields.values()}
        return cls.model_validate({name: environ[name] for name in names if environ.get(name)})

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("label_base_url")
    @classmethod
    def _take_off_trailing_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("LABEL_BASE_URL must begin with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        url = self.smtp_url.get_secret_value()
        if url and not url.startswith(("smtp://", "smtps://")):
            raise ValueError("SMTP_URL must begin with smtp:// or smtps://")
        if url and "@" not in self.mail_from:
            raise ValueError("MAIL_FROM must be an address when SMTP_URL is set")
        return self

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Whatever depends on the data folder when it is not said."""

        def given(alias: str, name: str) -> Any:
            return values.get(alias) or values.get(name)

        data = Path(given("ROLLCALL_DATA", "data") or ROOT / "var").resolve()
        key_file = data / "secret-key"
        filled = {k: v for k, v in values.items() if k not in {"data", "ROLLCALL_DATA"}}
        filled["ROLLCALL_DATA"] = data
        if not given("DATABASE_URL", "database_url"):
            filled["DATABASE_URL"] = f"sqlite:///{data / 'rollcall.sqlite3'}"
        if not given("REDIS_URL", "redis_url"):
            filled["REDIS_URL"] = f"unix://{embedded_valkey_socket(data)}"
        if not given("SECRET_KEY", "secret_key") and key_file.exists():
            filled["SECRET_KEY"] = key_file.read_text().strip()
        return filled

    @field_validator("secret_key")
    @classmethod
    def _refuse_weak_key(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if len(secret) < SECRET_KEY_LENGTH_MIN or len(set(secret)) < 8:
            raise ValueError(
                f"SECRET_KEY must be {SECRET_KEY_LENGTH_MIN} or more random characters; "
                "`./run` makes one, and so does: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return value

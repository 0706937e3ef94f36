"""`flask accounts create-admin`."""

from flask import Flask

from app.core.database import Database
from app.domain.accounts.queries import user_by_username, verify_password


def create(app: Flask, username: str, password: str):
    arguments = ["accounts", "create-admin", username, "--name", "Ada", "--password", password]
    return app.test_cli_runner().invoke(args=arguments)


def test_the_first_admin_may_log_in(app: Flask, database: Database):
    result = create(app, "Ada", "a long password")

    assert result.exit_code == 0, result.output
    with database.reader() as session:
        user = verify_password(session, username="ada", password="a long password")
        assert user is not None
        assert user.is_superuser


def test_a_weak_password_is_refused_in_a_sentence(app: Flask, database: Database):
    result = create(app, "ada", "short")

    assert result.exit_code == 1
    assert "A password has 8 to 200 characters." in result.output
    with database.reader() as session:
        assert user_by_username(session, username="ada") is None

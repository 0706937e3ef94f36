"""The environment is made when it has to be, and nobody is asked twice where packages come from."""

import subprocess
import sys

import pytest

from runner import bootstrap


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project of its own, with an environment that is already there."""
    (tmp_path / "requirements.txt").write_text("one==1\n")
    (tmp_path / "requirements-dev.txt").write_text("one==1\ntwo==2\n")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / ".tools")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return tmp_path


@pytest.fixture
def installed(folder, monkeypatch):
    """What was installed, instead of installing it."""
    names = []
    monkeypatch.setattr(bootstrap, "_install", names.append)
    return names


def test_packages_are_installed_again_only_when_their_list_changed(folder, installed):
    bootstrap.ensure("requirements.txt")
    bootstrap.ensure("requirements.txt")
    assert installed == ["requirements.txt"]

    (folder / "requirements.txt").write_text("one==2\n")
    bootstrap.ensure("requirements.txt")
    assert installed == ["requirements.txt", "requirements.txt"]


def test_what_development_needs_includes_what_running_needs(folder, installed):
    bootstrap.ensure("requirements-dev.txt")
    bootstrap.ensure("requirements.txt")

    assert installed == ["requirements-dev.txt"]


def test_an_environment_whose_python_was_removed_is_made_anew(folder, installed):
    bootstrap.ensure("requirements.txt")
    python = folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(folder / "gone")

    bootstrap.ensure("requirements.txt")

    assert installed == ["requirements.txt", "requirements.txt"]
    assert python.exists()


def test_a_python_without_pip_and_venv_names_the_package_to_install(folder, monkeypatch):
    (folder / ".venv" / "bin" / "python").unlink()
    monkeypatch.setattr(bootstrap, "_pip_of", lambda _python: None)
    monkeypatch.setattr(bootstrap, "_uv_on_path", lambda: None)
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(bootstrap.CannotInstall, match="apt install python3-venv"):
        bootstrap.ensure("requirements.txt")


def test_uv_is_told_what_pip_was_told(monkeypatch):
    monkeypatch.setattr(bootstrap.os, "environ", {"PIP_INDEX_URL": "mirror", "UV_NO_INDEX": "own"})
    listed = (
        ":env:.find-links='/one /two'\nglobal.find-links='/three'\nglobal.cert='/ca.pem'\n"
        "global.extra-index-url='a\\nb'\nglobal.no-index='true'\n"
    )
    answer = subprocess.CompletedProcess([], 0, stdout=listed)
    monkeypatch.setattr(bootstrap.subprocess, "run", lambda *_, **__: answer)

    env = bootstrap._uv_environment(["pip"])

    assert env["UV_FIND_LINKS"] == "/one,/two"
    assert env["SSL_CERT_FILE"] == "/ca.pem"
    assert env["UV_INDEX"] == "a b"
    assert env["UV_NO_INDEX"] == "own"
    assert env["UV_PYTHON_DOWNLOADS"] == "never"


def test_without_pip_its_variables_are_read_instead_of_its_files(monkeypatch):
    monkeypatch.setattr(bootstrap.os, "environ", {"PIP_INDEX_URL": "mirror"})

    assert bootstrap._uv_environment(None)["UV_DEFAULT_INDEX"] == "mirror"

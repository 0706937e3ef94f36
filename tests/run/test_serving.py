"""`./run` serves, heals what dies and leaves nothing behind."""

import stat
from pathlib import Path

import pytest

from config import embedded_valkey_socket
from tests.support.server import Server
from tests.support.worker import eventually

PROGRAMS = ("valkey", "web", "worker", "scheduler")


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path / "data", is_empty=True)
    yield made
    made.close()


def processes_of(server):
    """Every living process that was started for this data folder."""
    found = {}
    mark = f"ROLLCALL_DATA={server.data}".encode()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue
    return found


def test_ctrl_c_ends_every_process(server):
    server.start()
    eventually(lambda: server.answers("/readyz"))
    assert len(processes_of(server)) >= len(PROGRAMS)

    assert server.stop() == 0

    assert processes_of(server) == {}


def test_a_supervisor_that_is_killed_takes_every_process_along(server):
    server.start()

    server.kill()

    eventually(lambda: processes_of(server) == {})
    server.start()


def test_programs_that_are_killed_are_started_again(server):
    server.start()
    eventually(lambda: server.answers("/readyz"))
    before = {name: server.pid(name) for name in PROGRAMS}

    for name in PROGRAMS:
        server.kill_program(name)

    eventually(lambda: all(server.pid(name) != before[name] for name in PROGRAMS))
    eventually(lambda: server.answers("/readyz"), seconds=40)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server that tests only look at."""
    made = Server(tmp_path_factory.mktemp("running") / "data", is_empty=True)
    made.start()
    yield made
    made.close()


def test_secrets_are_readable_by_their_owner_alone(running):
    key = running.data / "secret-key"

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.data.stat().st_mode) == 0o700
    assert key.read_text().strip() not in running.log.read_text()


def test_valkey_listens_in_a_private_folder_and_nowhere_else(running):
    socket = embedded_valkey_socket(running.data)

    assert socket.is_socket()
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700


def test_a_second_run_on_the_same_folder_is_refused(running):
    second = Server(running.data, is_empty=True)

    with pytest.raises(AssertionError, match=r"Another \./run is using"):
        second.start()


def test_a_port_in_use_is_named(running, tmp_path):
    second = Server(tmp_path / "data", is_empty=True)
    second.port = running.port
    second.url = "http://localhost:1"

    with pytest.raises(AssertionError, match=f"Cannot listen on 127.0.0.1:{running.port}"):
        second.start()

"""`--lan`: a certificate that phones can trust, and that is good for nothing else."""

import http.client
import ssl
import stat
import threading
from http.server import ThreadingHTTPServer

import pytest
from cryptography import x509

from runner import lan
from runner.lan_page.__main__ import Guide


@pytest.fixture
def certificate(tmp_path):
    return lan.certificate(tmp_path / "lan")


def test_the_certificate_is_trusted_by_who_trusts_the_authority_alone(certificate, tmp_path):
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate.chain, certificate.key)
    trusting = ssl.create_default_context(cafile=str(certificate.authority))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(incoming, outgoing, server_hostname="localhost")
    server = served.wrap_bio(outgoing, incoming, server_side=True)

    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue

    assert client.version() == "TLSv1.3"


def test_it_is_kept_while_the_machine_has_the_same_names(certificate, tmp_path):
    before = certificate.chain.read_bytes()

    assert lan.certificate(tmp_path / "lan").chain.read_bytes() == before


def test_a_new_address_gets_a_new_certificate_from_the_same_authority(
    certificate, tmp_path, monkeypatch
):
    authority = certificate.authority.read_bytes()
    monkeypatch.setattr(lan, "own_names", lambda: ["192.168.7.9", "plant.local"])

    renewed = lan.certificate(tmp_path / "lan")

    assert renewed.authority.read_bytes() == authority
    listed = x509.load_pem_x509_certificate(renewed.chain.read_bytes()).extensions
    names = listed.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "192.168.7.9" in {str(name.value) for name in names}


def test_the_authority_may_speak_for_the_local_network_only(certificate):
    authority = x509.load_pem_x509_certificate(certificate.authority.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)

    assert constraints.critical
    assert x509.DNSName("local") in constraints.value.permitted_subtrees


@pytest.mark.parametrize("name", ["ca.key", "server.key"])
def test_keys_are_readable_by_their_owner_alone(certificate, name):
    assert stat.S_IMODE((certificate.key.parent / name).stat().st_mode) == 0o600


@pytest.fixture
def guide(certificate, monkeypatch):
    monkeypatch.setattr(Guide, "authority", certificate.authority, raising=False)
    monkeypatch.setattr(Guide, "log_message", lambda *_: None)
    with ThreadingHTTPServer(("127.0.0.1", 0), Guide) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection(*server.server_address)
        yield connection
        connection.close()
        server.shutdown()


@pytest.mark.parametrize(
    "path,kind",
    [
        ("/", "text/html; charset=utf-8"),
        ("/guide.css", "text/css; charset=utf-8"),
        ("/rollcall-ca.crt", "application/x-x509-ca-cert"),
    ],
)
def test_the_page_shows_the_guide_and_gives_the_certificate(guide, path, kind):
    guide.request("GET", path)
    answer = guide.getresponse()

    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.read()


@pytest.mark.parametrize("path", ["/ca.key", "/../lan/ca.key", "/server.key", "/login/"])
def test_the_page_gives_nothing_else(guide, path):
    guide.request("GET", path)

    assert guide.getresponse().status == 404

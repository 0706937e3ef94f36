"""`--lan`: a certificate authority of this installation's own, and a certificate for its names.

Without https a phone has no camera, no service worker and no IndexedDB worth its name. The
authority may only speak for private addresses and local names (name constraints), so that a
stolen key is of no use against the rest of the phone's web.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
# Apple refuses certificates that are valid for longer, even from an authority one has installed.
SERVER_DAYS = 397
RENEW_BEFORE_DAYS = 30
PRIVATE_NETWORKS = (
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files for the web server, the authority's certificate for phones, and the names."""

    authority: Path
    chain: Path
    key: Path
    names: tuple[str, ...]


def own_names() -> list[str]:
    """Names and addresses of this machine in the local network, the likeliest first."""
    host = socket.gethostname().split(".")[0].lower()
    found = [_outward_address()]
    # A machine that does not know its own name still has an address.
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, socket.AF_INET)]
    addresses = [name for name in dict.fromkeys(found) if name and _is_private(name)]
    usable = [name for name in addresses if not ipaddress.ip_address(name).is_loopback]
    return [*usable, f"{host}.local"]


def _outward_address() -> str | None:
    """The address this machine would send from. Connecting a UDP socket sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def _is_private(address: str) -> bool:
    number = ipaddress.ip_address(address)
    return any(number in ipaddress.ip_network(network) for network in PRIVATE_NETWORKS)


def certificate(folder: Path) -> Certificate:
    """The certificate for this machine's present names; made anew when they changed."""
    folder.mkdir(mode=0o700, exist_ok=True)
    names = tuple(own_names())
    made = Certificate(folder / "ca.crt", folder / "server.crt", folder / "server.key", names)
    authority_key = folder / "ca.key"
    if not (made.authority.exists() and authority_key.exists()):
        _make_authority(made.authority, authority_key)
    if not _still_good(made):
        _issue(made, authority_key)
    return made


def _still_good(made: Certificate) -> bool:
    if not (made.chain.exists() and made.key.exists()):
        return False
    served = x509.load_pem_x509_certificate(made.chain.read_bytes())
    extension = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    listed = {str(name.value) for name in extension}
    until = served.not_valid_after_utc - timedelta(days=RENEW_BEFORE_DAYS)
    return set(made.names) <= listed and datetime.now(UTC) < until


def _make_authority(path: Path, key_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, f"Rollcall on {socket.gethostname()}"[:64])]
    )
    local = [x509.DNSName("localhost"), x509.DNSName("local")]
    networks = [x509.IPAddress(ipaddress.ip_network(network)) for network in PRIVATE_NETWORKS]
    builder = (
        _builder(name, name, key.public_key(), days=AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([*local, *networks], None), critical=True)
    )
    _write(key_path, _pem(key))
    _write(path, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _issue(made: Certificate, authority_key: Path) -> None:
    issuer = x509.load_pem_x509_certificate(made.authority.read_bytes())
    issuer_key = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Rollcall")])
    names = [_general_name(name) for name in (*made.names, "localhost", "127.0.0.1", "::1")]
    builder = (
        _builder(subject, issuer.subject, key.public_key(), days=SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    served = builder.sign(issuer_key, hashes.SHA256())
    _write(made.key, _pem(key))
    _write(made.chain, served.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, days: int
) -> x509.CertificateBuilder:
    # An hour back: a phone's clock may be slow.
    start = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def show_codes(page: str, address: str) -> None:
    """Two QR codes in the terminal: first the certificate's page, then Rollcall."""
    print(f"On each phone, once: scan this and follow the page ({page})")
    segno.make_qr(page).terminal(compact=True)
    print(f"Then scan this to open Rollcall ({address})")
    segno.make_qr(address).terminal(compact=True)

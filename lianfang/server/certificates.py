"""An authority of the installation's own, and the server's certificate for a local network.

Phones run the post's app only over HTTPS. Where no public authority reaches, the installation is its own: its
authority's certificate is put on the phones once, and the server's can then be renewed without touching them again.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
# Apple's devices refuse certificates that are valid for longer, also those of a private authority.
SERVER_DAYS = 825


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


def authority(name: str, at: datetime) -> Pair:
    """Return a new authority.

    Args:
        name: what a phone shows it as.
        at: the first instant of its validity.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    who = _name(name)
    made = (
        _begin(who, who, key.public_key(), at, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return _pair(made.sign(key, hashes.SHA256()), key)


def server(by: Pair, hosts: Iterable[str], at: datetime) -> Pair:
    """Return a new certificate for a server, signed by an authority.

    Args:
        by: the authority.
        hosts: every name and address under which the server is reached; at least one.
        at: the first instant of its validity.
    """
    names = list(dict.fromkeys(hosts))
    key = ec.generate_private_key(ec.SECP256R1())
    signer = load_pem_private_key(by.key, None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    above = x509.load_pem_x509_certificate(by.certificate)
    made = (
        _begin(_name(names[0]), above.subject, key.public_key(), at, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName([_host(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    return _pair(made.sign(signer, hashes.SHA256()), key)


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 fingerprint as phones show it."""
    return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex(":").upper()


def ends(certificate: bytes) -> datetime:
    """Return the last instant of a certificate's validity."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    # A phone whose clock is a little behind must not take it for one of the future.
    first = at - timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + timedelta(days=days))
    )


def _name(text: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lianfang")]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    return Pair(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )

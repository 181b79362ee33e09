"""Certificates for servers of the tests: an authority of our own, and what it signs."""

import datetime as dt
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)


class Authority:
    """Signs certificates for names.

    Attributes:
        path: its own certificate, as PEM.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Authority of the tests")
        made = _builder(self._name, self._name, self._key).add_extension(x509.BasicConstraints(True, None), True)
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        signed = made.add_extension(usage, True).sign(self._key, hashes.SHA256())
        self.path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def context_for(self, host: str, *, self_signed: bool = False, expired: bool = False) -> SSLContext:
        """For a server of that name."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer, signer = (_named(host), key) if self_signed else (self._name, self._key)
        builder = _builder(_named(host), issuer, key, DAY * 10 if expired else DAY * 0)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        path = self.folder / f"{host}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ago: dt.timedelta = DAY * 0
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC) - ago
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )

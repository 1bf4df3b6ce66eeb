"""Certificates for the site's TLS port: one authority of the tests' own, and what is wrong with some hosts' certificates."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Signs for ``secure.example``; ``expired.example``, ``misnamed.example`` and ``unsigned.example`` get what their names say.

    Its own certificate is written to ``file``, beside which the hosts' stand; who is to trust it is told so by SSL_CERT_FILE.
    """

    def __init__(self, file: Path) -> None:
        self._folder = file.parent
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority of the tests")])
        self._now = datetime.now(UTC)
        own = self._certificate(self._name, self._key, days=30).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        file.write_bytes(own.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def context(self) -> ssl.SSLContext:
        """A server's context, which picks the certificate by the name that the client asks for."""
        contexts = {
            "secure.example": self._context("secure.example", "secure.example"),
            "expired.example": self._context("expired.example", "expired.example", days=-1),
            "misnamed.example": self._context("misnamed.example", "somebody-else.example"),
            "unsigned.example": self._context("unsigned.example", "unsigned.example", signed=False),
        }
        chosen = contexts["secure.example"]

        def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            connection.context = contexts.get(name or "", chosen)

        chosen.sni_callback = choose
        return chosen

    def _context(self, host: str, name: str, *, days: int = 1, signed: bool = True) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._certificate(subject, key, days=days, issuer=self._name if signed else subject)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        file = self._folder / f"{host}.pem"
        file.write_bytes(
            made.sign(self._key if signed else key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int, issuer: x509.Name | None = None
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - timedelta(days=30))
            .not_valid_after(self._now + timedelta(days=days))
        )

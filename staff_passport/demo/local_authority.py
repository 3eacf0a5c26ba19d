"""A certificate authority for one run of the demonstration or the tests, and what it certifies."""

import datetime as dt
import hashlib
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_LASTING = dt.timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate and its key, as PEM files, and the certificate's SHA-256 in hex."""

    certificate: Path
    key: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """Certifies whom it is told to; its key is never written down."""

    folder: Path
    certificate: Path
    _own: x509.Certificate
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, folder: Path, called: str = "Staff Passport local authority") -> "LocalAuthority":
        """Make one whose certificate, and all that it certifies, are PEM files in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        key, name = ec.generate_private_key(ec.SECP256R1()), _name(called)
        builder = _builder(name, name, key, key, _LASTING)
        own = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(certifies=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = folder / "authority.pem"
        file.write_bytes(own.public_bytes(Encoding.PEM))
        return cls(folder, file, own, key)

    def certify(self, name: str, *hosts: str, lasting: dt.timedelta = _LASTING) -> Certified:
        """Certify a program called `name`, and a server at `hosts` where there are any.

        `lasting` below zero makes a certificate that has ended.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(self._own.subject, _name(name), key, self._key, lasting)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(certifies=False), critical=True)
        builder = builder.add_extension(_alternatives(hosts or (f"{name}.example",)), critical=False)
        return self._written(name, builder.sign(self._key, hashes.SHA256()), key)

    def client_tls(self, ours: Certified | None = None) -> ssl.SSLContext:
        """How a client connects that believes this authority alone, and shows a certificate if it has one."""
        context = ssl.create_default_context(cafile=self.certificate)
        if ours is not None:
            context.load_cert_chain(ours.certificate, ours.key)
        return context

    def _written(self, name: str, made: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Certified:
        certificate, secret = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_bytes(made.public_bytes(Encoding.PEM))
        secret.touch(mode=0o600)
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        digest = hashlib.sha256(made.public_bytes(Encoding.DER)).hexdigest()
        return Certified(certificate, secret, digest)


def _name(called: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])


def _builder(
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    lasting: dt.timedelta,
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + lasting) - dt.timedelta(minutes=5))
        .not_valid_after(now + lasting)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    """What RFC 5280 has a certificate say of its key, and OpenSSL asks for."""
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(hosts: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_host(each) for each in hosts])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)

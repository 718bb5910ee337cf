"""The certificate that browsers see, from an authority of the site's own or the city's.

Made with the `cryptography` package; nothing of it leaves this machine. Keys are P-256, which
every browser of the last ten years takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeGuard

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config.files import write_atomically

AUTHORITY_FOR: Final = timedelta(days=3650)
CERTIFICATE_FOR: Final = timedelta(days=397)  # what browsers take at most
BACKDATED: Final = timedelta(hours=1)  # a PC's clock may be behind
NAMED: Final = "Madoguchi site CA"
DESK: Final = "Madoguchi desk"  # has no dot: where there is none, a name is checked as a host's
NO_HOST: Final = "invalid"  # by RFC 2606 nobody's, and never anybody's
EVERY_ADDRESS: Final = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


class UnfitCertificate(Exception):
    """One sentence that says why it cannot be used."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a certificate says."""

    names: tuple[str, ...]
    issuer: str
    since: datetime
    until: datetime  # the first end within its chain

    def days_left(self, now: float) -> float:
        """Until it ends; negative when it has."""
        return (self.until.timestamp() - now) / 86_400


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its chain, and its private key; both PEM."""

    certificate: bytes
    key: bytes = b""

    def write(self, certificate: Path, key: Path) -> None:
        """Both, the key for its owner alone."""
        write_atomically(key, self.key.decode())
        write_atomically(certificate, self.certificate.decode(), 0o644)


def read(certificate: bytes) -> Told:
    """Raises UnfitCertificate."""
    chain = _chain(certificate)
    first = chain[0]
    return Told(
        names=_names(first),
        issuer=first.issuer.rfc4514_string(),
        since=first.not_valid_before_utc,
        until=min(each.not_valid_after_utc for each in chain),
    )


def first_of(certificate: bytes) -> bytes:
    """The server's own of a chain, as it goes over the line (DER). Raises UnfitCertificate."""
    return _chain(certificate)[0].public_bytes(Encoding.DER)


def new_authority(site: str, names: Sequence[str], now: float) -> Pair:
    """A certificate authority for servers of these names alone, and for no other authorities.

    Every PC of the town trusts it: whoever takes its key must gain nothing but this desk.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, NAMED),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, site[:60]),
        ]
    )
    certificate = (
        _begun(name, name, key.public_key(), now, AUTHORITY_FOR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_constraints(names), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate.public_bytes(Encoding.PEM), _pem(key))


def issue(authority: Pair, names: Sequence[str], now: float) -> Pair:
    """A certificate for these host names and addresses, with its authority behind it.

    Raises UnfitCertificate.
    """
    require_own(authority)
    if beyond := outside(authority, names):
        raise UnfitCertificate(f"the authority may not sign for {', '.join(beyond)}")
    signer = _key(authority.key)
    by = _chain(authority.certificate)[0]
    key = ec.generate_private_key(ec.SECP256R1())
    hosts = [name for name in names if isinstance(_general(name), x509.DNSName)]
    common = next(iter(hosts), DESK)[:64]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    lasts = min(CERTIFICATE_FOR, by.not_valid_after_utc - datetime.fromtimestamp(now, UTC))
    certificate = (
        _begun(subject, by.subject, key.public_key(), now, lasts)
        .add_extension(x509.SubjectAlternativeName(list(map(_general, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return Pair(certificate.public_bytes(Encoding.PEM) + authority.certificate, _pem(key))


def require_own(pair: Pair) -> None:
    """Raises UnfitCertificate unless the key is that of the certificate."""
    if _key(pair.key).public_key() != _chain(pair.certificate)[0].public_key():
        raise UnfitCertificate("the key is not that of the certificate")


def is_constrained(authority: Pair) -> bool:
    """Whether it may sign for some names alone; those of former versions may for any."""
    return _constrained(authority) is not None


def outside(authority: Pair, names: Iterable[str]) -> list[str]:
    """Those of the names that it may not sign for."""
    found = _constrained(authority)
    if found is None:
        return []
    permitted = found.permitted_subtrees or ()
    return [name for name in names if not any(_within(name, each) for each in permitted)]


def require_fit(pair: Pair, names: Iterable[str], now: float) -> Told:
    """What it says, if a desk of these names can be reached with it. Raises UnfitCertificate."""
    require_own(pair)
    chain = _chain(pair.certificate)
    for one, by in pairwise(chain):
        try:
            one.verify_directly_issued_by(by)
        except (ValueError, TypeError, InvalidSignature):
            raise UnfitCertificate(
                "the chain is not in order: the certificate first, then each one's issuer"
            ) from None
    told = read(pair.certificate)
    if told.days_left(now) <= 0 or told.since.timestamp() > now:
        raise UnfitCertificate(f"it holds from {told.since:%Y-%m-%d} to {told.until:%Y-%m-%d}")
    if missing := sorted(name for name in names if not _covers(told.names, name)):
        raise UnfitCertificate(f"it is not for {', '.join(missing)}")
    return told


def _covers(names: Sequence[str], name: str) -> bool:
    host = name.lower()
    above = host.partition(".")[2]
    return host in names or (above != "" and f"*.{above}" in names)


def _chain(certificate: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(certificate)
    except ValueError:
        raise UnfitCertificate("that is no certificate (PEM)") from None


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise UnfitCertificate("that is no private key (PEM, without a passphrase)") from None
    return key  # type: ignore[return-value]  # of the city's own kind: all have `public_key`


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = map(str, found.get_values_for_type(x509.IPAddress))
    return (*(name.lower() for name in found.get_values_for_type(x509.DNSName)), *addresses)


def _constraints(names: Iterable[str]) -> x509.NameConstraints:
    """A kind of name that none of these is would be free: so each has one, or is excluded."""
    addresses = [ip_network(each.value) for each in map(_general, names) if _is_address(each)]
    hosts = [name.removeprefix("*.") for name in names if not _is_address(_general(name))]
    free = [each for each in EVERY_ADDRESS if each.version not in {a.version for a in addresses}]
    permitted = (
        *map(x509.DNSName, dict.fromkeys(hosts or [NO_HOST])),
        *map(x509.IPAddress, dict.fromkeys(addresses)),
    )
    return x509.NameConstraints(permitted, [x509.IPAddress(each) for each in free] or None)


def _constrained(authority: Pair) -> x509.NameConstraints | None:
    extensions = _chain(authority.certificate)[0].extensions
    try:
        return extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return None


def _within(name: str, tree: x509.GeneralName) -> bool:
    """As RFC 5280 has it: a host covers what stands below it."""
    wanted = _general(name)
    if isinstance(tree, x509.IPAddress):
        network = tree.value
        return (
            _is_address(wanted)
            and not isinstance(network, IPv4Address | IPv6Address)
            and wanted.value in network
        )
    host = name.lower().removeprefix("*.")
    below = f".{host}".endswith(f".{tree.value.lower()}")
    return not _is_address(wanted) and below


def _is_address(name: x509.GeneralName) -> TypeGuard[x509.IPAddress]:
    return isinstance(name, x509.IPAddress)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: float,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    at = datetime.fromtimestamp(now, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - BACKDATED)
        .not_valid_after(at + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

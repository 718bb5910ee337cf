"""A certificate of our own is taken by clients, and an unfit one is refused with its reason."""

import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from config.certificates import (
    Pair,
    UnfitCertificate,
    is_constrained,
    issue,
    new_authority,
    outside,
    read,
    require_fit,
    require_own,
)
from config.clock import Clock

NAMES = ("madoguchi.city.example", "127.0.0.1")
DAY = 86_400.0


@pytest.fixture
def authority() -> Pair:
    return new_authority("某市コールセンター", NAMES, Clock().wall())


async def test_a_client_that_knows_the_authority_takes_it_and_another_does_not(
    authority: Pair, tmp_path: Path
) -> None:
    issued = issue(authority, NAMES, Clock().wall())
    issued.write(tmp_path / "desk.pem", tmp_path / "desk.key")
    assert stat.S_IMODE((tmp_path / "desk.key").stat().st_mode) == 0o600
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(tmp_path / "desk.pem", tmp_path / "desk.key")
    served = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=server_side
    )
    port = served.sockets[0].getsockname()[1]
    knows = ssl.create_default_context(cadata=authority.certificate.decode())
    async with served:
        for name in NAMES:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=knows, server_hostname=name
            )
            writer.close()
        for context, name in (
            (ssl.create_default_context(), NAMES[0]),
            (knows, "elsewhere.example"),
        ):
            with pytest.raises(ssl.SSLCertVerificationError):
                await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)


# Made for | taken | refused by whoever trusts the authority, of what a thief of its key signs.
STOLEN = [
    (
        ("madoguchi.city.example", "192.0.2.7"),
        ("madoguchi.city.example", "192.0.2.7", "a.madoguchi.city.example"),
        ("bank.example", "city.example", "192.0.2.8", "2001:db8::1"),
    ),
    (
        ("madoguchi.city.example",),
        ("madoguchi.city.example",),
        ("bank.example", "192.0.2.7", "::1"),
    ),
    (("192.0.2.7",), ("192.0.2.7",), ("192.0.2.8", "2001:db8::1", "bank.example")),
    (("2001:db8::7",), ("2001:db8::7",), ("2001:db8::8", "192.0.2.7", "bank.example")),
    (("*.city.example",), ("a.city.example",), ("bank.example", "192.0.2.7")),
]


@pytest.mark.parametrize(("made_for", "taken", "refused"), STOLEN)
async def test_a_stolen_key_signs_for_nobody_else(
    made_for: tuple[str, ...], taken: tuple[str, ...], refused: tuple[str, ...], tmp_path: Path
) -> None:
    authority = new_authority("某市", made_for, Clock().wall())
    for names, good in ((taken, True), (refused, False)):
        for name in names:
            assert (outside(authority, [name]) == []) is good
            pair = by_a_thief(authority, name)
            assert trusted(authority, pair, name) is good, name  # as RFC 5280 and browsers have it
            assert await taken_by_openssl(authority, pair, name, tmp_path) is good, name
            if not good:
                with pytest.raises(UnfitCertificate, match="may not sign for"):
                    issue(authority, (name,), Clock().wall())


@pytest.mark.parametrize("names", [made_for for made_for, _, _ in STOLEN])
async def test_what_it_issues_is_taken(names: tuple[str, ...], tmp_path: Path) -> None:
    now = Clock().wall()
    authority = new_authority("某市", names, now)
    pair = issue(authority, names, now)
    for name in (each.replace("*", "desk") for each in names):
        assert trusted(authority, pair, name)
        assert await taken_by_openssl(authority, pair, name, tmp_path)


def by_a_thief(authority: Pair, name: str) -> Pair:
    """A server's certificate for this name, by the authority's own key."""
    (by,) = x509.load_pem_x509_certificates(authority.certificate)
    key = load_pem_private_key(authority.key, None)
    at = datetime.fromtimestamp(Clock().wall(), UTC)
    public = by.public_key()  # the thief's own key may as well be this one
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a thief")]))
        .issuer_name(by.subject)
        .public_key(public)  # an authority's is P-256
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([_general(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(public),  # type: ignore[arg-type]
            critical=False,
        )
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )
    return Pair(made.public_bytes(Encoding.PEM), authority.key)


def trusted(authority: Pair, pair: Pair, name: str) -> bool:
    """Whether a chain to this authority is one, for this server."""
    roots = Store(x509.load_pem_x509_certificates(authority.certificate))
    wanted = _general(name)
    assert isinstance(wanted, x509.DNSName | x509.IPAddress)
    verifier = PolicyBuilder().store(roots).build_server_verifier(wanted)
    try:
        verifier.verify(x509.load_pem_x509_certificates(pair.certificate)[0], [])
    except VerificationError:
        return False
    return True


async def taken_by_openssl(authority: Pair, pair: Pair, name: str, folder: Path) -> bool:
    """Whether a client that trusts this authority connects to such a server."""
    pair.write(folder / "desk.pem", folder / "desk.key")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "desk.pem", folder / "desk.key")
    knows = ssl.create_default_context(cadata=authority.certificate.decode())
    served = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context
    )
    async with served:
        port = served.sockets[0].getsockname()[1]
        try:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=knows, server_hostname=name
            )
        except ssl.SSLCertVerificationError:
            return False
        writer.close()
    return True


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def test_an_authority_says_whether_its_key_is_its_own_and_whether_it_is_constrained(
    authority: Pair,
) -> None:
    other = new_authority("某市", NAMES, Clock().wall())
    require_own(authority)
    for pair in (Pair(authority.certificate, other.key), Pair(other.certificate, authority.key)):
        with pytest.raises(UnfitCertificate, match="key is not that"):
            require_own(pair)
        with pytest.raises(UnfitCertificate, match="key is not that"):
            issue(pair, NAMES, Clock().wall())
    assert is_constrained(authority)
    unbound = by_a_thief(authority, NAMES[0])  # it has no constraints, as those of old had none
    assert not is_constrained(unbound)
    assert outside(unbound, ["bank.example"]) == []


def test_it_lasts_as_long_as_browsers_allow_and_never_longer_than_its_authority(
    authority: Pair,
) -> None:
    now = Clock().wall()
    told = read(issue(authority, NAMES, now).certificate)
    assert told.names == NAMES
    assert 396 < told.days_left(now) <= 397.001
    late = now + 3600 * DAY
    assert read(issue(authority, NAMES, late).certificate).days_left(late) < 51


def test_what_cannot_serve_is_refused_with_the_reason(authority: Pair) -> None:
    now = Clock().wall()
    good, other = issue(authority, NAMES, now), issue(authority, NAMES, now)
    stranger = new_authority("よその市", NAMES, now)
    leaf = good.certificate.removesuffix(authority.certificate)
    assert require_fit(good, NAMES, now).names == NAMES
    wild = issue(new_authority("市", ("*.city.example",), now), ("*.city.example",), now)
    assert require_fit(wild, ("madoguchi.city.example",), now).names == ("*.city.example",)
    for pair, names, at, said in (
        (Pair(good.certificate, other.key), NAMES, now, "key is not that"),
        (Pair(leaf + stranger.certificate, good.key), NAMES, now, "chain"),
        (good, ("b.city.example",), now, "not for b.city.example"),
        (wild, ("a.b.city.example",), now, "not for a.b.city.example"),
        (good, NAMES, now + 398 * DAY, "holds from"),
        (good, NAMES, now - 2 * DAY, "holds from"),
        (Pair(b"nonsense", good.key), NAMES, now, "no certificate"),
        (Pair(good.certificate, b"nonsense"), NAMES, now, "no private key"),
    ):
        with pytest.raises(UnfitCertificate, match=said):
            require_fit(pair, names, at)

"""A certificate of our own is taken by clients, and an unfit one is refused with its reason."""

import asyncio
import ssl
import stat
from pathlib import Path

import pytest

from config.certificates import (
    Pair,
    UnfitCertificate,
    ends_at,
    issue,
    new_authority,
    read,
    require_fit,
)
from config.clock import Clock

NAMES = ("madoguchi.city.example", "127.0.0.1")
DAY = 86_400.0


@pytest.fixture
def authority() -> Pair:
    return new_authority("某市コールセンター", Clock().wall())


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


def test_it_lasts_as_long_as_browsers_allow_and_never_longer_than_its_authority(
    authority: Pair, tmp_path: Path
) -> None:
    now = Clock().wall()
    told = read(issue(authority, NAMES, now).certificate)
    assert told.names == NAMES
    assert 396 < told.days_left(now) <= 397.001
    late = now + 3600 * DAY
    assert read(issue(authority, NAMES, late).certificate).days_left(late) < 51
    file = tmp_path / "desk.pem"
    file.write_bytes(issue(authority, NAMES, now).certificate)
    assert ends_at(file) == told.until.timestamp()
    file.write_text("nonsense")
    assert ends_at(file) is None
    assert ends_at(tmp_path / "nowhere") is None


def test_what_cannot_serve_is_refused_with_the_reason(authority: Pair) -> None:
    now = Clock().wall()
    good, other = issue(authority, NAMES, now), issue(authority, NAMES, now)
    stranger = new_authority("よその市", now)
    leaf = good.certificate.removesuffix(authority.certificate)
    assert require_fit(good, NAMES, now).names == NAMES
    wild = issue(authority, ("*.city.example",), now)
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

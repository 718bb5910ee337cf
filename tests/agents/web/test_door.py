"""How the desk is reached: by which name, encrypted by whom."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.app import CannotServe, door_of, tls_of
from agents.web.pages import Pages
from agents.web.routes import Tools
from agents.web.security import Door
from agents.web.server import Server
from config.site_model import Desk as DeskSettings
from tests.agents.asking import Told, browser, serving
from tests.agents.web.conftest import TABLE

NAME = "desk.example.jp"


async def asked(door: Door, headers: dict[str, str]) -> Told:
    server = Server(TABLE, Tools(), door, lambda: 0.0, Pages([]))
    async with serving(server, door) as http:
        page = browser(http, door, NAME)
        return await page.ask("GET", "/api/open", headers={"Host": NAME, **headers})


def behind() -> Door:
    return door_of(DeskSettings(names=(NAME,), tls_proxies=("127.0.0.1",)), unused_port())


async def test_the_browsers_address_is_what_the_proxy_saw_last() -> None:
    """Whoever is before it may have written anything into the header."""
    told = await asked(
        behind(), {"X-Forwarded-For": "127.0.0.1, 192.0.2.9", "X-Forwarded-Proto": "https"}
    )
    assert (told.status, told.body["note"]) == (200, "192.0.2.9")
    assert told.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"X-Forwarded-For": "192.0.2.9"},
        {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "http"},
    ],
)  # fmt: skip
async def test_what_did_not_come_encrypted_is_refused(headers: dict[str, str]) -> None:
    assert (await asked(behind(), headers)).status == 403


async def test_who_is_not_the_declared_proxy_is_refused() -> None:
    door = door_of(DeskSettings(names=(NAME,), tls_proxies=("192.0.2.1",)), unused_port())
    told = await asked(door, {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"})
    assert told.status == 403


async def test_without_a_proxy_its_headers_mean_nothing() -> None:
    door = door_of(DeskSettings(names=(NAME,)), unused_port())
    told = await asked(door, {"X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"})
    assert told.body["note"] == "127.0.0.1"
    assert "Strict-Transport-Security" not in told.headers


@pytest.mark.parametrize("host", ["192.0.2.7", "0.0.0.0", "::"])
def test_an_open_address_needs_encryption(host: str) -> None:
    with pytest.raises(CannotServe, match="would be open to the network"):
        door_of(DeskSettings(host=host), 8080)


def test_a_certificate_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    for text in (None, "no certificate"):
        if text is not None:
            (tmp_path / "c.pem").write_text(text)
        certificate = str(tmp_path / "c.pem")
        with pytest.raises(CannotServe, match="cannot be used"):
            tls_of(DeskSettings(certificate=certificate, key_file=certificate))


async def test_with_a_certificate_of_its_own_it_speaks_https_only(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    settings = DeskSettings(
        host="127.0.0.1", names=(NAME,), certificate=str(certificate), key_file=str(key)
    )
    door = door_of(settings, unused_port())
    server = Server(TABLE, Tools(), door, lambda: 0.0, Pages([]))
    trust = ssl.create_default_context(cafile=str(certificate))
    async with serving(server, door, tls_of(settings)) as http:
        url = f"https://127.0.0.1:{door.port}/api/open"
        async with http.get(url, ssl=trust, headers={"Host": NAME}) as answer:
            assert answer.status == 200
            assert "Strict-Transport-Security" in answer.headers
        with pytest.raises(aiohttp.ClientError):
            await http.get(url.replace("https", "http"), headers={"Host": NAME})


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)  # noqa: TID251 -- a certificate is good from its making on
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "c.pem", folder / "k.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private

"""How the desk is reached: what would let somebody read along, or in, is a fault."""

import shutil
from pathlib import Path

import pytest

from config.site import SiteFaults, load

DEMO = Path(__file__).parents[2] / "config" / "site"


def with_desk(tmp_path: Path, desk: str) -> Path:
    site = Path(shutil.copytree(DEMO, tmp_path / "site"))
    file = site / "site.yaml"
    text = file.read_text(encoding="utf-8")
    assert "desk: {demo: true}" in text
    file.write_text(text.replace("desk: {demo: true}", f"desk: {{{desk}}}"), encoding="utf-8")
    return site


@pytest.mark.parametrize(
    ("desk", "says"),
    [
        ("host: 192.0.2.7", "desk.host: is open to the network: name a certificate"),
        ("host: 192.0.2.7, certificate: c.pem", "desk.certificate: certificate and key_file go"),
        ("certificate: c.pem, key_file: k.pem, tls_proxies: [192.0.2.1]", "not both"),
        ("demo: true, host: 192.0.2.7, certificate: c, key_file: k", "desk.demo: has well-known"),
        ("demo: true, tls_proxies: [192.0.2.1]", "desk.demo: has well-known"),
        ("idle_for: 7200, session_for: 3600", "desk.idle_for: is longer than session_for (3600)"),
        ("networks: [everywhere]", "no address or network"),
        ("second_factor: [display]", "second_factor"),
    ],
)
def test_what_would_let_somebody_in_is_a_fault(tmp_path: Path, desk: str, says: str) -> None:
    with pytest.raises(SiteFaults) as wrong:
        load(with_desk(tmp_path, desk))
    assert any(says in str(fault) and fault.line for fault in wrong.value.faults)


@pytest.mark.parametrize(
    "desk",
    [
        "host: 192.0.2.7, certificate: tls/c.pem, key_file: /etc/k.pem",
        "host: 192.0.2.7, tls_proxies: [192.0.2.1], names: [desk.example.jp]",
        "host: '::1'",
    ],
)
def test_what_is_encrypted_or_stays_here_is_in_order(tmp_path: Path, desk: str) -> None:
    site = load(with_desk(tmp_path, desk))
    if site.desk.certificate:
        assert site.desk.certificate == str(tmp_path / "site" / "tls" / "c.pem")
        assert site.desk.key_file == "/etc/k.pem"


def test_how_the_desk_is_reached_decides_nothing_of_a_call(tmp_path: Path) -> None:
    assert load(with_desk(tmp_path, "idle_for: 900")).digest == load(DEMO).digest

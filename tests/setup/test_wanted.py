"""Which versions will do."""

from __future__ import annotations

import pytest

from telephony.runtime.wanted import (
    ASTERISK,
    TOOLS,
    Program,
    Version,
    package_version,
    shown_version,
)

(THE_ASTERISK,) = ASTERISK.programs
REDIS = TOOLS.programs[0]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", (7, 0, 15)),
        ("redis-cli 7.0.15", (7, 0, 15)),
        ("\n SIPp v3.6.1-SCTP-PCAP-RTPSTREAM.", (3, 6, 1)),
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", (15, 18)),
        ("/bin/sh: 1: sipp: not found", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_what_is_said(text: str, version: Version | None) -> None:
    assert shown_version(text) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1:22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("5:7.0.15-1~deb12u10", (7, 0, 15)),
        ("15+248+deb12u2", (15,)),
        ("unknown", None),
    ],
)
def test_a_version_is_read_from_a_package(text: str, version: Version | None) -> None:
    assert package_version(text) == version


@pytest.mark.parametrize(
    ("program", "version", "accepted"),
    [
        (THE_ASTERISK, (22, 10, 0), False),
        (THE_ASTERISK, (22, 10, 1), True),
        (THE_ASTERISK, (22, 11), True),
        (THE_ASTERISK, (23, 0, 0), False),
        (REDIS, (6, 2, 16), False),
        (REDIS, (7, 0, 0), True),
        (REDIS, (8, 0, 6), True),
    ],
)
def test_the_gate(program: Program, version: Version, accepted: bool) -> None:
    assert program.accepts(version) is accepted

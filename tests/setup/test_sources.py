"""The machine's apt sources, in both formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from telephony.runtime.errors import SetUpFault
from telephony.runtime.sources import (
    Source,
    development_suite,
    own_suites,
    parse_deb822,
    parse_one_line,
    read,
)

DEBIAN = "http://mirror.example/debian"
BOOKWORM = Source(DEBIAN, "bookworm", ("main",), "/key.gpg")


@pytest.mark.parametrize(
    ("line", "sources"),
    [
        (f"deb {DEBIAN} bookworm main", [Source(DEBIAN, "bookworm", ("main",))]),
        (
            f"deb [arch=amd64 signed-by=/key.gpg] {DEBIAN} bookworm main contrib # ours",
            [Source(DEBIAN, "bookworm", ("main", "contrib"), "/key.gpg")],
        ),
        (
            f"deb [trusted=yes] {DEBIAN} bookworm main",
            [Source(DEBIAN, "bookworm", ("main",), trusted=True)],
        ),
        (f"deb-src {DEBIAN} bookworm main", []),
        (f"# deb {DEBIAN} bookworm main", []),
        ("", []),
    ],
)
def test_a_line_names_one_suite_or_none(line: str, sources: list[Source]) -> None:
    assert parse_one_line(line) == sources


def test_a_stanza_names_every_suite_it_lists() -> None:
    text = f"""\
Types: deb deb-src
# a comment between the fields
URIs: {DEBIAN}
Suites: bookworm
 bookworm-updates
Components: main
Signed-By: /key.gpg

Enabled: no
Types: deb
URIs: http://elsewhere.example
Suites: bookworm
Components: main
"""
    assert parse_deb822(text) == [
        BOOKWORM,
        Source(DEBIAN, "bookworm-updates", ("main",), "/key.gpg"),
    ]


def test_a_key_written_into_the_stanza_is_handed_on() -> None:
    key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n -----END PGP PUBLIC KEY BLOCK-----"
    text = f"Types: deb\nURIs: {DEBIAN}\nSuites: bookworm\nComponents: main\nSigned-By:{key}\n"
    (source,) = parse_deb822(text)
    assert parse_deb822(source.deb822()) == [source]


def test_both_formats_are_read_and_disabled_files_are_not(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text(f"deb {DEBIAN} bookworm main\n")
    (parts / "b.list").write_text("deb http://b.example x y\n")
    (parts / "c.sources").write_text("Types: deb\nURIs: http://c.example\nSuites: s\n")
    (parts / "d.list.disabled").write_text("deb http://d.example x y\n")
    uris = [source.uri for source in read(tmp_path)]
    assert uris == [DEBIAN, "http://b.example", "http://c.example"]


def test_third_parties_are_not_taken_for_the_distribution() -> None:
    theirs = [
        Source("https://node.example", "nodistro", ("main",)),
        Source("https://db.example", "bookworm-pgdg", ("main",)),
        Source("https://containers.example", "bookworm", ("stable",)),
        Source("cdrom:[Debian]/", "bookworm", ("main",)),
    ]
    assert own_suites([*theirs, BOOKWORM], "bookworm") == [BOOKWORM]


def test_a_development_suite_is_asked_of_the_machines_own_mirror() -> None:
    security = Source("http://security.example", "bookworm-security", ("main",), "/key.gpg")
    asked = development_suite([security, BOOKWORM], "bookworm", "forky")
    assert asked == Source(DEBIAN, "forky", ("main",), "/key.gpg")


def test_a_machine_without_a_mirror_is_told_so() -> None:
    with pytest.raises(SetUpFault, match="No Debian mirror for bookworm is configured"):
        development_suite([], "bookworm", "forky")


def test_a_mirror_on_disk_is_copied_from_so_that_packages_are_kept() -> None:
    assert "URIs: copy:/srv/debian\n" in Source("file:/srv/debian", "bookworm", ("main",)).deb822()

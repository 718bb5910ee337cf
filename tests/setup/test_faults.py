"""Every failure is one sentence that names what is missing, and leaves no runtime behind."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.runtime.__main__ import main
from telephony.runtime.apt import fault_of
from telephony.runtime.build import build, check_room
from telephony.runtime.commands import Outcome, require
from telephony.runtime.errors import MirrorUnreachable, NotOffered, SetUpFault, one_sentence
from telephony.runtime.places import Site
from telephony.runtime.programs import SetUpNeeded, find
from tests.setup.checks import forget_mirror
from tests.setup.conftest import machine
from tests.setup.mirror import Mirror, runtime_debs


def test_a_mirror_that_does_not_answer(site: Site) -> None:
    (site.apt_etc / "sources.list").write_text(
        "deb [trusted=yes] http://127.0.0.1:9/debian bookworm main\n"
    )
    with pytest.raises(MirrorUnreachable, match="cannot be reached"):
        build(site)
    nothing_was_left(site)


def test_no_mirror_configured(site: Site) -> None:
    forget_mirror(site)
    with pytest.raises(SetUpFault, match="No Debian mirror for bookworm is configured"):
        build(site)
    nothing_was_left(site)


def test_only_another_version_on_the_mirror(tmp_path: Path) -> None:
    late = Mirror(tmp_path / "mirror")
    packages = runtime_debs(tmp_path / "late", asterisk="1:24.0.0-1")
    for suite in ("forky", "sid", "bookworm"):
        late.publish(suite, packages)
    site = machine(tmp_path, late.uri)
    with pytest.raises(NotOffered, match=r"offers asterisk 1:24\.0\.0-1; needed is at least 22"):
        build(site)
    nothing_was_left(site)


def test_a_mirror_without_the_development_suites(site: Site, mirror: Mirror) -> None:
    text = f"deb [trusted=yes] {mirror.folder.as_uri()}/nowhere bookworm main\n"
    (site.apt_etc / "sources.list").write_text(text)
    with pytest.raises(SetUpFault):
        build(site)
    nothing_was_left(site)


def test_a_machine_there_are_no_packages_for(site: Site) -> None:
    with pytest.raises(SetUpFault, match="There are no packages for a vax machine"):
        build(replace(site, machine="vax"))
    nothing_was_left(site)


def test_a_disk_without_room(tmp_path: Path) -> None:
    check_room(tmp_path, 1)
    with pytest.raises(SetUpFault, match="The disk is full: make room on the file system of"):
        check_room(tmp_path, 1 << 60)


def test_no_apt_on_this_system() -> None:
    with pytest.raises(SetUpFault, match="`apt-get-of-debian` was not found: install the package"):
        require("apt-get-of-debian", "apt")


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (
            "Err:1 http://m.example forky InRelease\n  Could not resolve 'm.example'",
            "cannot be reac",
        ),
        (
            "E: The repository 'http://m.example x Release' does not have a Release file.",
            "not offer",
        ),
        ("E: You don't have enough free space in /c/.", "The disk is full"),
        ("E: Write error - write (28: No space left on device)", "The disk is full"),
        ("W: later\nE: gpgv is required for verification\nE: it is", "gpgv is required"),
    ],
)
def test_what_apt_says_is_told_in_one_sentence(said: str, kind: str) -> None:
    fault = str(fault_of(Outcome(100, said), Path("/c")))
    assert kind in fault
    assert "\n" not in fault


def test_a_tarball_that_is_not_there(site: Site) -> None:
    with pytest.raises(SetUpFault, match="MADOGUCHI_RUNTIME names /nowhere"):
        build(site, given=Path("/nowhere"))


def test_a_tarball_of_something_else(site: Site, tmp_path: Path) -> None:
    other = tmp_path / "other.tar"
    other.write_bytes(bytes(10240))
    with pytest.raises(SetUpFault, match="is not a runtime for"):
        build(site, given=other)
    nothing_was_left(site)


def test_a_fault_ends_a_command_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["--project", str(tmp_path), "pack", "out.tar"], {"HOME": str(tmp_path)})
    assert status == 1
    error = capsys.readouterr().err
    assert error.startswith("set-up: There is no runtime to pack: run `make setup`.")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("raised", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "Permission denied: '/x'"),
        (KeyboardInterrupt(), "Interrupted"),
    ],
)
def test_what_the_system_refuses_is_one_sentence_too(
    raised: BaseException, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise raised

    assert one_sentence(work, tmp_path) == 1
    assert sentence in capsys.readouterr().err


def nothing_was_left(site: Site) -> None:
    """The next start must say that set-up is needed, and find no half-made tree."""
    with pytest.raises(SetUpNeeded, match="run `make setup`"):
        find(site.runtime.parent)
    assert [path.name for path in site.runtime.iterdir()] == ["lock"]

"""The browser of the tests: its libraries and fonts are the tree's, wherever the folder is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.runtime.__main__ import main
from telephony.runtime.build import build
from telephony.runtime.launcher import FONTS
from telephony.runtime.places import Site
from telephony.runtime.programs import find
from telephony.runtime.wanted import BROWSER
from tests.setup.checks import forget_mirror, runs
from tests.setup.conftest import machine
from tests.setup.mirror import Mirror, says


def browser(project: Path) -> Path:
    found = find(project).chromium
    assert found is not None
    return found


def test_it_is_brought_only_when_asked_for(site: Site) -> None:
    build(site)
    assert find(site.runtime.parent).chromium is None
    assert find(site.runtime.parent).chromium_shell is None
    assert build(site, also=[BROWSER]).programs["chromium"] == "156.0.1"


def shell(project: Path) -> Path:
    found = find(project).chromium_shell
    assert found is not None
    return found


@pytest.mark.parametrize("program", [browser, shell])
def test_it_is_told_of_the_trees_libraries_and_fonts_only(
    site: Site, program: Callable[[Path], Path]
) -> None:
    build(site, also=[BROWSER])
    tree = site.runtime / "browser"
    said = runs(program(site.runtime.parent), "--headless", "a b").split()
    assert said[0] == "Chromium"
    libraries = [Path(each) for each in said[2].split(":")]
    assert libraries
    assert all(each.is_dir() and each.is_relative_to(tree) for each in libraries)
    assert any((each / "libpulsecommon.so").exists() for each in libraries)
    assert Path(said[3]) == tree / FONTS
    assert said[4:] == ["--headless", "a", "b"]
    (directory,) = [
        line.split(">")[1].split("<")[0]
        for line in (tree / FONTS).read_text().splitlines()
        if "<dir" in line
    ]
    fonts = (tree / FONTS).parent / directory
    assert list(fonts.rglob("ipaexg.ttf"))
    assert fonts.resolve().is_relative_to(tree.resolve())


def test_the_machines_own_browser_is_no_substitute(site: Site) -> None:
    own = Path(site.search, "chromium")
    own.write_bytes(says("Chromium 200.0.0"))
    own.chmod(0o755)
    assert build(site, also=[BROWSER]).programs["chromium"] == "156.0.1"


def test_a_moved_folder_has_a_working_browser(tmp_path: Path, mirror: Mirror) -> None:
    site = machine(tmp_path / "窓口 一", mirror.uri)
    build(site, also=[BROWSER])
    moved = tmp_path / "elsewhere 二"
    site.runtime.parent.rename(moved)
    forget_mirror(site)
    build(replace(site, runtime=moved / ".runtime"), also=[BROWSER])
    assert str(moved) in runs(browser(moved))
    handler = moved / ".runtime" / "browser" / "usr/lib/chromium/chrome_crashpad_handler"
    assert str(moved).encode() in handler.read_bytes()
    assert runs(handler, "sings") == "sings"


def test_without_a_mirror_one_sentence_says_what_is_left_out(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    build(site)
    forget_mirror(site)
    held = build(site, also=[BROWSER])
    assert "chromium" not in held.programs
    (said,) = [line for line in capsys.readouterr().out.splitlines() if "going on" in line]
    assert "going on without browser: No Debian mirror for bookworm is configured" in said


def test_an_unknown_extra_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["--project", str(tmp_path), "build", "--with-nothing"], {})

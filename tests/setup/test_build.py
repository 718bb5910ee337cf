"""Building with real apt and dpkg from a small mirror: whole, interrupted, moved, offline."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.runtime import manifest, tarball
from telephony.runtime.build import build
from telephony.runtime.places import Site
from telephony.runtime.programs import SetUpNeeded, find
from telephony.runtime.wanted import POSTGRESQL
from tests.setup.checks import forget_mirror, runs, stamps
from tests.setup.conftest import machine
from tests.setup.mirror import Mirror, runtime_debs, says


def test_a_fresh_folder_gets_every_program(site: Site) -> None:
    held = build(site)
    programs = find(site.runtime.parent)
    assert held.programs == {
        "asterisk": "22.10.1",
        "redis-server": "7.0.15",
        "redis-cli": "7.0.15",
        "sipp": "3.6.1",
    }
    assert programs.versions == held.programs
    assert programs.asterisk_modules_dir.joinpath("app_stasis.so").exists()
    assert programs.postgres_bin is None
    assert runs(programs.redis_server) == "Redis server v=7.0.15 sha=0"
    assert not list(site.runtime.glob(".work-*"))


def test_the_manifest_says_what_was_found(site: Site, mirror: Mirror) -> None:
    held = build(site)
    assert manifest.read(site.runtime) == held
    assert set(held.sets["asterisk"]) == {
        "libc6",
        "asterisk",
        "asterisk-modules",
        "asterisk-config",
    }
    assert held.sets["asterisk"]["asterisk"].version == "1:22.10.1+dfsg-1"
    assert mirror.uri not in (site.runtime / "versions.json").read_text()


def test_an_executable_runs_on_the_libc_it_came_with(site: Site) -> None:
    build(site)
    canary = site.runtime / "asterisk" / "usr" / "sbin" / "astcanary"
    assert str(site.runtime).encode() in canary.read_bytes()
    assert runs(canary, "sings") == "sings"


def test_a_folder_may_have_blanks_and_japanese_in_its_name(tmp_path: Path, mirror: Mirror) -> None:
    site = machine(tmp_path / "窓口 一", mirror.uri)
    build(site)
    canary = site.runtime / "asterisk" / "usr" / "sbin" / "astcanary"
    assert runs(canary, "sings") == "sings"


def test_a_second_build_changes_nothing(site: Site) -> None:
    build(site)
    before = stamps(site)
    build(site)
    assert stamps(site) == before


def test_a_moved_folder_is_noticed_and_repaired_without_a_mirror(
    site: Site, tmp_path: Path
) -> None:
    build(site)
    moved = tmp_path / "elsewhere"
    site.runtime.parent.rename(moved)
    with pytest.raises(SetUpNeeded, match="has moved: run `make setup`"):
        find(moved)
    forget_mirror(site)
    build(replace(site, runtime=moved / ".runtime"))
    assert runs(find(moved).asterisk) == "Asterisk 22.10.1"
    canary = moved / ".runtime" / "asterisk" / "usr" / "sbin" / "astcanary"
    assert str(site.runtime).encode() not in canary.read_bytes()
    assert runs(canary, "sings") == "sings"


def test_another_folder_may_use_a_runtime_through_a_link(site: Site, tmp_path: Path) -> None:
    build(site)
    other = tmp_path / "another worktree"
    other.mkdir()
    (other / ".runtime").symlink_to(site.runtime)
    assert runs(find(other).asterisk) == "Asterisk 22.10.1"


def test_what_was_downloaded_once_needs_no_mirror_again(tmp_path: Path, mirror: Mirror) -> None:
    gone = tmp_path / "mirror"
    shutil.copytree(mirror.folder, gone)
    site = machine(tmp_path, f"file:{gone}")
    build(site)
    shutil.rmtree(gone)
    again = replace(site, runtime=site.runtime.with_name("again"))
    assert build(again).sets == build(site).sets


def test_a_half_download_is_completed(site: Site) -> None:
    build(site)
    for shelf in site.cache.iterdir():
        (shelf / "complete.json").unlink()
        first, *_, last = sorted(shelf.glob("*.deb"))
        first.unlink()
        os.truncate(last, 100)
    again = replace(site, runtime=site.runtime.with_name("again"))
    assert set(build(again).programs) == {"asterisk", "redis-server", "redis-cli", "sipp"}


def test_a_package_that_rotted_on_the_shelf_is_fetched_again(site: Site) -> None:
    build(site)
    (deb,) = site.cache.glob("asterisk-*/asterisk_*.deb")
    whole = deb.read_bytes()
    deb.write_bytes(bytes(len(whole)))
    build(replace(site, runtime=site.runtime.with_name("again")))
    assert deb.read_bytes() == whole


def test_a_build_that_was_killed_leaves_nothing_in_the_way(site: Site) -> None:
    left = site.runtime / ".work-killed" / "asterisk" / "usr"
    left.mkdir(parents=True)
    (site.runtime / "asterisk").mkdir()  # no manifest: as if killed just before writing it
    with pytest.raises(SetUpNeeded, match="not set up"):
        find(site.runtime.parent)
    build(site)
    assert not left.exists()
    assert runs(find(site.runtime.parent).asterisk) == "Asterisk 22.10.1"


def test_a_program_that_no_longer_starts_is_replaced(site: Site) -> None:
    build(site)
    (site.runtime / "tools" / "usr" / "bin" / "redis-server").write_bytes(b"")
    build(site)
    assert runs(find(site.runtime.parent).redis_server) == "Redis server v=7.0.15 sha=0"


def test_a_good_program_of_the_machine_is_used_and_an_old_one_is_not(site: Site) -> None:
    for name, said in [("redis-server", "v=8.2.1"), ("redis-cli", "6.2.0"), ("sipp", "v3.7.0")]:
        program = Path(site.search, name)
        program.write_bytes(says(said))
        program.chmod(0o755)
    held = build(site)
    assert held.programs["redis-server"] == "8.2.1"
    assert held.programs["sipp"] == "3.7.0"
    assert held.programs["redis-cli"] == "7.0.15"
    assert set(held.sets["tools"]) == {"redis-tools", "libc6"}


def test_the_next_suite_is_asked_when_the_first_has_another_version(tmp_path: Path) -> None:
    changing = Mirror(tmp_path / "mirror")
    changing.publish("forky", runtime_debs(tmp_path / "old", asterisk="1:24.0.0-1"))
    good = runtime_debs(tmp_path / "good")
    changing.publish("sid", good)
    changing.publish("bookworm", good)
    held = build(machine(tmp_path, changing.uri))
    assert held.sets["asterisk"]["asterisk"].version == "1:22.10.1+dfsg-1"


def test_a_tarball_takes_the_place_of_a_mirror(site: Site, tmp_path: Path) -> None:
    build(site)
    packed = tmp_path / "runtime.tar.gz"
    tarball.pack(site.runtime, packed)
    forget_mirror(site)
    elsewhere = replace(site, runtime=tmp_path / "b" / ".runtime", cache=tmp_path / "empty")
    held = build(elsewhere, given=packed)
    assert runs(find(elsewhere.runtime.parent).asterisk) == "Asterisk 22.10.1"
    before = stamps(elsewhere)
    assert build(elsewhere, given=packed) == held
    assert stamps(elsewhere) == before


def test_postgresql_is_left_out_when_it_cannot_be_had(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    held = build(site, also=[POSTGRESQL])
    assert "postgres" not in held.programs
    assert "going on without postgresql" in capsys.readouterr().out

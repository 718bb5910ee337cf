"""A sound that cannot be played is left out and counted; nothing else suffers."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from structlog.testing import capture_logs

from config.home import Instance
from config.ports import Ports
from ivr_flows.prompts.speak import speak
from telephony.app import sounds_of
from telephony.calls.sounds import Sounds, linked
from tests.homes import prepared

NOBODY: Final = 65_534


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A folder that also another user may look into, as pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything; whoever is not root is nobody already."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def recorded(folder: Path, *stems: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for stem in stems:
        (folder / f"{stem}.ulaw").write_bytes(b"\xff" * 160)
    return folder


def test_a_recording_that_is_made_later_is_heard(tmp_path: Path) -> None:
    sounds = Sounds(recorded(tmp_path))
    assert (sounds.media(["main_menu"]), sounds.missing) == ([], 1)
    recorded(tmp_path, "main_menu")
    assert sounds.media(["main_menu"]) == [f"sound:{tmp_path}/main_menu"]


def test_a_path_with_a_comma_costs_the_sound_and_not_the_controller(tmp_path: Path) -> None:
    sounds = Sounds(recorded(tmp_path / "one, two", "main_menu"))
    assert (sounds.media(["main_menu"]), sounds.missing) == ([], 1)


def test_a_folder_that_cannot_be_read_costs_the_sound(tmp_path: Path) -> None:
    loop = tmp_path / "ja"
    loop.symlink_to(loop)
    beyond = Sounds(tmp_path / ("long" * 100))  # a name that no file system takes
    assert (beyond.media(["main_menu"]), beyond.missing) == ([], 1)
    assert Sounds(loop).media(["main_menu"]) == []


def test_a_file_that_vanishes_is_left_out_and_told_of(tmp_path: Path) -> None:
    sounds = Sounds(recorded(tmp_path, "main_menu"))
    assert sounds.media(["main_menu"])
    (tmp_path / "main_menu.ulaw").unlink()
    with capture_logs() as told:
        assert (sounds.media(["main_menu"]), sounds.missing) == ([], 1)
    assert told == [
        {"event": "sound_missing", "log_level": "error", "prompt": "main_menu", "reason": "missing"}
    ]


@pytest.mark.parametrize("begins", [b"RIFF\x24\x08\0\0WAVEfmt ", b"\0\0\0\x20ftypisom", b"fLaC\0"])
def test_a_file_of_another_format_is_left_out_even_where_it_replaced_a_good_one(
    tmp_path: Path, begins: bytes
) -> None:
    sounds = Sounds(recorded(tmp_path, "main_menu"))
    assert sounds.media(["main_menu"])
    (tmp_path / "main_menu.ulaw").write_bytes(begins + b"\xff" * 160)
    with capture_logs() as told:
        assert (sounds.media(["main_menu"]), sounds.missing) == ([], 1)
    assert [line["reason"] for line in told] == ["format"]


def test_a_file_that_may_not_be_read_is_left_out(everybodys: Path) -> None:
    file = recorded(everybodys, "main_menu") / "main_menu.ulaw"
    file.chmod(0)
    with nobody(), capture_logs() as told:
        assert Sounds(everybodys).media(["main_menu"]) == []
    assert [line["reason"] for line in told] == ["unreadable"]


def test_what_asterisk_refuses_is_read_again_and_told_of_once(tmp_path: Path) -> None:
    sounds = Sounds(recorded(tmp_path, "main_menu"))
    with capture_logs() as told:
        for times in (1, 2):
            [uri] = sounds.media(["main_menu"])
            sounds.failed(uri)
            assert sounds.missing == times
    assert [(line["prompt"], line["reason"]) for line in told] == [("main_menu", "refused")]


def test_a_file_of_the_first_folder_hides_its_namesake_and_nothing_else(tmp_path: Path) -> None:
    own = recorded(tmp_path / "own", "greeting")
    shipped = recorded(tmp_path / "shipped", "greeting", "main_menu")
    sounds = Sounds(own, shipped)
    assert sounds.media(["greeting", "main_menu"]) == [
        f"sound:{own}/greeting",
        f"sound:{shipped}/main_menu",
    ]
    assert sounds.missing == 0
    (own / "greeting.ulaw").write_bytes(b"")  # half copied: the shipped one is heard, and told
    assert (sounds.media(["greeting"]), sounds.missing) == ([f"sound:{shipped}/greeting"], 1)


@pytest.mark.parametrize("name", ["久留米市の音声, 二〇二六年度" * 4, "plain"])
def test_a_long_sentence_fits_into_a_request_whatever_the_folder_is_called(
    tmp_path: Path, name: str
) -> None:
    short = tmp_path / "s"
    prompts = ["main_menu", "position:1", "number:0942-00-0100"] * 4
    stems = [stem for prompt in prompts for stem in speak(prompt)]
    for there in ("before", name):  # the link is moved when the site's folder is another
        folder = linked(recorded(tmp_path / there / "ja", *stems), short)
    media = Sounds(folder).media(prompts)
    assert media == [f"sound:{short}/{stem}" for stem in stems]
    assert len(",".join(media).replace(str(tmp_path), "/tmp/mado-12345678")) < 3 * 1024
    assert short.resolve() == tmp_path / name / "ja"


@pytest.mark.asterisk  # the shipped ones are part of the runtime
def test_a_sites_own_sounds_go_before_the_shipped_ones_file_by_file_and_by_a_short_path(
    tmp_path: Path,
) -> None:
    with prepared(tmp_path / "home") as home:
        site = tmp_path / "a site, with a comma"
        home.describe(Instance(Ports(8000), site))
        sounds = Sounds(*sounds_of(home))
        assert sounds.media(["main_menu"]) == [f"sound:{home.runtime()}/sounds/main_menu"]
        own = recorded(site / "sounds" / "ja", "main_menu")
        assert sounds.media(["greeting", "main_menu"]) == [
            f"sound:{home.runtime()}/sounds/greeting",
            f"sound:{home.runtime()}/own/main_menu",
        ]
        assert sounds.missing == 0
        assert all(len(str(folder)) < 40 for folder in sounds_of(home))
    assert own.is_dir()

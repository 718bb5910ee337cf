"""A sound that cannot be played is left out and counted; nothing else suffers."""

from pathlib import Path

import pytest

from config.home import Instance
from config.ports import Ports
from ivr_flows.prompts.speak import speak
from telephony.app import sounds_of
from telephony.calls.sounds import Sounds, linked
from telephony.runtime.programs import find
from tests.homes import prepared


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
def test_a_sites_own_sounds_go_before_the_shipped_ones_and_both_by_a_short_path(
    tmp_path: Path,
) -> None:
    with prepared(tmp_path / "home") as home:
        site = tmp_path / "a site, with a comma"
        home.describe(Instance(Ports(8000), site))
        assert sounds_of(home).resolve() == (find().sounds_dir / "ja").resolve()
        own = recorded(site / "sounds" / "ja", "main_menu")
        folder = sounds_of(home)
        assert folder.resolve() == own
        assert Sounds(folder).media(["main_menu"]) == [f"sound:{home.runtime()}/sounds/main_menu"]
        assert len(str(folder)) < 40
    assert own.is_dir()

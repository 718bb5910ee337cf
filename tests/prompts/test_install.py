"""What set-up hands to Asterisk is real G.711, at the right level, whole, and made once."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from ivr_flows.prompts import g711
from ivr_flows.prompts.__main__ import main
from ivr_flows.prompts.audio import load
from ivr_flows.prompts.catalogue import RECORDINGS, sounds
from ivr_flows.prompts.install import MUSIC, STAMP, install
from ivr_flows.prompts.level import Samples, active_level
from ivr_flows.prompts.parts import PAUSE
from ivr_flows.prompts.recordings import path_of

FEW = ("greeting", "goodbye", "position-3", "digit-0")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for stem in FEW:
        shutil.copy(path_of(stem), folder)
    return folder


def heard(path: Path) -> Samples:
    octets = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    return np.asarray(g711.decode(octets) / 32768)


def test_every_sound_is_installed_at_its_level(tmp_path: Path) -> None:
    assert install(tmp_path)

    for stem in sounds():
        assert active_level(heard(tmp_path / "ja" / f"{stem}.ulaw"), g711.RATE) == pytest.approx(
            -22, abs=1.5
        ), stem
    assert active_level(heard(tmp_path / MUSIC), g711.RATE) == pytest.approx(-30, abs=1)


@pytest.mark.parametrize("stem", FEW)
def test_it_is_the_same_speech_at_half_the_rate(few: Path, tmp_path: Path, stem: str) -> None:
    install(tmp_path, few)
    wide, narrow = load(few / f"{stem}.flac"), heard(tmp_path / "ja" / f"{stem}.ulaw")

    spectrum = np.fft.rfft(wide)
    wanted = np.fft.irfft(spectrum[: narrow.size // 2 + 1], narrow.size) * narrow.size / wide.size
    noise = np.square(narrow - wanted[: narrow.size]).mean()
    assert narrow.size == pytest.approx(wide.size / 2, abs=1)
    assert 10 * np.log10(np.square(wanted).mean() / noise) > 25


def test_the_wide_band_file_is_the_recording(few: Path, tmp_path: Path) -> None:
    install(tmp_path, few)
    pcm = np.frombuffer((tmp_path / "ja" / "greeting.sln16").read_bytes(), dtype="<i2")

    assert (pcm / 32768 == load(few / "greeting.flac")).all()


def test_the_pause_is_silent(few: Path, tmp_path: Path) -> None:
    install(tmp_path, few)
    pause = (tmp_path / "ja" / f"{PAUSE}.ulaw").read_bytes()

    assert pause == b"\xff" * round(0.25 * g711.RATE)


def test_the_second_time_nothing_is_written(few: Path, tmp_path: Path) -> None:
    install(tmp_path, few)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.ulaw")}

    assert not install(tmp_path, few)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.ulaw")} == before


def test_a_lost_file_is_made_again(few: Path, tmp_path: Path) -> None:
    install(tmp_path, few)
    (tmp_path / "ja" / "goodbye.ulaw").unlink()

    assert install(tmp_path, few)
    assert (tmp_path / "ja" / "goodbye.ulaw").is_file()


def test_a_new_recording_replaces_the_old_and_strays_go(few: Path, tmp_path: Path) -> None:
    install(tmp_path, few)
    old = (tmp_path / "ja" / "goodbye.ulaw").read_bytes()
    shutil.copy(few / "greeting.flac", few / "goodbye.flac")
    (few / "digit-0.flac").unlink()

    assert install(tmp_path, few)
    assert (tmp_path / "ja" / "goodbye.ulaw").read_bytes() != old
    assert not (tmp_path / "ja" / "digit-0.ulaw").exists()


def test_an_interrupted_install_is_not_taken_for_a_finished_one(few: Path, tmp_path: Path) -> None:
    (few / "wrong.flac").write_bytes(b"no sound")
    with pytest.raises(ValueError, match="wrong"):
        install(tmp_path, few)

    assert not (tmp_path / STAMP).exists()
    (few / "wrong.flac").unlink()
    assert install(tmp_path, few)


def test_the_files_can_be_read_by_another_user(few: Path, tmp_path: Path) -> None:
    install(tmp_path, few)

    assert {oct(os.stat(path).st_mode & 0o777) for path in tmp_path.rglob("*.ulaw")} == {"0o644"}


def test_the_commands(tmp_path: Path) -> None:
    run = CliRunner().invoke

    assert run(main, ["check"]).exit_code == 0
    assert run(main, ["install", "--to", str(tmp_path)]).output == "prompts installed\n"
    assert run(main, ["install", "--to", str(tmp_path)]).output == "prompts are up to date\n"
    assert {path.stem for path in RECORDINGS.glob("*.flac")} | {PAUSE} == {
        path.stem for path in (tmp_path / "ja").glob("*.ulaw")
    }

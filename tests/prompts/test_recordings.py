"""The committed recordings, every one; and that the check finds what it says it finds."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ivr_flows.prompts.audio import RATE, load, save
from ivr_flows.prompts.catalogue import RECORDINGS, sounds
from ivr_flows.prompts.level import Samples, active_level
from ivr_flows.prompts.recordings import Recorded, fingerprint, fingerprint_of, path_of, read_book
from ivr_flows.prompts.verify import faults

COMMITTED = 17_000_000  # bytes, at most
TO_A_PERSON = 20.0  # seconds a caller may hear who wants nothing else


def test_every_recording_is_right() -> None:
    assert list(faults()) == []


def test_recordings_are_alike_in_level() -> None:
    levels = [active_level(load(path), RATE) for path in RECORDINGS.glob("*.flac")]

    assert max(levels) - min(levels) < 1.0


def test_the_recordings_stay_small() -> None:
    assert sum(path.stat().st_size for path in RECORDINGS.iterdir()) < COMMITTED


def test_a_caller_who_only_wants_a_person_is_soon_through() -> None:
    """Greeting, the menu's first sentence (which offers 0), and the word that we connect."""
    lasts = {
        stem: load(path_of(stem)).size / RATE for stem in ("greeting", "main_menu", "to_person")
    }
    menu = sounds()["main_menu"].text
    first, _, _ = menu.partition("。")

    assert "0番を押して" in first
    assert lasts["greeting"] < 8.5
    heard = lasts["greeting"] + lasts["main_menu"] * len(first) / len(menu) + lasts["to_person"]
    assert heard < TO_A_PERSON


def test_every_reading_was_noted_for_proofreading() -> None:
    book = read_book()

    assert book.keys() == sounds().keys()
    assert "クルメシ" in str(book["greeting"].reading)
    assert "ジョーナンマチ" in str(book["places_info"].reading)
    assert str(book["day-20"].reading).startswith("ハツカ")
    assert str(book["minutes-10"].reading).startswith("ジュップン")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with one good recording."""
    shutil.copy(path_of("goodbye"), tmp_path)
    return tmp_path


def found_in(folder: Path, note: Recorded | None = None) -> list[str]:
    wanted = {"goodbye": sounds()["goodbye"]}
    return list(faults(folder, {"goodbye": note or read_book()["goodbye"]}, wanted))


def note_of(path: Path) -> Recorded:
    """As if this very file had been recorded."""
    return replace(read_book()["goodbye"], audio=fingerprint_of(path))


def _softer(samples: Samples) -> Samples:
    return samples * 0.8


def _off_zero(samples: Samples) -> Samples:
    return samples + 0.002


def _with_long_lead(samples: Samples) -> Samples:
    return np.concatenate([np.zeros(RATE // 5), samples])


def _cut_short(samples: Samples) -> Samples:
    return samples[: -RATE // 5]


def _twice(samples: Samples) -> Samples:
    return np.tile(samples, 2)


def _with_a_click(samples: Samples) -> Samples:
    clicked = samples.copy()
    clicked[samples.size // 2] = 0.99
    return clicked


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_softer, "active level is -24.0"),
        (_with_a_click, "peaks at -0.1 dBFS"),
        (_off_zero, "off zero"),
        (_with_long_lead, "begins with"),
        (_cut_short, "ends with"),
        (_twice, "it lasts"),
    ],
)
def test_a_spoilt_recording_is_found(
    copy: Path, spoil: Callable[[Samples], Samples], said: str
) -> None:
    path = path_of("goodbye", copy)
    save(path, spoil(load(path)))

    found = found_in(copy, note_of(path))

    assert any(said in fault for fault in found), found


def test_a_good_recording_is_not_blamed(copy: Path) -> None:
    assert found_in(copy) == []


def test_a_missing_recording_is_found(copy: Path) -> None:
    path_of("goodbye", copy).unlink()

    (fault,) = found_in(copy)
    assert fault.startswith("goodbye: has no recording")


def test_a_file_that_is_no_sound_is_found(copy: Path) -> None:
    path = path_of("goodbye", copy)
    path.write_bytes(b"fLaC but not really")

    (fault,) = found_in(copy, note_of(path))
    assert fault.startswith("goodbye: cannot be read")


def test_a_recording_without_a_prompt_is_found(copy: Path) -> None:
    shutil.copy(path_of("goodbye"), copy / "goodbye_old.flac")

    assert found_in(copy) == ["goodbye_old: a recording that no prompt names"]


def test_a_changed_text_is_found(copy: Path) -> None:
    sound = sounds()["goodbye"]
    before = fingerprint(replace(sound, text=sound.text + "またどうぞ。"))

    found = found_in(copy, replace(read_book()["goodbye"], text=before))
    assert found == ["goodbye: its text has changed since it was recorded"]


def test_a_changed_pace_is_a_change() -> None:
    sound = sounds()["goodbye"]

    assert fingerprint(sound) != fingerprint(replace(sound, speed=0.8))


def test_a_swapped_file_is_found(copy: Path) -> None:
    shutil.copy(path_of("transfer_failed"), path_of("goodbye", copy))

    assert found_in(copy) == ["goodbye: its file is not the recording that was noted"]

"""A studio's recording takes the place of the synthetic one, whatever its format."""

from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]

from ivr_flows.prompts import recordings, studio
from ivr_flows.prompts.audio import RATE, load
from ivr_flows.prompts.catalogue import sounds
from ivr_flows.prompts.level import Samples, active_level, peak
from ivr_flows.prompts.recordings import path_of, read_book
from ivr_flows.prompts.verify import faults

STUDIO_RATE = 44_100


def take(seconds: float = 2.0) -> Samples:
    """Syllables of noise with room rumble under them and a second of nothing around them."""
    time = np.arange(round(seconds * STUDIO_RATE)) / STUDIO_RATE
    syllables = np.random.default_rng(5).standard_normal(time.size) * np.sin(np.pi * 4 * time) ** 2
    silence = np.zeros(STUDIO_RATE)
    voice = np.concatenate([silence, syllables * 0.02, silence])
    rumble = 0.0005 * np.sin(2 * np.pi * 50 * np.arange(voice.size) / STUDIO_RATE)
    return np.asarray(voice + rumble)


@pytest.fixture
def kept(tmp_path: Path) -> studio.Shelf:
    return studio.Shelf(tmp_path / "ja", tmp_path / "rendered.json")


def test_a_take_is_brought_to_the_house_standard(tmp_path: Path, kept: studio.Shelf) -> None:
    raw = take()
    soundfile.write(tmp_path / "take.wav", np.column_stack([raw, raw]), STUDIO_RATE, "PCM_24")

    studio.take("goodbye", tmp_path / "take.wav", "Speaker, studio", kept)

    samples = load(path_of("goodbye", kept.folder))
    assert active_level(samples, RATE) == pytest.approx(-22, abs=0.2)
    assert peak(samples) <= -3
    assert samples.size / RATE == pytest.approx(2.0 + 0.45, abs=0.15)
    wanted = {"goodbye": sounds()["goodbye"]}
    assert list(faults(kept.folder, read_book(kept.book), wanted)) == []


def test_who_spoke_is_noted_and_other_notes_stay(tmp_path: Path, kept: studio.Shelf) -> None:
    soundfile.write(tmp_path / "take.flac", take(), STUDIO_RATE)
    other = read_book()["greeting"]
    recordings.write_book({"greeting": other}, kept.book)

    studio.take("goodbye", tmp_path / "take.flac", "Speaker, studio", kept)

    book = read_book(kept.book)
    assert (book["goodbye"].voice, book["goodbye"].reading) == ("Speaker, studio", None)
    assert book["greeting"] == other


def test_a_prompt_nobody_knows_is_refused(tmp_path: Path, kept: studio.Shelf) -> None:
    soundfile.write(tmp_path / "take.wav", take(), STUDIO_RATE)

    with pytest.raises(studio.NotTaken, match="no prompt 'hello'"):
        studio.take("hello", tmp_path / "take.wav", "Speaker", kept)


def test_a_silent_or_broken_take_is_refused(tmp_path: Path, kept: studio.Shelf) -> None:
    soundfile.write(tmp_path / "silent.wav", np.zeros(STUDIO_RATE), STUDIO_RATE)
    (tmp_path / "broken.wav").write_bytes(b"RIFF")

    with pytest.raises(studio.NotTaken, match="nothing is spoken"):
        studio.take("goodbye", tmp_path / "silent.wav", "Speaker", kept)
    with pytest.raises(studio.NotTaken):
        studio.take("goodbye", tmp_path / "broken.wav", "Speaker", kept)


def test_a_take_too_peaky_for_the_level_is_refused(tmp_path: Path, kept: studio.Shelf) -> None:
    raw = take()
    raw[raw.size // 2] = 0.9
    soundfile.write(tmp_path / "peaky.wav", raw, STUDIO_RATE, "PCM_24")

    with pytest.raises(studio.NotTaken, match="peaks at"):
        studio.take("goodbye", tmp_path / "peaky.wav", "Speaker", kept)
    assert not kept.book.exists()

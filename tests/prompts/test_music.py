"""Hold music: a loop nobody hears the end of, under the level of speech, inside the band."""

import numpy as np
import pytest

from ivr_flows.prompts import music, shaping
from ivr_flows.prompts.level import Samples, active_level, peak

RATE = 8_000


@pytest.fixture(scope="module")
def loop() -> Samples:
    return music.hold_music(RATE)


def test_it_lasts_a_minute(loop: Samples) -> None:
    assert loop.size / RATE == pytest.approx(60)


def test_every_bar_is_filled(loop: Samples) -> None:
    bars = [sum(float(item.split(":")[1]) for item in melody.split()) for _, melody in music.BARS]

    assert set(bars) == {float(music.BEATS_A_BAR)}


def test_it_stays_six_to_ten_decibels_under_speech(loop: Samples) -> None:
    assert -10 <= active_level(loop, RATE) - shaping.LEVEL <= -6
    assert peak(loop) < -10


def test_it_never_falls_silent(loop: Samples) -> None:
    seconds = np.sqrt(np.square(loop.reshape(60, RATE)).mean(axis=1))

    assert 20 * np.log10(seconds.min()) > -45


def test_the_loop_has_no_seam(loop: Samples) -> None:
    """Across the seam the sound moves no more than it does anywhere else."""
    around = np.roll(loop, RATE)
    seam = np.abs(np.diff(around, n=2))[RATE - 10 : RATE + 10]
    usual = np.quantile(np.abs(np.diff(loop, n=2)), 0.99)

    assert seam.max() < usual


def test_it_keeps_within_the_telephone_band(loop: Samples) -> None:
    power = np.square(np.abs(np.fft.rfft(loop)))
    hertz = np.fft.rfftfreq(loop.size, 1 / RATE)
    outside = power[(hertz < 240) | (hertz > 3740)].sum() / power.sum()

    assert outside < 1e-6


@pytest.mark.parametrize(("name", "hertz"), [("A4", 440.0), ("C5", 523.25), ("Bb4", 466.16)])
def test_pitches(name: str, hertz: float) -> None:
    assert music.pitch(name) == pytest.approx(hertz, abs=0.01)

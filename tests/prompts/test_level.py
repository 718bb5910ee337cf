"""The meter: ITU-T P.56 method B against signals whose active level is known."""

import numpy as np
import pytest

from ivr_flows.prompts.level import SILENCE, Samples, active_level, peak, rms

RATE = 16_000


def tone(amplitude: float, seconds: float) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * 440 * time))


def noise(level: float, seconds: float) -> Samples:
    raw = np.random.default_rng(7).standard_normal(round(seconds * RATE))
    return np.asarray(raw * 10 ** (level / 20))


def test_a_steady_tone_is_as_loud_as_its_rms() -> None:
    assert active_level(tone(0.1, 3), RATE) == pytest.approx(-23.01, abs=0.05)


def test_pauses_do_not_make_speech_softer() -> None:
    bursts = [noise(-22, 0.8), np.zeros(RATE * 2)] * 5
    speech = np.concatenate(bursts)

    assert rms(speech) < -27
    # the first 200 ms of a pause, and the fading of the envelope, still count as speech
    assert active_level(speech, RATE) == pytest.approx(10 * np.log10(0.8 / 1.07) - 22, abs=0.1)


def test_short_gaps_between_syllables_count_as_speech() -> None:
    syllables = np.concatenate([noise(-22, 0.1), np.zeros(RATE // 10)] * 20)

    assert active_level(syllables, RATE) == pytest.approx(-25, abs=0.2)


def test_faint_noise_in_the_pauses_is_not_speech() -> None:
    quiet = np.concatenate([noise(-22, 2), noise(-65, 6)])

    assert active_level(quiet, RATE) == pytest.approx(-22.4, abs=0.3)


@pytest.mark.parametrize("gain", [0.01, 0.1, 1.0])
def test_the_meter_is_linear(gain: float) -> None:
    speech = np.concatenate([noise(-22, 1), np.zeros(RATE)] * 4)
    shift = active_level(speech * gain, RATE) - active_level(speech, RATE)

    assert shift == pytest.approx(20 * np.log10(gain), abs=0.1)


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_a_long_recording_is_measured_as_a_short_one(rate: int) -> None:
    raw = np.random.default_rng(3).standard_normal(rate * 60) * 0.05

    assert active_level(raw, rate) == pytest.approx(active_level(raw[: rate * 2], rate), abs=0.1)


def test_silence_has_no_level() -> None:
    assert active_level(np.zeros(RATE), RATE) == SILENCE
    assert peak(np.zeros(RATE)) == SILENCE
    assert peak(tone(1.0, 1)) == pytest.approx(0, abs=0.01)

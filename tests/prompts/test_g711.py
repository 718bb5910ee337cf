"""μ-law by its published properties."""

import numpy as np

from ivr_flows.prompts.g711 import decode, encode


def test_published_codes() -> None:
    samples = np.array([0, 32767, -32768, 8, -8], dtype=np.int16)

    assert encode(samples).tolist() == [0xFF, 0x80, 0x00, 0xFE, 0x7E]


def test_decoded_values_span_the_published_range() -> None:
    values = decode(np.arange(256, dtype=np.uint8))

    assert (values[0], values[0x7F], values[0x80], values[0xFF]) == (-32124, 0, 32124, 0)
    assert (np.diff(values[:128].astype(int)) > 0).all()


def test_every_code_survives_a_round_trip() -> None:
    codes = np.arange(256, dtype=np.uint8)
    again = encode(decode(codes))

    assert np.flatnonzero(again != codes).tolist() == [0x7F]  # minus zero
    assert (decode(again) == decode(codes)).all()


def test_no_sample_is_further_off_than_half_a_step() -> None:
    samples = np.arange(-32635, 32636, dtype=np.int32)
    error = np.abs(decode(encode(samples.astype(np.int16))) - samples)

    assert (error <= np.maximum(4, (np.abs(samples) + 132) / 32 + 1)).all()


def test_the_digital_milliwatt_is_at_its_level() -> None:
    milliwatt = np.array([0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E], dtype=np.uint8)
    power = np.square(decode(milliwatt) / 32768).mean()

    assert round(10 * np.log10(power), 2) == -6.22

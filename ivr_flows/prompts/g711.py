"""G.711 μ-law by table, from the formula of the recommendation."""

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8_000
_BIAS: Final = 132  # moves every segment's start to a power of two
_CLIP: Final = 32_635
_SEGMENTS: Final = 8
_SIGN: Final = 0x80

Octets = NDArray[np.uint8]
Pcm = NDArray[np.int16]


def encode(samples: Pcm) -> Octets:
    """16-bit samples as μ-law octets."""
    return _encoding()[samples.view(np.uint16)]


def decode(octets: Octets) -> Pcm:
    """μ-law octets as 16-bit samples."""
    return _decoding()[octets]


@cache
def _decoding() -> Pcm:
    code = ~np.arange(256, dtype=np.uint8) & 0xFF
    exponent, mantissa = (code >> 4) & 0x07, code & 0x0F
    magnitude = (((mantissa.astype(np.int32) << 3) + _BIAS) << exponent) - _BIAS
    return np.where(code & _SIGN, -magnitude, magnitude).astype(np.int16)


@cache
def _encoding() -> Octets:
    """Indexed by the sample's 16 bits read as unsigned."""
    linear = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int32)
    biased = np.minimum(np.abs(linear), _CLIP) + _BIAS
    exponent = np.clip(np.floor(np.log2(biased)).astype(np.int32) - 7, 0, _SEGMENTS - 1)
    mantissa = (biased >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, _SIGN, 0)
    codes: Octets = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes

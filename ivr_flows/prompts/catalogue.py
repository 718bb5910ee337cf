"""Every sound there must be: the prompts of `prompts.yaml` and the parts, with what each says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr_flows.prompts import parts

HERE: Final = Path(__file__).parent
RECORDINGS: Final = HERE / "ja"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Seconds = Annotated[float, Field(gt=0, le=60)]
Edge = Literal["previous", "next"]

_PART_AT_MOST: Final = 2.5
_PART_AT_LEAST: Final = 0.2
_AT_LEAST: Final = 0.8


@dataclass(frozen=True, slots=True)
class Sound:
    """One recording: what it says, how, and where it meets another sound."""

    stem: str
    text: str
    speed: float
    at_least: float  # seconds
    at_most: float
    joins: frozenset[Edge] = frozenset()


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Prompt(_Strict):
    """One entry of `prompts.yaml`."""

    ja: str = Field(min_length=1)
    ja_plain: str | None = None
    en: str | None = None
    at_most: Seconds | None = None
    speed: float | None = Field(default=None, ge=0.7, le=1.2)
    joins: tuple[Edge, ...] = Field(default=(), strict=False)


class _Defaults(_Strict):
    at_most: Seconds
    speed: float


class PromptFile(_Strict):
    """The whole of `prompts.yaml`."""

    defaults: _Defaults
    prompts: Mapping[Name, Prompt]

    @model_validator(mode="after")
    def _no_part_is_shadowed(self) -> Self:
        taken = self.prompts.keys() & (parts.FAMILIES.keys() | {"number", parts.PAUSE, parts.WORD})
        if taken:
            raise ValueError(f"these names belong to spoken numbers: {', '.join(sorted(taken))}")
        return self


@cache
def prompts() -> PromptFile:
    """The texts as written."""
    text = (HERE / "prompts.yaml").read_text(encoding="utf-8")
    return PromptFile.model_validate(yaml.load(text, yaml.CSafeLoader))


@cache
def sounds() -> Mapping[str, Sound]:
    """Every spoken recording there must be, by file stem."""
    file = prompts()
    whole = [_of_prompt(name, prompt, file.defaults) for name, prompt in file.prompts.items()]
    pieces = [_of_part(stem, text, file.defaults) for stem, text in parts.texts()]
    return {sound.stem: sound for sound in (*whole, *pieces)}


def _of_prompt(name: str, prompt: Prompt, defaults: _Defaults) -> Sound:
    return Sound(
        stem=name,
        text=re.sub(r"\s+", "", prompt.ja),  # YAML folds lines with a blank; Japanese has none
        speed=prompt.speed or defaults.speed,
        at_least=_AT_LEAST,
        at_most=prompt.at_most or defaults.at_most,
        joins=frozenset(prompt.joins),
    )


def _of_part(stem: str, text: str, defaults: _Defaults) -> Sound:
    return Sound(
        stem=stem,
        text=text,
        speed=parts.pace(stem) or defaults.speed,
        at_least=_PART_AT_LEAST,
        at_most=_PART_AT_MOST,
        joins=frozenset({"previous", "next"}),
    )

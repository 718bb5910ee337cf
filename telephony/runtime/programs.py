"""Where the programs of the runtime are: what the rest of the product asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from telephony.runtime import manifest
from telephony.runtime.errors import SetUpFault
from telephony.runtime.wanted import BROWSER, SHELL

PROJECT: Final = Path(__file__).resolve().parents[2]


class SetUpNeeded(SetUpFault):
    """The runtime is absent, incomplete or was built for another path."""

    def __init__(self, english: str, japanese: str) -> None:
        super().__init__(
            f"{english}: run `make setup`.", f"{japanese}。`make setup` を実行してください"
        )


@dataclass(frozen=True, slots=True)
class Programs:
    """Absolute paths of what was set up."""

    asterisk: Path
    redis_server: Path
    redis_cli: Path
    sipp: Path | None
    postgres_bin: Path | None  # the directory of initdb, pg_ctl and postgres
    chromium: Path | None
    chromium_shell: Path | None  # the same without windows; a runtime of before has none
    asterisk_modules_dir: Path
    asterisk_data_dir: Path
    sounds_dir: Path
    versions: Mapping[str, str]


def find(root: Path = PROJECT) -> Programs:
    """Find what `make setup` built in a project folder, or behind a link in it."""
    runtime = (root / ".runtime").resolve()
    held = manifest.read(runtime)
    if held is None:
        raise SetUpNeeded("The private runtime is not set up", "実行環境が準備されていません")
    if held.root != str(runtime):
        raise SetUpNeeded("The project folder has moved", "フォルダーが移動されています")
    postgres = runtime / "bin" / "postgresql"
    return Programs(
        asterisk=_program(runtime, "asterisk"),
        redis_server=_program(runtime, "redis-server"),
        redis_cli=_program(runtime, "redis-cli"),
        sipp=_extra(runtime / "bin" / "sipp"),
        postgres_bin=postgres.resolve() if postgres.exists() else None,
        chromium=_extra(runtime / "bin" / "chromium"),
        chromium_shell=_extra(runtime / BROWSER.name / SHELL),
        asterisk_modules_dir=_modules(runtime),
        asterisk_data_dir=runtime / "asterisk" / "usr" / "share" / "asterisk",
        sounds_dir=runtime / "sounds",
        versions=held.programs,
    )


def _program(runtime: Path, name: str) -> Path:
    path = runtime / "bin" / name
    if not path.exists():
        raise SetUpNeeded(f"{name} is missing from the private runtime", f"{name} がありません")
    return path


def _extra(path: Path) -> Path | None:
    """Find what only some tests need."""
    return path if path.exists() else None


def _modules(runtime: Path) -> Path:
    """Find the directory whose name carries the machine's architecture."""
    found = next((runtime / "asterisk" / "usr" / "lib").glob("*/asterisk/modules"), None)
    if found is None:
        raise SetUpNeeded("Asterisk's modules are missing", "Asterisk のモジュールがありません")
    return found

"""The files into the home, and what a change of them asks of a running Asterisk."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from config.files import write_if_changed
from config.home import Home
from telephony.runtime.programs import Programs

RELOADS: Final[Mapping[str, str]] = {
    # `pjsip reload` does not apply changes of endpoints.
    "pjsip.conf": "module reload res_pjsip.so",
    "extensions.conf": "dialplan reload",
    "musiconhold.conf": "moh reload",
    "rtp.conf": "module reload res_rtp_asterisk.so",
    "ari.conf": "module reload res_ari.so",
    "logger.conf": "logger reload",
}


def write(files: Mapping[str, str], home: Home, programs: Programs) -> frozenset[str]:
    """Put the files into the home; the names of those that were new or different."""
    _link_data(home.asterisk / "data", programs)
    for leftover in set(_present(home)) - files.keys():
        (home.asterisk_etc / leftover).unlink()
    return frozenset(
        name for name, text in files.items() if write_if_changed(home.asterisk_etc / name, text)
    )


def needs_restart(changed: Collection[str]) -> bool:
    """Whether something changed that Asterisk reads only when it starts."""
    return not RELOADS.keys() >= set(changed)


def reload_commands(changed: Collection[str]) -> tuple[str, ...]:
    """What to tell a running Asterisk, in a fixed order."""
    return tuple(command for name, command in RELOADS.items() if name in changed)


def _present(home: Home) -> list[str]:
    return [path.name for path in home.asterisk_etc.glob("*.conf")]


def _link_data(data: Path, programs: Programs) -> None:
    """One data directory out of two: what Asterisk brings, and the prompts."""
    _link(data / "documentation", programs.asterisk_data_dir / "documentation")
    _link(data / "rest-api", programs.asterisk_data_dir / "rest-api")
    _link(data / "sounds", programs.sounds_dir)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)

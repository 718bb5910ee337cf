"""What is in `docker/`, read the way its readers do."""

import configparser
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from telephony.runtime.programs import PROJECT

DOCKER: Final = PROJECT / "docker"
COMPOSE: Final = DOCKER / "compose.yaml"
DOCKERFILE: Final = DOCKER / "Dockerfile"
UNITS: Final = sorted((DOCKER / "systemd").glob("*.service"))
PROGRAM: Final = "/opt/madoguchi/.venv/bin/madoguchi"
OURS: Final = ("prepare", "redis", "asterisk", "controller", "standby", "desk")

Section = dict[str, list[str]]


@dataclass(frozen=True)
class Instruction:
    """One of a Dockerfile, its continued lines joined."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Without options."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def services() -> dict[str, dict[str, Any]]:
    """Every service, anchors and merges resolved."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def mounts(service: dict[str, Any]) -> list[str]:
    """Where its volumes are, inside."""
    return [volume.removesuffix(":ro").rpartition(":")[2] for volume in service["volumes"]]


def compose_argv(service: dict[str, Any]) -> list[str]:
    """What the container runs, the image's entry point included."""
    return [*service.get("entrypoint", ["madoguchi"]), *service["command"]]


def dockerfile() -> list[Instruction]:
    """Every instruction, in order."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [Instruction(*line.split(maxsplit=1)) for line in lines if line.strip()]


def unit(path: Path) -> dict[str, Section]:
    """The sections of a unit; a directive may come more than once."""
    found: dict[str, Section] = {}
    for line in path.read_text("utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = found.setdefault(header[1], {})
        elif line and not line.startswith("#"):
            name, value = line.split("=", 1)
            section.setdefault(name, []).append(value)
    return found


def commands(path: Path) -> list[list[str]]:
    """What a unit starts."""
    service = unit(path)["Service"]
    lines = [line for name in ("ExecStart", "ExecReload") for line in service.get(name, [])]
    return [shlex.split(line) for line in lines]


def product_commands() -> dict[str, list[str]]:
    """Every command line of the product in these files, by where it stands."""
    found = {
        f"{path.name} {n}": argv[1:]
        for path in UNITS
        for n, argv in enumerate(commands(path))
        if argv[0] == PROGRAM
    }
    for name, service in services().items():
        if name in OURS:
            check = service.get("healthcheck", {}).get("test", [])
            lines = {"command": compose_argv(service), "healthcheck": check[1:]}
            found |= {
                f"{name} {what}": argv[1:]
                for what, argv in lines.items()
                if argv and argv[0] == "madoguchi"
            }
    return found


def environment_file(path: Path) -> dict[str, str]:
    """Assignments of an environment file, also those that are commented out."""
    text = re.sub(r"^#(?=[A-Z_]+=)", "", path.read_text("utf-8"), flags=re.MULTILINE)
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign, assignment]
    parser.read_string(f"[env]\n{text}")
    return dict(parser["env"])


def seconds(text: str) -> float:
    """A duration of compose or of a unit."""
    found = re.fullmatch(r"(\d+)s?", text)
    assert found, text
    return float(found[1])

"""The pages tell the truth: what the code has is on its page, and what a page names is there."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, get_args

import click
import pytest
from pydantic import BaseModel

from benchmarks.__main__ import BENCHMARKS, LONG
from config import site_files
from config.shapes import Shape
from ivr_flows.schema import Node
from telephony.acd.model import AgentState, Device
from telephony.caller_id import identify
from telephony.centre.core import Centre
from telephony.centre.effects import LineState, Outcome, OverflowReason
from telephony.cli import MODULES, madoguchi
from telephony.cli.people import VERBS
from telephony.link import status
from telephony.link.server import Verb
from telephony.store.call_record import CallRecord, TimelineEvent
from telephony.watch.alarms import RULES
from tests.builders import MONDAY, rules

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
FRONT: Final = (ROOT / "README.md", ROOT / "README.ja.md")
PAGES: Final = (*FRONT, *sorted(DOCS.rglob("*.md")))
COMMANDS: Final = (DOCS / "commands.md").read_text(encoding="utf-8")
SETTINGS: Final = (DOCS / "settings.md").read_text(encoding="utf-8")
EVERYWHERE: Final = {"--home", "--json", "--help"}  # told once for all commands

LOCK: Final = ROOT / "agents" / "desktop" / "package-lock.json"
STYLES: Final = {
    "tailwindcss",
    "@digital-go-jp/design-tokens",
    "@digital-go-jp/tailwind-theme-plugin",
}

# What scripts rely on, whatever else the answers come to hold.
PROMISED: Final = {
    "line": ("number", "state", "call", "agent", "since"),
    "agent": ("name", "seat", "state", "reason", "since"),
    "queue": ("name", "waiting", "longest_wait"),
    "call": (
        "id", "arrived_at", "line", "caller", "dialled", "menu_path", "queue", "agent", "outcome",
        "overflow_reason", "waited", "talked", "held", "wrapped_up", "timeline",
    ),
}  # fmt: skip
STATUS: Final = ("ready", "alarms", "lines", "queues", "agents", "parts")


def row(text: str, first: str) -> str:
    """The table row whose first cell begins so; empty when there is none."""
    found = re.search(rf"^\| {re.escape(first)}.*$", text, re.MULTILINE)
    return found[0] if found else ""


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def unfenced(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


# -- commands, routes, keys -------------------------------------------------------------------


def commands() -> dict[str, click.Command]:
    """Every command by its full name."""
    found: dict[str, click.Command] = {}
    with click.Context(madoguchi) as context:
        for name in MODULES:
            command = madoguchi.get_command(context, name)
            assert command is not None
            found |= within(name, command)
    return found


def within(name: str, command: click.Command) -> dict[str, click.Command]:
    """A command, or those of a group, however deep."""
    if not isinstance(command, click.Group):
        return {name: command}
    found: dict[str, click.Command] = {}
    for sub, each in command.commands.items():
        found |= within(f"{name} {sub}", each)
    return found


@pytest.mark.parametrize("name", commands())
def test_every_command_is_told_with_its_options(name: str) -> None:
    told = re.search(rf"`madoguchi {name}[ `].*", COMMANDS)
    assert told
    options = {option for param in commands()[name].params for option in param.opts}
    long = {option for option in options if option.startswith("--")}
    assert [option for option in long - EVERYWHERE if option not in told[0]] == []


@pytest.mark.parametrize("page", FRONT, ids=lambda page: page.name)
def test_the_commands_of_the_readme_exist(page: Path) -> None:
    lines = re.findall(r"^(make|madoguchi) (\S+)", page.read_text(encoding="utf-8"), re.MULTILINE)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {word for program, word in lines if program == "make"} == {"run", "test"}
    assert [word for program, word in lines if word not in (*MODULES, *targets)] == []


def test_both_readmes_give_the_same_commands() -> None:
    english, japanese = (
        [
            line.split("#")[0].strip()
            for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
            for line in block.splitlines()
        ]
        for page in FRONT
    )
    assert english == japanese


@pytest.mark.parametrize("verb", [*VERBS, *get_args(Verb)])
def test_every_verb_of_an_agent_is_told(verb: str) -> None:
    assert re.search(rf"`{verb}[ `]", COMMANDS)


def routes() -> list[str]:
    """Every HTTP route of the product, as its source declares it."""
    pattern = re.compile(r'@routes\.(get|post|put|delete)\("([^"]+)"\)')
    return [
        f"{method.upper()} {path}"
        for source in sorted((ROOT / "telephony").rglob("*.py"))
        for method, path in pattern.findall(source.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("route", routes())
def test_every_route_is_told(route: str) -> None:
    assert f"`{route}`" in COMMANDS


def answers() -> dict[str, dict[str, object]]:
    """One of each thing that the answers are lists of."""
    centre = Centre(rules())
    caller = identify("", "", "", trust_pai=False)
    known: dict[str, Any] = dict.fromkeys(each.name for each in fields(CallRecord))
    timeline = (TimelineEvent(0.0, "arrived", {}),)
    call = CallRecord(**known | {"arrived_at": 0.0, "caller": caller, "timeline": timeline})
    return {
        "line": status.lines(centre)[0],
        "agent": status.agents(centre, {})[0],
        "queue": status.queues(centre, MONDAY)[0],
        "call": call.to_json(),
    }


@pytest.mark.parametrize("alarm", RULES)
def test_every_alarm_is_told(alarm: str) -> None:
    told = section((DOCS / "operations.md").read_text(encoding="utf-8"), "Alarms")
    row = next((line for line in told.splitlines() if f"`{alarm}`" in line), "")
    assert row.startswith("|")
    assert ("●" in row) is RULES[alarm].withholds


@pytest.mark.parametrize("thing", PROMISED)
def test_every_key_is_given_and_told(thing: str) -> None:
    given, told = answers()[thing], row(COMMANDS, f"{thing} |")
    assert [key for key in PROMISED[thing] if key not in given] == []
    assert [key for key in given if f"`{key}`" not in told] == []


def test_every_key_of_a_status_is_told() -> None:
    told = row(COMMANDS, "`madoguchi status`")
    assert [key for key in STATUS if f"`{key}`" not in told] == []


@pytest.mark.parametrize("words", [LineState, AgentState, Device, Outcome, OverflowReason])
def test_every_state_and_outcome_is_told(words: type[StrEnum]) -> None:
    assert [word.value for word in words if f"`{word.value}`" not in COMMANDS] == []


# -- settings ---------------------------------------------------------------------------------

SECTIONS: Final[dict[str, type[Shape]]] = {
    "site.yaml": site_files.SiteFile,
    "trunk": site_files.TrunkFile,
    "phones": site_files.PhonesFile,
    "tolls": site_files.TollsFile,
    "limits": site_files.LimitsFile,
    "desk": site_files.DeskFile,
    "booking": site_files.BookingFile,
    "callbacks": site_files.CallbacksFile,
    "all_lines_busy": site_files.AllLinesBusyFile,
    "queues.yaml": site_files.QueueFile,
    "seats.yaml": site_files.SeatFile,
    "extensions.yaml": site_files.ExtensionFile,
}


def test_every_shape_of_a_site_file_has_a_section() -> None:
    found = {
        shape
        for shape in vars(site_files).values()
        if isinstance(shape, type) and issubclass(shape, Shape) and shape is not Shape
    }
    assert found == set(SECTIONS.values())
    assert "`numbers.yaml`" in SETTINGS
    assert "`hours.yaml`" in SETTINGS


@pytest.mark.parametrize(("title", "shape"), SECTIONS.items(), ids=SECTIONS)
def test_every_setting_is_told_with_its_default(title: str, shape: type[Shape]) -> None:
    text = section(SETTINGS, title)
    for name, field in shape.model_fields.items():
        told = row(text, f"`{name}` |")
        assert told, name
        default = field.get_default(call_default_factory=True)
        if not field.is_required() and not isinstance(default, BaseModel):
            assert told.split("|")[2].strip() == written(default), name


def written(default: object) -> str:
    """A default as the page shows it."""
    match default:
        case None:
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return f"{default:g}"
        case _:
            return f"`{default}`"


def test_every_benchmark_is_named_and_which_run_only_when_they_are() -> None:
    front, _, _ = (DOCS / "performance.md").read_text(encoding="utf-8").partition("\n## ")
    usual, _, long = front.partition("Only when named")
    named = {text: set(re.findall(r"`([a-z_]+)`", text)) for text in (usual, long)}
    assert named == {usual: BENCHMARKS.keys() - LONG, long: LONG}


def test_every_variable_of_the_environment_is_told() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("telephony", "agents", "config", "ivr_flows", "migrations")
        for path in (ROOT / folder).rglob("*.py")
    ]
    used = {name for source in sources for name in re.findall(r"MADOGUCHI_[A-Z_]+", source)}
    assert [name for name in sorted(used) if not row(SETTINGS, f"`{name}` |")] == []


@pytest.mark.parametrize("kind", get_args(Node), ids=lambda kind: kind.__name__)
def test_every_node_kind_is_told(kind: type[BaseModel]) -> None:
    (name,) = get_args(kind.model_fields["kind"].annotation)
    assert row((DOCS / "flows.md").read_text(encoding="utf-8"), f"`{name}` |")


# -- pages ------------------------------------------------------------------------------------


def test_every_layer_is_told() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    told = section((DOCS / "architecture.md").read_text(encoding="utf-8"), "Who may import whom")
    assert [layer for layer in layers if layer.replace(" | ", "` · `") not in told] == []


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """Every relative link of a page, with its anchor."""
    for target in re.findall(r"\]\(([^)\s]+)\)", unfenced(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", unfenced(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links(page):
        assert target.is_file(), target
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_a_page_names_is_there(page: Path) -> None:
    tops = "tests|telephony|agents|config|ivr_flows|docs|migrations|benchmarks"
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", unfenced(page))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("front", FRONT, ids=lambda page: page.name)
def test_every_page_can_be_reached(front: Path) -> None:
    reached, ahead = {front}, [front]
    while ahead:
        fresh = {target for target, _ in links(ahead.pop()) if target.suffix == ".md"} - reached
        reached |= fresh
        ahead += fresh
    assert [page for page in PAGES if page not in reached] == []


def test_the_notice_names_the_work_of_others_that_is_in_the_pages() -> None:
    """Types leave nothing in them; styles do, though only the build needs their packages."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    built_in = {
        path.rpartition("node_modules/")[2]
        for path, about in packages.items()
        if path and not about.get("dev") and not about.get("optional")
    }
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8").lower()
    named = {name for name in built_in | STYLES if name.lower() in notice}
    assert {name for name in built_in if not name.startswith("@types/")} | STYLES == named


@pytest.mark.parametrize("front", FRONT, ids=lambda path: path.name)
def test_the_front_page_leads_to_every_page(front: Path) -> None:
    text = front.read_text(encoding="utf-8")
    assert [page.name for page in DOCS.glob("*.md") if f"docs/{page.name}" not in text] == []

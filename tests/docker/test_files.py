"""Every command, option, path, variable and time in `docker/` is one of the product's."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import click
import pytest

from config.home import Home
from config.ports import Ports
from telephony.asterisk import process as asterisk
from telephony.cli import madoguchi
from telephony.runtime.programs import PROJECT, Programs
from telephony.supervisor import parts
from tests.docker.deployed import (
    DOCKER,
    DOCKERFILE,
    OURS,
    UNITS,
    commands,
    compose_argv,
    dockerfile,
    environment_file,
    mounts,
    product_commands,
    seconds,
    services,
    unit,
)
from tests.homes import prepared

HOME: Final = Path("/var/lib/madoguchi")
PREFIX: Final = Path("/opt/madoguchi")
LINES: Final = product_commands()
PRODUCT: Final = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))


def programs() -> Programs:
    """As they lie in the image."""
    at = PREFIX / ".runtime" / "bin"
    none = Path("/nonexistent")
    return Programs(
        asterisk=at / "asterisk",
        redis_server=at / "redis-server",
        redis_cli=at / "redis-cli",
        sipp=None,
        postgres_bin=None,
        chromium=None,
        chromium_shell=None,
        asterisk_modules_dir=none,
        asterisk_data_dir=none,
        sounds_dir=none,
        versions={},
    )


# -- commands and options ---------------------------------------------------------------------


@pytest.mark.parametrize("argv", LINES.values(), ids=LINES)
def test_every_command_parses(argv: list[str]) -> None:
    """As click itself would, the site's directory excepted, which is the operator's."""
    with click.Context(madoguchi) as context:
        command = madoguchi.get_command(context, argv[0])
        assert command is not None
        words = [word if word != "/etc/madoguchi/site" else str(DOCKER) for word in argv[1:]]
        command.make_context(argv[0], words).close()


def test_every_part_is_there_and_the_pair_is_one() -> None:
    told = {tuple(argv) for argv in LINES.values()}
    home = ("--home", str(HOME))
    assert ("controller", *home) in told
    assert ("controller", "--standby", *home) in told
    assert ("desk", *home) in told
    assert set(services()) == {*OURS, "postgres"}


def test_asterisk_is_started_as_up_starts_it() -> None:
    argv = asterisk.argv(programs(), Home(HOME))
    assert compose_argv(services()["asterisk"]) == argv
    assert commands(DOCKER / "systemd" / "madoguchi-asterisk.service") == [argv]


def test_redis_is_started_as_up_starts_it(tmp_path: Path) -> None:
    with prepared(tmp_path / "home") as home:
        ours = parts.redis_part(home, programs()).argv
    argv = compose_argv(services()["redis"])
    assert argv[0] == ours[0]
    places = {"--unixsocket", "--dir"}
    assert options(argv).keys() == options(ours).keys()
    for name, value in options(ours).items():
        assert name in places or options(argv)[name] == value, name


def options(argv: list[str] | tuple[str, ...]) -> dict[str, str]:
    return dict(zip(argv[1::2], argv[2::2], strict=True))


CLOCK: Final = {"adjtimex", "clock_adjtime"}
ASKS: Final = ("madoguchi.service", "madoguchi-controller.service", "madoguchi-standby.service")


@pytest.mark.parametrize("name", ASKS)
def test_whoever_watches_the_clock_may_ask_the_kernel_about_it(name: str) -> None:
    """Neither is of @system-service; both are of @clock, which ProtectClock takes away."""
    told = unit(DOCKER / "systemd" / name)
    service = told["Service"]
    assert "ProtectClock" not in service
    assert {word for words in service["SystemCallFilter"] for word in words.split()} >= CLOCK
    assert service["CapabilityBoundingSet"] == [""]  # to set it is another matter
    assert "time-sync.target" in told["Unit"]["After"][0].split()


# -- variables and paths ----------------------------------------------------------------------


def known_variables() -> set[str]:
    """What the product reads."""
    sources = [
        p for folder in ("telephony", "agents", "config") for p in (PROJECT / folder).rglob("*.py")
    ]
    return {
        name
        for source in sources
        for name in re.findall(r'environ\.get\("(MADOGUCHI_[A-Z_]+)"', source.read_text("utf-8"))
    }


@pytest.mark.parametrize("path", [*UNITS, *DOCKER.glob("*.*"), DOCKERFILE], ids=lambda p: p.name)
def test_every_variable_is_read_by_the_product(path: Path) -> None:
    named = set(re.findall(r"MADOGUCHI_[A-Z_]+", path.read_text("utf-8")))
    assert named - known_variables() == set()


def test_the_environment_file_sets_what_the_parts_need() -> None:
    told = environment_file(DOCKER / "madoguchi.env")
    assert {"MADOGUCHI_REDIS_URL", "MADOGUCHI_DATABASE_URL"} <= told.keys() <= known_variables()


def test_both_of_the_pair_reach_the_same_redis_and_database() -> None:
    found = services()
    assert found["controller"]["environment"] == found["standby"]["environment"]
    url = found["controller"]["environment"]["MADOGUCHI_REDIS_URL"]
    assert url == f"unix://{options(compose_argv(found['redis']))['--unixsocket']}"
    assert "?host=/run/postgresql" in found["controller"]["environment"]["MADOGUCHI_DATABASE_URL"]


@pytest.mark.parametrize("name", OURS)
def test_every_directory_a_service_names_is_mounted(name: str) -> None:
    service = services()[name]
    words = [*compose_argv(service), *service.get("environment", {}).values()]
    words += service.get("healthcheck", {}).get("test", [])
    for word in words:
        for place in re.findall(r"/(?:var/lib|run|etc)/[\w./-]+", word):
            assert any(Path(place).is_relative_to(each) for each in mounts(service)), place


def test_volumes_are_made_in_the_image_for_its_user() -> None:
    text = DOCKERFILE.read_text("utf-8")
    made = re.search(r"install -d -o madoguchi .*?\\\n\s+(.*?) *\\?\n", text)
    assert made
    written = {place for name in OURS for place in mounts(services()[name])}
    theirs = {"/etc/madoguchi/site", "/run/postgresql"}  # the host's, and the database's own
    assert written - theirs == set(made[1].split())


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_agree_on_places_and_user(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["StateDirectory"] == [HOME.name]
    assert service["Environment"] == ["MADOGUCHI_RUN=/run/madoguchi"]
    assert (service["RuntimeDirectory"], service["User"]) == (["madoguchi"], ["madoguchi"])
    # The link to it stays in the home when a part stops, and other parts still work there.
    assert service["RuntimeDirectoryPreserve"] == ["yes"]
    assert service["UMask"] == [f"{asterisk.UMASK:04o}"]


def test_a_unit_that_is_named_is_there() -> None:
    theirs = {"redis-server.service", "postgresql.service"}
    named = {
        name
        for path in UNITS
        for key in ("Wants", "After", "Conflicts")
        for value in unit(path)["Unit"].get(key, [])
        for name in value.split()
        if name.endswith(".service")
    }
    assert named - theirs <= {path.name for path in UNITS}


def test_the_example_says_the_image_of_this_version() -> None:
    assert services()["controller"]["image"] == f"madoguchi:{PRODUCT['project']['version']}"


def test_the_single_unit_never_runs_beside_a_part() -> None:
    """`up` refuses to start where a part still has its port, so each has to be gone before."""
    single = unit(DOCKER / "systemd" / "madoguchi.service")["Unit"]
    with_a_port = {path.name for path in UNITS} - {"madoguchi.service", "madoguchi-prepare.service"}
    assert set(" ".join(single["Conflicts"]).split()) == with_a_port
    # Without an order between the two, systemd starts the one while the others still leave.
    assert with_a_port <= set(" ".join(single["After"]).split())


# -- calls come first -------------------------------------------------------------------------


@pytest.mark.parametrize("name", [path.name for path in UNITS])
def test_nothing_takes_asterisk_down_with_it(name: str) -> None:
    found = unit(DOCKER / "systemd" / name)["Unit"]
    assert not {"Requires", "BindsTo", "PartOf", "Requisite"} & found.keys()


def test_no_service_restarts_asterisk_with_a_controller() -> None:
    found = services()
    assert set(found["asterisk"]["depends_on"]) == {"prepare"}
    for name in OURS:
        for needed in found[name].get("depends_on", {}).values():
            assert not needed.get("restart")


def test_only_what_the_host_must_reach_is_on_its_network() -> None:
    found = services()
    hosted = {name for name, each in found.items() if each["network_mode"] == "host"}
    assert hosted == {"asterisk", "controller", "standby", "desk"}
    assert {each["network_mode"] for name, each in found.items() if name not in hosted} == {"none"}
    assert not any("ports" in each for each in found.values())


@pytest.mark.parametrize("name", OURS)
def test_ours_run_without_rights_and_come_back(name: str) -> None:
    service = services()[name]
    assert service["user"] == next(i.rest for i in dockerfile() if i.name == "USER")
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert service["restart"] == ("no" if name == "prepare" else "unless-stopped")


def leaves_within(name: str, home: Home) -> float:
    """What the product itself gives the part."""
    made = {
        "asterisk": parts.asterisk_part(home, Ports(), programs(), ""),
        "redis": parts.redis_part(home, programs()),
        "controller": parts.controller_part(home, "controller", [], Ports().health),
        "desk": parts.desk_part(home, []),
    }
    return made[name].leaves_within


@pytest.mark.parametrize(
    ("service", "part"),
    [
        ("asterisk",) * 2,
        ("controller",) * 2,
        ("standby", "controller"),
        ("redis",) * 2,
        ("desk",) * 2,
    ],
)
def test_a_part_is_given_the_time_it_needs_to_leave(
    service: str, part: str, tmp_path: Path
) -> None:
    with prepared(tmp_path / "home") as home:
        needs = leaves_within(part, home)
    assert seconds(services()[service]["stop_grace_period"]) > needs
    path = DOCKER / "systemd" / f"madoguchi-{service}.service"
    if path.exists():
        assert seconds(unit(path)["Service"]["TimeoutStopSec"][0]) > needs


@pytest.mark.parametrize(
    ("service", "port"), [("controller", Ports().health), ("standby", Ports().standby_health)]
)
def test_each_of_the_pair_is_asked_at_its_own_port(service: str, port: int) -> None:
    check = services()[service]["healthcheck"]["test"]
    assert f"http://127.0.0.1:{port}/healthz" in check[-1]


def test_up_may_die_without_the_calls() -> None:
    """`up` ends its parts itself, and adopts what a former one left: systemd must not end them."""
    service = unit(DOCKER / "systemd" / "madoguchi.service")["Service"]
    assert service["KillMode"] == ["process"]
    assert seconds(service["TimeoutStopSec"][0]) > 5  # docs/operations.md: over within 5 s


# -- the image --------------------------------------------------------------------------------


def test_the_image_holds_all_that_the_product_imports(tmp_path: Path) -> None:
    """Only what the Dockerfile copies, under the Python of this environment."""
    for instruction in dockerfile():
        if instruction.name == "COPY" and "--from" not in instruction.rest:
            *names, to = instruction.words
            for name in names:
                target = tmp_path / (to if to != "./" else name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(PROJECT / name)
    assert (tmp_path / "requirements.lock").exists()
    load = (
        "import telephony, telephony.app, agents.app, telephony.supervisor.up;"
        "import telephony.store.migrate, alembic, config.site, ivr_flows.loader;"
        "print(telephony.__file__)"
    )
    # -S: without the environment's link to this project; its other packages by their directory.
    packages = [p for p in sys.path if p.endswith("site-packages")]
    searched = os.pathsep.join([str(tmp_path), *packages])
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-W", "ignore", "-c", load],
        env={"PYTHONPATH": searched, "PATH": os.environ["PATH"]},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip().startswith(str(tmp_path)), done.stderr


def test_the_image_is_built_from_the_products_own_package_list() -> None:
    runs = " ".join(i.rest for i in dockerfile() if i.name == "RUN")
    assert "python -m telephony.runtime build" in runs
    installed = re.findall(r"apt-get install --no-install-recommends -y ([\w -]+?) *&&", runs)
    ours = {word for line in installed for word in line.split()}
    assert not {name for name in ours if re.match("asterisk|redis|postgres", name)}


def test_what_is_copied_is_in_the_build_context() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        name
        for i in dockerfile()
        if i.name == "COPY" and "--from" not in i.rest
        for name in i.words[:-1]
    }
    assert copied == let_in
    assert all((PROJECT / name).exists() for name in copied)

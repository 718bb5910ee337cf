"""Everything that must be on the disk before the first part is started."""

import os
from dataclasses import dataclass
from pathlib import Path

from config.home import Home, Instance
from config.ports import Ports
from config.secrets import ensure_secrets
from config.site import Site, load
from telephony.asterisk.addresses import own_addresses
from telephony.asterisk.render import render
from telephony.asterisk.version import UnfitAsterisk, require_fit
from telephony.asterisk.write import write
from telephony.runtime.programs import Programs, find
from telephony.supervisor.problem import CannotStart
from telephony.supervisor.room import require_room, told_plainly


@dataclass(frozen=True, slots=True)
class Prepared:
    """An instance that can be started."""

    home: Home
    ports: Ports
    site: Site
    programs: Programs
    ari_password: str
    demo_password: str  # "" unless the site is the demo
    changed: frozenset[str]  # of Asterisk's files, since they were last written


def checked(directory: Path) -> tuple[Site, Programs]:
    """The site without a fault and the programs that set-up made; nothing is written yet."""
    programs = find()
    try:
        require_fit(programs.versions["asterisk"])
    except UnfitAsterisk as wrong:
        raise CannotStart(str(wrong)) from None
    return load(directory), programs


def claimed_home(path: Path) -> Home:
    """The home's own directory, enough for its lock: somebody else may be running in it."""
    home = Home.at(path)
    with told_plainly(home.path):
        home.claim()
        require_room(home.path)
    return home


def made_runtime(home: Home) -> Path:
    """Every directory of a home whose lock is ours; the short one of them."""
    with told_plainly(home.path):
        home.prepare()
    return home.runtime()


def prepare(home: Home, ports: Ports, directory: Path, site: Site, programs: Programs) -> Prepared:
    """Secrets, the note of what lives here, Asterisk's files."""
    with told_plainly(home.path):
        secrets = ensure_secrets(home.secrets, site.seats, demo=site.desk.demo)
        home.describe(Instance(ports, directory.absolute(), programs.versions))
        files = render(site, home, ports, secrets, programs, _trunk_password(site), own_addresses())
        changed = write(files, home, programs)
    return Prepared(
        home, ports, site, programs, secrets.ari_password, secrets.demo_password, changed
    )


def _trunk_password(site: Site) -> str | None:
    variable, file = site.trunk.password_env, site.trunk.password_file
    if variable is not None:
        if not os.environ.get(variable):
            raise CannotStart(f"the trunk's password is not in the environment as {variable}")
        return os.environ[variable]
    return None if file is None else _in_file(file)


def _in_file(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as missing:
        raise CannotStart(
            f"the trunk's password file {file} cannot be read: {missing.strerror}"
        ) from missing

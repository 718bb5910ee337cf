"""What must be true between the files of a site."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Final

from config.calendar_register import register_faults
from config.documents import Document, Fault
from config.site_calendar import PHONE, calendar_faults, holiday_faults, rules_with_prompts
from config.site_files import DeskFile, QueueFile, SeatFile, TrunkFile
from config.site_model import DEMO_DIDS
from config.site_reading import Files, Piece
from ivr_flows.check import Surroundings, problems, prompts_of
from ivr_flows.opening.announce import CALENDAR, NOTICE
from ivr_flows.schema import Enqueue, Flow

KnownPrompt = Callable[[str], bool]
MOST_LINES: Final = 10_000
EXITS: Final = ("exit", "exit_full", "exit_estimate", "exit_no_agent", "exit_surge")
ASIDES: Final = ("ask_number", "on_1")  # nodes that callers visit while they wait


def faults_between(files: Files, known_prompt: KnownPrompt) -> list[Fault]:
    """Every contradiction between files that are each in good shape."""
    return [
        *_trunk(files),
        *_desk(files),
        *_booking(files),
        *_phones(files),
        *_hours(files),
        *_calendar(files),
        *_calendar_prompts(files, known_prompt),
        *_numbers(files, known_prompt),
        *_seats(files),
        *_extensions(files),
        *_queues(files),
        *_all_lines_busy(files),
        *_flows(files, known_prompt),
    ]


def _trunk(files: Files) -> Iterator[Fault]:
    document, site = files.site.document, files.site.content
    if document is None or site is None:
        return
    for key, told in _trunk_problems(site.trunk, site.lines):
        yield document.fault(
            ("trunk", key) if key else ("trunk",), f"trunk{key and '.'}{key}: {told}"
        )


def _trunk_problems(trunk: TrunkFile, lines: int) -> Iterator[tuple[str, str]]:
    """What cannot hold together, by the key it is told of."""
    passwords = [each for each in (trunk.password_file, trunk.password_env) if each is not None]
    if (trunk.username is None) != (not passwords):
        yield "", "username and password_file go together (or password_env); one is missing"
    if len(passwords) > 1:
        yield "password_env", "the password is in a file or in the environment, not in both"
    if trunk.auth_username is not None and trunk.username is None:
        yield "auth_username", "needs a username"
    if trunk.session_timer < trunk.session_timer_min:
        yield "session_timer", f"is shorter than session_timer_min ({trunk.session_timer_min})"
    if trunk.local_networks and trunk.external_address is None:
        yield "local_networks", "means nothing without an external_address"
    if trunk.sessions is not None and trunk.sessions < lines:
        told = f"the carrier lets {trunk.sessions} calls through, so of {lines} lines some are idle"
        yield "sessions", f"{told} for ever; ask for lines + 2"


def _booking(files: Files) -> Iterator[Fault]:
    document, site = files.site.document, files.site.content
    if document is None or site is None:
        return
    booking = site.booking
    secrets = [booking.webhook_secret_file, booking.webhook_secret_env]
    given = [each for each in secrets if each is not None]
    if len(given) != (booking.webhook_url is not None):
        told = "an address and a key go together: webhook_url, and one of webhook_secret_file and"
        yield document.fault(
            ("booking", "webhook_url"), f"booking.webhook_url: {told} webhook_secret_env"
        )


def _desk(files: Files) -> Iterator[Fault]:
    document, site = files.site.document, files.site.content
    if document is None or site is None:
        return
    for key, told in _desk_problems(site.desk):
        yield document.fault(("desk", key), f"desk.{key}: {told}")


def _desk_problems(desk: DeskFile) -> Iterator[tuple[str, str]]:
    """What would let somebody read along, or in."""
    local = ip_address(desk.host).is_loopback
    if not local and desk.certificate is None and not desk.tls_proxies:
        yield "host", "is open to the network: name a certificate, or the tls_proxies before it"
    if (desk.certificate is None) != (desk.key_file is None):
        yield "certificate", "certificate and key_file go together; one is missing"
    if desk.certificate is not None and desk.tls_proxies:
        yield "tls_proxies", "either these encrypt or the certificate does, not both"
    if desk.demo and (not local or desk.tls_proxies):
        yield "demo", "has well-known users: it is for this machine alone"
    if desk.idle_for > desk.session_for:
        yield "idle_for", f"is longer than session_for ({desk.session_for:g})"


def _phones(files: Files) -> Iterator[Fault]:
    document, site = files.site.document, files.site.content
    if document is None or site is None:
        return
    inside, networks = ip_address(site.phones.bind).is_loopback, site.phones.networks
    if networks and inside:
        told = "phones.networks: means nothing while phones.bind is this machine's loopback"
        yield document.fault(("phones", "networks"), told)
    if not networks and not inside:
        told = "phones.networks: has to name the networks that phones may register from"
        yield document.fault(("phones", "bind"), told)


def _hours(files: Files) -> Iterator[Fault]:
    document, tables = files.hours.document, files.hours.content
    if document is None or tables is None:
        return
    for name, days in tables.root.items():
        if all(times == ["closed"] for times in days.values()):
            yield document.fault((name,), f"{name}: is closed all week")


def _calendar(files: Files) -> Iterator[Fault]:
    site, calendar, holidays = files.site, files.calendar, files.holidays
    if site.document and site.content:
        if calendar.absent and PHONE not in files.hours.names():
            told = "there is no calendar.yaml: when is the centre open?"
            yield site.document.fault((), told)
        if site.content.always_open and tuple(site.content.dids) != DEMO_DIDS:
            told = "always_open: is for the demo; a site is open when its calendar says so"
            yield site.document.fault(("always_open",), told)
    if calendar.document and calendar.content:
        lines = site.content.lines if site.content else MOST_LINES
        yield from calendar_faults(calendar.document, calendar.content, lines)
        if holidays.absent:
            told = "needs a holidays.yaml beside it: `madoguchi calendar holidays seed` makes one"
            yield calendar.document.fault((), told)
    register = files.register
    if register.document and register.content and calendar.content:
        yield from register_faults(register.document, register.content, calendar.content)
    if holidays.document and holidays.content:
        yield from holiday_faults(holidays.document, holidays.content)


def _calendar_prompts(files: Files, known_prompt: KnownPrompt) -> Iterator[Fault]:
    """Every layer has its prompts: each is there, and goes where the flow says something."""
    document, calendar, flow = files.calendar.document, files.calendar.content, _entry_flow(files)
    if document is None or calendar is None or flow is None:
        return
    played = prompts_of(flow)
    for at, rule in rules_with_prompts(calendar):
        for what, prompt in rule.prompts.items():
            if (told := _wrong_prompt(what, prompt, played, flow, known_prompt)) is not None:
                yield document.fault((*at, "prompts", what), f"{'.'.join(map(str, at))}: {told}")
    for number, event in enumerate(calendar.outreach):
        if event.prompt is not None and not known_prompt(event.prompt):
            told = f"outreach.{number}: there is no prompt {event.prompt!r}"
            yield document.fault(("outreach", number, "prompt"), told)


def _wrong_prompt(
    what: str, prompt: str, played: Collection[str], flow: Flow, known_prompt: KnownPrompt
) -> str | None:
    if not known_prompt(prompt):
        return f"there is no prompt {prompt!r}"
    if what == flow.recording_notice:
        return f"prompts.{what} tells callers that they are recorded: nothing may replace it"
    if what == NOTICE:
        lacking = f"{CALENDAR}{NOTICE}" not in played
        return f"the flow says no {CALENDAR}{NOTICE}, so this is never heard" if lacking else None
    return None if what in played else f"prompts.{what}: the flow plays no such prompt"


def _numbers(files: Files, known_prompt: KnownPrompt) -> Iterator[Fault]:
    document, numbers = files.numbers.document, files.numbers.content
    if document is None or numbers is None:
        return
    for name, number in numbers.root.items():
        if not known_prompt(f"number:{number}"):
            yield document.fault((name,), f"{name} ({number}) cannot be read out")


def _seats(files: Files) -> Iterator[Fault]:
    document, seats = files.seats.document, files.seats.content
    if document is None or seats is None or files.queues.document is None:
        return
    for seat, content in seats.root.items():
        for number, queue in enumerate(content.queues):
            if queue not in files.queues.names():
                told = f"{seat}: there is no queue {queue!r}"
                yield document.fault((seat, "queues", number), told)
        for queue in content.penalties:
            if queue not in content.queues:
                told = f"{seat}: has a penalty for {queue!r}, which it does not serve"
                yield document.fault((seat, "penalties", queue), told)


def _extensions(files: Files) -> Iterator[Fault]:
    """An agent names a seat or an extension: one word may not mean both."""
    document, extensions = files.extensions.document, files.extensions.content
    if document is None or extensions is None:
        return
    for name in extensions.root:
        if name in files.seats.names():
            yield document.fault((name,), f"{name} is the name of a seat already")


def _queues(files: Files) -> Iterator[Fault]:
    document, queues = files.queues.document, files.queues.content
    if document is None or queues is None:
        return
    for name, queue in queues.root.items():
        if files.seats.content and not _serving(name, files.seats.content.root):
            yield document.fault((name,), f"{name}: no seat serves this queue")
        if queue.exit is None and _limited(queue):
            told = f"{name}: has a limit but no exit: where do callers go who are over it?"
            yield document.fault((name,), told)
        for key in (*EXITS, *ASIDES):
            yield from _exit(files, document, (name, key), getattr(queue, key))


def _limited(queue: QueueFile) -> bool:
    """Whether some rule sends callers out of it."""
    limits = (queue.max_wait, queue.max_length, queue.max_estimate, queue.no_agent_after)
    return any(limit is not None for limit in limits)


def _exit(
    files: Files, document: Document, at: tuple[str, str], node: str | None
) -> Iterator[Fault]:
    flow = _entry_flow(files)
    if node is not None and flow is not None and node not in flow.nodes:
        yield document.fault(at, f"{at[0]}: {at[1]}: the flow has no node {node!r}")


def _serving(queue: str, seats: Mapping[str, SeatFile]) -> list[SeatFile]:
    return [seat for seat in seats.values() if queue in seat.queues]


def _all_lines_busy(files: Files) -> Iterator[Fault]:
    """Whoever is spoken to has a channel; whoever is not must still reach us to be counted."""
    document, site = files.site.document, files.site.content
    if document is None or site is None:
        return
    busy, sessions = site.all_lines_busy, site.trunk.sessions
    if (busy.lines > 0) != (busy.exit is not None):
        told = "lines and exit go together; one is missing"
        yield document.fault(("all_lines_busy",), f"all_lines_busy: {told}")
    elif busy.lines and (sessions is None or sessions < site.lines + busy.lines):
        told = "the carrier must let lines + all_lines_busy.lines calls through (trunk.sessions)"
        yield document.fault(("all_lines_busy", "lines"), f"all_lines_busy.lines: {told}")
    yield from _exit(files, document, ("all_lines_busy", "exit"), busy.exit)


def _entry_flow(files: Files) -> Flow | None:
    piece = files.flows.get(files.site.content.flow) if files.site.content else None
    return piece.content if piece else None


def _flows(files: Files, known_prompt: KnownPrompt) -> Iterator[Fault]:
    """Judged against the names there are, so that a slip in one file hides nothing in another."""
    named = (files.queues, files.hours, files.numbers)
    if any(piece.document is None and not piece.absent for piece in named):
        return
    for name, piece in files.flows.items():
        entry = files.site.content is not None and name == files.site.content.flow
        around = _surroundings(files, known_prompt, entry)
        if piece.document and piece.content:
            for problem in problems(piece.content, around):
                yield piece.document.fault(problem.at, problem.text)
            yield from _skills(files, piece)


def _surroundings(files: Files, known_prompt: KnownPrompt, entry: bool) -> Surroundings:
    queues = files.queues.content.root if files.queues.content else {}
    exits = {
        name: _named(queues[name], EXITS) if name in queues and entry else ()
        for name in files.queues.names()
    }
    return Surroundings(
        known_prompt,
        exits=exits,
        once=_asked_once(queues),
        asides=_visited(queues.values()) if entry else (),
        starts=_other_starts(files) if entry else (),
        recorded=[name for name in exits if name not in queues or queues[name].recorded],
        tables=files.hours.names(),
        numbers=files.numbers.names(),
        services=files.calendar.content.services if files.calendar.content else None,
    )


def _asked_once(queues: Mapping[str, QueueFile]) -> set[str]:
    """What a surge offers is offered once a call; a node that is another exit too is not."""
    offers = {queue.exit_surge for queue in queues.values() if queue.exit_surge is not None}
    others = (
        getattr(queue, key) for queue in queues.values() for key in EXITS if key != "exit_surge"
    )
    return offers - set(others)


def _other_starts(files: Files) -> tuple[str, ...]:
    site = files.site.content
    node = site.all_lines_busy.exit if site is not None else None
    return () if node is None else (node,)


def _visited(queues: Iterable[QueueFile]) -> tuple[str, ...]:
    return tuple(node for queue in queues for node in _named(queue, ASIDES))


def _named(queue: QueueFile, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(node for key in keys if (node := getattr(queue, key)) is not None)


def _skills(files: Files, piece: Piece[Flow]) -> Iterator[Fault]:
    seats = files.seats.content
    if piece.document is None or piece.content is None or seats is None:
        return
    for name, node in piece.content.nodes.items():
        if not isinstance(node, Enqueue) or node.skill is None:
            continue
        if not any(node.skill in seat.skills for seat in _serving(node.queue, seats.root)):
            told = f"{name}: nobody who serves {node.queue!r} has the skill {node.skill!r}"
            yield piece.document.fault(("nodes", name, "skill"), told)

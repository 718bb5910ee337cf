"""extensions.conf: into Stasis, and a safety net for when nobody is in there.

The controller writes the wall clock's seconds into the global variable `MADO_BEAT` once a second.
While that is fresh a call goes into Stasis. Otherwise the call rings for a moment, is answered,
told to wait, given music, and all the while offered to Stasis again with its first arrival time;
after `net_ring_after` seconds the agents' phones ring together, again and again until somebody
answers or the caller leaves. A call that ends in the net leaves one line in a file, so that it has
a record too.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from config.site_model import Site, Trunk
from telephony.acd.model import Phone
from telephony.asterisk.conf import conf
from telephony.asterisk.core_files import APPLICATION
from telephony.asterisk.endpoints import endpoint_of

BEAT_GOOD_FOR: Final = 3  # seconds
FEATURE_MAY_TAKE: Final = 30
RING_FIRST: Final = 3  # seconds, before the net answers
RING_FOR: Final = 20
RING_AGAIN_AFTER: Final = 10
RING_AT_MOST: Final = 100  # phones; Asterisk's line ends at 4096 characters
FAX_CALLS: Final = "1100,400,r"  # hertz, ms of the half second it lasts; what the caller sends
HEADER_AT_MOST: Final = 256  # characters, before encoding triples them
PARENTHESES: Final = r"\\x28\\x29"  # one backslash is lost on the way
NUMBER: Final = "0-9+*#a-zA-Z."  # what a dialled number may be made of
SIGN_OUT, READY, PAUSE, WRAP_UP_DONE = "*10", "*11", "*12", "*13"
ECHO: Final = "*43"  # what many telephone systems call their echo
ECHO_MAY_TAKE: Final = 15  # seconds

# Two characters at least: a single one would also catch Asterisk's own h, i and t.
ANY_NUMBER: Final = "_[+*#0-9a-zA-Z][+*#0-9a-zA-Z.]!"
STALE: Final = " | ".join(
    f"${{EPOCH}} - 0${{MADO_BEAT}} {beyond}"
    for beyond in (f"> {BEAT_GOOD_FOR}", f"< -{BEAT_GOOD_FOR}")
)
CALL_ID_AT_MOST: Final = 255  # characters
UNREADABLE: Final = (
    f'$[${{LEN(${{MADO_RAW}})}} > {CALL_ID_AT_MOST} | ${{REGEX("%[89A-F]" ${{MADO_ID}})}}]'
)
SEAT: Final = "${CUT(CHANNEL(endpoint),.,1)}"  # without what tells the browser from the desk phone
NOW: Final = "${STRFTIME(,,%s.%3q)}"
FAILED: Final = '"${STASISSTATUS}" = "FAILED"'
INTO_STASIS: Final = (
    f"Stasis({APPLICATION},trunk,${{MADO_DIALLED}},${{MADO_ARRIVED}},"
    "${MADO_FROM},${MADO_PAI},${MADO_PRIVACY},${MADO_RPID})"
)


def extensions_conf(site: Site, net_calls: Path) -> str:
    """The whole dialplan."""
    return conf(
        _context("from-trunk", *_from_trunk(site)),
        _context("arrival", *_arrival(site.trunk), *_net(site), *_ended(net_calls)),
        _context("answered", *_answered()),
        _context("agents", *_features()),
    )


def _context(name: str, *lines: str) -> str:
    return "\n".join((f"[{name}]", *lines, ""))


def _steps(extension: str, *steps: str) -> list[str]:
    """An extension; a step written `label: application` can be jumped to."""
    lines = [f"exten => {extension},1,NoOp()"]
    for step in steps:
        label, colon, application = step.partition(": ")
        labelled = colon and label.isalpha()
        lines.append(f" same => n({label}),{application}" if labelled else f" same => n,{step}")
    return lines


def _from_trunk(site: Site) -> list[str]:
    """The dialled number, from wherever this carrier puts it."""
    find = _DIALLED[site.trunk.dialled_from]
    return [
        line
        for extension in (ANY_NUMBER, "s")
        for line in _steps(extension, *find, "Goto(arrival,s,1)")
    ] + ["exten => h,1,Goto(arrival,h,1)"]  # who is gone before the first step has called, too


def _dialled_in(header: str) -> tuple[str, ...]:
    """The user part of a header's address, or a `tel:` number, or the Request-URI's."""
    return (
        f"Set(MADO_ADDRESS=${{PJSIP_HEADER(read,{header})}})",
        f"Set(MADO_DIALLED=${{FILTER({NUMBER},${{PJSIP_PARSE_URI_FROM(MADO_ADDRESS,user)}})}})",
        "Set(MADO_TEL=${CUT(MADO_ADDRESS,:,2)})",
        r"Set(MADO_TEL=${CUT(MADO_TEL,\;,1)})",
        _unless_found("${FILTER(0-9+*#,${MADO_TEL})}"),
        _unless_found(f"${{FILTER({NUMBER},${{EXTEN}})}}"),
    )


def _unless_found(otherwise: str) -> str:
    found = '$["${MADO_DIALLED}" != ""]'
    return f"Set(MADO_DIALLED=${{IF({found}?${{MADO_DIALLED}}:{otherwise})}})"


_DIALLED: Final = {
    "ruri": (f"Set(MADO_DIALLED=${{FILTER({NUMBER},${{EXTEN}})}})",),
    "to": _dialled_in("To"),
    "pcpid": _dialled_in("P-Called-Party-ID"),
}


def _arrival(trunk: Trunk) -> list[str]:
    """The arrival time is taken first, and every trunk call counts against the lines."""
    return _steps(
        "s",
        f"Set(MADO_ARRIVED={NOW})",
        *_refused_unless_readable(),
        "Set(MADO_CALL=${UNIQUEID})",
        "Set(MADO_EPOCH=${MADO_LEADER})",
        f"Set(TIMEOUT(absolute)={trunk.longest_call})",
        f"Set(TONE_DETECT({FAX_CALLS})=)",
        "Set(GROUP(line)=trunk)",
        *_header("MADO_FROM", "From"),
        *_header("MADO_PAI", "P-Asserted-Identity"),
        *_header("MADO_PRIVACY", "Privacy"),
        *_header("MADO_RPID", "Remote-Party-ID"),
        f"GotoIf($[{STALE}]?net,1)",
        INTO_STASIS,
        f"GotoIf($[{FAILED}]?net,1)",
        "Hangup()",
        "unreadable: Set(MADO_HOW=unreadable)",
        "Hangup(21)",
    )


def _refused_unless_readable() -> tuple[str, ...]:
    """A Call-ID is a short word of plain letters.

    ARI has no words for a channel whose Call-ID is not UTF-8: nobody is told that it came, and
    as long as it lives the list of all channels is an error, so that no takeover could look.
    """
    return (
        "Set(MADO_RAW=${CHANNEL(pjsip,call-id)})",
        f"Set(MADO_ID=${{URIENCODE(${{REPLACE(MADO_RAW,{PARENTHESES},_)}})}})",
        f"GotoIf({UNREADABLE}?unreadable)",
    )


def _header(variable: str, header: str) -> tuple[str, str]:
    """As it came, encoded so that nothing in it can end an argument.

    Parentheses become underscores first: Asterisk counts them to find the end of URIENCODE's
    argument, and one without its partner would lose the whole header.
    """
    return (
        f"Set(MADO_RAW=${{PJSIP_HEADER(read,{header}):0:{HEADER_AT_MOST}}})",
        f"Set({variable}=${{URIENCODE(${{REPLACE(MADO_RAW,{PARENTHESES},_)}})}})",
    )


def _net(site: Site) -> list[str]:
    """Wait with music, try Stasis each second, ring the phones when it takes too long."""
    return _steps(
        "net",
        # One at a time, or seven arriving together would all be the seventh.
        "Set(MADO_LOCKED=${LOCK(lines)})",
        f"GotoIf($[${{GROUP_COUNT(trunk@line)}} > {len(site.lines)}]?busy)",
        "Set(MADO_LOCKED=${UNLOCK(lines)})",
        # A controller that starts again takes two seconds: most callers hear only ringing.
        "Ringing()",
        f"Set(MADO_ANSWER_AT=$[${{EPOCH}} + {RING_FIRST}])",
        "soon: Wait(0.5)",
        f"GotoIf($[{STALE}]?still)",
        INTO_STASIS,
        f"GotoIf($[{FAILED}]?still)",
        "Hangup()",
        "still: GotoIf($[${EPOCH} < ${MADO_ANSWER_AT}]?soon)",
        "Answer()",
        _ring_in(site.limits.net_ring_after),
        "say: Playback(net_wait)",
        "wait: StartMusicOnHold()",
        "again: Wait(1)",
        f"GotoIf($[{STALE}]?alone)",
        "StopMusicOnHold()",
        INTO_STASIS,
        f"GotoIf($[{FAILED}]?music)",
        "Hangup()",
        "music: StartMusicOnHold()",
        "alone: GotoIf($[${EPOCH} < ${MADO_RING_AT}]?again)",
        _ring_in(RING_AGAIN_AFTER),
        "Set(MADO_PHONES=)",
        *_free_phones(site),
        'GotoIf($["${MADO_PHONES}" = ""]?again)',
        "StopMusicOnHold()",
        f"Dial(${{MADO_PHONES:0:-1}},{RING_FOR},mU(answered))",
        _ring_in(RING_AGAIN_AFTER),
        "Goto(say)",
        "busy: Set(GROUP(line)=refused)",
        "Set(MADO_LOCKED=${UNLOCK(lines)})",
        "Set(MADO_HOW=busy)",
        "Hangup(17)",
    )


def _ring_in(seconds: float) -> str:
    return f"Set(MADO_RING_AT=$[${{EPOCH}} + {seconds:g}])"


def _free_phones(site: Site) -> Iterable[str]:
    """One a seat, a browser first; a phone that is not registered, or in use, is left in peace."""
    agents = sorted(name for name, seat in site.seats.items() if seat.role == "agent")
    for seat in agents[:RING_AT_MOST]:
        rung = ""
        for phone in (Phone.DESK, Phone.BROWSER):
            name = endpoint_of(seat, phone)
            free = f'"${{DEVICE_STATE(PJSIP/{name})}}" = "NOT_INUSE"'
            rung = f"${{IF($[{free}]?PJSIP/{name}&{':' if rung else ''}{rung})}}"
        yield f"Set(MADO_PHONES=${{MADO_PHONES}}{rung})"


def _answered() -> list[str]:
    """Runs on the agent's leg in the moment of the answer, and notes it on the caller's."""
    return _steps(
        "s",
        f"Set(MASTER_CHANNEL(MADO_ANSWERED)={NOW})",
        f"Set(MASTER_CHANNEL(MADO_SEAT)={SEAT})",
        "Return()",
    )


def _ended(net_calls: Path) -> list[str]:
    """One line for a call that ended. Of what was in Stasis the controller has a record, unless it
    died in that moment: whoever reads the line knows.

    Every value is a number, filtered, encoded or our own word: the JSON needs no escaping.
    """
    answered = "$[!${ISNULL(${MADO_ANSWERED})}]"
    stasis = '$["${STASISSTATUS}" = "SUCCESS"]'
    here = "${IF(" + answered + "?answered:abandoned)}"
    ended = "${IF(" + stasis + "?left:" + here + ")}"
    fields = {
        "call": "${UNIQUEID}",
        "arrived": "${IF($[${ISNULL(${MADO_ARRIVED})}]?" + NOW + ":${MADO_ARRIVED})}",
        "dialled": "${MADO_DIALLED}",
        "from": "${MADO_FROM}",
        "pai": "${MADO_PAI}",
        "privacy": "${MADO_PRIVACY}",
        "rpid": "${MADO_RPID}",
        "how": "${IF($[${ISNULL(${MADO_HOW})}]?" + ended + ":${MADO_HOW})}",
        "seat": "${MADO_SEAT}",
        "answered": "${MADO_ANSWERED}",
        "ended": NOW,
    }
    line = ",".join(f'"{name}":"{value}"' for name, value in fields.items())
    return _steps(
        "h",
        f"Set(FILE({net_calls},,,al,u)={{{line}}})",
    )


def _features() -> list[str]:
    """All that a seat's phone may dial; the seat is the one that gave the password."""
    return [
        line
        for code in (SIGN_OUT, READY, PAUSE, WRAP_UP_DONE)
        for line in _steps(
            code,
            f"Set(TIMEOUT(absolute)={FEATURE_MAY_TAKE})",
            *_refused_unless_readable(),
            f"GotoIf($[{STALE}]?nobody)",
            f"Stasis({APPLICATION},feature,{SEAT},${{EXTEN}})",
            f"GotoIf($[{FAILED}]?nobody)",
            "Hangup()",
            "nobody: Hangup(34)",
            "unreadable: Hangup(21)",
        )
    ] + _echo()


def _echo() -> list[str]:
    """Sends back what it hears, so that a telephone can be tried without anybody."""
    return _steps(
        ECHO,
        f"Set(TIMEOUT(absolute)={ECHO_MAY_TAKE})",
        *_refused_unless_readable(),
        "Answer()",
        "Echo()",
        "Hangup()",
        "unreadable: Hangup(21)",
    )

"""The cases of RFC 4475 (SIP torture test messages), section by section, at our own edge.

The messages are our own: each does to a request of our carrier what its section does to the one
printed there. `Taken` says what may become of it: a valid INVITE is served, an invalid one never
becomes a call, and what is no INVITE never does either. Asterisk is more lenient than the RFC in
three: a body cut short (3.1.2.2), two spaces (3.1.2.9), and a second value of a header, of which it
takes the first (3.3.8); each is then a call like any other.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Final

from tests.hostile.message import LOOPBACK, NUMBER, Request, invite

Spoil = Callable[[Request], None]


class Taken(Enum):
    """What the edge may make of a message."""

    SERVED = "answered as a call"
    REFUSED = "refused with a final response, or not answered at all"
    EITHER = "served or refused: the RFC leaves it to the receiver, or Asterisk is lenient"


@dataclass(frozen=True, slots=True)
class Case:
    """One section."""

    section: str
    name: str
    taken: Taken
    datagram: bytes
    call_id: bytes

    def is_call(self, answers: Sequence[int]) -> bool:
        """An INVITE that was answered with 2xx; an OPTIONS or REGISTER may be, and is no call."""
        return self.datagram.startswith(b"INVITE") and any(200 <= each < 300 for each in answers)


def cases(ours: int, theirs: int) -> Iterator[Case]:
    """Each of the 49, sent from this port of ours."""
    for serial, (section, (name, taken, spoil)) in enumerate(CASES.items()):
        request = invite(Random(section), serial, ours, theirs)
        spoil(request)
        yield Case(section, name, taken, request.encode(), _call_id(request))


def _call_id(request: Request) -> bytes:
    return next((v.strip() for k, v in request.headers if k.lower() in (b"call-id", b"i")), b"")


def _wsinv(r: Request) -> None:
    """Folds, tabs, odd case, compact forms, escapes within quotes, headers nobody knows."""
    tag = r.get(b"From").partition(b";tag=")[2]
    via = r.get(b"Via").removeprefix(b"SIP/2.0/UDP ").replace(b";branch=", b" ;\r\n  branch = ")
    told = {b"Via": b"SIP / 2.0\r\n /UDP\r\n    " + via, b"Max-Forwards": b" 0068 ",
            b"From": b'"Citizen \\\\\\"" <sip:094200001@localhost>\r\n  ;\r\n  tag = ' + tag,
            b"To": b"\r\n <" + r.uri + b" > ", b"CSeq": b"0009\r\n  INVITE"}  # fmt: skip
    for name, value in told.items():
        r.set(name, value)
    names = {b"To": b"TO ", b"Call-ID": b"i", b"Contact": b"m", b"Content-Type": b"c",
             b"Content-Length": b"l"}  # fmt: skip
    r.headers = [(names.get(name, name), value) for name, value in r.headers]
    r.add(b"HeaderOfTomorrow", b"   its value\r\n and more of it")
    r.add(b"HeaderOfMarks", b";;,,;;,;")


def _method(name: bytes, number: bytes = b"1") -> Spoil:
    def spoil(r: Request) -> None:
        r.method = name
        r.set(b"CSeq", number + b" " + name)

    return spoil


def _intmeth(r: Request) -> None:
    _method(b"every-Mark_0123456789*+`.%may!stand'~")(r)
    user = b"every.1_mark-~(that!may)&stand=in+a$user,part?/;*:and'its=word$too~(all!of*them)"
    r.uri = b"sip:" + user + b"@" + LOOPBACK
    r.set(b"To", b'"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <' + r.uri + b">")


def _register(r: Request) -> None:
    r.method, r.uri, r.body = b"REGISTER", b"sip:" + LOOPBACK, b""
    r.set(b"CSeq", b"1 REGISTER")
    r.set(b"Content-Length", b"0")
    r.drop(b"Content-Type")


def _esc01(r: Request) -> None:
    r.uri = r.uri.replace(NUMBER, b"%30%39%342000100")
    r.set(b"To", b"<sip:%2Fusr@" + LOOPBACK + b">")
    r.set(b"From", r.get(b"From").replace(b"sip:09420", b"sip:%3094%32%30"))


def _escnull(r: Request) -> None:
    _register(r)
    r.set(b"To", b"<sip:null-%00-null@" + LOOPBACK + b">")


def _esc02(r: Request) -> None:
    _method(b"RE%47IST%45R")(r)


def _lwsdisp(r: Request) -> None:
    r.set(b"From", r.get(b"From").replace(b'"Citizen" <', b"Citizen<"))


def _longreq(r: Request) -> None:
    tag = r.get(b"From").partition(b";tag=")[2]
    r.set(b"From", b"<sip:" + b"averyveryverylongname" * 6 + b"@" + LOOPBACK + b">;tag=" + tag
          + b";param" + b"12345678" * 16 + b"=" + b"q" * 64)  # fmt: skip
    r.add(b"HeaderThatIs" + b"VeryLong" * 20, b"and its value " * 40)
    for n in range(34):
        r.add(b"Via", b"SIP/2.0/TCP sip%d.invalid;received=192.0.2.3;branch=z9hG4bK%d" % (n, n), 1)


def _dblreq(r: Request) -> None:
    _register(r)
    second = invite(Random(1), 99, 5070, 5060)
    second.set(b"Call-ID", b"behind-the-end@" + LOOPBACK)
    r.tail = second.encode()


def _semiuri(r: Request) -> None:
    r.uri = b"sip:user;par=u%40example.net@" + LOOPBACK
    r.method = b"OPTIONS"
    r.set(b"CSeq", b"1 OPTIONS")


def _transports(r: Request) -> None:
    _method(b"OPTIONS")(r)
    for kind in (b"SCTP", b"TLS", b"TCP", b"UNKNOWN"):
        r.add(b"Via", b"SIP/2.0/%b t.invalid;branch=z9hG4bK%b" % (kind, kind), 1)


def _mpart01(r: Request) -> None:
    r.method = b"MESSAGE"
    r.set(b"CSeq", b"1 MESSAGE")
    r.set(b"Content-Type", b"multipart/mixed;boundary=here-it-parts")
    part = b"--here-it-parts\r\nContent-Type: "
    r.body = part + b"text/plain\r\n\r\nHello\r\n" + part + b"application/octet-stream\r\n\r\n"
    r.body += bytes(range(256)) + b"\r\n--here-it-parts--"
    r.set(b"Content-Length", b"%d" % len(r.body))


def _response(line: bytes) -> Spoil:
    def spoil(r: Request) -> None:
        status, _, reason = line.partition(b" ")
        r.method, r.uri, r.version = b"SIP/2.0", status, reason
        r.body = b""
        r.set(b"Content-Length", b"0")

    return spoil


def _set(**headers: bytes) -> Spoil:
    def spoil(r: Request) -> None:
        for name, value in headers.items():
            known = name.replace("_", "-").encode()
            if any(each == known for each, _ in r.headers):
                r.set(known, value)
            else:
                r.add(known, value)

    return spoil


def _badinv01(r: Request) -> None:
    r.set(b"Via", r.get(b"Via") + b";;,;,,")
    r.set(b"Contact", b'"Joe" <sip:joe@invalid>;;;;')


def _scalar02(r: Request) -> None:
    _register(r)
    r.set(b"CSeq", b"36893488147419103232 REGISTER")
    r.set(b"Max-Forwards", b"300")
    r.set(b"Contact", r.get(b"Contact") + b";expires=281474976710656")
    r.add(b"Expires", b"10000000000000000000")


def _scalarlg(r: Request) -> None:
    _response(b"503 Service Unavailable")(r)
    r.set(b"CSeq", b"9223372036854775808123 OPTIONS")
    r.add(b"Retry-After", b"9223372036854775808123456")


def _quotbal(r: Request) -> None:
    r.set(b"To", b'"Mr. J. User <' + r.uri + b">")


def _ltgtruri(r: Request) -> None:
    r.uri = b"<" + r.uri + b">"


def _lwsruri(r: Request) -> None:
    r.uri += b"; lr"


def _lwsstart(r: Request) -> None:
    r.method += b" "


def _trws(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.version += b"  "


def _escruri(r: Request) -> None:
    r.uri += b"?Route=%3Csip:" + LOOPBACK + b"%3E"


def _regbadct(r: Request) -> None:
    _register(r)
    r.set(b"Contact", b"sip:carrier@" + LOOPBACK + b"?Route=%3Csip:sip.invalid%3E")


def _badaspec(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.set(b"To", b'"Citizen, A" < sip:a.citizen@invalid >')


def _baddn(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.set(b"From", r.get(b"From").replace(b'"Citizen"', b"Citizen, A"))


def _badvers(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.version = b"SIP/7.0"
    r.set(b"Via", r.get(b"Via").replace(b"SIP/2.0", b"SIP/7.0"))


def _mismatch01(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.set(b"CSeq", b"8 INVITE")


def _mismatch02(r: Request) -> None:
    _method(b"FROBNICATE")(r)
    r.set(b"CSeq", b"8 INVITE")


def _badbranch(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.set(b"Via", r.get(b"Via").partition(b"branch=")[0] + b"branch=z9hG4bK")


def _insuf(r: Request) -> None:
    for name in (b"Call-ID", b"From", b"To"):
        r.drop(name)


def _scheme(uri: bytes) -> Spoil:
    def spoil(r: Request) -> None:
        _method(b"OPTIONS")(r)
        r.uri = uri

    return spoil


def _unksm2(r: Request) -> None:
    _register(r)
    r.set(b"To", b"isbn:0000000000")
    r.set(b"From", b"<http://www.invalid>;tag=4475")
    r.set(b"Contact", b"<name:a_citizen>")


def _bext01(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.add(b"Require", b"telepathy, clairvoyance")
    r.add(b"Proxy-Require", b"second-sight, third-ear")


def _invut(r: Request) -> None:
    r.set(b"Content-Type", b"application/unknownformat")
    r.body = b"<sound>\r\n <pcmu/>\r\n</sound>\r\n"
    r.set(b"Content-Length", b"%d" % len(r.body))


def _regaut01(r: Request) -> None:
    _register(r)
    r.add(b"Authorization", b"Handshake firmness=high")


def _multi01(r: Request) -> None:
    r.add(b"CSeq", b"59 INVITE")
    r.add(b"Call-ID", b"another@" + LOOPBACK)
    r.add(b"To", b"<sip:another@invalid>")
    r.add(b"From", b"<sip:another@invalid>;tag=bbb")
    r.add(b"Max-Forwards", b"5")


def _mcl01(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.add(b"Content-Length", b"5")


def _bcast(r: Request) -> None:
    _response(b"200 OK")(r)
    r.set(b"Via", b"SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK4475")


def _zeromf(r: Request) -> None:
    _method(b"OPTIONS")(r)
    r.set(b"Max-Forwards", b"0")


def _contact(value: bytes) -> Spoil:
    def spoil(r: Request) -> None:
        _register(r)
        r.set(b"Contact", value)

    return spoil


def _sdp01(r: Request) -> None:
    r.add(b"Accept", b"text/of-tomorrow")


def _inv2543(r: Request) -> None:
    r.set(b"Via", b"SIP/2.0/UDP " + r.get(b"Via").split()[1].partition(b";")[0])
    r.set(b"From", r.get(b"From").partition(b";tag=")[0])
    r.drop(b"Max-Forwards")


_SERVED, _REFUSED, _EITHER = Taken.SERVED, Taken.REFUSED, Taken.EITHER
CASES: Final[dict[str, tuple[str, Taken, Spoil]]] = {
    "3.1.1.1": ("a short tortuous INVITE", _SERVED, _wsinv),
    "3.1.1.2": ("a wide range of valid characters", _REFUSED, _intmeth),
    "3.1.1.3": ("valid use of the % escaping mechanism", _SERVED, _esc01),
    "3.1.1.4": ("escaped nulls in URIs", _REFUSED, _escnull),
    "3.1.1.5": ("use of % when it is not an escape", _REFUSED, _esc02),
    "3.1.1.6": ("no white space between display name and <", _SERVED, _lwsdisp),
    "3.1.1.7": ("long values in header fields", _EITHER, _longreq),
    "3.1.1.8": ("extra trailing octets in a datagram", _REFUSED, _dblreq),
    "3.1.1.9": ("semicolon-separated parameters in the user part", _REFUSED, _semiuri),
    "3.1.1.10": ("varied and unknown transport types", _REFUSED, _transports),
    "3.1.1.11": ("a multipart MIME message", _REFUSED, _mpart01),
    "3.1.1.12": ("an unusual reason phrase", _REFUSED, _response(b"200 = 2**3 * 5**2 \xd0\xbd")),
    "3.1.1.13": ("an empty reason phrase", _REFUSED, _response(b"100 ")),
    "3.1.2.1": ("extraneous header field separators", _REFUSED, _badinv01),
    "3.1.2.2": ("content length larger than the message", _EITHER, _set(Content_Length=b"9999")),
    "3.1.2.3": ("negative Content-Length", _REFUSED, _set(Content_Length=b"-999")),
    "3.1.2.4": ("scalars overlarge in a request", _REFUSED, _scalar02),
    "3.1.2.5": ("scalars overlarge in a response", _REFUSED, _scalarlg),
    "3.1.2.6": ("unterminated quoted string in a display name", _REFUSED, _quotbal),
    "3.1.2.7": ("<> enclosing the Request-URI", _REFUSED, _ltgtruri),
    "3.1.2.8": ("embedded white space in the Request-URI", _REFUSED, _lwsruri),
    "3.1.2.9": ("several spaces in the request line", _EITHER, _lwsstart),
    "3.1.2.10": ("spaces at the end of the request line", _REFUSED, _trws),
    "3.1.2.11": ("escaped headers in the Request-URI", _EITHER, _escruri),
    "3.1.2.12": ("invalid time zone in Date", _EITHER, _set(Date=b"Fri, 01 Jan 2010 16:00:00 EST")),
    "3.1.2.13": ("name-addr URI not enclosed in <>", _REFUSED, _regbadct),
    "3.1.2.14": ("spaces within addr-spec", _REFUSED, _badaspec),
    "3.1.2.15": ("non-token characters in a display name", _REFUSED, _baddn),
    "3.1.2.16": ("unknown protocol version", _REFUSED, _badvers),
    "3.1.2.17": ("start line and CSeq name different methods", _REFUSED, _mismatch01),
    "3.1.2.18": ("unknown method, and another one in CSeq", _REFUSED, _mismatch02),
    "3.1.2.19": ("overlarge response code", _REFUSED, _response(b"4294967301 of no use")),
    "3.2.1": ("missing transaction identifier", _REFUSED, _badbranch),
    "3.3.1": ("missing required header fields", _REFUSED, _insuf),
    "3.3.2": ("Request-URI with an unknown scheme", _REFUSED, _scheme(b"nowhere:at-all")),
    "3.3.3": ("known but atypical scheme", _REFUSED, _scheme(b"soap.beep://192.0.2.3:3002")),
    "3.3.4": ("unknown URI schemes in header fields", _REFUSED, _unksm2),
    "3.3.5": ("Proxy-Require and Require", _REFUSED, _bext01),
    "3.3.6": ("unknown Content-Type", _REFUSED, _invut),
    "3.3.7": ("unknown authorization scheme", _REFUSED, _regaut01),
    "3.3.8": ("several values in single-value headers", _EITHER, _multi01),
    "3.3.9": ("several Content-Length values", _REFUSED, _mcl01),
    "3.3.10": ("a 200 whose Via is a broadcast address", _REFUSED, _bcast),
    "3.3.11": ("Max-Forwards of zero", _REFUSED, _zeromf),
    "3.3.12": ("REGISTER with a contact parameter", _REFUSED,
               _contact(b"<sip:0942000900@127.0.0.1:5999>;unknownparam")),
    "3.3.13": ("REGISTER with a URL parameter", _REFUSED,
               _contact(b"<sip:0942000900@127.0.0.1:5999;unknownparam>")),
    "3.3.14": ("REGISTER with an escaped header in the URL", _REFUSED,
               _contact(b"<sip:user@invalid?Route=%3Csip:sip.invalid%3E>")),
    "3.3.15": ("unacceptable Accept", _EITHER, _sdp01),
    "3.4.1": ("an INVITE as in RFC 2543", _EITHER, _inv2543),
}  # fmt: skip

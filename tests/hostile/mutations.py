"""Ways to spoil an INVITE: each a function of the dice and the request."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.hostile.message import LOOPBACK, SDP, Request, invite

Spoil = Callable[[Random, Request], None]
LARGEST: Final = 60_000  # bytes of a datagram on loopback
ADDRESSES: Final = (b"From", b"To", b"Contact")
NEEDED: Final = (b"Via", b"From", b"To", b"Call-ID", b"CSeq", b"Max-Forwards", b"Contact")
NUMBERS: Final = (
    b"-1", b"0", b"1", b"65536", b"2147483648", b"4294967295", b"4294967296", b"-2147483648",
    b"99999999999999999999999", b"0x10", b"1e9", b"", b" ", b"NaN", b"1,2", b"\xef\xbc\x91",
)  # fmt: skip
NAMES: Final = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "<script>alert(1)</script>", '\\"><img src=x onerror=alert(1)>', "\u202egnp.exe",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        '=HYPERLINK(\\"http://x.invalid\\",\\"a\\")', "=1+1|cmd", "@SUM(A1)", "-2+3", "＝1",
        "久留米" * 20, "あ" * 1700, "A" * 5000, "\u2028\u2029\x85", "\ufeff\u200b", "\ud800",
        "%s%n%x%p",
        "${CHANNEL(x)}", "$[1/0]", "a,b,c", "a;b;c", "(", ")))", "()()", "{}", "../../etc/passwd",
        "'; DROP TABLE calls; --", "%00", "%0d%0aX: y", "\\", '\\"', "\x1b[31mred\x1b[0m",
        "\x07\x08",
    )
)  # fmt: skip
CONTROLS: Final = (b"\x00", b"\x01", b"\x07", b"\x08", b"\x0b", b"\x0c", b"\x1b[2J", b"\x7f", b"\t")
BAD_UTF8: Final = (
    b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe3\x81", b"\x80",
    b"\xfc", b"\xef\xbf\xbe", b"\xf4\x90\x80\x80", "窓口".encode("cp932"), "窓口".encode("euc-jp"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is sent, and how it came to be."""

    kind: str
    datagrams: tuple[bytes, ...]


def _some(dice: Random, data: bytes, bad: bytes) -> bytes:
    at = dice.randrange(len(data) + 1)
    return data[:at] + bad + data[at:]


def _header(dice: Random, r: Request) -> bytes:
    return dice.choice(r.headers)[0]


def _named(r: Request, header: bytes, name: bytes) -> None:
    uri = r.get(header)
    r.set(header, b'"' + name + b'" ' + uri[uri.index(b"<") :])


def hostile_name(dice: Random, r: Request) -> None:
    _named(r, dice.choice(ADDRESSES), dice.choice(NAMES))


def unquoted_name(dice: Random, r: Request) -> None:
    uri = r.get(b"From")
    r.set(b"From", dice.choice(NAMES) + b" " + uri[uri.index(b"<") :])


def hostile_user(dice: Random, r: Request) -> None:
    name = dice.choice(NAMES)
    header = dice.choice((b"From", b"To", b"P-Asserted-Identity"))
    tag = b";tag=x%d" % dice.randrange(10**6) if header == b"From" else b""
    value = b"<sip:" + name + b"@127.0.0.1>" + tag
    r.set(header, value) if header in ADDRESSES else r.add(header, value)


def hostile_uri(dice: Random, r: Request) -> None:
    r.uri = b"sip:" + dice.choice(NAMES).replace(b" ", b"_") + b"@" + LOOPBACK


def bad_utf8(dice: Random, r: Request) -> None:
    _named(r, b"From", b"".join(dice.choices(BAD_UTF8, k=dice.randint(1, 40))))


def control_in_name(dice: Random, r: Request) -> None:
    _named(r, b"From", _some(dice, b"Citizen", dice.choice(CONTROLS)))


def control_anywhere(dice: Random, r: Request) -> None:
    name = _header(dice, r)
    r.set(name, _some(dice, r.get(name), dice.choice(CONTROLS)))


def line_in_name(dice: Random, r: Request) -> None:
    evil = dice.choice((b"\r\nX-Evil: 1", b"\nX-Evil: 1", b"\r", b"\r\n ", b"\r\n\r\n", b"\n\n"))
    _named(r, b"From", _some(dice, b"Citizen", evil))


def folded(dice: Random, r: Request) -> None:
    name = _header(dice, r)
    value = r.get(name)
    r.set(name, value.replace(b" ", b"\r\n" + b" \t" * dice.randint(1, 50)))


def huge_header(dice: Random, r: Request) -> None:
    size = dice.choice((255, 256, 1023, 4096, 8192, 16_384, 40_000))
    name = dice.choice((b"Subject", b"X-Long", b"User-Agent", b"Call-ID", b"P-Asserted-Identity"))
    value = bytes([dice.choice(b"A%(;\xe3<")]) * size
    r.set(name, value) if name in (b"Call-ID", b"User-Agent") else r.add(name, value)


def many_headers(dice: Random, r: Request) -> None:
    for n in range(dice.choice((50, 200, 1000))):
        r.add(b"X-%d" % n, b"v", dice.randrange(len(r.headers)))


def many_vias(dice: Random, r: Request) -> None:
    count = dice.choice((70, 200, 500))
    via = b"SIP/2.0/UDP 192.0.2.%d;branch=z9hG4bK%d"
    vias = [via % (n % 250, n) for n in range(count)]
    if dice.random() < 0.5:
        r.add(b"Via", b", ".join(vias), 1)
    else:
        for each in vias:
            r.add(b"Via", each, 1)


def bad_via(dice: Random, r: Request) -> None:
    bad = (
        b"SIP/2.0/UDP", b"SIP/2.0/UDP :", b"SIP/2.0/TLS 127.0.0.1", b"SIP/9.9/UDP 127.0.0.1",
        b"SIP/2.0/UDP [::1:::]:5060;branch=z9hG4bKx", b"SIP / 2.0 / UDP 127.0.0.1 ;branch= z9hG4bK",
        b"SIP/2.0/UDP 127.0.0.1:99999;branch=z9hG4bKy", b"SIP/2.0/UDP 127.0.0.1;branch=",
        b"SIP/2.0/UDP 127.0.0.1;rport=abc;maddr=224.0.0.1;ttl=999;branch=z9hG4bKz", b"",
    )  # fmt: skip
    r.set(b"Via", dice.choice(bad))


def bad_length(dice: Random, r: Request) -> None:
    r.set(b"Content-Length", dice.choice(NUMBERS))


def wrong_length(dice: Random, r: Request) -> None:
    r.set(b"Content-Length", b"%d" % dice.choice((1, len(SDP) - 7, len(SDP) + 1, 9999)))


def bad_number(dice: Random, r: Request) -> None:
    name = dice.choice(
        (b"Max-Forwards", b"Expires", b"Session-Expires", b"Min-SE", b"MIME-Version")
    )
    value = dice.choice(NUMBERS)
    r.set(name, value) if name == b"Max-Forwards" else r.add(name, value)


def bad_sequence(dice: Random, r: Request) -> None:
    number = dice.choice(NUMBERS)
    method = dice.choice((b"INVITE", b"OPTIONS", b"invite", b"", b"INVITE INVITE", b"\x00"))
    r.set(b"CSeq", number + b" " + method)


def missing_header(dice: Random, r: Request) -> None:
    for name in dice.sample(NEEDED, dice.randint(1, 3)):
        r.drop(name)


def doubled_header(dice: Random, r: Request) -> None:
    name = dice.choice(NEEDED)
    for _ in range(dice.choice((1, 2, 50))):
        r.add(name, r.get(name), dice.randrange(len(r.headers)))


def contradicting_header(dice: Random, r: Request) -> None:
    more = {b"CSeq": b"7 BYE", b"Call-ID": b"other@x", b"From": b"<sip:x@y>;tag=z",
            b"To": b"<sip:x@y>;tag=z", b"Content-Length": b"5"}  # fmt: skip
    name = dice.choice(list(more))
    r.add(name, more[name], dice.randrange(len(r.headers)))


def empty_header(dice: Random, r: Request) -> None:
    r.set(_header(dice, r), dice.choice((b"", b" ", b"\t", b",", b";", b"<>", b'"', b"<", b">;")))


def odd_case(dice: Random, r: Request) -> None:
    change: Callable[[bytes], bytes] = dice.choice((_short, bytes.upper, bytes.swapcase, _spaced))
    r.headers = [(change(name), value) for name, value in r.headers]


def _short(name: bytes) -> bytes:
    short = {b"Via": b"v", b"From": b"f", b"To": b"t", b"Call-ID": b"i", b"Contact": b"m"}
    return short.get(name, name)


def _spaced(name: bytes) -> bytes:
    return name + b" \t "


def shuffled(dice: Random, r: Request) -> None:
    dice.shuffle(r.headers)


def unknown_method(dice: Random, r: Request) -> None:
    methods = (b"FROBNICATE", b"!strange-0123456789_*+`.%'~", b"invite", b"A" * 5000, b"PRACK",
                b"UPDATE", b"REFER", b"SUBSCRIBE", b"NOTIFY", b"PUBLISH", b"MESSAGE",
               b"INFO", b"CANCEL", b"ACK", b"BYE", b"")  # fmt: skip
    r.method = dice.choice(methods)
    r.set(b"CSeq", b"1 " + (r.method if dice.random() < 0.7 else b"INVITE"))


def bad_start(dice: Random, r: Request) -> None:
    r.version = dice.choice((b"SIP/7.0", b"SIP/2.0 ", b"HTTP/1.1", b"", b"SIP/2.", b"sip/2.0"))
    if dice.random() < 0.3:
        r.uri = b"<" + r.uri + b">"


def bad_uri(dice: Random, r: Request) -> None:
    uris = (
        b"", b"sip:", b"sip:@", b"sip:%", b"sip:%zz@127.0.0.1", b"sip:a b@127.0.0.1", b"nobody",
        b"tel:+81942000100", b"sips:0942000100@127.0.0.1", b"http://x/", b"sip:0942000100@[::1",
        b"sip:0942000100:pass:word@127.0.0.1", b"sip:0942000100@127.0.0.1:99999999",
        b"sip:0942000100@127.0.0.1;" + b"p=v;" * 500, b"sip:" + b"0" * 4000 + b"@127.0.0.1",
        b"sip:0942000100@127.0.0.1?Route=%3Csip:x%3E&" + b"h=v&" * 300, b"sip:*@127.0.0.1",
        b"sip:h@127.0.0.1", b"sip:i@127.0.0.1", b"sip:t@127.0.0.1", b"sip:_x@127.0.0.1",
        b"sip:0942000100%00@127.0.0.1", b"urn:service:sos", b"sip:" + b"%41" * 1000 + b"@127.0.0.1",
    )  # fmt: skip
    if dice.random() < 0.5:
        r.uri = dice.choice(uris)
    else:
        header = dice.choice(ADDRESSES)
        r.set(header, b"<" + dice.choice(uris) + b">;tag=u%d" % dice.randrange(10**6))


def routed(dice: Random, r: Request) -> None:
    name = dice.choice((b"Route", b"Record-Route"))
    value = dice.choice((b"<sip:127.0.0.1;lr>", b"<sip:x.invalid>", b"<sip:%b;lr>" % (b"9" * 300)))
    for _ in range(dice.choice((1, 5, 100))):
        r.add(name, value, 1)


def demanding(dice: Random, r: Request) -> None:
    wanted = (b"100rel", b"nothingSupportsThis", b"timer", b"a, b, c, " * 200, b"", b"replaces")
    r.add(dice.choice((b"Require", b"Proxy-Require", b"Supported")), dice.choice(wanted))


def related(dice: Random, r: Request) -> None:
    """Headers that ask for something to be done to other calls, or with names and passwords."""
    r.add(*dice.choice((
        (b"Replaces", b"12345@127.0.0.1;to-tag=a;from-tag=b"), (b"Join", b"x;to-tag=a;from-tag=b"),
        (b"Authorization", b'Digest username="a01", realm="", nonce="", uri="", response=""'),
        (b"Authorization", b"Digest " + b"a=b," * 1000), (b"Proxy-Authorization", b"NoOne x=y"),
        (b"Privacy", b"id;critical;" * 300), (b"Privacy", b"\x00"), (b"Reason", b"Q.850;cause=-9"),
        (b"P-Asserted-Identity", b"<tel:+%b>" % (b"8" * 300)), (b"Diversion", b"<sip:x>" * 100),
        (b"P-Asserted-Identity", b"<sip:+81942000901@x>,<tel:+1>," * 40), (b"Alert-Info", b"<x>"),
        (b"Call-Info", b"<http://x>;purpose=icon"), (b"Date", b"Fri, 99 Foo 9999 99:99:99 XYZ"),
    )))  # fmt: skip


def bad_sdp(dice: Random, r: Request) -> None:
    old, new = dice.choice((
        (b"v=0", b"v=-1"), (b"v=0\r\n", b""), (b"m=audio 9", b"m=audio -1"),
        (b"PCMU", b"\xff\x00"), (b"s=-", b"s="), (b"127.0.0.1\r\nt", b"224.0.0.1\r\nt"),
        (b"m=audio 9", b"m=audio 99999999"), (b"RTP/AVP 0 101", b"RTP/AVP"), (b"IN IP4", b"XX IP9"),
        (b"127.0.0.1\r\nt", b"999.1.1.1\r\nt"), (b"t=0 0", b"t=x"),
        (b"c=IN IP4 127.0.0.1\r\n", b""), (b"0 101", b"0 " + b"96 " * 500),
        (b"m=audio", b"m=" + b"a" * 3000), (b"RTP/AVP", b"RTP/SAVPF"), (b"\r\n", b"\n"),
        (b"a=sendrecv", b"a=sendonly\r\na=inactive"), (b"a=sendrecv", b"a=crypto:1 AES x" * 99),
        (b"a=sendrecv", b"a=ice-ufrag:x\r\na=candidate:" + b"1 " * 400), (b"8000", b"0"),
        (b"a=sendrecv", b"m=audio 0 RTP/AVP 0\r\n" * 100), (b"a=sendrecv", b"a=ptime:-1"),
        (b"m=audio 9", b"m=image 9"), (b"8000", b"4294967296"), (b"101", b"256"),
    ))  # fmt: skip
    r.body = r.body.replace(old, new)
    r.set(b"Content-Length", b"%d" % len(r.body))


def other_body(dice: Random, r: Request) -> None:
    types = (b"application/sdp;" + b"a=b;" * 300, b"multipart/mixed;boundary=", b"text/html", b"x",
             b"multipart/mixed;boundary=x", b"application/isup", b"message/sip")  # fmt: skip
    r.set(b"Content-Type", dice.choice(types))
    r.body = dice.choice((b"", dice.randbytes(2000), b"--x\r\n" * 200, b"\x00" * 500, SDP * 20))
    r.set(b"Content-Length", b"%d" % len(r.body))


def random_bytes(dice: Random, r: Request) -> None:
    data = bytearray(r.encode())
    for _ in range(dice.randint(1, 30)):
        data[dice.randrange(len(data))] = dice.randrange(256)
    _only(r, bytes(data))


def cut_off(dice: Random, r: Request) -> None:
    data = r.encode()
    _only(r, data[: dice.randrange(1, len(data))])


def noise(dice: Random, r: Request) -> None:
    _only(r, dice.randbytes(dice.choice((1, 4, 20, 500, 1400, 9000))))


def newlines(dice: Random, r: Request) -> None:
    r.newline = dice.choice((b"\n", b"\r", b"\n\r", b"\r\r\n", b"\x00\r\n"))


def tail(dice: Random, r: Request) -> None:
    r.tail = dice.choice((r.encode(), b"\r\n\r\n", dice.randbytes(300), b"\x00" * 8000))


def repeated(dice: Random, r: Request) -> None:
    """The same again, and merged requests: another branch for the same dialog."""
    first = r.encode()
    r.extra = [first] * dice.randint(1, 5)
    if dice.random() < 0.5:
        r.extra.append(first.replace(b"branch=z9hG4bK", b"branch=z9hG4bKm"))


def withdrawn(dice: Random, r: Request) -> None:
    """CANCEL at once, or something else inside a dialog that is not there yet."""
    method = dice.choice((b"CANCEL", b"BYE", b"ACK", b"UPDATE", b"INFO"))
    again = Request(method, r.uri, list(r.headers))
    again.set(b"CSeq", b"1 " + method)
    again.set(b"Content-Length", b"0")
    again.drop(b"Content-Type")
    r.extra = [again.encode()] * dice.randint(1, 3)


def _only(r: Request, data: bytes) -> None:
    """Nothing but these bytes."""
    r.extra = [data]
    r.method = b""


SPOILS: Final[Mapping[str, Spoil]] = {
    spoil.__name__: spoil
    for spoil in (
        hostile_name, unquoted_name, hostile_user, hostile_uri, bad_utf8, control_in_name,
        control_anywhere, line_in_name, folded, huge_header, many_headers, many_vias, bad_via,
        bad_length, wrong_length, bad_number, bad_sequence, missing_header, doubled_header,
        contradicting_header, empty_header, odd_case, shuffled, unknown_method, bad_start, bad_uri,
        routed, demanding, related, bad_sdp, other_body, random_bytes, cut_off, noise, newlines,
        tail, repeated, withdrawn,
    )
}  # fmt: skip
RAW: Final = frozenset(("random_bytes", "cut_off", "noise"))


def mutants(seed: int, count: int, ours: int, theirs: int) -> Iterator[Mutant]:
    """Every kind in turn; now and then two at once."""
    dice = Random(seed)
    kinds = list(SPOILS)
    for serial in range(count):
        kind = kinds[serial % len(kinds)]
        request = invite(dice, serial, ours, theirs)
        if kind not in RAW and dice.random() < 0.2:
            kind = f"{_second(dice, request)}+{kind}"
        SPOILS[kind.rpartition("+")[2]](dice, request)
        yield Mutant(kind, _datagrams(request, raw=kind in RAW))


def _second(dice: Random, request: Request) -> str:
    """One that goes with every other."""
    name = dice.choice(("hostile_name", "huge_header", "many_headers", "demanding", "related"))
    SPOILS[name](dice, request)
    return name


def _datagrams(request: Request, *, raw: bool) -> tuple[bytes, ...]:
    found = request.extra if raw else [request.encode(), *request.extra]
    return tuple(data[:LARGEST] for data in found)

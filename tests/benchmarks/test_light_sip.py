"""The load generator's telephone: what it asks arrives, also when the first try is lost."""

from benchmarks.light_sip import Line, Message, read

REQUEST = (
    "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bKa\r\n"
    "From: <sip:0942000901@127.0.0.1>;tag=f\r\nTo: <sip:x@127.0.0.1>\r\n"
    "Call-ID: c1\r\nCSeq: 4 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


def test_a_message_is_read() -> None:
    message = read(REQUEST.encode())
    assert (message.status, message.method, message.call_id) == (0, "OPTIONS", "c1")
    assert (message.user("from"), message.tag("from"), message.tag("to")) == ("0942000901", "f", "")
    assert read(b"SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n").status == 486


async def test_a_request_is_repeated_until_somebody_answers() -> None:
    heard: list[Message] = []

    def deaf_at_first(request: Message) -> None:
        heard.append(request)
        if len(heard) > 1:
            there.agree(request, "t")

    there = await Line.open(0, deaf_at_first)
    here = await Line.open(there.port, lambda _: None)
    there.theirs = here.port
    answer = await here.ask(REQUEST, "c1", "OPTIONS")
    for line in (here, there):
        assert line.transport is not None
        line.transport.close()
    assert answer is not None
    assert (answer.status, answer.tag("to"), answer.vias) == (200, "t", read(REQUEST.encode()).vias)
    assert len(heard) == 2

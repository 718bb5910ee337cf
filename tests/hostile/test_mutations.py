"""The mutator itself: the same seed sends the same bytes, and every kind spoils something."""

from random import Random

from tests.hostile.message import SDP, Request, invite
from tests.hostile.mutations import LARGEST, SPOILS, mutants
from tests.hostile.proof import fault
from tests.sip.message import parse

OURS, THEIRS = 5070, 5060


def test_the_same_seed_sends_the_same_bytes() -> None:
    once, again = (list(mutants(3, 100, OURS, THEIRS)) for _ in range(2))
    assert once == again
    assert once != list(mutants(4, 100, OURS, THEIRS))


def test_every_kind_comes_and_fits_into_a_datagram() -> None:
    made = list(mutants(1, 6 * len(SPOILS), OURS, THEIRS))
    assert {mutant.kind.rpartition("+")[2] for mutant in made} == set(SPOILS)
    assert all(len(data) <= LARGEST for mutant in made for data in mutant.datagrams)
    assert len({mutant.datagrams for mutant in made}) > 0.95 * len(made)


def test_what_is_spoilt_was_right_before() -> None:
    request = parse(invite(Random(1), 7, OURS, THEIRS).encode())
    assert request.header("Call-ID")
    assert len(request.body) == len(SDP)


def test_every_kind_changes_the_request() -> None:
    for name, spoil in SPOILS.items():
        plain, seeds = invite(Random(1), 1, OURS, THEIRS).encode(), range(10)
        assert any(_spoilt(spoil, seed) != [plain] for seed in seeds), name


def _spoilt(spoil: object, seed: int) -> list[bytes]:
    request: Request = invite(Random(1), 1, OURS, THEIRS)
    assert callable(spoil)
    spoil(Random(seed), request)
    return [request.encode(), *request.extra]


def test_f14_a_line_that_a_caller_wrote_is_seen() -> None:
    good = b'{"level": "info"}'
    assert not fault("controller.log", good)
    bad = (b"\x1b[2J", b"\x00", b"\r", b"\x80", "\u0085".encode(), b"plain", b'"0942000123"')
    assert [line for line in bad if not fault("controller.log", good[:-1] + line + b"}")] == []

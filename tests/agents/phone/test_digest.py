"""A page proves its secret; Asterisk sees only its own password."""

from hashlib import md5

import pytest

from agents.phone.digest import NotProven, exchanged

USER, SECRET, PASSWORD = "a01.web", "the-page's", "asterisk's"
REALM, NONCE, URI = "madoguchi", "1764300000/abc", "sip:madoguchi.invalid"


def hexed(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def response(key: str, *, qop: bool, method: str = "REGISTER") -> str:
    ha1, ha2 = hexed(f"{USER}:{REALM}:{key}"), hexed(f"{method}:{URI}")
    between = f"{NONCE}:00000001:0a4f113b:auth" if qop else NONCE
    return hexed(f"{ha1}:{between}:{ha2}")


def authorization(key: str, *, qop: bool = True, user: str = USER, more: str = "") -> str:
    said = 'qop=auth, nc=00000001, cnonce="0a4f113b", ' if qop else ""
    return (
        f'Digest username="{user}", realm="{REALM}", nonce="{NONCE}", uri="{URI}", {said}'
        f'response="{response(key, qop=qop)}"{more}'
    )


def register(*headers: str) -> str:
    lines = (f"REGISTER {URI} SIP/2.0", "CSeq: 1 REGISTER", *headers, "Content-Length: 0")
    return "\r\n".join((*lines, "", ""))


def test_a_message_without_proof_stays_as_it_is() -> None:
    said = register("Via: SIP/2.0/WS relay.invalid")
    assert exchanged(said, USER, SECRET, PASSWORD) == said


@pytest.mark.parametrize("qop", [True, False])
@pytest.mark.parametrize("name", ["Authorization", "authorization", "Proxy-Authorization"])
def test_the_proof_is_exchanged_and_nothing_else(qop: bool, name: str) -> None:
    said = register(f"{name}: {authorization(SECRET, qop=qop)}", "Max-Forwards: 69")
    wanted = register(f"{name}: {authorization(PASSWORD, qop=qop)}", "Max-Forwards: 69")
    assert exchanged(said, USER, SECRET, PASSWORD) == wanted


def test_a_body_that_looks_like_a_header_is_left_alone() -> None:
    said = register() + "Authorization: Digest nonsense\r\n"
    assert exchanged(said, USER, SECRET, PASSWORD) == said


@pytest.mark.parametrize(
    "given",
    [
        authorization("yesterday's"),
        authorization(SECRET, user="a02.web"),
        authorization(SECRET, user="a01"),  # the desk phone has another password
        authorization(SECRET, more=", algorithm=SHA-256"),
        "Basic YTAxLndlYjp4",
        "Digest",
        "",
    ],
)
def test_whoever_does_not_know_the_secret_is_refused(given: str) -> None:
    with pytest.raises(NotProven):
        exchanged(register(f"Authorization: {given}"), USER, SECRET, PASSWORD)


def test_asterisks_own_password_is_no_secret_of_a_page() -> None:
    with pytest.raises(NotProven):
        exchanged(register(f"Authorization: {authorization(PASSWORD)}"), USER, SECRET, PASSWORD)


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(NotProven):
        exchanged("REGISTER", USER, SECRET, PASSWORD)

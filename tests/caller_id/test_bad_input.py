"""Rows A1–A7 of the bad-input catalogue, as far as they concern who is calling."""

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.caller_id import Caller, CallerKind, caller_key, identify, masked

SECRET = b"0123456789abcdef"
ANONYMOUS = "<sip:anonymous@anonymous.invalid>;tag=1"


def caller(
    from_header: str, pai: str = "", privacy: str = "", rpid: str = "", *, trust_pai: bool = True
) -> Caller:
    told = (quote(header) for header in (from_header, pai, privacy, rpid))
    return identify(*told, trust_pai=trust_pai)


def from_number(number: str) -> Caller:
    return caller(f"<sip:{number}@127.0.0.1>;tag=1")


@pytest.mark.parametrize(
    "header",
    [
        '"' + "x" * 5000 + '" <sip:0942001234@127.0.0.1>',
        '"Bob\r\nContact: evil\x00" <sip:0942001234@127.0.0.1>',
        '"unclosed <sip:0942001234@127.0.0.1',
        "<sip:" + "9" * 70000 + "@127.0.0.1>",
        "\x00",
        "<<<>>>",
        '"\\',
        "a" * 100_000,
    ],
)
def test_a1_a_hostile_header_is_cut_and_cleaned(header: str) -> None:
    found = caller(header)

    assert_harmless(found)
    assert found.number in {None, "+81942001234"}


def test_a1_bad_utf8_does_not_hide_the_number() -> None:
    found = identify("%22%ff%fe%80%22%20%3Csip:0942001234@127.0.0.1%3E", "", "", trust_pai=False)

    assert found.number == "+81942001234"
    assert_harmless(found)


@pytest.mark.parametrize("name", ["Anonymous", "anonymous", "Anonymous User", "非通知"])
def test_a2_withheld(name: str) -> None:
    found = caller(f'"{name}" {ANONYMOUS}')

    assert (found.number, found.kind, found.shown) == (None, CallerKind.WITHHELD, "非通知")
    assert caller_key(SECRET, found) is None


@pytest.mark.parametrize("header", ["<sip:anonymous@ims.example>", "sip:anonymous.invalid"])
def test_a2_withheld_without_a_name(header: str) -> None:
    assert caller(header).kind is CallerKind.WITHHELD


@pytest.mark.parametrize("name", ["Coin line/payphone", "coin line/payphone", "公衆電話"])
def test_a3_payphone_is_read_from_the_name_before_the_anonymous_address(name: str) -> None:
    found = caller(f'"{name}" {ANONYMOUS}')

    assert (found.number, found.kind, found.shown) == (None, CallerKind.PAYPHONE, "公衆電話")


def test_a3_payphone_stays_one_when_the_network_adds_privacy() -> None:
    found = caller(f'"Coin line/payphone" {ANONYMOUS}', "<sip:0942001234@ims.example>", "id")

    assert (found.number, found.kind) == (None, CallerKind.PAYPHONE)


def test_a3_payphone_is_also_read_from_the_trunks_own_header() -> None:
    pai = f'"Coin line/payphone" {ANONYMOUS}'

    assert caller(ANONYMOUS, pai).kind is CallerKind.PAYPHONE
    assert caller(ANONYMOUS, pai, trust_pai=False).kind is CallerKind.WITHHELD


@pytest.mark.parametrize(
    ("header", "kind", "label"),
    [
        (f'"Unavailable" {ANONYMOUS}', CallerKind.UNAVAILABLE, "表示圏外"),
        ('"Unavailable" <sip:unavailable@ims.example>', CallerKind.UNAVAILABLE, "表示圏外"),
        (
            f'"Interaction with other service" {ANONYMOUS}',
            CallerKind.SERVICE_CONFLICT,
            "表示圏外(サービス競合)",
        ),
        ("", CallerKind.UNKNOWN, "不明"),
        ("<sip:unknown@ims.example>", CallerKind.UNKNOWN, "不明"),
        ("<sip:RESTRICTED@ims.example>", CallerKind.UNKNOWN, "不明"),
    ],
)
def test_a4_no_number_for_other_reasons(header: str, kind: CallerKind, label: str) -> None:
    found = caller(header)

    assert (found.number, found.kind, found.shown) == (None, kind, label)


def test_a4_a_person_named_unavailable_still_has_a_number() -> None:
    assert caller('"Unavailable" <sip:0942001234@127.0.0.1>').number == "+81942001234"


@pytest.mark.parametrize(("trusted", "number"), [(True, "+81942005678"), (False, "+81942001234")])
def test_a5_the_asserted_number_counts_only_from_the_trunk(trusted: bool, number: str) -> None:
    pai = "<sip:+81942005678@ims.example;user=phone>, <tel:+81942005678>"

    assert caller("<sip:0942001234@x>", pai, "none", trust_pai=trusted).number == number


@pytest.mark.parametrize("privacy", ["id", "ID", "user;id", "critical; id", "header,user", "full"])
def test_a5_a_wish_for_privacy_hides_the_number(privacy: str) -> None:
    found = caller("<sip:0942001234@x>", "<sip:+81942001234@ims.example>", privacy)

    assert found == Caller(None, CallerKind.WITHHELD, "非通知")


def test_a5_a_withheld_number_is_not_taken_from_another_header() -> None:
    found = caller(f'"Anonymous" {ANONYMOUS}', "<sip:+81942001234@ims.example>")

    assert found == Caller(None, CallerKind.WITHHELD, "非通知")


OTHER = "<sip:0942005678@x>"


@pytest.mark.parametrize(
    "word", ["full", "FULL", "uri", '"full"', "full-network", "id", "whatever"]
)
@pytest.mark.parametrize("pai", ["", "<sip:+81942001234@ims.example>"])
def test_a5_a_remote_party_that_wants_to_be_hidden_is(word: str, pai: str) -> None:
    found = caller("<sip:0942001234@x>", pai, "none", f"{OTHER};party=calling;privacy={word}")

    assert found == Caller(None, CallerKind.WITHHELD, "非通知")


@pytest.mark.parametrize("behind", ["", ";party=calling;privacy=off", ";screen=yes;privacy=none"])
def test_a5_a_remote_party_outranks_from_and_an_assertion_outranks_it(behind: str) -> None:
    rpid = OTHER + behind

    assert caller("<sip:0942001234@x>", rpid=rpid).number == "+81942005678"
    assert caller("<sip:0942001234@x>", "<tel:+81942009999>", rpid=rpid).number == "+81942009999"
    assert caller("<sip:0942001234@x>", rpid=rpid, trust_pai=False).number == "+81942001234"


def test_a5_a_remote_party_counts_only_where_it_is_the_caller() -> None:
    called = f"{OTHER};party=called;privacy=full"

    assert caller("<sip:0942001234@x>", rpid=called).number == "+81942001234"
    both = f"{called}, <sip:0942001234@x>;party=calling;privacy=full"
    assert caller("<sip:0942001234@x>", rpid=both).kind is CallerKind.WITHHELD


def test_a5_a_parameter_in_a_name_or_in_the_address_hides_nothing() -> None:
    rpid = '"a;privacy=full" <sip:0942005678@x;privacy=full>;party=calling'

    assert caller("<sip:0942001234@x>", rpid=rpid).number == "+81942005678"


def test_a5_a_hidden_name_is_not_told_and_the_number_is() -> None:
    rpid = '"城南 花子" <sip:0942005678@x>;privacy=name'
    found = caller('"城南 花子" <sip:0942001234@x>', rpid=rpid)

    assert (found.number, found.name) == ("+81942005678", "")


def test_a5_a_remote_party_may_say_why_there_is_no_number() -> None:
    rpid = f'"Coin line/payphone" {ANONYMOUS};party=calling;privacy=full'

    assert caller("<sip:0942001234@x>", rpid=rpid).kind is CallerKind.PAYPHONE


FORMS_OF_ONE_NUMBER = [
    "<sip:0942001234@127.0.0.1>",
    "<sip:+81942001234@127.0.0.1>",
    "<sip:81942001234@127.0.0.1>",
    "<sip:01081942001234@127.0.0.1>",
    "<sip:010-81-942-00-1234@127.0.0.1>",
    "<sip:0081942001234@127.0.0.1>",
    "<sip:0942-00-1234@127.0.0.1>",
    "<sip:0942%2000%201234@127.0.0.1>",
    "<sip:%2B81942001234@127.0.0.1>",
    "<sip:1840942001234@127.0.0.1>",
    "<sip:1860942001234@127.0.0.1>",
    "<sip:186+81942001234@127.0.0.1>",
    "<sip:0942(00)1234@127.0.0.1>",
    "<sip:0942001234@127.0.0.1>",
    "<sips:0942001234:secret@127.0.0.1:5061;transport=tls>",
    "<sip:0942001234;phone-context=+81@127.0.0.1;user=phone>",
    "<sip:0942001234;phone-context=ims.example@127.0.0.1;user=phone>",
    "<tel:+81-942-00-1234>",
    "<tel:0942001234;phone-context=+81>",
    "tel:+81942001234;tag=9",
    "sip:0942001234@127.0.0.1;tag=9",
    "0942001234",
    "<sip:０９４２ー００ー１２３４@127.0.0.1>",
    '"\\"Quoted\\" <name>" <sip:+81942001234@127.0.0.1;user=phone>;tag=1',
    "Token <SIP:+81942001234@127.0.0.1>",
]


@pytest.mark.parametrize("header", FORMS_OF_ONE_NUMBER)
def test_a6_every_form_of_a_number_is_one_caller(header: str) -> None:
    found = caller(header)

    assert (found.number, found.kind) == ("+81942001234", CallerKind.FIXED)
    assert caller_key(SECRET, found) == caller_key(SECRET, from_number("0942001234"))


@pytest.mark.parametrize(
    ("number", "e164", "kind"),
    [
        ("09012345678", "+819012345678", CallerKind.MOBILE),
        ("08012345678", "+818012345678", CallerKind.MOBILE),
        ("07012345678", "+817012345678", CallerKind.MOBILE),
        ("06012345678", "+816012345678", CallerKind.MOBILE),
        ("05012345678", "+815012345678", CallerKind.IP),
        ("02012345678", "+812012345678", CallerKind.SPECIAL),
        ("0120000123", "+81120000123", CallerKind.TOLL_FREE),
        ("08000001234", "+818000001234", CallerKind.TOLL_FREE),
        ("0570000123", "+81570000123", CallerKind.SPECIAL),
        ("110", None, CallerKind.SPECIAL),
        ("119", None, CallerKind.SPECIAL),
        ("+14155550123", "+14155550123", CallerKind.FOREIGN),
        ("01014155550123", "+14155550123", CallerKind.FOREIGN),
        ("+499012345678901", "+499012345678901", CallerKind.FOREIGN),
        ("7", None, CallerKind.EXTENSION),
        ("12", None, CallerKind.EXTENSION),
    ],
)
def test_a6_each_kind_of_number(number: str, e164: str | None, kind: CallerKind) -> None:
    found = from_number(number)

    assert (found.number, found.kind, found.told) == (e164, kind, number)


@pytest.mark.parametrize(
    "number",
    [
        "0012345",  # seven digits of some town, or a carrier's prefix
        "3012345",
        "942001234",  # a trunk prefix lost, or a foreign number
        "14155550123",
        "8613812345678",
        "001415555012",
        "+999123456789",
        "+81942",
        "0942001234567",
        "1" * 40,
        "0942001234a",
    ],
)
def test_a6_what_could_be_several_numbers_is_kept_as_told(number: str) -> None:
    found = from_number(number)

    assert (found.number, found.kind, found.told) == (None, CallerKind.UNKNOWN, number)
    assert caller_key(SECRET, found) is None


def test_a6_a_number_local_to_another_country_is_not_made_japanese() -> None:
    found = caller("<sip:0942001234;phone-context=+1@127.0.0.1>")

    assert (found.number, found.kind) == (None, CallerKind.UNKNOWN)


def test_a6_another_secret_or_number_gives_another_key() -> None:
    one, other = from_number("0942001234"), from_number("0942001235")

    assert caller_key(SECRET, one) != caller_key(SECRET, other)
    assert caller_key(SECRET, one) != caller_key(SECRET[::-1], one)
    assert "942001234" not in (caller_key(SECRET, one) or "")
    with pytest.raises(ValueError, match="too short"):
        caller_key(b"short", one)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '\\"><img onerror=x>',
        "\u202eevil\u2066",
        "😀" * 40,
        "=HYPERLINK(1)",
        "a\u200bb\ufeff",
        "x" * 5000,
        "tab\there\x1b[31m",
    ],
)
def test_a7_a_hostile_name_is_short_and_printable(name: str) -> None:
    found = caller(f'"{name}" <sip:0942001234@127.0.0.1>')

    assert found.number == "+81942001234"
    assert_harmless(found)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+819012345678", "090-****-5678"),
        ("+81942001234", "0942-**-1234"),
        ("+81312345678", "03-****-5678"),
        ("+14155550123", "+1 ***-***-0123"),
        ("1234567", "***4567"),
        (None, ""),
        ("", ""),
    ],
)
def test_a_masked_number_keeps_what_a_colleague_needs(number: str | None, shown: str) -> None:
    assert masked(number) == shown


header_text = st.text(
    st.sampled_from('"\\<>@;:,=%+ sipteanoymu0123456789-\r\n\x00\u202e０ー') | st.characters(),
    max_size=300,
)


@given(st.lists(header_text, min_size=4, max_size=4), st.booleans())
def test_any_text_gives_a_harmless_caller(headers: list[str], trust: bool) -> None:
    found = identify(*headers, trust_pai=trust)

    assert_harmless(found)
    assert masked(found.told or found.name) is not None
    assert (caller_key(SECRET, found) is None) == (found.number is None)


@given(st.from_regex(r"\+?[0-9]{1,16}", fullmatch=True), st.sampled_from(["id", "user;id"]))
def test_no_digit_of_a_withheld_number_gets_through(number: str, privacy: str) -> None:
    found = caller(f'"{number}" <sip:{number}@x>', f"<tel:{number}>", privacy)

    assert found.number is found.told is None
    assert found.name == ""


def assert_harmless(found: Caller) -> None:
    for text in (found.name, found.told or "", found.shown, found.number or ""):
        assert len(text) <= 64
        assert not any(unicodedata.category(char).startswith("C") for char in text)
        assert not {"\u2028", "\u2029"} & set(text)
    if found.number is not None:
        assert found.number.startswith("+")
        assert found.number[1:].isascii()
        assert 7 <= len(found.number[1:]) <= 15
        assert found.number[1:].isdigit()

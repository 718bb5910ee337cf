"""Files nobody should have to puzzle over: each row of E3, with its line and its reason."""

from pathlib import Path

import pytest

from config.documents import LARGEST, Plain, Unreadable, parse, read

DEEP = "[" * 100_000


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(Unreadable) as caught:
        parse(text, "f.yaml")
    return [(fault.line, fault.text) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        pytest.param("a: 1\nb: ]\n", 2, "is not YAML", id="syntax_error"),
        pytest.param("a: 1\nb: 'x\n", 3, "is not YAML", id="open_quote"),
        pytest.param("a: b: c\n", 1, "is not YAML", id="two_colons"),
        pytest.param("a:\n\tb: 1\n", 2, "has a tab", id="tab"),
        pytest.param("a: 1\nb: 2\na: 3\n", 3, "repeats 'a', which line 1 has", id="dup_key"),
        pytest.param("a: &x [1]\n", 1, "defines the anchor &x", id="anchor"),
        pytest.param("a: 1\nb: *x\n", 2, "uses the alias *x", id="alias"),
        pytest.param("<<: *x\n", 1, "uses the alias *x", id="merge"),
        pytest.param("a: 1\n2: b\n", 2, 'write "2"', id="number_key"),
        pytest.param("true: b\n", 1, 'write "true"', id="bool_key"),
        pytest.param("? [a]\n: b\n", 1, "a key is text", id="list_key"),
        pytest.param("a: !!python/object:os.system x\n", 1, "has the tag", id="tag"),
        pytest.param("a: 1\n---\nb: 2\n", 2, "second document", id="two_documents"),
        pytest.param("a: 1\nb: \x07\n", 2, "character that no text may hold", id="control"),
        pytest.param(DEEP, 1, "is nested more than 20 levels deep", id="deep_list"),
        pytest.param("{" * 100_000, 1, "is nested more than", id="deep_mapping"),
        pytest.param("? " * 100_000, 1, "is nested more than", id="deep_key"),
    ],
)
def test_e3_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    assert any(number == line and reason in told for number, told in faults(text))


def test_e3_alias_bomb() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert len(faults("\n".join(["l0: &l0 [x]", *levels]))) == 30 + 29 * 9


def test_e3_anchors_loop() -> None:
    assert [line for line, _ in faults("a: &a\n  b: *a\n")] == [1, 2]


def test_e3_10_mb(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("a: 1\n" * (LARGEST // 5 + 1))
    with pytest.raises(Unreadable, match=r"big\.yaml:1: is larger than 256 KiB"):
        read(path)


def test_e3_not_text(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("a: 1\nb: 市\n".encode("cp932"))
    with pytest.raises(Unreadable, match=r"latin\.yaml:2: is not UTF-8"):
        read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"gone\.yaml:1: cannot be read"):
        read(tmp_path / "gone.yaml")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        pytest.param("no", "no", id="e3_norway"),
        pytest.param("on", "on", id="e3_on"),
        pytest.param("0942000100", "0942000100", id="e3_octal_0942"),
        pytest.param("0o17", "0o17", id="octal"),
        pytest.param("0x1F", "0x1F", id="hexadecimal"),
        pytest.param("1_000", "1_000", id="underscore"),
        pytest.param("1e3", "1e3", id="exponent"),
        pytest.param("8:30", "8:30", id="sexagesimal"),
        pytest.param("2026-01-01", "2026-01-01", id="e3_date"),
        pytest.param("'12'", "12", id="quoted_number"),
        pytest.param('"true"', "true", id="quoted_truth"),
        pytest.param("9" * 16, "9" * 16, id="longer_than_any_number"),
        pytest.param("True", "True", id="capital_truth"),
        pytest.param("true", True, id="truth"),
        pytest.param("false", False, id="untruth"),
        pytest.param("null", None, id="null"),
        pytest.param("", None, id="nothing"),
        pytest.param("-12", -12, id="whole"),
        pytest.param("0", 0, id="zero"),
        pytest.param("4.5", 4.5, id="decimal"),
    ],
)
def test_words_mean_what_their_author_meant(written: str, meant: Plain) -> None:
    data = parse(f"a: {written}\n", "f.yaml").data
    assert isinstance(data, dict)
    assert (type(data["a"]), data["a"]) == (type(meant), meant)


def test_e3_date_and_norway_keys_are_text() -> None:
    assert parse("2026-01-01: a\nno: b\n", "f.yaml").data == {"2026-01-01": "a", "no": "b"}


def test_everything_knows_its_line() -> None:
    document = parse("# first\na:\n  - b: 1\n  - c\nd: {e: 2}\n", "f.yaml")
    wheres = [(), ("a",), ("a", 0, "b"), ("a", 1), ("d", "e"), ("a", "gone", 1), ("gone",)]
    assert [document.line(where) for where in wheres] == [2, 2, 3, 4, 5, 4, 2]


def test_all_faults_of_a_file_come_at_once() -> None:
    assert [line for line, _ in faults("a: &x 1\na: 2\n3: 4\nb: !t c\n")] == [1, 2, 3, 4]

"""From references to sounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr_flows.prompts.catalogue import prompts, sounds
from ivr_flows.prompts.parts import FAMILIES, PAUSE
from ivr_flows.prompts.speak import UnknownPrompt, known, speak

WANTED = """greeting main_menu booking_menu bring_menu bring_self bring_child bring_proxy
    renewal_info lost_intro lost_outro hours_intro places_info info_menu to_person please_wait
    wrong_key no_input closed all_busy queue_full max_wait_sorry goodbye
    position_intro position_outro transfer_wait
    transfer_failed net_wait number_ask number_thanks number_bad"""


@pytest.mark.parametrize("name", WANTED.split())
def test_a_prompt_is_its_own_sound(name: str) -> None:
    assert speak(name) == (name,)


@pytest.mark.parametrize(
    ("reference", "sound"),
    [
        ("position:3", "position-3"),
        ("people:0", "people-0"),
        ("people:99", "people-99"),
        ("nth_person:2", "nth_person-2"),
        ("minutes:60", "minutes-60"),
        ("hour:9", "hour-9"),
        ("day:31", "day-31"),
        ("month:12", "month-12"),
        ("weekday:7", "weekday-7"),
    ],
)
def test_a_spoken_number_is_one_sound(reference: str, sound: str) -> None:
    assert speak(reference) == (sound,)


def test_a_published_number_is_spoken_as_it_is_written() -> None:
    assert speak("number:0120-95-0178") == (
        *("digit-0", "digit-1", "digit-2", "digit-0", PAUSE),
        *("digit-9", "digit-5", PAUSE),
        *("digit-0", "digit-1", "digit-7", "digit-last-8"),
    )
    assert PAUSE not in speak("number:188")


@pytest.mark.parametrize(
    "reference",
    [
        *("", "greetings", "Greeting", "greeting:1", "position", "position:", "position-3"),
        *("position:0", "position:100", "position:03", "position:３", "position:-1", "position: 3"),
        *("minutes:61", "minutes:0", "hour:24", "day:32", "month:13", "weekday:8", "digit:1"),
        *("number:", "number:-", "number:0120--95", "number:0120-95-", "number:+81-942", "pause"),
        *("greeting\n", "position:3\n", "number:0120\n", "../secrets", "number:０１２０"),
    ],
)
def test_anything_else_is_unknown(reference: str) -> None:
    assert not known(reference)
    with pytest.raises(UnknownPrompt) as caught:
        speak(reference)
    assert caught.value.reference == reference


def test_every_reference_leads_to_sounds_that_must_exist() -> None:
    numbered = [f"{name}:{n}" for name, family in FAMILIES.items() for n in family.numbers]
    for reference in (*prompts().prompts, *numbered):
        assert set(speak(reference)) <= sounds().keys()


@given(st.from_regex(r"[0-9]{1,6}(-[0-9]{1,6}){0,4}", fullmatch=True))
def test_no_digit_of_a_number_is_lost(number: str) -> None:
    heard = speak(f"number:{number}")

    assert set(heard) <= sounds().keys() | {PAUSE}
    assert "".join("-" if stem == PAUSE else stem[-1] for stem in heard) == number
    assert [stem.startswith("digit-last") for stem in heard] == [False] * (len(heard) - 1) + [True]


@given(st.text(max_size=30))
def test_no_text_breaks_it(reference: str) -> None:
    assert not known(reference) or speak(reference)

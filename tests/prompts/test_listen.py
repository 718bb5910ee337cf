"""What a recogniser is given is what a caller hears; it itself is no part of the tests."""

import pytest

from ivr_flows.prompts.audio import RATE, load
from ivr_flows.prompts.level import rms
from ivr_flows.prompts.listen import announcement, as_heard
from ivr_flows.prompts.recordings import path_of


def test_the_announcement_is_that_of_the_queue() -> None:
    assert announcement(77) == ("position_intro", "position-77", "position_outro")


def test_it_is_heard_whole_in_the_telephones_quality_and_at_the_same_level() -> None:
    stems = announcement(10)
    whole = sum(load(path_of(stem)).size for stem in stems)
    heard = as_heard(stems)
    assert heard.size == pytest.approx(whole, abs=RATE // 100)
    plain = load(path_of("position_intro"))
    assert rms(heard[: plain.size]) == pytest.approx(rms(plain), abs=1)  # dB

"""22.10.1 <= version < 23, as this Asterisk writes it and as others would."""

import pytest

from telephony.asterisk.version import UnfitAsterisk, problem, require_fit


@pytest.mark.parametrize(
    "version",
    ["22.10.1", "22.10.1+dfsg+~cs6.17.60671434-1", "22.10.1~dfsg-2", "22.10.2", "22.11.0", "22.99"],
)
def test_these_take_calls(version: str) -> None:
    assert problem(version) is None
    require_fit(version)


@pytest.mark.parametrize(
    "version",
    [
        "22.10.0", "22.9.3+dfsg", "20.15.1", "1.8.0", "23.0.0", "23.5.1", "22", "", "22.10.1-rc1",
        "22.11.0-rc2", "22.10", "certified-22.8-cert1", "GIT-22-abcdef", "22.10.1x", "x22.10.1",
    ],
)  # fmt: skip
def test_these_are_refused_in_one_sentence_that_says_which_work(version: str) -> None:
    told = problem(version)
    assert told is not None
    assert f"Asterisk {version} does not work" in told
    assert "22.10.1 or a later 22.x (below 23)" in told
    assert "22.10.1 以上 23 未満" in told
    with pytest.raises(UnfitAsterisk, match="以上"):
        require_fit(version)

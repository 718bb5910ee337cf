"""Joins what the dictionary of the front end knows with the readings that we wrote ourselves.

The dictionary is right about words in kanji and wrong about much katakana (ハツカ becomes ハッカ),
so katakana is never left to it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ivr_flows.prompts.readings import WORD_EDGE

Node = Mapping[str, str]  # of Open JTalk: `string`, `pron`, `pos` and more

_KANA: Final = re.compile(rf"[ァ-ヺー]+(?:{WORD_EDGE}[ァ-ヺー]+)*")
_SIGN: Final = "記号"
# Written コウ is said コー. The front end knows that of its own words, not of ours.
_LONG_O: Final = re.compile(r"(?<=[オコゴソゾトドノホボポモヨロョヲ])ウ")
_LONG_U: Final = re.compile(r"(?<=[ウクグスズツヅヌフブプムユルュ])ウ")
_LONG_E: Final = re.compile(r"(?<=[エケゲセゼテデネヘベペメレ])イ")


class Misaligned(ValueError):
    """The front end cut a word across the kana we wrote, so its reading cannot be trusted."""


def lengthened(kana: str) -> str:
    """Katakana as it is pronounced: ジュウゴフン is ジューゴフン."""
    for pattern in (_LONG_O, _LONG_U, _LONG_E):
        kana = pattern.sub("ー", kana)
    return kana


def as_written(text: str, nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Each word with how it is said; katakana is said exactly as it stands."""
    runs = _runs_of_kana(text)
    placed = list(_placed(nodes))
    edges = {place for place, _ in placed} | {len(text.replace(WORD_EDGE, ""))}
    until = 0
    for place, node in placed:
        if place in runs:
            until, words = runs.pop(place)
            if until not in edges:
                raise Misaligned(text)
            yield from ((word, lengthened(word)) for word in words)
        elif place >= until:
            yield node["string"], said(node)
    if runs:
        raise Misaligned(text)


def _runs_of_kana(text: str) -> dict[int, tuple[int, list[str]]]:
    """Where katakana begins in the text without its word edges, where it ends, and its words."""
    runs, edges = {}, 0
    for found in _KANA.finditer(text):
        words = found[0].split(WORD_EDGE)
        start = found.start() - edges
        edges += len(words) - 1
        runs[start] = (found.end() - edges, words)
    return runs


def _placed(nodes: Iterable[Node]) -> Iterator[tuple[int, Node]]:
    place = 0
    for node in nodes:
        yield place, node
        place += len(node["string"])


def said(node: Node) -> str:
    """How the dictionary says a word."""
    if node["pos"] == "記号":
        return str(node["string"])
    return str(node["pron"]).replace("’", "")

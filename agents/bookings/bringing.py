"""持ち物: what to bring, decided by one table for the desk, the slip and the phone menu. Pure.

A rule applies when every one of its conditions holds; all that apply count, in the table's order.
So a list explains itself: each line carries the sentence of the rule that put it there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.catalogue.shapes import Code, Word

Whose = Literal["holder", "companion"]
Stop = Literal["consult", "refuse"]
Conditions = Mapping[Code, Annotated[tuple[Code, ...], Field(min_length=1)]]


class Choice(Word):
    """One answer to a question."""


class Question(Word):
    """What must be known; `when` says after which answers it is asked."""

    when: Conditions = Field(default_factory=dict)
    choices: Mapping[Code, Choice]


class Example(Word):
    """A paper that will do, to its last day."""

    until: date | None = None


class Document(Word):
    """A thing to bring; `heard` is how the phone menu calls it."""

    heard: Annotated[str, Field(min_length=1)]
    examples: tuple[Example, ...] = ()


class Rule(BaseModel):
    """One of: a thing to bring, a reason why the list will not do, something to say besides."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bring: Code | None = None
    of: Whose = "holder"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    stop: Stop | None = None
    tell: bool = False
    when: Conditions
    because: Word

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum((self.bring is not None, self.stop is not None, self.tell)) != 1:
            raise ValueError("a rule says exactly one of bring, stop and tell")
        return self


class Table(BaseModel):
    """The rules from a first to a last day of visits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(min_length=1, max_length=40)]
    since: date
    until: date | None = None
    values: Mapping[Code, int]
    facts: Mapping[Code, Question]
    documents: Mapping[Code, Document]
    rules: tuple[Rule, ...]

    def is_in_force(self, on: date) -> bool:
        """On the day of the visit."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the list."""

    document: Code
    whose: Whose
    count: int
    named: Word
    examples: tuple[Word, ...]
    because: Word


@dataclass(frozen=True, slots=True)
class Halt:
    """Why this list will not do: nobody may collect so, or the city must be asked."""

    kind: Stop
    because: Word


@dataclass(frozen=True, slots=True)
class Bringing:
    """What to bring, why, and by which version of the table."""

    version: str
    items: tuple[Item, ...]
    halts: tuple[Halt, ...]
    advice: tuple[Word, ...]
    open_questions: tuple[Code, ...]  # what has not been said yet, in the order to ask


class NoSuchAnswer(ValueError):
    """A fact or an answer that the table does not know; the text is one sentence."""


def in_force(tables: Iterable[Table], on: date) -> Table | None:
    """The table for visits on a day."""
    return next((table for table in tables if table.is_in_force(on)), None)


def decide(table: Table, known: Mapping[str, str], on: date) -> Bringing:
    """The list for what is known so far; answers to questions that do not arise are ignored."""
    _refuse_unknown(table, known)
    facts = _relevant(table, known)
    applying = [rule for rule in table.rules if _holds(rule.when, facts)]
    return Bringing(
        table.version,
        tuple(_items(table, applying, on)),
        tuple(Halt(rule.stop, _filled(table, rule.because)) for rule in applying if rule.stop),
        tuple(_filled(table, rule.because) for rule in applying if rule.tell),
        tuple(_open(table, facts)),
    )


def arising(table: Table, known: Mapping[str, str]) -> list[Code]:
    """The questions that arise from what is known, answered or not, in the order of asking."""
    facts = _relevant(table, known)
    return [code for code, asked in table.facts.items() if _holds(asked.when, facts)]


def question(table: Table, code: Code) -> Question:
    """A question as it is put, with the table's values in its words."""
    asked = table.facts[code]
    choices = {each: Choice(**_texts(table, word)) for each, word in asked.choices.items()}
    return Question(**_texts(table, asked), when=asked.when, choices=choices)


def faults(tables: Sequence[Table]) -> Iterator[str]:
    """Everything that would make a table silent or ambiguous, for its author."""
    for table in tables:
        yield from _faults(table)
    spans = sorted(tables, key=lambda table: table.since)
    for before, after in pairwise(spans):
        if before.until is None or before.until >= after.since:
            yield f"{before.version} and {after.version}: both in force on {after.since}"


def _faults(table: Table) -> Iterator[str]:
    conditions = [(f"question {code}", asked.when) for code, asked in table.facts.items()]
    conditions += [(f"rule {at}", rule.when) for at, rule in enumerate(table.rules, 1)]
    for where, when in conditions:
        for unknown in _unknown_answers(table, when):
            yield f"{table.version}, {where}: {unknown} is no answer"
    for at, rule in enumerate(table.rules, 1):
        if rule.bring is not None and rule.bring not in table.documents:
            yield f"{table.version}, rule {at}: {rule.bring} is no document"
    for word in _words(table):
        try:
            _filled(table, word)
        except (KeyError, IndexError, ValueError):
            yield f"{table.version}: {word.ja}: names a value that is not there"


def _unknown_answers(table: Table, when: Conditions) -> Iterator[str]:
    for fact, answers in when.items():
        known = table.facts[fact].choices if fact in table.facts else {}
        yield from (f"{fact}: {answer}" for answer in answers if answer not in known)


def _words(table: Table) -> Iterator[Word]:
    for asked in table.facts.values():
        yield asked
        yield from asked.choices.values()
    yield from table.documents.values()
    yield from (rule.because for rule in table.rules)


def _refuse_unknown(table: Table, known: Mapping[str, str]) -> None:
    for fact, answer in known.items():
        if fact not in table.facts or answer not in table.facts[fact].choices:
            raise NoSuchAnswer("選択肢から選んでください (choose one of those offered)")


def _relevant(table: Table, known: Mapping[str, str]) -> dict[str, str]:
    """Questions are in the order of asking, so one pass sees every answer that opens another."""
    facts: dict[str, str] = {}
    for code, asked in table.facts.items():
        if code in known and _holds(asked.when, facts):
            facts[code] = known[code]
    return facts


def _open(table: Table, facts: Mapping[str, str]) -> Iterator[Code]:
    for code, asked in table.facts.items():
        if code not in facts and _holds(asked.when, facts):
            yield code


def _holds(when: Conditions, facts: Mapping[str, str]) -> bool:
    return all(facts.get(fact) in answers for fact, answers in when.items())


def _items(table: Table, applying: Iterable[Rule], on: date) -> Iterator[Item]:
    for rule in applying:
        if rule.bring is None:
            continue
        document = table.documents[rule.bring]
        usable = tuple(
            Word(ja=each.ja, en=each.en)
            for each in document.examples
            if each.until is None or on <= each.until
        )
        named, because = _filled(table, document), _filled(table, rule.because)
        yield Item(rule.bring, rule.of, rule.count, named, usable, because)


def _filled(table: Table, word: Word) -> Word:
    return Word(**_texts(table, word))


def _texts(table: Table, word: Word) -> dict[str, str]:
    return {"ja": word.ja.format(**table.values), "en": word.en.format(**table.values)}


# -- the list in words: one wording for the screen, the slip and the telephone -----------------

_WHOSE: Final[Mapping[Whose, str]] = {
    "holder": "ご本人の",
    "companion": "一緒に、または代わりに来られる方の",
}


def lines(of: Bringing) -> list[str]:
    """What is on the slip, a line a thing; what stands in the way comes first."""
    return [*(halt.because.ja for halt in of.halts), *(_line(item) for item in of.items)]


def spoken(of: Bringing) -> list[str]:
    """What is said of it, a sentence a thing, with the advice at the end."""
    if any(halt.kind == "refuse" for halt in of.halts):
        return [f"{halt.because.ja}。" for halt in of.halts]
    said = [f"{halt.because.ja}。" for halt in of.halts]
    if of.items:
        said.append(f"お持ちいただくものは、{len(of.items)}つございます。")
    said += [f"{_nth(at)}、{_line(item)}。" for at, item in enumerate(of.items, 1)]
    return [*said, *(f"{word.ja}。" for word in of.advice)]


def _line(item: Item) -> str:
    pieces = f" {item.count}点" if item.document.endswith("_id") else ""
    examples = f"({'、'.join(word.ja for word in item.examples)}など)" if item.examples else ""
    return f"{_WHOSE[item.whose] if pieces else ''}{item.named.ja}{pieces}{examples}"


def _nth(at: int) -> str:
    return f"{at}つ目"

"""`simulate`: what a day would be like with more or fewer agents and lines."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

import click

from config.site import SiteFaults
from config.site import load as load_site
from telephony.calls.rules import rules_of
from telephony.centre.model import CentreRules
from telephony.cli.options import DEMO_SITE, DIRECTORY, json_option
from telephony.cli.problems import Problem
from telephony.cli.showing import show_json, show_table
from telephony.simulation import scenario as scenarios
from telephony.simulation.choice import NoNumbers, numbers
from telephony.simulation.figures import estimates, of_day
from telephony.simulation.lengths import recorded
from telephony.simulation.model import Scenario, Town
from telephony.simulation.report import (
    CHOICES,
    Outcome,
    choices,
    planned_otherwise,
    rows,
    to_json,
)
from telephony.simulation.run import Plan, Run, staffed
from telephony.simulation.watch import InvariantBroken

MOST_STAFFINGS: Final = 60
HOUR: Final = 3600.0
MINUTE: Final = 60.0
MOST_DAYS: Final = 5000
EXPLAINED: Final = {
    "table": "as the table assumes: callers are in the queue at once, each telephone rings for 5 s",
    "life": "as in life: callers hear the site's menus, telephones ring, agents miss some and rest",
}


@click.command()
@click.option("--scenario", "wanted", metavar="NAME", help="A sort of day; none lists them.")
@click.option("--agents", multiple=True, metavar="N", help="5, or 3..6 to compare.")
@click.option("--lines", multiple=True, metavar="N", help="6, or 6..8 to compare.")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--assume",
    type=click.Choice(list(EXPLAINED)),
    default="table",
    show_default=True,
    help="What people do besides phoning and talking.",
)
@click.option("--callbacks", is_flag=True, help="Whoever got nobody is called back.")
@click.option("--site", type=DIRECTORY, default=DEMO_SITE, help="Whose rules and flow apply.")
@json_option
def simulate(  # noqa: PLR0913 -- one for each option
    *,
    wanted: str | None,
    agents: tuple[str, ...],
    lines: tuple[str, ...],
    days: int,
    seed: int,
    assume: str,
    callbacks: bool,
    site: Path,
    as_json: bool,
) -> None:
    """Play days of callers and agents against the real rules 予測: what would more of them buy?"""
    town = scenarios.load_town()
    if wanted is None:
        _list(town)
        return
    scenario, rules = _scenario(wanted, town), _rules(site)
    staffings = [
        (people, trunk)
        for people in _numbers("--agents", agents, scenario.agents)
        for trunk in _numbers("--lines", lines, scenario.lines)
    ]
    if len(staffings) > MOST_STAFFINGS:
        raise Problem(f"{len(staffings)} staffings at once are too many; name {MOST_STAFFINGS}")
    plans = [
        Plan(staffed(rules, *each), scenario, town, town.conducts[assume], seed, callbacks)
        for each in staffings
    ]
    outcomes = _play(plans, days)
    if as_json:
        told = [to_json(outcome, seed, assume) for outcome in outcomes]
        show_json(told[0] if len(told) == 1 else told)
    else:
        _show(scenario, outcomes, seed, assume)


def _list(town: Town) -> None:
    found = [scenarios.load(name, town) for name in scenarios.names()]
    told = [(s.name, f"{s.calls:g}", s.agents, s.lines, f"{s.title} {s.title_ja}") for s in found]
    show_table(("scenario", "calls a day", "agents", "lines", ""), told, "no scenarios")


def _scenario(wanted: str, town: Town) -> Scenario:
    try:
        return scenarios.load(wanted, town)
    except scenarios.NoScenario as wrong:
        raise Problem(str(wrong)) from None


def _rules(site: Path) -> CentreRules:
    try:
        return rules_of(load_site(site))
    except SiteFaults as wrong:
        raise Problem(
            f"the site is not in order, see `madoguchi check {site}`: {wrong.faults[0]}"
        ) from None


def _numbers(option: str, written: tuple[str, ...], by_default: int) -> list[int]:
    try:
        return numbers(written) or [by_default]
    except NoNumbers as wrong:
        raise Problem(f"{option}: {wrong}") from None


def _play(plans: list[Plan], days: int) -> list[Outcome]:
    with click.progressbar(
        length=len(plans) * days,
        label="simulating 計算中",
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:
        try:
            return [_outcome(plan, days, lambda: bar.update(1)) for plan in plans]
        except InvariantBroken as fault:
            seed = plans[0].seed
            raise Problem(f"the engine is at fault ({fault}; seed {seed}): please report") from None


def _outcome(plan: Plan, days: int, tick: Callable[[], object]) -> Outcome:
    lines = len(plan.rules.lines)
    began = perf_counter()
    parts = []
    for book in Run(plan, recorded).days(days):
        parts.append(of_day(book, lines))
        tick()
    minutes = (perf_counter() - began) / MINUTE
    open_for = days * (plan.scenario.closes - plan.scenario.opens) / HOUR
    agents = len(plan.rules.acd.agents)
    return Outcome(plan.scenario, agents, lines, days, estimates(parts), open_for / minutes)


def _show(scenario: Scenario, outcomes: list[Outcome], seed: int, assume: str) -> None:
    (first, *more) = outcomes
    click.echo(
        f"{scenario.title} {scenario.title_ja}: {scenario.calls:g} citizens phone a day on average"
    )
    click.echo(f"{first.days} days, seed {seed}; {EXPLAINED[assume]}")
    click.echo()
    if more:
        show_table(CHOICES, choices(outcomes), "")
    else:
        click.echo(f"{first.agents} agents 人, {first.lines} lines 回線")
        heads, *told = rows(first)
        show_table(heads, told, "")
        if elsewhere := planned_otherwise(first):
            click.echo(elsewhere)
        if any(first.verdict(key) not in {"", "within"} for key in first.figures):
            click.echo("docs/simulation.md tells why a mean of the table differs from ours.")
    click.echo()
    speed = sum(each.hours_per_minute for each in outcomes) / len(outcomes)
    click.echo(f"{speed:,.0f} opening hours simulated a minute")

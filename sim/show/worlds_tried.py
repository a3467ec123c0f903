"""Worlds that somebody tries out: each lived once, the last ones kept, and what sets them apart told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.market import Market
from sim.runs import Run, let_pass
from sim.scenario import Scenario
from sim.scenario.loading import is_shipped
from sim.show import style
from sim.show.spans import YEAR, last_year

if TYPE_CHECKING:
    import pandas as pd

KEPT = 6
"""Worlds that are kept beside the one that everything is compared with."""

COLUMNS = {
    "customers": ("customers", 1.0, 0), "annual_retention": ("kept a year, %", 100.0, 1),
    "acquisition_cost": ("to win one", 1.0, 2), "retention_cost": ("to keep one", 1.0, 2),
    "profit": ("profit, {months}", 1.0, 0), "customer_equity": ("customer equity", 1.0, 0),
}  # fmt: skip
"""What of each firm is shown: heading, factor, digits."""

Mind = Callable[[], None]
"""Called as often as can be; raises where the result is no longer wanted."""


class Worlds:
    """Runs of one scenario by what is set in them.

    Parameters
    ----------
    scenario : Scenario
    source : how the scenario was named (`"two_cafes"`, a file), for the code that repeats a run; None where it was an object.
    months : length of all runs; the scenario's unless given.
    kept_seed : of the saved run that the source names, which repeats its changes, policies and luck by itself; None if
        it names none.
    """

    def __init__(
        self,
        scenario: Scenario,
        source: str | None = None,
        months: int | None = None,
        kept_seed: int | None = None,
    ) -> None:
        self.scenario, self.months = scenario, months
        self.source = source or (scenario.name if is_shipped(scenario) else None)
        self.first_seed = 1 if kept_seed is None else kept_seed
        is_whole = self.source is None or kept_seed is not None
        self.own: dict[str, Any] = {} if is_whole else dict(scenario.changes)
        self._runs: dict[str, Run] = {}

    def run(
        self,
        changes: Mapping[str, Any],
        seed: int = 1,
        mind: Mind | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Run:
        """The world with these changes and this luck; lived month by month if it is not kept.

        Parameters
        ----------
        changes : by address. seed : of its luck.
        mind : called each month; what it raises ends the run, of which nothing is kept.
        progress : called each month with months done and months in all.
        """
        key = json.dumps([seed, dict(changes)], sort_keys=True, default=str)
        if key in self._runs:
            self._runs[key] = self._runs.pop(key)
            return self._runs[key]

        def month(done: int, months: int) -> None:
            if mind is not None:
                mind()
            if progress is not None:
                progress(done, months)

        market = Market(self.scenario, months=self.months, seed=seed, change=changes or None)
        self._runs[key] = let_pass(market, {}, month)
        base = json.dumps([seed, {}])
        for old in [one for one in self._runs if one not in (key, base)][:-KEPT]:
            del self._runs[old]
        return self._runs[key]

    def code(self, changes: Mapping[str, Any], seed: int = 1) -> str:
        """The line that gives the same run in Python, and the one that tells how much of it is luck."""
        name = "scenario" if self.source is None else python(self.source)
        given = {**self.own, **changes}
        words = [name, *([f"months={self.months}"] if self.months is not None else [])]
        run = [
            *words,
            *([f"seed={seed}"] if seed != self.first_seed else []),
            *([f"change={python(given)}"] if given else []),
        ]
        said = [f"sim.run({', '.join(run)})"]
        if changes:
            own = [f"change={python(self.own)}"] if self.own else []
            pair = [name, f'{{"as it is": {{}}, "tried": {{"change": {python(changes)}}}}}', *words[1:], *own]
            said.append(f"sim.compare({', '.join(pair)})   # twenty worlds: how much of it is luck")
        return "\n".join(said)


def python(value: Any) -> str:
    """A value as Python code, with double quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{python(key)}: {python(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(python, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


# ---------------------------------------------------------------- told


def firms_beside(before: Run, now: Run) -> pd.DataFrame:
    """The firms at the end, in short, each figure with its difference to the other world: text for a reader."""
    table = now.firms[list(COLUMNS)].astype(object)
    for name, (_heading, factor, digits) in COLUMNS.items():
        pairs = zip(before.firms[name].reindex(now.firms.index), now.firms[name], strict=True)
        table[name] = [_beside(was, is_, factor, digits) for was, is_ in pairs]
    months = min(now.months_done, YEAR)
    span = f"{months} month{'s' if months > 1 else ''}"
    return table.rename(
        columns={name: head.replace("{months}", span) for name, (head, *_) in COLUMNS.items()}
    )


def _beside(was: float, is_: float, factor: float, digits: int) -> str:
    """`276 (+12)`: a figure, and how much more it is than it was."""
    more = round((is_ - was) * factor, digits)
    said = style.number(is_ * factor, digits)
    return (
        said
        if not np.isfinite(more) or more == 0
        else f"{said} ({'+' if more > 0 else ''}{style.number(more, digits)})"
    )


def sentence(before: Run, now: Run, set_: Mapping[str, Any]) -> str:
    """What the changes did to the firm that one is, in a sentence or two; why nothing did, where nothing changed."""
    firm, currency = now.scenario.focus, now.scenario.market.currency
    if not set_:
        return f"The market as it is: {firm} ends with {style.number(_of(now, 'customers'))} customers. Turn something."
    overruled = _overruled(now, firm, set_)
    if before.hash == now.hash:
        return f"Not one number changed. {overruled or 'What is set plays no part here.'}"
    parts = []
    for name, unit, more_of in (("customers", "customers", ""), ("profit", currency, f" profit in {last_year(now.months_done)}"),
                                ("customer_equity", currency, " customer equity")):  # fmt: skip
        more = _of(now, name) - _of(before, name)
        if np.isfinite(more) and round(more):
            word = "more" if more > 0 else "less" if more_of else "fewer"
            parts.append(f"{style.number(abs(more))} {unit} {word}{more_of}")
    said = (
        f"{firm} has {_listed(parts)} than as it is." if parts else f"{firm} stands as it did; others do not."
    )
    return f"{said} One world: some of it may be luck. {overruled}".strip()


def _of(run: Run, name: str) -> float:
    return float(run.firms[name][run.scenario.focus])


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def decided(run: Run, firm: str) -> list[str]:
    """What a firm's policy decides by itself at the end of a run, whatever the plan says: names of decisions."""
    import copy

    from sim.policies import View

    market = run.market
    agent = market.firm(firm)
    plan = copy.deepcopy(agent.policy).decide(View(market, agent))
    by_customer = [name for _condition, decisions in plan.choices for name in decisions]
    return list(dict.fromkeys([*plan.decisions, *by_customer]))


def _overruled(run: Run, firm: str, set_: Mapping[str, Any]) -> str:
    """Which of the changes a policy decides otherwise; "" if it decides none of them."""
    found = [name for name in decided(run, firm) if f"firms.{firm}.plan.{name}" in set_]
    if not found:
        return ""
    return (
        f"The policy {run.policies[firm]} decides {_listed(found)} after the plan; set the policy to status_quo, and "
        "the plan holds."
    )


def table_html(before: Run, now: Run) -> str:
    """The firms beside each other, for a page."""
    table, currency = firms_beside(before, now), escape(now.scenario.market.currency)
    cell = 'style="text-align: right; padding: 0.1em 0 0.1em 1.2em"'
    head = "".join(f'<th scope="col" {cell}>{escape(str(name))}</th>' for name in table)
    rows = [
        f'<tr><th scope="row" style="text-align: left">{escape(str(firm))}</th>'
        + "".join(f"<td {cell}>{escape(text)}</td>" for text in row) + "</tr>"
        for firm, row in zip(table.index, table.to_numpy(), strict=True)
    ]  # fmt: skip
    note = f"Money in {currency}; in brackets: more or less than as it is. Costs, kept and profit: {last_year(now.months_done)}."
    return (
        f'<div style="overflow-x: auto"><table style="border-collapse: collapse; line-height: 1.4"><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div><small>{note}</small>"
    )
